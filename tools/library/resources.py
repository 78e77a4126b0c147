"""Resources and journals: what was published, by whom, where, on which rights and with which methods."""

from __future__ import annotations

import re

from pyoxigraph import Literal, NamedNode

from tools.library import people
from tools.library.countries import country, region
from tools.library.organizations import Names
from tools.library.tables import Library, Publication
from tools.library.terms import NAMESPACES, Statements, concept, date, name, page, plain, record, text

# Types for which bibo or fabio has a class that means the same. The others are told by dcterms:type alone.
_CLASSES = {
    "report": "bibo:Report",
    "guide": "bibo:Manual",
    "toolkit": "bibo:Manual",
    "journal-article": "fabio:JournalArticle",
    "book": "fabio:Book",
    "book-chapter": "fabio:BookChapter",
    "working-paper": "fabio:WorkingPaper",
    "standard": "bibo:LegalDocument",
    "dataset": "fabio:Dataset",
    "web-resource": "fabio:WebPage",
    "video": "bibo:AudioVisualDocument",
    "blog-post": "fabio:BlogPost",
    "thesis": "bibo:Thesis",
}
# E/C.12/GC/24, A/HRC/16/42/Add.3, CRC/C/GC/19, HRI/GEN/1/Rev.9: a known series, then at least one more part.
_UN_SYMBOL = re.compile(
    r"\b(?:E/C\.12|E/CN\.4|A/HRC|A/RES|HRI/GEN|HRI/MC|CRC/C|CEDAW/C)(?:/[A-Z0-9][A-Za-z0-9.\-]*)+(?<![.\-])"
)


def un_symbols(publication: Publication) -> list[str]:
    """Find the document symbols of the United Nations in the title and the summary."""
    return sorted(set(_UN_SYMBOL.findall(f"{publication.title} {publication.summary}")))


def build(library: Library) -> Statements:
    """Describe every publication, and the order of those who made it."""
    graph = Statements()
    names = Names(library)
    journals = {row.name: record("journal", row.slug) for row in library.journals}
    for row in library.publications:
        resource = record("resource", row.slug)
        _describe(graph, resource, row, library.languages)
        _subjects(graph, resource, row)
        _identifiers(graph, resource, row)
        _creators(graph, resource, row, names)
        for publisher in row.publishers:
            if publisher in journals:
                graph.say(resource, "dcterms:isPartOf", journals[publisher])
            else:
                graph.say(resource, "dcterms:publisher", names.address(publisher))
    return graph


def build_journals(library: Library) -> Statements:
    """Describe every journal, with the pages on which its name was seen."""
    graph = Statements()
    for row in library.journals:
        journal = record("journal", row.slug)
        graph.say(journal, "rdf:type", name("escr:Journal"))
        graph.say(journal, "dcterms:title", text(row.name, row.language))
        sources = (page(each.source_url) for each in library.publications if row.name in each.publishers)
        graph.say(journal, "dcterms:source", *sources)
    return graph


def _describe(graph: Statements, resource: NamedNode, row: Publication, languages: dict[str, str]) -> None:
    graph.say(resource, "rdf:type", name("escr:Resource"))
    graph.say(resource, "rdf:type", name(_CLASSES[row.type]) if row.type in _CLASSES else None)
    graph.say(resource, "dcterms:title", text(row.title, row.title_lang))
    graph.say(resource, "dcterms:type", concept("resource-type", row.type))
    graph.say(resource, "dcterms:issued", date(row.year))
    graph.say(
        resource, "dcterms:language", *(NamedNode(NAMESPACES["language"] + languages[tag]) for tag in row.languages)
    )
    graph.say(resource, "dcterms:abstract", text(row.summary, row.summary_lang))
    graph.say(resource, "foaf:page", page(row.url))
    graph.say(resource, "dcterms:source", page(row.source_url))


def _subjects(graph: Statements, resource: NamedNode, row: Publication) -> None:
    graph.say(resource, "dcterms:subject", *(record("right", code) for code in row.rights))
    graph.say(resource, "escr:usesMethod", *(record("method", code) for code in row.methods))
    graph.say(resource, "escr:country", *map(country, row.countries))
    graph.say(resource, "escr:region", *map(region, row.regions))


def _identifiers(graph: Statements, resource: NamedNode, row: Publication) -> None:
    graph.say(resource, "bibo:doi", *map(plain, row.doi))
    for isbn in row.isbn:
        graph.say(resource, f"bibo:isbn{len(isbn.replace('-', ''))}", plain(isbn))
    graph.say(resource, "escr:unSymbol", *map(plain, un_symbols(row)))


def _creators(graph: Statements, resource: NamedNode, row: Publication, names: Names) -> None:
    for position, creator in enumerate(row.creators, start=1):
        agent = people.address(people.natural_name(creator)) if people.is_person(creator) else names.address(creator)
        contribution = NamedNode(f"{resource.value}/contribution/{position}")
        graph.say(resource, "dcterms:creator", agent)
        graph.say(resource, "prov:qualifiedAttribution", contribution)
        graph.say(contribution, "rdf:type", name("prov:Attribution"))
        graph.say(contribution, "prov:agent", agent)
        graph.say(contribution, "escr:position", Literal(position))
