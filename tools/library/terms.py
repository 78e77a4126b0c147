"""Namespaces, addresses and literals that the builder writes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal

from pyoxigraph import Literal, NamedNode, Triple

from escrgraph.vocabulary import edtf
from escrgraph.vocabulary.iris import Base
from escrgraph.vocabulary.languages import AUTHORITY, LANGUAGES
from escrgraph.vocabulary.namespaces import PREFIXES

BASE = Base()
NAMESPACES = {
    **PREFIXES,
    "icescr": f"{BASE.iri}id/scheme/icescr/",
    "language": AUTHORITY,
}
_NO_IRI_CHARACTER = re.compile(r'[\x00-\x20<>"{}|^`\\]')

Term = NamedNode | Literal


def name(curie: str) -> NamedNode:
    """Expand a prefixed name such as "skos:prefLabel". Raises KeyError for an unknown prefix."""
    prefix, local = curie.split(":", 1)
    return NamedNode(NAMESPACES[prefix] + local)


def record(kind: str, slug: str, *path: str | int) -> NamedNode:
    """Give the address of a record, or of a node below it. Raises BadAddress when the slug is none."""
    return NamedNode(BASE.id(kind, slug, *map(str, path)))


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
            f"{address!r} is not a web address: it must begin with http:// or https://, without a space or quote in it."
        )
    return NamedNode(address)


def text(value: str, language: str = "en") -> Literal | None:
    """Give a text in a language; None for an empty cell."""
    return Literal(value, language=language) if value else None


def plain(value: str) -> Literal | None:
    """Give a text without a language (names, codes, numbers of documents); None for an empty cell."""
    return Literal(value) if value else None


def date(value: str) -> Literal | None:
    """Give an EDTF date; None for an empty cell. Raises BadDate when the text is no date."""
    return Literal(edtf.parse(value).text, datatype=NamedNode(edtf.DATATYPE)) if value else None


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
