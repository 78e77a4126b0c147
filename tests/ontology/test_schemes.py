"""The code lists: complete for the tables of the library, labelled, and well formed as SKOS."""

from __future__ import annotations

import csv
import re
from collections import Counter

import pytest
from rdflib import RDF, SKOS, Graph, Literal, URIRef
from tests.ontology.files import ESCR, LANGUAGES, ROOT, SCHEME, graph

TABLES = ROOT / "data" / "tables"
CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
# Lists with records of their own: only the scheme itself stands among the code lists.
RECORDS = {"method", "right", "obligation", "country", "region", "indicator"}
LISTS = {
    "chain-gap", "consequence-kind", "covenant-status", "discussion-kind", "failure-kind", "icescr",
    "organization-role", "organization-type", "population-group", "qualifier", "record-status", "resource-type",
    "responsibility-level", "standing", "unit", "update-kind",
}  # fmt: skip


def schemes() -> Graph:
    return graph(ROOT / "data" / "scheme.ttl")


def codes(scheme: str) -> set[str]:
    return {
        str(concept).removeprefix(f"{SCHEME}{scheme}/")
        for concept in schemes().subjects(SKOS.inScheme, URIRef(SCHEME + scheme))
    }


def english_names(scheme: str) -> set[str]:
    concepts = schemes().subjects(SKOS.inScheme, URIRef(SCHEME + scheme))
    return {str(name) for concept in concepts for name in labels(concept) if name.language == "en"}


def labels(concept: object) -> list[Literal]:
    assert isinstance(concept, URIRef)
    return [label for label in schemes().objects(concept, SKOS.prefLabel) if isinstance(label, Literal)]


def cells(table: str, column: str) -> set[str]:
    with (TABLES / f"{table}.csv").open(encoding="utf-8", newline="") as source:
        return {row[column].strip() for row in csv.DictReader(source) if row[column].strip()}


def test_every_list_of_the_model_is_there() -> None:
    found = {str(scheme).removeprefix(SCHEME) for scheme in schemes().subjects(RDF.type, SKOS.ConceptScheme)}
    assert found == LISTS | RECORDS


@pytest.mark.parametrize(
    ("scheme", "table", "column"),
    [
        ("resource-type", "publications", "type"),
        ("organization-type", "organizations", "type"),
        ("organization-role", "organizations", "roles"),
        ("discussion-kind", "discussions", "kind"),
        ("update-kind", "updates", "kind"),
        ("standing", "findings", "standing"),
    ],
)
def test_every_code_of_a_table_is_in_its_list_and_no_other(scheme: str, table: str, column: str) -> None:
    assert {code for cell in cells(table, column) for code in cell.split(";")} == codes(scheme)


@pytest.mark.parametrize(("scheme", "column"), [("population-group", "population_group"), ("unit", "unit")])
def test_every_phrase_of_the_findings_is_the_english_name_of_a_concept(scheme: str, column: str) -> None:
    assert cells("findings", column) == english_names(scheme)


def test_every_qualifier_of_the_findings_is_in_its_list() -> None:
    assert {cell.replace(" ", "-") for cell in cells("findings", "qualifier")} == codes("qualifier")


def test_every_article_that_a_right_rests_on_is_in_the_list() -> None:
    notations = {str(notation) for notation in schemes().objects(None, SKOS.notation)}
    named = {part.strip() for cell in cells("rights", "icescr_article") for part in cell.split(",")}
    assert named - notations == {"1-15"}, "a range: the right that stands for all rests on each article"
    assert {str(number) for number in range(1, 16)} <= codes("icescr")


@pytest.mark.parametrize("scheme", sorted(LISTS))
def test_a_list_is_well_formed(scheme: str) -> None:
    source, node = schemes(), URIRef(SCHEME + scheme)
    concepts = set(source.subjects(SKOS.inScheme, node))
    assert concepts
    assert set(source.objects(node, SKOS.hasTopConcept)) == set(source.subjects(SKOS.topConceptOf, node))
    assert all(
        (concept, SKOS.topConceptOf, node) in source or (concept, SKOS.broader, None) in source for concept in concepts
    )
    assert all(CODE.fullmatch(code) for code in codes(scheme))
    notations = Counter(str(notation) for concept in concepts for notation in source.objects(concept, SKOS.notation))
    assert len(notations) == len(concepts)
    assert set(notations.values()) == {1}


@pytest.mark.parametrize("scheme", sorted(LISTS | RECORDS))
def test_names_are_editorial_differ_and_stand_in_four_languages(scheme: str) -> None:
    source, node = schemes(), URIRef(SCHEME + scheme)
    seen: Counter[tuple[str, str]] = Counter()
    for concept in [node, *source.subjects(SKOS.inScheme, node)]:
        tags = {str(label.language) for label in labels(concept)}
        # Names of small places and peoples have no settled Arabic form known to the editors.
        assert tags >= {"en", "es", "fr"} if scheme == "population-group" else tags == set(LANGUAGES), concept
        assert len(tags) == len(labels(concept)), concept
        assert (concept, ESCR.editorial, SKOS.prefLabel) in source
        if concept != node:
            seen.update((str(label.language), str(label)) for label in labels(concept))
    assert not [name for name, times in seen.items() if times > 1]


def test_the_eight_obligations_are_defined_and_three_have_a_test_of_the_same_name() -> None:
    source = graph(ROOT / "data" / "obligation.ttl")
    base = "https://w3id.org/escrgraph/id/"
    assert {str(duty).removeprefix(f"{base}obligation/") for duty in source.subjects(RDF.type, ESCR.Obligation)} == {
        "respect", "protect", "fulfil", "progressive-realization", "maximum-available-resources", "minimum-core",
        "non-discrimination", "non-retrogression",
    }  # fmt: skip
    related = {
        (str(duty).removeprefix(f"{base}obligation/"), str(test).removeprefix(f"{base}method/"))
        for duty, test in source.subject_objects(SKOS.related)
    }
    assert related == {
        (name, name) for name in ("maximum-available-resources", "minimum-core", "progressive-realization")
    }
    for predicate in (SKOS.prefLabel, SKOS.definition):
        for duty in source.subjects(RDF.type, ESCR.Obligation):
            assert {str(text.language) for text in source.objects(duty, predicate) if isinstance(text, Literal)} == set(
                LANGUAGES
            )
