"""Stores with an index: the library as it is shipped, and small ones that tests change."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Quad

from escrgraph.repository import releases
from escrgraph.repository.changes import Cause, Change
from escrgraph.repository.following import DERIVED, Place
from escrgraph.repository.log import ChangeLog
from escrgraph.repository.publishing import Publisher
from escrgraph.repository.room import Room
from escrgraph.search.asking import Found, Selection
from escrgraph.search.indexing import Indexer
from escrgraph.search.searcher import Searcher
from escrgraph.vocabulary.iris import Base
from escrgraph.vocabulary.kinds import Kinds, shipped_kinds
from escrgraph.vocabulary.namespaces import expand

BASE = Base()


def iri(record: str) -> str:
    """The IRI of a record, or of a part of it ("scheme/standing/alleged")."""
    return f"{BASE.iri}id/{record}"


def quad(subject: str, predicate: str, value: str | Literal, graph: str = "resource") -> Quad:
    """A quad; subject and value are records or IRIs, the predicate a prefixed name."""
    node = value if isinstance(value, Literal) else NamedNode(value if ":" in value else iri(value))
    return Quad(NamedNode(iri(subject)), NamedNode(expand(predicate)), node, NamedNode(BASE.graph(graph)))


def text(value: str, language: str = "en") -> Literal:
    """A text in a language."""
    return Literal(value, language=language)


def resource(slug: str, title: str, *more: tuple[str, str | Literal], language: str = "en") -> list[Quad]:
    """A resource with a title and further facts."""
    facts = [("rdf:type", expand("escr:Resource")), ("dcterms:title", text(title, language)), *more]
    return [quad(f"resource/{slug}", predicate, value) for predicate, value in facts]


def change(added: Iterable[Quad] = (), removed: Iterable[Quad] = (), withdrawn: Iterable[str] = ()) -> Change:
    """A change as somebody asks for it."""
    return Change(Cause.SUBMISSION, "tester", "a test", tuple(added), tuple(removed), tuple(withdrawn))


@dataclass(slots=True)
class World:
    """A store whose log this process writes, and whose index it keeps."""

    store: Path
    publisher: Publisher
    kinds: Kinds
    indexer: Indexer
    searcher: Searcher

    def publish(self, added: Iterable[Quad] = (), removed: Iterable[Quad] = (), withdrawn: Iterable[str] = ()) -> int:
        """Publish a change; the index does not have it yet."""
        return self.publisher.commit(change(added, removed, withdrawn)).receipt.number

    def index(self) -> Searcher:
        """Let the index catch up."""
        with ChangeLog(self.publisher.log.address) as log:
            self.indexer.catch_up(log, self.publisher.number)
        return self.searcher

    def find(self, words: str = "", **more: object) -> Found:
        """Search, after the index caught up. more: for Searcher.search; types and chosen for the selection."""
        parts = {name: more.pop(name) for name in ("types", "chosen") if name in more}
        return self.index().search(Selection(words, **parts), **more)  # type: ignore[arg-type]


@contextmanager
def world(store: Path, kinds: Kinds | None = None) -> Iterator[World]:
    """An empty store with an index."""
    store.mkdir(exist_ok=True)
    known = kinds or shipped_kinds()
    publisher = Publisher(store, BASE, Room(store, 0))
    place = Place(store / DERIVED)
    directory = place.directory / Indexer.name
    directory.mkdir(exist_ok=True)
    indexer = Indexer(directory, known, BASE)
    try:
        yield World(store, publisher, known, indexer, Searcher(directory, known, BASE))
    finally:
        indexer.close()
        place.close()
        publisher.close()


def library() -> dict[str, list[Quad]]:
    """The shipped library, by record."""
    found: dict[str, list[Quad]] = defaultdict(list)
    for shipped in releases.shipped_quads(BASE):
        if isinstance(shipped.subject, NamedNode) and (record := BASE.record_of(shipped.subject.value)):
            found[record].append(shipped)
    return dict(found)


def records(found: Found) -> list[str]:
    """The records that were found, in their order."""
    return [hit.record for hit in found.hits]


def counts(found: Found, name: str) -> dict[str, int]:
    """The counts of a facet; empty when no record that was found has it."""
    return {count.term: count.count for facet in found.facets if facet.name == name for count in facet.counts}


def some(seed: int) -> random.Random:
    """Chance that is the same each time."""
    return random.Random(seed)
