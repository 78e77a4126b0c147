"""Clients of the endpoint that researchers have, and libraries that read what was dumped."""

from __future__ import annotations

import gzip
import io

import pytest
import rdflib
from pyoxigraph import DefaultGraph, RdfFormat, Store
from rdflib.plugins.stores.sparqlstore import SPARQLStore
from tests.harvesting.clients import BASE, get
from tests.running import Running
from tests.web.sites import Site

FOOD = rdflib.URIRef(f"{BASE}id/right/food")
LABEL = rdflib.SKOS.prefLabel
FORMATS = {"nq": "nquads", "trig": "trig", "jsonld": "json-ld", "ttl": "turtle", "nt": "nt"}
QUICK = 25_000
"""Bytes of the largest packed dump that rdflib reads here in every format: it takes a second for twenty thousand."""


def test_rdflib_takes_the_endpoint_for_a_graph(given: Running, site: Site) -> None:
    graph = rdflib.Graph(SPARQLStore(f"{given.url}sparql"))
    labels = {str(label) for label in graph.objects(FOOD, LABEL)}
    assert {f'"{label}"' for label in labels} == {
        row[0].partition("@")[0] for row in site.rows(f"SELECT ?o WHERE {{ <{FOOD}> <{LABEL}> ?o }}")
    }
    assert (FOOD, rdflib.RDF.type, rdflib.URIRef(f"{BASE}def/Right")) in graph
    assert len(list(graph.triples((FOOD, None, None)))) == len(site.rows(f"SELECT ?p ?o WHERE {{ <{FOOD}> ?p ?o }}"))


def test_rdflib_joins_its_own_data_with_ours_by_service(given: Running) -> None:
    mine = rdflib.Graph()
    mine.add((rdflib.URIRef("urn:mine"), rdflib.DCTERMS.subject, FOOD))
    rows = mine.query(f"""
        SELECT ?label WHERE {{
          <urn:mine> <{rdflib.DCTERMS.subject}> ?right .
          SERVICE <{given.url}sparql> {{ ?right <{LABEL}> ?label FILTER(LANG(?label) = "fr") }}
        }}""")
    assert [str(row[0]) for row in rows] == ["Droit à une nourriture suffisante"]  # type: ignore[index]


@pytest.mark.usefixtures("dumps")
@pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib")
def test_two_libraries_read_every_dump(given: Running) -> None:
    names = [line.split("  ")[1] for line in get(f"{given.url}dumps/SHA256SUMS").text.splitlines()]
    assert len(names) > 60
    read = 0
    for name in names:
        packed = get(f"{given.url}dumps/{name}").content
        data, ending = gzip.decompress(packed), name.split(".")[-2]
        store, rdf = Store(), RdfFormat.from_extension(ending)
        assert rdf is not None
        whole = name.rpartition("/")[2].startswith("escrgraph.")
        store.load(data, format=rdf, to_graph=None if whole and rdf.supports_datasets else DefaultGraph())
        if len(packed) <= QUICK or name == "escrgraph.nq.gz":
            graph = rdflib.Dataset() if ending in {"nq", "trig", "jsonld"} else rdflib.Graph()
            graph.parse(io.BytesIO(data), format=FORMATS[ending])
            assert len(graph) == len(store), name
            read += 1
    assert read > 40
