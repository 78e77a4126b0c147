"""What holds for all data: every node has an address, no address leads nowhere, each statement stands in one graph."""

from __future__ import annotations

import re
from collections import Counter
from decimal import Decimal

from pyoxigraph import BlankNode, Literal, NamedNode, Triple
from tests.data.conftest import Graphs
from tools.library.terms import BASE, name

from escrgraph.vocabulary import edtf
from escrgraph.vocabulary.languages import LANGUAGES

IDS = f"{BASE.iri}id/"


def test_there_is_no_blank_node(everything: set[Triple]) -> None:
    assert not [
        each for each in everything if isinstance(each.subject, BlankNode) or isinstance(each.object, BlankNode)
    ]


def test_every_address_of_the_library_is_described(everything: set[Triple]) -> None:
    described = {each.subject for each in everything}
    named = {
        each.object for each in everything if isinstance(each.object, NamedNode) and each.object.value.startswith(IDS)
    }
    assert named - described == set()


def test_every_part_of_a_record_is_linked_with_it(everything: set[Triple]) -> None:
    parts = {each.subject for each in everything if _is_part(each.subject.value)}
    pointed_at = {each.object for each in everything if each.subject != each.object}
    memberships = {each.subject for each in everything if each.predicate == name("org:member")}
    assert parts - pointed_at - memberships == set()


def _is_part(address: str) -> bool:
    path = address.removeprefix(IDS).split("/")
    return address.startswith(IDS) and path[0] != "scheme" and len(path) > 2


def test_each_statement_stands_in_one_graph(graphs: Graphs) -> None:
    counts = Counter(triple for triples in graphs.values() for triple in triples)
    assert [triple for triple, count in counts.items() if count > 1] == []


def test_every_date_is_edtf(everything: set[Triple]) -> None:
    dates = [
        each.object
        for each in everything
        if isinstance(each.object, Literal) and each.object.datatype.value == edtf.DATATYPE
    ]
    assert len(dates) > 700
    for each in dates:
        edtf.parse(each.value)


def test_every_node_says_its_date_once(everything: set[Triple]) -> None:
    places = {
        name(curie) for curie in ("dcterms:date", "dcterms:issued", "escr:period", "escr:since", "escr:firstDescribed")
    }
    counts = Counter(each.subject for each in everything if each.predicate in places)
    assert [node for node, count in counts.items() if count > 1] == []


def test_every_number_is_a_decimal(everything: set[Triple]) -> None:
    values = [each.object for each in everything if each.predicate == name("escr:value")]
    assert len(values) == 53
    assert all(
        isinstance(each, Literal) and each.datatype == name("xsd:decimal") and Decimal(each.value) > 0
        for each in values
    )


def test_arabic_labels_are_in_arabic_script(everything: set[Triple]) -> None:
    labels = [each.object for each in everything if isinstance(each.object, Literal) and each.object.language == "ar"]
    assert [label.value for label in labels if not re.search(r"[\u0600-\u06ff]", label.value)] == []


def test_a_country_has_its_name_once_in_each_language(graphs: Graphs) -> None:
    labels = Counter(
        (each.subject, each.object.language)
        for each in graphs["country"]
        if each.predicate == name("skos:prefLabel") and isinstance(each.object, Literal)
    )
    assert set(labels.values()) == {1}
    assert len(labels) == (248 + 31) * len(LANGUAGES)


def test_labels_of_findings_differ_and_hedge_what_no_court_found(graphs: Graphs) -> None:
    labels = {each.subject: each.object.value for each in graphs["finding"] if each.predicate == name("rdfs:label")}
    standings = {
        each.subject: each.object.value.rpartition("/")[2]
        for each in graphs["finding"]
        if each.predicate == name("escr:standing")
    }
    assert len(set(labels.values())) == len(labels) == 87
    hedges = {"alleged": "(alleged)", "settled": "(claim settled)", "dismissed": "(claim dismissed)"}
    assert all(labels[finding].endswith(hedges.get(standing, ")")) for finding, standing in standings.items())


def test_persons_have_a_name_and_a_public_role_and_nothing_else(graphs: Graphs) -> None:
    allowed = ("rdf:type", "foaf:name", "foaf:familyName", "foaf:givenName", "escr:publicRole", "dcterms:source")
    assert {each.predicate for each in graphs["person"]} == set(map(name, allowed))
