"""The escrgraph terms: each one used is defined, each one defined is explained in four languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from rdflib import OWL, RDF, RDFS, SKOS, BNode, Literal, URIRef
from rdflib.term import Node
from tests.ontology.files import ESCR, LANGUAGES, ROOT, defined_terms, graph, reused, terms_in, turtle_files, vocabulary

ARABIC = re.compile(r"[\u0600-\u06ff]")
IN_TEXT = re.compile(r"\bescr:([A-Za-z][A-Za-z0-9]*)")
OWN = [path for path in turtle_files("ontology") if path.name != "reused.ttl"]


def local_names(terms: set[Node]) -> set[str]:
    return {str(term).removeprefix(str(ESCR)) for term in terms}


@pytest.mark.parametrize("directory", ["ontology", "data", "shapes"])
def test_every_term_used_in_turtle_is_defined(directory: str) -> None:
    files = turtle_files(directory)
    if not files:
        pytest.skip(f"{directory}/ has no Turtle file yet")
    used: set[Node] = {term for term in terms_in(graph(*files)) if str(term).startswith(str(ESCR))}
    header = {URIRef(str(ESCR)), ESCR["1.0.0"]}
    assert local_names(used - header - defined_terms()) == set()


@pytest.mark.parametrize("directory", ["shapes", "queries", "ontology/rules"])
def test_every_term_used_in_sparql_is_defined(directory: str) -> None:
    files = [path for suffix in ("rq", "ttl") for path in sorted((ROOT / directory).rglob(f"*.{suffix}"))]
    if not files:
        pytest.skip(f"{directory}/ has no file yet")
    used = {name for path in files for name in IN_TEXT.findall(path.read_text("utf-8"))}
    assert used - local_names(defined_terms()) == set()


@pytest.mark.parametrize("predicate", [RDFS.label, SKOS.definition])
def test_every_term_is_explained_once_in_each_language(predicate: URIRef) -> None:
    for term in defined_terms():
        tags = sorted(str(text.language) for text in vocabulary().objects(term, predicate) if isinstance(text, Literal))
        assert tags == sorted(LANGUAGES), term


@pytest.mark.parametrize("source", [vocabulary, reused])
def test_arabic_texts_are_in_arabic_script_and_no_other_is(source: object) -> None:
    assert callable(source)
    for term, _, text in source():
        if isinstance(text, Literal) and text.language:
            assert (ARABIC.search(text) is not None) == (text.language == "ar"), (term, text)


def test_labels_of_classes_and_of_properties_do_not_repeat_in_a_language() -> None:
    for kind in (OWL.Class, RDF.Property):
        seen: dict[tuple[str, str], Node] = {}
        for term in vocabulary().subjects(RDF.type, kind):
            for text in vocabulary().objects(term, RDFS.label):
                assert isinstance(text, Literal)
                first = seen.setdefault((str(text.language), str(text)), term)
                assert first == term or {first, term} == {ESCR.standing, ESCR.treatyStatus}, (first, term, text)


def test_classes_begin_with_a_capital_and_properties_do_not() -> None:
    for term in vocabulary().subjects(RDF.type, OWL.Class):
        assert str(term).removeprefix(str(ESCR))[0].isupper(), term
    for term in vocabulary().subjects(RDF.type, RDF.Property):
        assert str(term).removeprefix(str(ESCR))[0].islower(), term


def test_every_term_names_the_vocabulary_that_defines_it() -> None:
    ontology = URIRef(str(ESCR))
    assert set(vocabulary().subjects(RDFS.isDefinedBy, ontology)) == defined_terms()
    assert (ontology, OWL.versionIRI, ESCR["1.0.0"]) in vocabulary()


def test_a_property_of_text_is_no_property_of_things() -> None:
    for term in vocabulary().subjects(RDF.type, RDF.Property):
        kinds = set(vocabulary().objects(term, RDF.type)) - {RDF.Property}
        literal = any(
            str(value).startswith(("http://www.w3.org/2001/XMLSchema#", "http://id.loc.gov/"))
            or value == RDF.langString
            for value in vocabulary().objects(term, RDFS.range)
        )
        assert len(kinds) == 1, term
        if literal:
            assert kinds == {OWL.DatatypeProperty}, term


@pytest.mark.parametrize("path", [*turtle_files("ontology"), *turtle_files("data")], ids=lambda path: path.name)
def test_no_file_has_a_blank_node(path: Path) -> None:
    assert [triple for triple in graph(path) if any(isinstance(node, BNode) for node in triple)] == []


def test_each_term_is_defined_in_one_file() -> None:
    homes = [term for path in OWN for term in set(graph(path).subjects())]
    assert len(homes) == len(set(homes))


def test_disjoint_classes_share_no_instance_in_the_data() -> None:
    files = turtle_files("data")
    if not files:
        pytest.skip("data/ has no Turtle file yet")
    data = graph(*files)
    for left, right in vocabulary().subject_objects(OWL.disjointWith):
        assert set(data.subjects(RDF.type, left)) & set(data.subjects(RDF.type, right)) == set(), (left, right)
