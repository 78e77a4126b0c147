"""Versions of data sets: each stays at its address as it was published, whatever is changed afterwards."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyshacl
import pytest
import rdflib
import requests
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Store, parse
from tests.harvesting.clients import BASE, get, waited_for
from tests.places import settings_of
from tests.repository.worlds import DCTERMS, TYPE, change, node, title
from tests.running import Running, serving

from escrgraph.harvesting import freezing
from escrgraph.repository.log import ChangeLog
from escrgraph.repository.writing import Writer
from escrgraph.vocabulary.iris import Base

DCAT = rdflib.Namespace("http://www.w3.org/ns/dcat#")
CATALOG = NamedNode(f"{BASE}graph/catalog")
DATASET, VERSION = NamedNode(f"{DCAT}Dataset"), NamedNode(f"{DCAT}version")
GRAPH = NamedNode("https://w3id.org/escrgraph/def/namedGraph")
SECRET = "somebody-who-must-not-be-named"


def described(record: str, graph: str | None = None) -> list[Quad]:
    """A data set, without its version."""
    text = Quad(node(record), NamedNode(f"{DCTERMS}description"), Literal("Things.", language="en"), CATALOG)
    quads = [Quad(node(record), TYPE, DATASET, CATALOG), title(record, "A data set", CATALOG), text]
    return [*quads, Quad(node(record), GRAPH, NamedNode(BASE + graph), CATALOG)] if graph else quads


def version(record: str, text: str) -> Quad:
    return Quad(node(record), VERSION, Literal(text), CATALOG)


@dataclass(frozen=True)
class World:
    """A library whose first version was passed over before any dump could be made of it."""

    running: Running
    writer: Writer
    old: requests.Response
    new: requests.Response


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    store = tmp_path_factory.mktemp("versions") / "store"
    library, right = "dataset/library", "dataset/right"
    with serving(store, "--empty") as running:
        writer = Writer(Path((store / "runtime").read_text(encoding="utf-8").strip()))
        first = [title("resource/x", "Old"), title(f"person/{SECRET}", "Secret")]
        sets = [*described(library), *described(right, "graph/resource")]
        writer.commit(change([*first, *sets, version(library, "1.0.0"), version(right, "1.0.0")]))
        writer.commit(change([title("resource/y", "Between")]))
        writer.commit(change([version(library, "2.0.0")], [version(library, "1.0.0")]))
        yield World(
            running,
            writer,
            waited_for(running, "dumps/1.0.0/escrgraph.nq.gz"),
            waited_for(running, "dumps/2.0.0/escrgraph.nq.gz"),
        )


def titles(dump: bytes) -> set[str]:
    store = Store()
    store.load(gzip.decompress(dump), format=RdfFormat.N_QUADS)
    graph = NamedNode(f"{BASE}graph/resource")
    return {quad.object.value for quad in store.quads_for_pattern(None, None, None, graph)}


def test_a_version_holds_what_was_there_when_it_was_published(world: World) -> None:
    assert titles(world.old.content) == {"Old", "Secret"}
    assert titles(world.new.content) == {"Old", "Secret", "Between"}
    assert (world.old.headers["X-Generation"], world.new.headers["X-Generation"]) == ("1", "3")
    of_graph = gzip.decompress(waited_for(world.running, "dumps/1.0.0/resource.ttl.gz").content)
    assert {quad.object.value for quad in parse(of_graph, RdfFormat.TURTLE)} == {"Old", "Secret"}
    assert get(f"{world.running.url}dumps/2.0.0/resource.ttl.gz").status_code == 404


def test_a_version_made_again_is_the_same_file(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    freezer = freezing.Freezer(tmp_path, tmp_path / "none", settings_of(world.running.store).log, Base())
    with ChangeLog(settings_of(world.running.store).log) as log:
        assert freezer.catch_up(log, 3) is not None  # no dumps: it waits for them
    monkeypatch.chdir(tmp_path)
    freezing.make(settings_of(world.running.store).log, Base(), 3)
    assert (tmp_path / "2.0.0" / "escrgraph.nq.gz").read_bytes() == world.new.content
    assert sorted(path.name for path in tmp_path.iterdir()) == ["2.0.0", "frozen.json"]


def test_a_version_is_cached_summed_and_sent_in_parts(world: World) -> None:
    address = f"{world.running.url}dumps/1.0.0/escrgraph.nq.gz"
    assert world.old.headers["Cache-Control"] == "public, max-age=3600"
    assert get(address, If_None_Match=world.old.headers["ETag"]).status_code == 304
    assert get(address, Range="bytes=10-19").content == world.old.content[10:20]
    sums = get(f"{world.running.url}dumps/SHA256SUMS").text.splitlines()
    assert f"{hashlib.sha256(world.old.content).hexdigest()}  1.0.0/escrgraph.nq.gz" in sums


@pytest.mark.parametrize(
    "path", ["3.0.0/escrgraph.nq.gz", "1.0.0/none.nq.gz", "..%2F1.0.0/escrgraph.nq.gz", "1.0.0/..%2Ffrozen.json"]
)
def test_other_versions_are_not_there(world: World, path: str) -> None:
    assert get(f"{world.running.url}dumps/{path}").status_code == 404


def test_the_catalogue_leads_from_version_to_version(world: World) -> None:
    told = rdflib.Graph().parse(data=get(f"{world.running.url}catalog", "text/turtle").content, format="turtle")
    library = rdflib.URIRef(f"{BASE}id/dataset/library")
    versions = {str(told.value(node, DCAT.version)): node for node in told.objects(library, DCAT.hasVersion)}
    assert versions.keys() == {"1.0.0", "2.0.0"}
    assert told.value(versions["2.0.0"], DCAT.previousVersion) == versions["1.0.0"]
    assert told.value(versions["1.0.0"], DCAT.previousVersion) is None
    assert told.value(library, DCAT.hasCurrentVersion) == versions["2.0.0"]
    assert {told.value(node, DCAT.isVersionOf) for node in versions.values()} == {library}
    distribution = told.value(versions["1.0.0"], DCAT.distribution)
    assert str(told.value(distribution, DCAT.downloadURL)) == f"{world.running.url}dumps/1.0.0/escrgraph.nq.gz"
    shapes = rdflib.Graph().parse(Path(__file__).with_name("dcat-ap.ttl"), format="turtle")
    conforms, _, text = pyshacl.validate(told, shacl_graph=shapes, inference="none")
    assert conforms, text
    page = get(f"{world.running.url}catalog", "text/html").text
    assert 'href="/dumps/1.0.0/escrgraph.nq.gz"' in page
