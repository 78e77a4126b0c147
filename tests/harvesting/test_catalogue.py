"""Dumps, VoID and the catalogue: of one generation, readable by everyone's libraries, right in their counts."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
from pathlib import Path

import pyshacl
import pytest
import rdflib
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, RdfFormat, Store
from tests.harvesting.clients import BASE, get, settle, settled_dump, waited_for
from tests.repository.worlds import RESOURCE, change, holding, node, title
from tests.running import Running, serving
from tests.web.sites import Site

from escrgraph.repository.writing import Writer

FORMATS = {
    "nq": (RdfFormat.N_QUADS, "nquads"),
    "trig": (RdfFormat.TRIG, "trig"),
    "jsonld": (RdfFormat.JSON_LD, "json-ld"),
    "ttl": (RdfFormat.TURTLE, "turtle"),
    "nt": (RdfFormat.N_TRIPLES, "nt"),
}
pytestmark = pytest.mark.usefixtures("dumps")
DCAT, VOID = "http://www.w3.org/ns/dcat#", "http://rdfs.org/ns/void#"


@pytest.fixture(scope="module")
def dumped(given: Running, dumps: None) -> dict[str, bytes]:
    """Every dump by its name."""
    sums = dict(reversed(line.split("  ")) for line in get(f"{given.url}dumps/SHA256SUMS").text.splitlines())  # type: ignore[misc]
    found = {name: get(f"{given.url}dumps/{name}").content for name in sums}
    assert {name: hashlib.sha256(data).hexdigest() for name, data in found.items()} == sums
    return found


@pytest.fixture(scope="module")
def whole_store(site: Site) -> Store:
    return site.whole()


@pytest.mark.parametrize("ending", FORMATS)
def test_the_whole_is_in_every_format(dumped: dict[str, bytes], whole_store: Store, ending: str) -> None:
    rdf, _ = FORMATS[ending]
    store = Store()
    store.load(gzip.decompress(dumped[f"escrgraph.{ending}.gz"]), format=rdf)
    if rdf.supports_datasets:
        assert set(store) == set(whole_store)
    else:
        assert {quad.triple for quad in store} == {quad.triple for quad in whole_store}


@pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib")
@pytest.mark.parametrize("ending", ["ttl", "nt", "jsonld"])
def test_each_graph_is_in_each_format_of_graphs(dumped: dict[str, bytes], whole_store: Store, ending: str) -> None:
    for name in ("right", "country", "finding", "provenance"):
        rdf, other = FORMATS[ending]
        data = gzip.decompress(dumped[f"{name}.{ending}.gz"])
        store = Store()
        store.load(data, format=rdf, to_graph=DefaultGraph())
        there = {q.triple for q in whole_store.quads_for_pattern(None, None, None, NamedNode(f"{BASE}graph/{name}"))}
        assert {quad.triple for quad in store} == there
        if name == "right":  # the smallest: rdflib reads slowly
            graph = rdflib.Dataset() if ending == "jsonld" else rdflib.Graph()
            assert len(graph.parse(io.BytesIO(data), format=other)) == len(there)


def test_no_dump_holds_the_state_of_the_store(dumped: dict[str, bytes]) -> None:
    lines = gzip.decompress(dumped["escrgraph.nq.gz"]).splitlines()
    assert not [line for line in lines if line.endswith(b"/graph/state> .")]
    assert not any(name.startswith("state.") for name in dumped)


def test_parts_of_a_dump_can_be_fetched(given: Running, dumped: dict[str, bytes]) -> None:
    address, data = f"{given.url}dumps/escrgraph.nq.gz", dumped["escrgraph.nq.gz"]
    part = get(address, Range="bytes=100-199")
    assert (part.status_code, part.content) == (206, data[100:200])
    assert part.headers["Content-Range"] == f"bytes 100-199/{len(data)}"
    assert get(address, Range=f"bytes={len(data)}-").status_code == 416
    stale = get(address, Range="bytes=100-199", If_Range='"other"')
    assert (stale.status_code, stale.content) == (200, data)


@pytest.mark.parametrize("path", ["dumps/escrgraph.nq.gz", "dumps/SHA256SUMS", "catalog", ".well-known/void"])
def test_who_has_it_gets_304(given: Running, path: str) -> None:
    accept = "text/turtle, */*;q=0.1"
    first = get(given.url + path, accept)
    assert first.status_code == 200
    again = get(given.url + path, accept, If_None_Match=first.headers["ETag"])
    assert (again.status_code, again.content) == (304, b"")
    assert first.headers["X-Generation"] == again.headers["X-Generation"]
    assert first.headers["Last-Modified"]


@pytest.mark.parametrize("name", ["none.nq.gz", "..%2Fmanifest.json", "manifest.json", "%00", "escrgraph.nq"])
def test_other_dumps_are_not_there(given: Running, name: str) -> None:
    assert get(f"{given.url}dumps/{name}").status_code == 404


def test_the_catalogue_is_valid(given: Running) -> None:
    told = rdflib.Graph().parse(data=get(f"{given.url}catalog", "text/turtle").content, format="turtle")
    shapes = rdflib.Graph().parse(Path(__file__).with_name("dcat-ap.ttl"), format="turtle")
    conforms, _, text = pyshacl.validate(told, shacl_graph=shapes, inference="none")
    assert conforms, text
    assert not [node for node in told.all_nodes() if isinstance(node, rdflib.BNode)]
    told.remove((None, rdflib.URIRef(DCAT + "accessURL"), None))
    assert not pyshacl.validate(told, shacl_graph=shapes, inference="none")[0]


def test_every_distribution_can_be_downloaded(given: Running) -> None:
    told = rdflib.Graph().parse(data=get(f"{given.url}catalog", "text/turtle").content, format="turtle")
    sizes = dict(told.subject_objects(rdflib.URIRef(DCAT + "byteSize")))
    addresses = dict(told.subject_objects(rdflib.URIRef(DCAT + "downloadURL")))
    assert len(addresses) > 40
    for distribution, address in addresses.items():
        assert str(address).startswith(given.url)
        answer = get(str(address), Range="bytes=0-0")
        assert answer.headers["Content-Range"].rpartition("/")[2] == str(sizes[distribution])


@pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib")
@pytest.mark.parametrize("path", ["catalog", ".well-known/void"])
def test_descriptions_say_the_same_in_every_format(given: Running, path: str) -> None:
    told = [
        set(rdflib.Graph().parse(data=get(given.url + path, media).content, format=name))
        for media, name in (
            ("text/turtle", "turtle"),
            ("application/rdf+xml", "xml"),
            ("application/ld+json", "json-ld"),
            ("application/n-triples", "nt"),
        )
    ]
    assert told[0]
    assert all(other == told[0] for other in told)


def test_counts_are_right(given: Running, site: Site, whole_store: Store) -> None:
    told = rdflib.Graph().parse(data=get(f"{given.url}.well-known/void", "text/turtle").content, format="turtle")
    library = rdflib.URIRef(f"{BASE}id/dataset/library")

    def count(node: rdflib.term.Node, name: str) -> int:
        return int(str(told.value(node, rdflib.URIRef(VOID + name))))

    triples = {quad.triple for quad in whole_store}
    assert count(library, "triples") == len(triples)
    assert count(library, "distinctSubjects") == len({triple.subject for triple in triples})
    assert count(library, "properties") == len({triple.predicate for triple in triples})
    for partition in told.objects(library, rdflib.URIRef(VOID + "classPartition")):
        class_ = told.value(partition, rdflib.URIRef(VOID + "class"))
        rows = site.rows(f"SELECT (COUNT(DISTINCT ?x) AS ?n) WHERE {{ ?x a <{class_}> }}")
        assert rows == [[str(count(partition, "entities"))]]
    right = rdflib.URIRef(f"{BASE}id/dataset/right")
    graph = NamedNode(f"{BASE}graph/right")
    assert count(right, "triples") == len(list(whole_store.quads_for_pattern(None, None, None, graph)))


def test_the_page_leads_to_the_files(site: Site) -> None:
    page = site.page("/catalog", "fr")
    links = {str(link) for link in page.xpath("//a/@href")}
    assert {"/dumps/escrgraph.nq.gz", "/dumps/right.ttl.gz", "/ldes", "/oai?verb=Identify", "/sparql"} <= links
    (data,) = page.xpath("//script[@type='application/ld+json']/text()")
    told = json.loads(str(data))
    assert told["@type"] == "Dataset"
    assert 50 <= len(told["description"]) <= 5000


def test_dumps_follow_changes_and_redactions(tmp_path: Path) -> None:
    secret = "somebody-who-must-not-be-named"
    with serving(tmp_path / "store", "--empty") as running:
        writer = Writer(Path((tmp_path / "store" / "runtime").read_text(encoding="utf-8").strip()))
        version = Quad(node("dataset/library"), NamedNode(f"{DCAT}version"), Literal("1.0.0"), RESOURCE)
        writer.commit(change([title(f"person/{secret}", "Secret"), title("resource/x", "Kept"), version]))
        assert secret.encode() in gzip.decompress(settled_dump(running, "escrgraph.nq.gz"))
        writer.redact(f"person/{secret}", "tester", "asked to")
        settle(running)
        data = gzip.decompress(settled_dump(running, "escrgraph.nq.gz"))
        assert secret.encode() not in data
        assert b"Kept" in data
        frozen = gzip.decompress(waited_for(running, "dumps/1.0.0/escrgraph.nq.gz").content)
        assert secret.encode() not in frozen
        assert b"Kept" in frozen
        assert not holding(tmp_path / "store" / "derived", secret)
