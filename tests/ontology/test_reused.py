"""Terms of other vocabularies: each one exists where it is said to come from, and has labels for pages."""

from __future__ import annotations

import pytest
from rdflib import (
    DCAT,
    DCTERMS,
    FOAF,
    ODRL2,
    ORG,
    OWL,
    PROV,
    QB,
    RDF,
    RDFS,
    SDO,
    SH,
    SKOS,
    TIME,
    VANN,
    VOID,
    XSD,
    Literal,
)
from rdflib.namespace import DefinedNamespace
from tests.ontology.files import ESCR, LANGUAGES, graph, reused, terms_in, turtle_files

# Closed namespaces: rdflib lists their terms, so that a misspelt one is not "in" them.
CLOSED: list[type[DefinedNamespace]] = [
    DCAT, DCTERMS, FOAF, ODRL2, ORG, OWL, PROV, QB, RDF, RDFS, SDO, SH, SKOS, TIME, VANN, VOID, XSD,
]  # fmt: skip

# Vocabularies that rdflib does not list, or not in full: the terms in use, and where they were found.
CHECKED: dict[str, tuple[str, str]] = {
    "http://purl.org/ontology/bibo/": (
        "namespace module generated from the published Bibliographic Ontology (its comments included)",
        """AcademicArticle Article AudioVisualDocument Book BookSection Brief Chapter Collection Document Journal
        LegalDocument Manual Report Specification Standard Thesis Webpage doi isbn10 isbn13 issn translationOf uri""",
    ),
    "http://purl.org/spar/fabio/": (
        "SPAROntologies/fabio docs/current/fabio.html, list of classes",
        """BlogPost Book BookChapter CaseReport Dataset Index InstructionManual InstructionalWork JournalArticle
        MovingImage PolicyDocument Report ReportDocument SpecificationDocument TechnicalStandard Thesis WebContent
        WebPage WebSite WorkingPaper""",
    ),
    "http://purl.org/spar/cito/": (
        "SPAROntologies/cito docs/current/resources/cito: supports, disputes (with its inverse), obtainsSupportFrom, "
        "citesAsEvidence; isSupportedBy in a namespace module generated from the published file",
        "citesAsEvidence disputes isDisputedBy isSupportedBy obtainsSupportFrom supports",
    ),
    "http://rdfs.org/sioc/ns#": (
        "linked-solutions/prefix.cc-harvest sioc.ttl, a copy of the published file",
        "Item Post Thread container_of",
    ),
    "http://data.europa.eu/eli/ontology#": (
        "namespace modules generated from the published ontology, definition included",
        "LegalResourceSubdivision",
    ),
    str(DCAT): (
        "rdflib has the terms of DCAT 2; of those new in DCAT 3, version, previousVersion, hasVersion and "
        "hasCurrentVersion stand in namespace modules generated from the published file, DatasetSeries and inSeries in "
        "tables of DCAT-AP 3",
        "DatasetSeries hasCurrentVersion hasVersion inSeries previousVersion version",
    ),
    "http://id.loc.gov/datatypes/edtf/": ("RDF::EDTF and other libraries type their literals with it", "EDTF"),
}


def exists(term: str) -> bool:
    """Tell whether a term stands in a closed namespace of rdflib or in the table above."""
    if any(term.startswith(base) and term.removeprefix(base) in names.split() for base, (_, names) in CHECKED.items()):
        return True
    return any(term in namespace for namespace in CLOSED)


def vocabulary_terms() -> set[str]:
    """List the terms of other vocabularies in ontology/, pages and licences left aside."""
    pages = ("https://w3id.org/escrgraph/", "https://creativecommons.org/")
    return {str(term) for term in terms_in(graph(*turtle_files("ontology"))) if not str(term).startswith(pages)}


def test_every_reused_term_exists() -> None:
    assert [term for term in sorted(vocabulary_terms()) if not exists(term)] == []


def test_a_misspelt_term_would_be_noticed() -> None:
    assert not exists(f"{SKOS}preferredLabel")
    assert not exists("http://purl.org/spar/fabio/FactSheet")


def test_the_table_holds_nothing_that_is_not_labelled() -> None:
    labelled = {str(term) for term in reused().subjects()}
    assert {base + name for base, (_, names) in CHECKED.items() for name in names.split()} - labelled == set()


def test_every_reused_term_has_one_label_in_each_language() -> None:
    for term in set(reused().subjects()):
        tags = sorted(str(text.language) for text in reused().objects(term, RDFS.label) if isinstance(text, Literal))
        assert tags == sorted(LANGUAGES), term
    assert set(reused().predicates()) == {RDFS.label}


@pytest.mark.parametrize("directory", ["data", "ontology"])
def test_every_property_and_class_in_use_has_a_label(directory: str) -> None:
    source = graph(*turtle_files(directory))
    shown = {str(term) for term in source.predicates()} | {str(term) for term in source.objects(None, RDF.type)}
    unlabelled = {term for term in shown if not term.startswith(str(ESCR))} - {
        str(term) for term in reused().subjects()
    }
    assert unlabelled == set()
