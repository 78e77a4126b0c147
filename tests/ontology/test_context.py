"""The JSON-LD context: every term has a key, and both parsers read a record the same way."""

from __future__ import annotations

import json
import warnings
from typing import Any

import pyoxigraph
import pytest
from pyoxigraph import RdfFormat
from rdflib import OWL, RDF, RDFS, Graph, URIRef
from rdflib.compare import isomorphic
from tests.ontology.files import ESCR, ONTOLOGY, vocabulary

CONTEXT: dict[str, Any] = json.loads((ONTOLOGY / "context.jsonld").read_text("utf-8"))["@context"]
FINDING = "https://w3id.org/escrgraph/id/finding/garissa-eviction"
SCHEME = "https://w3id.org/escrgraph/id/scheme/"
RECORD: dict[str, Any] = {
    "@context": CONTEXT,
    "id": FINDING,
    "type": "Finding",
    "label": {"en": "Housing, Garissa", "ar": "السكن، غاريسا"},
    "editorial": ["label"],
    "country": "https://w3id.org/escrgraph/id/country/ken",
    "standing": f"{SCHEME}standing/adjudicated",
    "forum": {"en": "High Court of Kenya"},
    "caseTitle": "Petition 2 of 2011",
    "source": ["https://example.org/a", "https://example.org/b"],
    "establishes": {
        "id": f"{FINDING}/deprivation",
        "type": "Deprivation",
        "period": "2010-12/2011",
        "right": "https://w3id.org/escrgraph/id/right/housing",
        "measuredBy": {
            "id": f"{FINDING}/observation/1",
            "type": ["Observation", "qb:Observation"],
            "value": "1122.5",
            "unit": f"{SCHEME}unit/people",
        },
    },
    "evidence": {"id": f"{FINDING}/evidence/1", "type": "Evidence", "title": {"en": "Judgment"}, "supports": FINDING},
    "followedBy": {
        "id": f"{FINDING}/consequence/1",
        "type": "Consequence",
        "date": "2011-11-16",
        "kind": f"{SCHEME}consequence-kind/decision",
    },
    "chainGap": f"{SCHEME}chain-gap/no-value",
    "earliest": "2010-12-01",
}
EXPECTED = f"""
@prefix cito: <http://purl.org/spar/cito/> . @prefix dcterms: <http://purl.org/dc/terms/> .
@prefix edtf: <http://id.loc.gov/datatypes/edtf/> . @prefix escr: <https://w3id.org/escrgraph/def/> .
@prefix qb: <http://purl.org/linked-data/cube#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> . @prefix scheme: <{SCHEME}> .
@base <{FINDING}> .
<> a escr:Finding ; rdfs:label "Housing, Garissa"@en , "السكن، غاريسا"@ar ; escr:editorial rdfs:label ;
  escr:country <https://w3id.org/escrgraph/id/country/ken> ; escr:standing <{SCHEME}standing/adjudicated> ;
  escr:forum "High Court of Kenya"@en ; escr:caseTitle "Petition 2 of 2011" ;
  dcterms:source <https://example.org/a> , <https://example.org/b> ; escr:establishes <{FINDING}/deprivation> ;
  escr:evidence <{FINDING}/evidence/1> ; escr:followedBy <{FINDING}/consequence/1> ;
  escr:chainGap <{SCHEME}chain-gap/no-value> ; escr:earliest "2010-12-01"^^xsd:date .
<{FINDING}/deprivation> a escr:Deprivation ; escr:period "2010-12/2011"^^edtf:EDTF ;
  escr:right <https://w3id.org/escrgraph/id/right/housing> ; escr:measuredBy <{FINDING}/observation/1> .
<{FINDING}/observation/1> a escr:Observation , qb:Observation ; escr:value 1122.5 ; escr:unit <{SCHEME}unit/people> .
<{FINDING}/evidence/1> a escr:Evidence ; dcterms:title "Judgment"@en ; cito:supports <> .
<{FINDING}/consequence/1> a escr:Consequence ; dcterms:date "2011-11-16"^^edtf:EDTF ;
  dcterms:type <{SCHEME}consequence-kind/decision> .
"""


def by_rdflib(document: str) -> Graph:
    with warnings.catch_warnings():
        # The parser of rdflib makes a kind of graph inside that rdflib itself calls deprecated.
        warnings.simplefilter("ignore", DeprecationWarning)
        return Graph().parse(data=document, format="json-ld")


def by_pyoxigraph(document: str) -> Graph:
    quads = pyoxigraph.parse(document.encode(), format=RdfFormat.JSON_LD)
    lines = pyoxigraph.serialize((quad.triple for quad in quads), format=RdfFormat.N_TRIPLES)
    assert lines is not None
    return Graph().parse(data=lines.decode(), format="nt")


@pytest.mark.parametrize("read", [by_rdflib, by_pyoxigraph])
def test_a_record_reads_as_the_same_triples(read: Any) -> None:
    assert isomorphic(read(json.dumps(RECORD)), Graph().parse(data=EXPECTED, format="turtle"))


@pytest.mark.parametrize("read", [by_rdflib, by_pyoxigraph])
def test_a_record_written_with_the_context_reads_back_unchanged(read: Any) -> None:
    before = Graph().parse(data=EXPECTED, format="turtle")
    written = before.serialize(format="json-ld", context=CONTEXT)
    assert isomorphic(read(written), before)


def test_the_writer_uses_the_short_keys() -> None:
    written = Graph().parse(data=EXPECTED, format="turtle").serialize(format="json-ld", context=CONTEXT)
    nodes = {node["id"]: node for node in json.loads(written)["@graph"]}
    assert nodes[FINDING]["label"] == {"en": "Housing, Garissa", "ar": "السكن، غاريسا"}
    assert nodes[FINDING]["country"] == "https://w3id.org/escrgraph/id/country/ken"
    assert nodes[f"{FINDING}/deprivation"]["period"] == "2010-12/2011"


def test_every_escrgraph_term_has_its_local_name_as_key() -> None:
    for term in set(vocabulary().subjects(RDFS.isDefinedBy, URIRef(str(ESCR)))):
        name = str(term).removeprefix(str(ESCR))
        entry = CONTEXT[name]
        assert (entry if isinstance(entry, str) else entry["@id"]) == f"escr:{name}"


def test_the_context_types_values_as_the_vocabulary_does() -> None:
    for term in vocabulary().subjects(RDF.type, RDF.Property):
        entry = CONTEXT[str(term).removeprefix(str(ESCR))]
        if (term, RDF.type, OWL.ObjectProperty) in vocabulary():
            assert entry["@type"] == "@id", term
        for value in vocabulary().objects(term, RDFS.range):
            if value == RDF.langString:
                assert entry["@container"] == "@language", term


def test_every_prefix_in_the_context_is_the_one_of_the_vocabulary() -> None:
    prefixes = {str(prefix): str(iri) for prefix, iri in vocabulary().namespaces()}
    for prefix, iri in prefixes.items():
        if isinstance(CONTEXT.get(prefix), str):
            assert CONTEXT[prefix] == iri
