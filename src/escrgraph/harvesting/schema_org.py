"""Records as schema.org for search engines, and as citation metadata for reference managers such as Zotero."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pyoxigraph import Literal, NamedNode

from escrgraph.harvesting.dublin_core import LICENCE, NAMING
from escrgraph.harvesting.dumps import Manifest
from escrgraph.vocabulary.facts import Facts, term
from escrgraph.vocabulary.labels import choose_label
from escrgraph.vocabulary.languages import authority_tag
from escrgraph.vocabulary.namespaces import compact

TYPES: Mapping[str, str] = {
    "resource": "CreativeWork",
    "journal": "Periodical",
    "country": "Country",
    "region": "Place",
    "organization": "Organization",
    "person": "Person",
    "discussion": "Event",
    "update": "CreativeWork",
    "finding": "Claim",
    "dataset": "Dataset",
    "scheme": "DefinedTermSet",
}
"""The schema.org type of each type of record; the others are terms of a code list."""

_WORKS: Mapping[str, str] = {
    "fabio:Book": "Book",
    "fabio:ReportDocument": "Report",
    "bibo:Report": "Report",
    "fabio:JournalArticle": "ScholarlyArticle",
    "bibo:AcademicArticle": "ScholarlyArticle",
    "bibo:Book": "Book",
}
_DESCRIBING = ("dcterms:abstract", "dcterms:description", "skos:definition")
_LONGEST = 5_000

Names = Mapping[str, Sequence[Literal]]


def type_of(kind: str, facts: Facts, iri: str) -> str:
    """The schema.org type of a record. kind: the type in its address."""
    for class_ in facts.iris(NamedNode(iri), term("rdf:type")):
        if found := _WORKS.get(compact(class_)):
            return found
    return TYPES.get(kind, "DefinedTerm")


def describe(iri: str, kind: str, page: str, facts: Facts, names: Names, language: str) -> dict[str, Any]:
    """A record as JSON-LD. page: the address of its page; names: of the things it names; language: the reader's."""
    node = NamedNode(iri)
    found: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": type_of(kind, facts, iri),
        "@id": iri,
        "url": page,
        "name": _text(facts, node, NAMING, language) or iri,
        "description": (_text(facts, node, _DESCRIBING, language) or "")[:_LONGEST],
        "license": LICENCE if kind in {"dataset", "finding"} else None,
        "sameAs": facts.iris(node, term("skos:exactMatch")) + facts.iris(node, term("foaf:page")),
        "datePublished": facts.text(node, term("dcterms:issued")) if kind == "resource" else None,
        "startDate": facts.text(node, term("dcterms:date")) if kind == "discussion" else None,
        "inLanguage": [tag for value in facts.iris(node, term("dcterms:language")) if (tag := authority_tag(value))],
        "author": _things(facts, node, "dcterms:creator", names, language),
        "publisher": _things(facts, node, "dcterms:publisher", names, language),
        "about": _things(facts, node, "dcterms:subject", names, language),
        "spatialCoverage": _things(facts, node, "escr:country", names, language) if kind == "resource" else [],
        "identifier": [f"https://doi.org/{value.value}" for value in facts.literals(node, term("bibo:doi"))],
    }
    return {name: value for name, value in found.items() if value}


def citation(iri: str, kind: str, page: str, facts: Facts, names: Names) -> list[tuple[str, str]]:
    """Names and contents of the `meta` elements by which a reference manager reads a work (Highwire Press tags)."""
    if kind != "resource":
        return []
    node = NamedNode(iri)
    title = choose_label(facts.literals(node, term("dcterms:title")), "")
    found = [("citation_title", title.text)] if title else []
    found += [("citation_author", name) for name in _named(facts, node, "dcterms:creator", names)]
    dates = facts.literals(node, term("dcterms:issued"))
    found += [("citation_publication_date", _slashed(date.value)) for date in dates]
    found += [("citation_publisher", name) for name in _named(facts, node, "dcterms:publisher", names)]
    found += [("citation_journal_title", name) for name in _named(facts, node, "dcterms:isPartOf", names)]
    for path, name in (("bibo:doi", "doi"), ("bibo:isbn13", "isbn"), ("bibo:isbn10", "isbn")):
        found += [(f"citation_{name}", value.value) for value in facts.literals(node, term(path))]
    tags = (authority_tag(value) for value in facts.iris(node, term("dcterms:language")))
    found += [("citation_language", tag) for tag in tags if tag]
    found += [("citation_public_url", value) for value in facts.iris(node, term("foaf:page"))]
    return [*found, ("citation_abstract_html_url", page)] if found else []


def dataset(iri: str, site: str, title: str, description: str, manifest: Manifest) -> dict[str, Any]:
    """The whole library as a schema.org data set, for search engines for data."""
    return {
        "@context": "https://schema.org",
        "@type": "Dataset",
        "@id": iri,
        "url": f"{site}catalog",
        "name": title,
        "description": description,
        "license": LICENCE,
        "isAccessibleForFree": True,
        "dateModified": manifest.changed.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "version": str(manifest.generation),
        "creator": {"@type": "Organization", "name": "escrgraph", "url": site},
        "distribution": [
            {
                "@type": "DataDownload",
                "encodingFormat": dump.media_type,
                "contentUrl": f"{site}dumps/{dump.name}",
                "contentSize": str(dump.bytes),
                "sha256": dump.sha256,
            }
            for dump in manifest.dumps
            if dump.graph is None
        ],
    }


def _text(facts: Facts, node: NamedNode, paths: Sequence[str], language: str) -> str | None:
    for path in paths:
        if label := choose_label(facts.literals(node, term(path)), language):
            return label.text
    return None


def _things(facts: Facts, node: NamedNode, path: str, names: Names, language: str) -> list[dict[str, str]]:
    found = []
    for iri in facts.iris(node, term(path)):
        label = choose_label(names.get(iri, ()), language)
        found.append({"@id": iri, "name": label.text} if label else {"@id": iri})
    return found


def _named(facts: Facts, node: NamedNode, path: str, names: Names) -> Iterator[str]:
    for iri in facts.iris(node, term(path)):
        if label := choose_label(names.get(iri, ()), ""):
            yield label.text


def _slashed(date: str) -> str:
    """An EDTF date as the tags have it: 2013, 2013/05, 2013/05/31."""
    return date.partition("/")[0].rstrip("?~%").replace("-", "/")
