"""Completion, against what plain SPARQL counts and what the shapes say."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from pyoxigraph import Literal, NamedNode, Store
from tests.web.sites import BASE, Site, before

from escrgraph.vocabulary import shipped
from escrgraph.vocabulary.kinds import kinds_of, shipped_kinds
from escrgraph.vocabulary.languages import LANGUAGES
from escrgraph.vocabulary.namespaces import DCTERMS, ESCR, PREFIXES, RDF, SKOS
from escrgraph.web.completing import folded
from escrgraph.web.sparql_text import written

EXTRA = """
@prefix dash: <http://datashapes.org/dash#> .
@prefix escr: <https://w3id.org/escrgraph/def/> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix shape: <https://w3id.org/escrgraph/shapes/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
shape:Method sh:property shape:method-difficulty .
shape:method-difficulty a sh:PropertyShape ; sh:path escr:difficulty ; sh:datatype xsd:integer ; sh:order 99 ;
    sh:name "Difficulty"@en , "Dificultad"@es , "Difficulté"@fr , "الصعوبة"@ar ;
    sh:description "How hard it is."@en .
"""


def asked(site: Site, **parameters: str) -> dict[str, Any]:
    answer = site.get("/api/terms?" + urlencode(parameters))
    assert answer.status_code == 200, answer.text
    assert answer.mimetype == "application/json"
    return dict(json.loads(answer.data))


def iris(found: dict[str, Any]) -> list[str]:
    return [term["iri"] for term in found["terms"]]


def test_prefixes_are_those_of_the_one_table(site: Site) -> None:
    found = asked(site, kind="prefix")
    assert found["generation"] == 1
    assert {term["prefixed"]: term["iri"] for term in found["terms"]} == {f"{p}:": iri for p, iri in PREFIXES.items()}
    assert asked(site, kind="prefix", q="sko")["terms"][0]["iri"] == SKOS


def test_classes_are_counted(site: Site, whole: Store) -> None:
    merged = {quad.triple for quad in whole}
    counts = Counter(triple.object.value for triple in merged if triple.predicate.value == RDF + "type")
    found = {term["iri"]: term for term in asked(site, kind="class")["terms"]}
    assert found
    assert {iri: term["count"] for iri, term in found.items()} == {iri: counts[iri] for iri in found}
    for kind in shipped_kinds().values():
        assert kind.target_class in found
    assert found[ESCR + "Finding"]["prefixed"] == "escr:Finding"
    assert found[ESCR + "Finding"]["description"]


def test_the_properties_of_a_class_are_its_fields_and_what_its_things_have(site: Site) -> None:
    kind = shipped_kinds().by_type["method"]
    found = {term["iri"]: term for term in asked(site, kind="property", **{"class": kind.target_class})["terms"]}
    rows = site.rows(f"SELECT ?p (COUNT(*) AS ?n) {{ ?x a <{kind.target_class}> ; ?p ?o }} GROUP BY ?p")
    counted = {row[0].strip("<>"): int(row[1]) for row in rows}
    assert set(found) == set(counted) | {field.path for field in kind.fields if not field.forbidden}
    assert {iri: term["count"] for iri, term in found.items()} == {iri: counted.get(iri, 0) for iri in found}
    assert found[ESCR + "developedBy"]["label"] == kind.field(ESCR + "developedBy").label("en").text  # type: ignore[union-attr]


@pytest.mark.parametrize("language", LANGUAGES)
def test_values_come_by_their_names_in_the_readers_language(site: Site, language: str) -> None:
    found = asked(site, kind="value", property=ESCR + "standing", lang=language)["terms"]
    rows = site.rows(f"SELECT ?v (COUNT(*) AS ?n) {{ ?x <{ESCR}standing> ?v }} GROUP BY ?v ORDER BY DESC(?n)")
    assert [term["count"] for term in found] == [int(row[1]) for row in rows]
    assert {term["iri"] for term in found} == {row[0].strip("<>") for row in rows}
    assert {term["language"] for term in found} == {language}


def test_values_are_those_of_a_class(site: Site) -> None:
    every = asked(site, kind="value", property=DCTERMS + "subject", q="food")["terms"]
    updates = asked(site, kind="value", property=DCTERMS + "subject", q="food", **{"class": ESCR + "Update"})["terms"]
    assert every[0]["iri"] == updates[0]["iri"] == BASE + "id/right/food"
    rows = site.rows(f"SELECT (COUNT(*) AS ?n) {{ ?x a <{ESCR}Update> ; <{DCTERMS}subject> <{BASE}id/right/food> }}")
    assert updates[0]["count"] == int(rows[0][0]) < every[0]["count"]


def test_accents_and_case_do_not_matter(site: Site) -> None:
    assert BASE + "id/right/food" in iris(
        asked(site, kind="value", property=DCTERMS + "subject", q="ALIMENTACION", lang="es")
    )


def test_literals_come_as_they_are_written(site: Site) -> None:
    found = asked(site, kind="value", property=ESCR + "iso3", q="gtm")["terms"]
    assert [(term["iri"], term["prefixed"], term["label"]) for term in found] == [(None, '"GTM"', "GTM")]


def test_values_beyond_the_most_used_are_found_by_their_words(site: Site) -> None:
    titles = site.rows(f"SELECT ?title {{ ?x a <{ESCR}Resource> ; <{DCTERMS}title> ?title }} ORDER BY DESC(?title)")
    last = titles[0][0]
    word = max(last.split('"')[1].split(), key=len)
    found = asked(site, kind="value", property=DCTERMS + "title", q=word)["terms"]
    assert last in [term["prefixed"] for term in found]


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("", "class, property, value, prefix"),
        ("kind=nothing", "nothing"),
        ("kind=value", "property="),
        ("kind=value&property=not an iri", "absolute IRI"),
        ("kind=property&class=x>y", "absolute IRI"),
    ],
)
def test_what_cannot_be_told_is_explained(site: Site, query: str, told: str) -> None:
    answer = site.get("/api/terms?" + query)
    assert answer.status_code == 400
    assert told in answer.text


def test_it_may_be_kept(site: Site) -> None:
    answer = site.get("/api/terms?kind=class&lang=fr")
    again = site.get("/api/terms?kind=class&lang=fr", if_none_match=answer.headers["ETag"])
    assert (again.status_code, answer.headers["X-Generation"]) == (304, "1")
    assert answer.headers["Content-Language"] == "fr"


def test_a_property_added_to_a_shape_is_suggested(site: Site, tmp_path: Path) -> None:
    extra = tmp_path / "extra.ttl"
    extra.write_text(EXTRA, encoding="utf-8")
    kinds = kinds_of([*shipped.shape_files(), extra], shipped.ontology_files())
    with before(replace(site.service, kinds=kinds)) as changed:
        for parameters in ({"q": "diffic"}, {"class": ESCR + "Method", "lang": "es"}):
            found = {term["iri"]: term for term in asked(changed, kind="property", **parameters)["terms"]}
            assert found[ESCR + "difficulty"]["description"] == "How hard it is."
            assert found[ESCR + "difficulty"]["label"] == ("Dificultad" if "lang" in parameters else "Difficulty")
    assert ESCR + "difficulty" not in iris(asked(site, kind="property", q="diffic"))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (NamedNode(ESCR + "Finding"), "escr:Finding"),
        (NamedNode(BASE + "id/right/food"), f"<{BASE}id/right/food>"),
        (Literal('a "b"', language="en"), '"a \\"b\\""@en'),
    ],
)
def test_a_term_is_written_as_in_a_query(value: NamedNode | Literal, expected: str) -> None:
    assert written(value) == expected


@pytest.mark.parametrize(
    ("text", "expected"), [("Alimentación", "alimentacion"), ("Straße", "strasse"), ("حُقوق", "حقوق")]
)
def test_folding(text: str, expected: str) -> None:
    assert folded(text) == expected
