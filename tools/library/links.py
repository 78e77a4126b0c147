"""Links out: the same thing, or nearly the same, under the address of somebody else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

from pyoxigraph import NamedNode, Triple

from tools.library.countries import country
from tools.library.resources import un_symbols
from tools.library.tables import Library
from tools.library.terms import Statements, name, record


@dataclass(frozen=True)
class LinkSet:
    """Links of one kind: what they join, how they were made, and the links."""

    slug: str
    title: str
    method: str
    predicate: str
    subjects: str
    objects: str
    links: tuple[Triple, ...]


def link_sets(library: Library) -> list[LinkSet]:
    """Make the links of every kind."""
    return [
        LinkSet(
            "links-eu-countries",
            "Countries in the authority table of the European Union",
            "Made by rule from the ISO 3166-1 code of three letters, which is also the key of the authority table.",
            "skos:exactMatch",
            "country",
            "http://publications.europa.eu/resource/authority/country",
            tuple(_countries(library)),
        ),
        LinkSet(
            "links-sdg-goals",
            "Rights and the Sustainable Development Goals that come closest to them",
            "Chosen by the editors (data/tables/sdg_links.csv); a goal is no right, so a match is only close.",
            "skos:closeMatch",
            "right",
            "http://metadata.un.org/sdg/",
            tuple(_goals(library)),
        ),
        LinkSet(
            "links-doi",
            "Resources under their DOI",
            "Made by rule from the DOI of the resource as it was seen on the source page.",
            "skos:exactMatch",
            "resource",
            "https://doi.org/",
            tuple(_dois(library)),
        ),
        LinkSet(
            "links-un-symbols",
            "Resources under their United Nations document symbol",
            "Made by rule from the document symbol in the title or the abstract of the resource.",
            "skos:exactMatch",
            "resource",
            "https://undocs.org/",
            tuple(_symbols(library)),
        ),
    ]


def build(library: Library) -> Statements:
    """Give the links of all kinds as one graph."""
    graph = Statements()
    for link_set in link_sets(library):
        graph.add(link_set.links)
    return graph


def _countries(library: Library) -> Iterator[Triple]:
    for row in library.areas:
        authority = f"http://publications.europa.eu/resource/authority/country/{row.alpha3}"
        yield Triple(country(row.alpha3), name("skos:exactMatch"), NamedNode(authority))


def _goals(library: Library) -> Iterator[Triple]:
    for right, goal in library.sdg_goals.items():
        yield Triple(record("right", right), name("skos:closeMatch"), NamedNode(f"http://metadata.un.org/sdg/{goal}"))


def _dois(library: Library) -> Iterator[Triple]:
    for row in library.publications:
        for doi in row.doi:
            target = NamedNode(f"https://doi.org/{quote(doi, safe='/:;().-_')}")
            yield Triple(record("resource", row.slug), name("skos:exactMatch"), target)


def _symbols(library: Library) -> Iterator[Triple]:
    for row in library.publications:
        for symbol in un_symbols(row):
            yield Triple(
                record("resource", row.slug), name("skos:exactMatch"), NamedNode(f"https://undocs.org/{symbol}")
            )
