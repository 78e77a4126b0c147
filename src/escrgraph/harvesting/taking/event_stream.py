"""Records over a Linked Data Event Stream: versions on pages that lead to one another (LDES 1.0, TREE)."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urldefrag, urljoin

from pyoxigraph import DefaultGraph, NamedNode, Quad

from escrgraph.harvesting.event_stream import LDES, TREE
from escrgraph.harvesting.taking import pieces
from escrgraph.harvesting.taking.fetching import Fetcher
from escrgraph.harvesting.taking.found import Found, Mark, Page, SourceFailed
from escrgraph.repository.checkers import Checker
from escrgraph.repository.errors import RepositoryError
from escrgraph.validation.formats import FORMATS
from escrgraph.vocabulary.facts import Facts, Object
from escrgraph.vocabulary.instants import EARLIEST, instant
from escrgraph.vocabulary.namespaces import RDF

ACCEPT = "application/trig, application/n-quads;q=0.9, text/turtle;q=0.8, application/ld+json;q=0.7"
MOST_NODES = 200_000
"""Nodes of one tree that are visited; a stream that leads to more is taken to have no end."""

_BEFORE = frozenset({TREE + "LessThanRelation", TREE + "LessThanOrEqualToRelation"})
_AFTER = frozenset({TREE + "GreaterThanRelation", TREE + "GreaterThanOrEqualToRelation"})
_DEFAULT = DefaultGraph()


@dataclass(frozen=True, slots=True)
class _Paths:
    """Which properties of a member say what; empty for those that a stream does not name."""

    timestamp: str = ""
    sequence: str = ""
    of: str = ""
    delete: str = ""
    deleted: str = ""


@dataclass(slots=True)
class _Walk:
    """A walk over the tree. waiting: nodes to visit, the next one last; done: those that were; newest: a timestamp."""

    waiting: list[str]
    done: list[str]
    newest: str
    paths: _Paths


class EventStream:
    """A stream by the address of its root."""

    def __init__(self, address: str, fetcher: Fetcher, checker: Checker) -> None:
        self._address, self._fetcher, self._checker = address, fetcher, checker

    def pages(self, mark: Mark) -> Iterator[Page]:
        """What is new since a mark, a page for each node, the latest first, so that old versions need not be taken.

        Nodes whose time lies before the mark are not visited.
        """
        walk = _Walk([self._address], [], mark.since, _Paths())
        if mark.position:
            kept = json.loads(mark.position)
            walk = _Walk(kept["waiting"], kept["done"], kept["newest"], _Paths(**kept["paths"]))
        done = set(walk.done)
        while walk.waiting:
            address = walk.waiting.pop()
            done.add(address)
            walk.done.append(address)
            if len(done) > MOST_NODES:
                raise SourceFailed(
                    f"{self._address} leads to more than {MOST_NODES:,} pages. What came before is kept."
                )
            quads = self._read(address)
            facts = Facts(quads)
            walk.paths = _paths(facts) or walk.paths
            leads = _leads(facts, address, walk.paths, mark.since)
            walk.waiting += [node for node in leads if node not in done and node not in walk.waiting]
            records = _members(quads, facts, walk.paths)
            walk.newest = max([walk.newest, *(found.datestamp for found in records)], key=_moment)
            yield Page(records, self._mark(mark, walk))

    def _mark(self, mark: Mark, walk: _Walk) -> Mark:
        if not walk.waiting:
            return Mark(walk.newest)
        paths = {name: getattr(walk.paths, name) for name in _Paths.__slots__}
        kept = {"waiting": walk.waiting, "done": walk.done, "newest": walk.newest, "paths": paths}
        return Mark(mark.since, json.dumps(kept))

    def _read(self, address: str) -> Sequence[Quad]:
        answer = self._fetcher.get(address, ACCEPT)
        if answer.media not in FORMATS:
            raise SourceFailed(f"{address} answers with {answer.media or 'an unnamed type'}, and not with RDF.")
        try:
            return pieces.read_one(
                self._checker, pieces.Piece(answer.media, answer.body, answer.address, pieces.PAGE)
            ).quads
        except RepositoryError as error:
            raise SourceFailed(f"{address} cannot be read: {error}") from None


def _paths(facts: Facts) -> _Paths | None:
    """What the description of the stream says, where it stands on this node."""
    a, stream = NamedNode(RDF + "type"), NamedNode(LDES + "EventStream")
    for node in facts.subjects_of(a, stream):
        said = {
            name: facts.text(node, NamedNode(LDES + term)) or ""
            for name, term in (
                ("timestamp", "timestampPath"), ("sequence", "sequencePath"), ("of", "versionOfPath"),
                ("delete", "versionDeletePath"), ("deleted", "versionDeleteObject"),
            )
        }  # fmt: skip
        if any(said.values()):
            return _Paths(**said)
    return None


def _leads(facts: Facts, address: str, paths: _Paths, since: str) -> list[str]:
    """The nodes that a node leads to, the earliest first, without those that end before a time."""
    ends: dict[str, list[str]] = defaultdict(list)
    begins: dict[str, str] = {}
    path, value, a = NamedNode(TREE + "path"), NamedNode(TREE + "value"), NamedNode(RDF + "type")
    for relation in facts.all_subjects():
        for node in facts.iris(relation, NamedNode(TREE + "node")):
            target = urldefrag(urljoin(address, node)).url
            begins.setdefault(target, "")
            kinds, moment = set(facts.iris(relation, a)), facts.text(relation, value) or ""
            if facts.text(relation, path) != paths.timestamp or not moment:
                continue
            if kinds & _BEFORE:
                ends[target].append(moment)
            elif kinds & _AFTER:
                begins[target] = moment
    start = instant(since)
    late = [node for node in begins if not any(_is_before(moment, start) for moment in ends[node])]
    return sorted(late, key=lambda node: (_moment(begins[node]), len(node), node))


def _is_before(text: str, start: datetime | None) -> bool:
    """Whether a time is known to lie before another; what cannot be compared is looked at."""
    moment = instant(text)
    return start is not None and moment is not None and moment < start


def _moment(text: str) -> datetime:
    return instant(text) or EARLIEST


def _members(quads: Sequence[Quad], facts: Facts, paths: _Paths) -> tuple[Found, ...]:
    """The newest version of each record on a node."""
    graphs: defaultdict[str, list[Quad]] = defaultdict(list)
    for quad in quads:
        if isinstance(quad.graph_name, NamedNode):
            graphs[quad.graph_name.value].append(quad)
    newest: dict[str, Found] = {}
    for stream in list(facts.all_subjects()):
        for member in facts.iris(stream, NamedNode(TREE + "member")):
            found = _member(member, facts, paths, graphs.get(member), quads)
            known = newest.get(found.identifier)
            if known is None or _order(known) <= _order(found):
                newest[found.identifier] = found
    return tuple(newest.values())


def _order(found: Found) -> tuple[datetime, int]:
    return (_moment(found.datestamp), found.rank or 0)


def _member(member: str, facts: Facts, paths: _Paths, graph: Sequence[Quad] | None, quads: Sequence[Quad]) -> Found:
    node = NamedNode(member)
    record = _said(facts, node, paths.of) or member
    number = _said(facts, node, paths.sequence)
    found = Found(
        record, _said(facts, node, paths.timestamp), int(number) if number.isdecimal() and len(number) < 16 else 0
    )
    if paths.delete and paths.deleted in facts.iris(node, NamedNode(paths.delete)):
        return replace(found, gone=True)
    if graph is not None:
        return replace(found, quads=tuple(Quad(q.subject, q.predicate, q.object, _DEFAULT) for q in graph))
    told = {path for path in (paths.timestamp, paths.sequence, paths.of) if path}
    own = [q for q in quads if q.graph_name == _DEFAULT and _below(q.subject, member) and q.predicate.value not in told]
    if not own:
        return replace(found, trouble="The stream does not say what it said in this version.")
    return replace(found, quads=tuple(_of_record(quad, member, record) for quad in own))


def _said(facts: Facts, node: NamedNode, path: str) -> str:
    return (facts.text(node, NamedNode(path)) or "") if path else ""


def _below(node: Any, member: str) -> bool:
    return isinstance(node, NamedNode) and (node.value == member or node.value.startswith((member + "/", member + "#")))


def _of_record(quad: Quad, member: str, record: str) -> Quad:
    """What a version says, said of its record."""

    def moved(node: Object) -> Any:
        return (
            NamedNode(record + node.value[len(member) :])
            if isinstance(node, NamedNode) and _below(node, member)
            else node
        )

    return Quad(moved(quad.subject), quad.predicate, moved(quad.object), _DEFAULT)
