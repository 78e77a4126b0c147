"""The change log as a Linked Data Event Stream: every version of every record, and its end (LDES 1.0, TREE).

The stream is a tree of three levels: the root leads to shelves, a shelf to pages, a page holds versions in the order of
the log. A page that is full never changes, unless a record in it is redacted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, Triple

from escrgraph.harvesting.contents import Library
from escrgraph.harvesting.dublin_core import LICENCE
from escrgraph.repository.changes import Action, Revision
from escrgraph.vocabulary.namespaces import PREFIXES, expand

PAGE = 100
"""Versions on a page."""

SHELF = 100
"""Pages on a shelf."""

LDES, TREE, AS = "https://w3id.org/ldes#", "https://w3id.org/tree#", "https://www.w3.org/ns/activitystreams#"
STREAM_PREFIXES: Mapping[str, str] = {**PREFIXES, "ldes": LDES, "tree": TREE, "as": AS}

_A = NamedNode(expand("rdf:type"))
_DATE_TIME, _INTEGER = NamedNode(expand("xsd:dateTime")), NamedNode(expand("xsd:integer"))
_ACTIVITIES = {
    Action.CREATED: "Create",
    Action.MODIFIED: "Update",
    Action.WITHDRAWN: "Delete",
    Action.RENAMED: "Delete",
}


class NoSuchNode(LookupError):
    """There is no shelf or page of that number yet."""


@dataclass(frozen=True, slots=True)
class Node:
    """A node of the tree, written. full: whether it stays as it is. changed: when the last change in it was made."""

    quads: list[Quad]
    full: bool
    changed: datetime | None


class Stream:
    """The stream up to one generation. address: of its root, such as https://example.org/ldes."""

    def __init__(self, address: str, library: Library, generation: int) -> None:
        self._root = address
        self._library = library
        self._generation = generation
        self._length = library.log.length(generation)

    def root(self) -> Node:
        """The root: what the stream is, and its shelves."""
        spans = _spans(0, self._length, PAGE * SHELF)
        quads = [*self._described(), *self._node(self._root), *self._relations(self._root, "shelf", spans)]
        return Node(quads, False, self._moment(self._length))

    def shelf(self, number: int) -> Node:
        """A shelf, from 1: its pages. Raises NoSuchNode."""
        first, last, full = self._part(number, PAGE * SHELF)
        here = f"{self._root}/shelf/{number}"
        before = (number - 1) * SHELF
        pages = [(before + part, start, end, full_) for part, start, end, full_ in _spans(first, last, PAGE)]
        return Node([*self._node(here), *self._relations(here, "page", pages)], full, self._moment(last))

    def page(self, number: int) -> Node:
        """A page, from 1: versions in the order in which they were made. Raises NoSuchNode."""
        first, last, full = self._part(number, PAGE)
        versions = self._library.log.revisions(first, self._generation, last - first)
        quads = [*self._node(f"{self._root}/page/{number}"), *self._members(versions)]
        return Node(quads, full, versions[-1].time if versions else None)

    def _part(self, number: int, size: int) -> tuple[int, int, bool]:
        """The positions of a part, above the first and up to the last, and whether it is full."""
        first = (number - 1) * size
        if number < 1 or (first >= self._length and number > 1):
            raise NoSuchNode(f"There is no part {number} of the stream yet. Begin at {self._root}.")
        return first, min(first + size, self._length), first + size <= self._length

    def _members(self, versions: Sequence[Revision]) -> Iterator[Quad]:
        there = [version for version in versions if version.record]
        told: dict[tuple[str, int], list[Triple]] = {}
        untold: set[str] = set()
        # A record may have several versions on a page: each round asks for one of each record.
        for wanted in _rounds(version for version in there if not version.gone):
            contents, missing = self._library.versions(wanted, self._generation)
            told |= {(record, wanted[record]): triples for record, triples in contents.items()}
            untold |= {f"{record} {wanted[record]}" for record in missing}
        for version in there:
            yield from self._member(version, untold)
        for version in there:
            graph = self._version(version)
            triples = told.get((version.record or "", version.number), [])
            if f"{version.record} {version.number}" not in untold:
                yield from (Quad(triple.subject, triple.predicate, triple.object, graph) for triple in triples)

    def _member(self, version: Revision, untold: set[str]) -> Iterator[Quad]:
        node, record = self._version(version), version.record or ""
        yield _quad(NamedNode(f"{self._root}#stream"), NamedNode(TREE + "member"), node)
        yield _quad(node, _A, NamedNode(AS + _ACTIVITIES[version.action]))
        yield _quad(node, NamedNode(AS + "object"), NamedNode(self._library.base.record_iri(record)))
        yield _quad(node, NamedNode(AS + "published"), _time(version.time))
        yield _quad(node, NamedNode(expand("schema:position")), Literal(str(version.position), datatype=_INTEGER))
        if version.successor:
            successor = NamedNode(self._library.base.record_iri(version.successor))
            yield _quad(node, NamedNode(expand("dcterms:isReplacedBy")), successor)
        if f"{version.record} {version.number}" in untold:
            yield _quad(node, NamedNode(expand("rdfs:comment")), Literal(_UNTOLD, language="en"))

    def _version(self, version: Revision) -> NamedNode:
        return NamedNode(f"{self._library.base.iri}change/{version.number}#{version.record}")

    def _described(self) -> Iterator[Quad]:
        stream = NamedNode(f"{self._root}#stream")
        yield _quad(stream, _A, NamedNode(LDES + "EventStream"))
        for name, text, language in (
            ("title", "Every version of every record of escrgraph", "en"),
            ("description", "One member for each time that a record was created, changed, withdrawn or renamed.", "en"),
        ):
            yield _quad(stream, NamedNode(expand(f"dcterms:{name}")), Literal(text, language=language))
        for path, value in (
            ("timestampPath", AS + "published"),
            ("sequencePath", expand("schema:position")),
            ("versionOfPath", AS + "object"),
            ("versionCreatePath", expand("rdf:type")),
            ("versionCreateObject", AS + "Create"),
            ("versionUpdatePath", expand("rdf:type")),
            ("versionUpdateObject", AS + "Update"),
            ("versionDeletePath", expand("rdf:type")),
            ("versionDeleteObject", AS + "Delete"),
        ):
            yield _quad(stream, NamedNode(LDES + path), NamedNode(value))
        yield _quad(stream, NamedNode(expand("dcterms:license")), NamedNode(LICENCE))
        yield _quad(stream, NamedNode(TREE + "view"), NamedNode(self._root))

    def _node(self, address: str) -> Iterator[Quad]:
        yield _quad(NamedNode(address), _A, NamedNode(TREE + "Node"))

    def _relations(self, here: str, kind: str, spans: Iterable[tuple[int, int, int, bool]]) -> Iterator[Quad]:
        """Links to parts, each with the time at which it begins and, when it is full, at which it ends."""
        spans = list(spans)
        times = self._library.log.bounds([position for _, first, last, _ in spans for position in (first + 1, last)])
        for number, first, last, full in spans:
            node = f"{self._root}/{kind}/{number}"
            yield from _relation(here, node, "GreaterThanOrEqualToRelation", times[first + 1], f"{kind}{number}from")
            if full:
                yield from _relation(here, node, "LessThanOrEqualToRelation", times[last], f"{kind}{number}to")

    def _moment(self, position: int) -> datetime | None:
        return self._library.log.bounds([position]).get(position)


