"""The shapes themselves: valid SHACL, without blank nodes, readable in four languages, complete for the model."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from rdflib import RDF, RDFS, BNode, Literal, URIRef
from rdflib.namespace import SH
from rdflib.term import Node
from tests.shapes.files import DASH, LANGUAGES, PREFIXES, ROOT, SHAPE, node_shapes, property_shapes, shapes, short

from escrgraph.vocabulary.iris import TYPES

ARABIC = re.compile("[\u0600-\u06ff]")
TECHNICAL = re.compile(
    r"https?:|\b(?:sh|escr|dcterms|skos|xsd|rdfs?):|Literal|\bIRI\b|\bURI\b|\bnode\b|datatype", re.IGNORECASE
)
_CURIE = re.compile(rf"\b((?:{'|'.join([*PREFIXES, 'sioc'])}):[a-z]\w*)")


def texts(subject: Node, predicate: URIRef) -> dict[str, str]:
    """The texts of a property by language; there is one in each."""
    found = [value for value in shapes().objects(subject, predicate) if isinstance(value, Literal)]
    assert sorted(str(value.language) for value in found) == sorted(LANGUAGES), f"{short(subject)} {short(predicate)}"
    return {str(value.language): str(value) for value in found}


def assert_readable(subject: Node, predicate: URIRef) -> None:
    for language, text in texts(subject, predicate).items():
        assert text.strip() == text
        assert not TECHNICAL.search(text), text
        if language == "ar" and text != "DOI":
            assert ARABIC.search(text), text


def test_no_shape_is_a_blank_node() -> None:
    assert [term for triple in shapes() for term in triple if isinstance(term, BNode)] == []


@pytest.mark.parametrize("shape", property_shapes(), ids=short)
def test_a_field_is_named_explained_and_ordered(shape: URIRef) -> None:
    for predicate in (SH.name, SH.description, SH.message):
        assert_readable(shape, predicate)
    for message in texts(shape, SH.message).values():
        assert message.endswith(".")
    group = shapes().value(shape, SH.group)
    assert (group, RDF.type, SH.PropertyGroup) in shapes()
    assert len(list(shapes().objects(shape, SH.path))) == len(list(shapes().objects(shape, SH.order))) == 1


@pytest.mark.parametrize("shape", property_shapes(), ids=short)
def test_a_field_belongs_to_kinds_as_demand_or_as_advice(shape: URIRef) -> None:
    owners = list(shapes().subjects(SH.property, shape))
    advises = list(shapes().subjects(SHAPE.advice, shape))
    field = shapes().value(shape, SHAPE.refines)
    if field is None:  # a demand of one kind, or a warning for many kinds at once
        assert (len(owners), advises) == (1, []) or (owners == [] and shapes().value(shape, SH.targetClass))
    else:
        assert (owners, len(advises)) == ([], 1)
        assert (advises[0], SH.property, field) in shapes()
        assert shapes().value(shape, SH.path) == shapes().value(field, SH.path)
        assert shapes().value(shape, SH.targetClass) == shapes().value(advises[0], SH.targetClass)


@pytest.mark.parametrize("shape", property_shapes(), ids=short)
def test_a_field_says_how_to_show_it_and_how_to_fill_it_in(shape: URIRef) -> None:
    graph = shapes()
    hidden = (shape, DASH.hidden, Literal(True)) in graph
    described_elsewhere = (None, SH.property, shape) not in graph
    assert hidden or described_elsewhere or graph.value(shape, DASH.viewer)
    read_only = (shape, DASH.readOnly, Literal(True)) in graph
    assert hidden or described_elsewhere or read_only != bool(graph.value(shape, DASH.editor))


@pytest.mark.parametrize("kind", node_shapes(), ids=short)
def test_a_kind_is_named_and_its_fields_have_places_of_their_own(kind: URIRef) -> None:
    for predicate in (RDFS.label, SHAPE.plural, SH.description, SH.message):
        assert_readable(kind, predicate)
    graph = shapes()
    fields = [*graph.objects(kind, SH.property), *graph.objects(kind, SHAPE.advice)]
    places = Counter(str(graph.value(field, SH.order)) for field in fields)
    assert [place for place, count in places.items() if count > 1] == []
    assert len(list(graph.objects(kind, SH.targetClass))) == 1


def test_each_type_of_address_has_one_kind_and_every_other_kind_belongs_to_one() -> None:
    graph = shapes()
    types = Counter(str(graph.value(kind, SHAPE.type)) for kind in node_shapes() if graph.value(kind, SHAPE.type))
    assert types == Counter(TYPES)
    for kind in node_shapes():
        owner = graph.value(kind, SHAPE.partOf)
        assert (owner is None) == bool(graph.value(kind, SHAPE.type)), short(kind)
        assert owner is None or owner in node_shapes()
        title = graph.value(kind, SHAPE.labelProperty)
        assert title is None or title in {graph.value(field, SH.path) for field in graph.objects(kind, SH.property)}


def test_what_belongs_to_a_record_is_checked_with_it() -> None:
    graph = shapes()
    parts = set(graph.objects(None, SH.node))
    # No property of the owner leads to these.
    apart = {SHAPE[name] for name in ("Opportunity", "Concept", "LegalProvision")}
    assert parts == {kind for kind in node_shapes() if graph.value(kind, SHAPE.partOf)} - apart
    for part in parts:
        severities = {graph.value(field, SH.severity) for field in graph.objects(part, SH.property)}
        assert severities == {None}, f"{short(part)}: a warning inside sh:node would refuse the record that holds it"


def test_groups_are_named_and_ordered() -> None:
    groups = list(shapes().subjects(RDF.type, SH.PropertyGroup))
    for group in groups:
        assert_readable(group, RDFS.label)
    assert len({shapes().value(group, SH.order) for group in groups}) == len(groups)
    assert set(shapes().objects(None, SH.group)) == set(groups)


def test_every_property_of_the_model_is_a_field() -> None:
    text = (ROOT / "docs" / "model.md").read_text(encoding="utf-8")
    text = re.sub(r"`BASE graph/provenance`.*?\n\n", "", text, flags=re.DOTALL)  # of documents, which the writer makes
    named = {name for name in _CURIE.findall(text) if not name.startswith("xsd:")}
    fields = {short(path) for path in shapes().objects(None, SH.path)}
    assert named - fields == set()


def test_own_hints_are_declared() -> None:
    graph = shapes()
    used = {p for p in graph.predicates() if str(p).startswith(str(SHAPE))}
    declared = {s for s in graph.subjects(RDF.type, RDF.Property) if graph.value(s, RDFS.comment)}
    assert used == declared


def test_all_that_shapes_mention_exists() -> None:
    graph = shapes()
    mentioned = {o for o in graph.objects() if isinstance(o, URIRef) and str(o).startswith(str(SHAPE))}
    assert {short(o) for o in mentioned - set(graph.subjects()) - {URIRef(str(SHAPE))}} == set()
