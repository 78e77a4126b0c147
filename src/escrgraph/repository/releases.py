"""Releases: what newer shipped data change, where they may, and where somebody here changed the same record."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import NamedNode, Quad, RdfFormat, parse

from escrgraph.repository import examples
from escrgraph.vocabulary import shipped
from escrgraph.vocabulary.iris import Base

CONFLICTS = "conflicts"
"""The folder in a store's directory for what a release could not bring in."""

_NOTHING: frozenset[Quad] = frozenset()


def shipped_quads(iris: Base) -> Iterator[Quad]:
    """The library as it ships, each file in its named graph and the questions in theirs, moved to a base."""
    home = Base()
    files = [(path.stem, path) for path in shipped.data_files()]
    files += [("def", path) for path in shipped.ontology_files()]
    files += [("shapes", path) for path in shipped.shape_files()]
    for name, path in files:
        for quad in _turtle(path, NamedNode(home.graph(name))):
            yield iris.rebase(quad, home)
    queries = NamedNode(iris.graph(examples.GRAPH))
    for triple in examples.example_triples(iris):
        yield Quad(triple.subject, triple.predicate, triple.object, queries)


def _turtle(path: Path, graph: NamedNode) -> Iterator[Quad]:
    for quad in parse(path=path, format=RdfFormat.TURTLE):
        yield Quad(quad.subject, quad.predicate, quad.object, graph)


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
    gone: records that were withdrawn or renamed here; a release that changes one is a conflict.
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


def forget(directory: Path, iri: str) -> int:
    """Delete the files among the conflicts of a store that name an IRI; how many there were."""
    found = [path for path in (directory / CONFLICTS).glob("**/*.ttl") if iri.encode() in path.read_bytes()]
    for path in found:
        path.unlink()
    return len(found)
