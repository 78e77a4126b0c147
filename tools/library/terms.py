"""Namespaces, addresses and literals that the builder writes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal

from pyoxigraph import Literal, NamedNode, Triple

from tools.library import edtf
from tools.library.slugs import SLUG

BASE = "https://w3id.org/escrgraph/"
ID = f"{BASE}id/"
NAMESPACES = {
    "bibo": "http://purl.org/ontology/bibo/",
    "cito": "http://purl.org/spar/cito/",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcterms": "http://purl.org/dc/terms/",
    "edtf": "http://id.loc.gov/datatypes/edtf/",
    "escr": f"{BASE}def/",
    "fabio": "http://purl.org/spar/fabio/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "icescr": f"{ID}scheme/icescr/",
    "language": "http://publications.europa.eu/resource/authority/language/",
    "org": "http://www.w3.org/ns/org#",
    "prov": "http://www.w3.org/ns/prov#",
    "qb": "http://purl.org/linked-data/cube#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "schema": "https://schema.org/",
    "sioc": "http://rdfs.org/sioc/ns#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "void": "http://rdfs.org/ns/void#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
# The languages of the library's own texts, in the order in which labels stand in a file.
LANGUAGES = ("en", "es", "fr", "ar")
_NO_IRI_CHARACTER = re.compile(r'[\x00-\x20<>"{}|^`\\]')

Term = NamedNode | Literal


def name(curie: str) -> NamedNode:
    """Expand a prefixed name such as "skos:prefLabel". Raises KeyError for an unknown prefix."""
    prefix, local = curie.split(":", 1)
    return NamedNode(NAMESPACES[prefix] + local)


def record(kind: str, slug: str, *path: str | int) -> NamedNode:
    """Give the address of a record, or of a node below it. Raises ValueError when the slug is none."""
    for part in (kind, slug):
        if not SLUG.fullmatch(part):
            raise ValueError(f"{part!r} cannot stand in an address: only a-z, 0-9 and single hyphens may.")
    return NamedNode(ID + "/".join([kind, slug, *map(str, path)]))


def concept(scheme: str, code: str) -> NamedNode:
    """Give the address of a concept of a code list."""
    return record("scheme", scheme, code)


def page(address: str) -> NamedNode | None:
    """Give the address of a page as it stands in a table; None for an empty cell.

    Raises ValueError when the address is not an IRI that can be followed.
    """
    if not address:
        return None
    if not address.startswith(("http://", "https://")) or _NO_IRI_CHARACTER.search(address):
        raise ValueError(
            f"{address!r} is not a web address: it must begin with http:// or https:// and have no space or quote in it."
        )
    return NamedNode(address)


def text(value: str, language: str = "en") -> Literal | None:
    """Give a text in a language; None for an empty cell."""
    return Literal(value, language=language) if value else None


def plain(value: str) -> Literal | None:
    """Give a text without a language (names, codes, numbers of documents); None for an empty cell."""
    return Literal(value) if value else None


def date(value: str) -> Literal | None:
    """Give an EDTF date; None for an empty cell. Raises ValueError when the text is no date."""
    return Literal(edtf.checked(value), datatype=name("edtf:EDTF")) if value else None


def day(value: str) -> Literal:
    """Give a calendar day as xsd:date."""
    return Literal(value, datatype=name("xsd:date"))


def decimal(value: str) -> Literal | None:
    """Give a number; None for an empty cell. Raises decimal.InvalidOperation when the text is none."""
    if not value:
        return None
    number = format(Decimal(value.replace(",", "").rstrip("% ")), "f")
    return Literal(number, datatype=name("xsd:decimal"))


class Statements:
    """The statements of one graph while it is being built; one said twice counts once."""

    def __init__(self) -> None:
        self._triples: set[Triple] = set()

    def say(self, subject: NamedNode, predicate: str, *objects: Term | None) -> None:
        """Add one statement for each object that is there."""
        self._triples.update(Triple(subject, name(predicate), each) for each in objects if each is not None)

    def add(self, triples: Iterable[Triple]) -> None:
        """Add statements that were made elsewhere."""
        self._triples.update(triples)

    def labels(self, subject: NamedNode, predicate: str, values: Iterable[str]) -> None:
        """Add a label in each of the library's languages, in their order; an empty one is left out."""
        self.say(
            subject, predicate, *(text(value, language) for language, value in zip(LANGUAGES, values, strict=False))
        )

    def __iter__(self) -> Iterator[Triple]:
        return iter(self._triples)

    def __len__(self) -> int:
        return len(self._triples)
