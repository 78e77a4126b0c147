"""Triples of a few files in memory, to be read subject by subject."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, Triple, parse

from escrgraph.vocabulary.namespaces import RDF, expand

Node = NamedNode | BlankNode
Object = NamedNode | BlankNode | Literal | Triple

_FIRST, _REST, _NIL = NamedNode(RDF + "first"), NamedNode(RDF + "rest"), NamedNode(RDF + "nil")


@lru_cache(1_000)
def term(name: str) -> NamedNode:
    """The node of a prefixed name ("sh:path"). Raises UnknownPrefix."""
    return NamedNode(expand(name))


def read_turtle(paths: Iterable[Path]) -> list[Quad]:
    """The triples of Turtle files; blank nodes of two files never meet. Raises SyntaxError that names the file."""
    quads: list[Quad] = []
    for path in paths:
        try:
            quads.extend(parse(path.read_bytes(), RdfFormat.TURTLE, rename_blank_nodes=True))
        except SyntaxError as error:
            raise SyntaxError(f"{path.name}: {error.msg}", (str(path), error.lineno, error.offset, None)) from None
    return quads


class Facts:
    """An index of triples; graphs do not matter here. Objects come in the order in which they were read."""

    def __init__(self, quads: Iterable[Quad]) -> None:
        self._by_subject: dict[Object, dict[NamedNode, dict[Object, None]]] = defaultdict(lambda: defaultdict(dict))
        self._by_object: dict[tuple[NamedNode, Object], dict[Node, None]] = defaultdict(dict)
        for quad in quads:
            if isinstance(quad.subject, Triple):
                continue
            self._by_subject[quad.subject][quad.predicate][quad.object] = None
            self._by_object[quad.predicate, quad.object][quad.subject] = None

    def subjects_of(self, predicate: NamedNode, object_: Object) -> list[Node]:
        """The subjects that have this value."""
        return list(self._by_object.get((predicate, object_), ()))

    def all_subjects(self) -> Iterator[Object]:
        """Every subject, in the order read."""
        return iter(self._by_subject)

    def predicates(self, subject: Object) -> list[NamedNode]:
        """The predicates a subject has."""
        return list(self._by_subject[subject]) if subject in self._by_subject else []

    def objects(self, subject: Object, predicate: NamedNode) -> list[Object]:
        """All values."""
        return list(self._by_subject[subject].get(predicate, ())) if subject in self._by_subject else []

    def object(self, subject: Object, predicate: NamedNode) -> Object | None:
        """The first value, or None."""
        return next(iter(self.objects(subject, predicate)), None)

    def iris(self, subject: Object, predicate: NamedNode) -> list[str]:
        """The values that are IRIs, as text."""
        return [value.value for value in self.objects(subject, predicate) if isinstance(value, NamedNode)]

    def literals(self, subject: Object, predicate: NamedNode) -> tuple[Literal, ...]:
        """The values that are literals."""
        return tuple(value for value in self.objects(subject, predicate) if isinstance(value, Literal))

    def text(self, subject: Object, predicate: NamedNode) -> str | None:
        """The first value that is a literal or an IRI, as text."""
        value = self.object(subject, predicate)
        return value.value if isinstance(value, Literal | NamedNode) else None

    def items(self, head: Object) -> list[Object]:
        """The members of an RDF list. Raises ValueError when it has no end."""
        found: list[Object] = []
        seen: set[Object] = set()
        while head != _NIL:
            first, rest = self.object(head, _FIRST), self.object(head, _REST)
            if first is None or rest is None or head in seen:
                raise ValueError("an RDF list is broken: it has no end, or a member is missing")
            seen.add(head)
            found.append(first)
            head = rest
        return found

    def closure(self, node: Object, predicate: NamedNode) -> list[Object]:
        """The node and everything from which it is reached by one predicate, over any number of steps."""
        found: dict[Object, None] = {node: None}
        waiting = [node]
        while waiting:
            for subject in self.subjects_of(predicate, waiting.pop()):
                if subject not in found:
                    found[subject] = None
                    waiting.append(subject)
        return list(found)