_UNTOLD = (
    "What the record said in this version is not given here: a later change is too large to be read back. The newest "
    "version is whole."
)


def _spans(first: int, last: int, size: int) -> Iterator[tuple[int, int, int, bool]]:
    """The parts of some positions: number from 1, positions above the first and up to the last, whether it is full."""
    for number, start in enumerate(range(first, last, size), 1):
        yield number, start, min(start + size, last), start + size <= last


def _rounds(versions: Iterable[Revision]) -> list[dict[str, int]]:
    """The versions as mappings from record to number of entry, each record once in a mapping."""
    found: list[dict[str, int]] = []
    for version in versions:
        record = version.record or ""
        free = next((wanted for wanted in found if record not in wanted), None)
        if free is None:
            found.append(free := {})
        free[record] = version.number
    return found


def _relation(here: str, node: str, kind: str, moment: datetime, name: str) -> Iterator[Quad]:
    relation = BlankNode(name)
    yield _quad(NamedNode(here), NamedNode(TREE + "relation"), relation)
    yield _quad(relation, _A, NamedNode(TREE + kind))
    yield _quad(relation, NamedNode(TREE + "node"), NamedNode(node))
    yield _quad(relation, NamedNode(TREE + "path"), NamedNode(AS + "published"))
    yield _quad(relation, NamedNode(TREE + "value"), _time(moment))


def _quad(subject: NamedNode | BlankNode, predicate: NamedNode, value: NamedNode | BlankNode | Literal) -> Quad:
    return Quad(subject, predicate, value, DefaultGraph())


def _time(moment: datetime) -> Literal:
    return Literal(moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), datatype=_DATE_TIME)
