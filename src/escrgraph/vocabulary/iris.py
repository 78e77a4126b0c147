"""The addresses of things: which IRI a record, a document and a graph have, and what belongs to a record."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import overload
from urllib.parse import urlsplit

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, Triple

from escrgraph.vocabulary.namespaces import HOME

TYPES = (
    "resource",
    "journal",
    "method",
    "right",
    "obligation",
    "country",
    "region",
    "organization",
    "person",
    "discussion",
    "update",
    "finding",
    "indicator",
    "dataset",
    "scheme",
)

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_MOVING = ("id/", "doc/", "graph/")

Term = NamedNode | BlankNode | Literal | Triple | DefaultGraph


class BadAddress(ValueError):
    """A base, type or slug that cannot make an address; the text says what one looks like."""


def is_slug(text: str) -> bool:
    """Whether text may stand as a slug: lower-case words and digits joined by single hyphens."""
    return _SLUG.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class Base:
    """Where `/id/`, `/doc/` and `/graph/` IRIs begin. Vocabulary and shapes never move. Raises BadAddress."""

    iri: str = HOME

    def __post_init__(self) -> None:
        parts = urlsplit(self.iri)
        if parts.scheme not in {"http", "https"} or not parts.netloc or not self.iri.endswith("/"):
            raise BadAddress(f"“{self.iri}” cannot be a base: give an http or https address that ends in /.")
        if parts.query or parts.fragment or any(character in self.iri for character in ' <>"{}|\\^`'):
            raise BadAddress(f"“{self.iri}” cannot be a base: it must have no query, fragment, space or bracket.")

    def id(self, kind: str, slug: str, *below: str) -> str:
        """The IRI of a record, or of the part of it that the further words name. Raises BadAddress."""
        self._demand(kind, slug)
        return "/".join((f"{self.iri}id/{kind}/{slug}", *below))

    def doc(self, kind: str, slug: str) -> str:
        """The IRI of the document about a record. Raises BadAddress."""
        self._demand(kind, slug)
        return f"{self.iri}doc/{kind}/{slug}"

    def graph(self, name: str) -> str:
        """The IRI of a named graph. Raises BadAddress."""
        if not is_slug(name):
            raise BadAddress(f"“{name}” cannot name a graph: use lower-case words joined by hyphens.")
        return f"{self.iri}graph/{name}"

    def record_of(self, iri: str) -> str | None:
        """The record ("type/slug") to which an IRI belongs, itself or as a part below it; None when to none."""
        if not iri.startswith(self.iri + "id/"):
            return None
        kind, _, rest = iri[len(self.iri) + 3 :].partition("/")
        slug = re.split(r"[/?#]", rest, maxsplit=1)[0]
        return f"{kind}/{slug}" if kind in TYPES and is_slug(slug) else None

    def record_iri(self, record: str) -> str:
        """The IRI of a record given as "type/slug". Raises BadAddress."""
        kind, _, slug = record.partition("/")
        return self.id(kind, slug)

    def owns(self, iri: str) -> bool:
        """Whether an IRI is one of this library's things, documents or graphs."""
        return iri.startswith(tuple(self.iri + part for part in _MOVING))

    @overload
    def rebase(self, thing: str, from_base: Base) -> str: ...
    @overload
    def rebase(self, thing: Quad, from_base: Base) -> Quad: ...

    def rebase(self, thing: str | Quad, from_base: Base) -> str | Quad:
        """Move an IRI, or every IRI of a quad, from another base to this one; everything else stays as it is."""
        if isinstance(thing, str):
            return self.iri + thing[len(from_base.iri) :] if from_base.owns(thing) else thing
        if self == from_base:
            return thing
        subject, predicate, object_, graph = thing.subject, thing.predicate, thing.object, thing.graph_name
        return Quad(
            self._moved(subject, from_base) if isinstance(subject, NamedNode) else subject,
            self._moved(predicate, from_base),
            self._moved(object_, from_base) if isinstance(object_, NamedNode) else object_,
            self._moved(graph, from_base) if isinstance(graph, NamedNode) else graph,
        )

    def _moved(self, node: NamedNode, from_base: Base) -> NamedNode:
        return NamedNode(self.rebase(node.value, from_base)) if from_base.owns(node.value) else node

    def _demand(self, kind: str, slug: str) -> None:
        if kind not in TYPES:
            raise BadAddress(f"“{kind}” is not a type of record. Types: {', '.join(TYPES)}.")
        if not is_slug(slug):
            raise BadAddress(f"“{slug}” cannot be a slug: use lower-case words and digits joined by single hyphens.")
