"""Releases: what newer shipped data change, where they may, and where somebody here changed the same record."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from pyoxigraph import NamedNode, Quad

from escrgraph.vocabulary.iris import Base

_NOTHING: frozenset[Quad] = frozenset()


@dataclass(frozen=True, slots=True)
class Conflict:
    """A record that both sides changed. base: as last released; theirs: as shipped now; ours: as published here."""

    record: str
    base: frozenset[Quad]
    theirs: frozenset[Quad]
    ours: frozenset[Quad]


@dataclass(frozen=True, slots=True)
class Merge:
    """What a release does: quads to add and remove, how many records they touch, and what it leaves alone."""

    added: frozenset[Quad]
    removed: frozenset[Quad]
    records: int
    conflicts: tuple[Conflict, ...]


def three_way(
    base: Iterable[Quad], theirs: Iterable[Quad], ours: Iterable[Quad], iris: Base, gone: Collection[str] = ()
) -> Merge:
    """Compare record by record; a record that only the release changed takes its new version.

    base: the quads of the last release; theirs: those shipped now; ours: those published now. All of named graphs.
    gone: records that were withdrawn or redacted here; a release that brings one back or changes it is a conflict.
    """
    bases, news, mine = (by_record(quads, iris) for quads in (base, theirs, ours))
    added: set[Quad] = set()
    removed: set[Quad] = set()
    conflicts: list[Conflict] = []
    records = 0
    for record in sorted({*bases, *news}):
        was, new, now = (side.get(record, _NOTHING) for side in (bases, news, mine))
        if new in (was, now):
            continue
        if was != now or record in gone:
            conflicts.append(Conflict(record, was, new, now))
            continue
        added |= new - now
        removed |= now - new
        records += 1
    return Merge(frozenset(added), frozenset(removed), records, tuple(conflicts))


def by_record(quads: Iterable[Quad], iris: Base) -> Mapping[str, frozenset[Quad]]:
    """The quads by the record of their subject, or by the subject itself where it belongs to none."""
    found: dict[str, set[Quad]] = defaultdict(set)
    for quad in quads:
        subject = quad.subject.value if isinstance(quad.subject, NamedNode) else str(quad.subject)
        found[iris.record_of(subject) or subject].add(quad)
    return {record: frozenset(group) for record, group in found.items()}
