"""Loading millions of quads as one entry: into a copy of the store, which takes its place once the log has them."""

from __future__ import annotations

import gc
import shutil
import zlib
from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import chain, islice
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Quad, QuerySolutions, RdfFormat, Store, parse
from sqlalchemy import Connection

from escrgraph.repository import faults, log
from escrgraph.repository.changes import Action, Entry, Receipt, RecordChange
from escrgraph.repository.feeding import bulk_load
from escrgraph.repository.gathering import Gathering
from escrgraph.repository.inference import Inference
from escrgraph.repository.lines import graphs, publishable, received, with_copies, without
from escrgraph.repository.provenance import Provenance
from escrgraph.repository.recording import (
    Recorder,
    add_changes,
    add_chunk,
    add_parts,
    chunks,
    close_entry,
    open_entry,
    replace_chunk,
)
from escrgraph.repository.room import Room
from escrgraph.repository.store import MergedStore, n_quads, normalised
from escrgraph.vocabulary.iris import Base

BATCH = 1_000
"""Records whose inferred quads are worked out together."""

AHEAD = 3
"""Chunks that are made ready while Oxigraph takes one."""


class Loading:
    """One bulk load into `staging`, a copy of the store `before`; quads are read, checked and logged in one pass."""

    def __init__(
        self,
        before: MergedStore,
        staging: MergedStore,
        recorder: Recorder,
        base: Base,
        inference: Inference,
        room: Room,
    ) -> None:
        self._before = before
        self._staging = staging
        self._recorder = recorder
        self._base = base
        self._inference = inference
        self._room = room
        self._gathering = Gathering(base, inference)
        self._provenance = Provenance(staging, base)
        self._known: set[str] = set()  # records that the log named before
        self._told = 0  # quads of provenance that came with the stream
        self._known_graphs = {str(graph).encode() for graph in before.store.named_graphs()}

    def run(self, source: int, header: Mapping[str, object]) -> Receipt:
        """Load N-Quads from the descriptor `source`.

        When it returns, the entry is in the log and `staging` is the store with it; without an effect there is no
        entry and the number is the old one. Raises Malformed or Unavailable; then the log is as before.
        """
        with self._recorder.transaction(self._before.number) as connection, ThreadPoolExecutor(1) as pool:
            shelf = _Shelf(connection, open_entry(connection, header), pool)
            entry = log.opened(connection, shelf.number)
            before = len(self._staging.store)
            self._load(shelf.passing(self._arriving(source, connection)), self._telling(entry))
            shelf.finish()
            faults.point("in-bulk")
            added = self._added(shelf.quads, len(self._staging.store) - before)
            if not added:
                connection.rollback()
                return Receipt(self._before.number, 0, 0, 0, 0, 0)
            if added != shelf.quads:
                _drop_repeats(connection, shelf.number, self._staging.path.with_name("repeats"))
            living = log.living(connection, self._known)
            counts = self._mended(connection, shelf, added)
            changes = list(self._changes(living))
            add_changes(connection, shelf.number, changes)
            self._provenance.revise(entry, [change for change in changes if change.record in self._known])
            self._staging.set_number(shelf.number)
            self._staging.store.flush()
            close_entry(connection, shelf.number, *counts)
            faults.point("before-log")
        created = len(self._gathering.records) - len(living)
        return Receipt(shelf.number, *counts, created, len(living), 0)

    def _added(self, logged: int, grown: int) -> int:
        """How many of the quads on the shelf are new. grown: by how much the store did; counting again takes long."""
        if grown == 2 * (logged + self._told):  # each is new, and so is its copy
            return logged
        return _count(self._staging.store) - _count(self._before.store) - self._told

    def _load(self, logged: Iterator[bytes], beside: Iterator[bytes]) -> None:
        """Bring chunks into the store as they come: those that are logged, then those that are not."""
        with ThreadPoolExecutor(1) as pool:
            bulk_load(self._staging, _ahead(map(with_copies, chain(logged, beside)), pool))

    def _arriving(self, source: int, connection: Connection) -> Iterator[bytes]:
        """The lines that are new, and after them what follows from their records."""
        for chunk in self._room.left(received(source)):
            lines = publishable(chunk, self._base)
            if graphs(lines) & self._known_graphs:
                lines = without(lines, self._before.store)
            found, parts = self._gathering.sorted_out(lines)
            add_parts(connection, parts)
            self._known |= log.named(connection, found.keys() - self._gathering.records)
            if text := b"".join(lines) + self._gathering.take(found, self._known):
                yield text
        if text := self._gathering.finish():
            yield text

    def _telling(self, entry: Entry) -> Iterator[bytes]:
        """What the provenance says of records that the log did not name before."""
        for chunk in self._provenance.first(entry, sorted(self._gathering.records - self._known)):
            self._told += chunk.count(b"\n")
            yield chunk

    def _mended(self, connection: Connection, shelf: _Shelf, added: int) -> tuple[int, int]:
        """Bring up to date what is inferred about records that existed before, or that came in pieces.

        Returns the quads that the entry adds, with `added` that it has already, and those that it removes.
        """
        removed = 0
        for records in _batches(self._known | self._gathering.scattered):
            about = [quad for record in records for quad in self._staging.about(_nodes(connection, self._base, record))]
            known = {quad for quad in about if quad.graph_name == self._staging.inferred}
            inferred = normalised(self._inference.of(_by_record(about, known, self._base)))
            come, gone = inferred - known, known - inferred
            self._staging.apply(self._before.number, list(come), list(gone))
            hasty = {quad for quad in gone if quad not in self._before.store}  # of this very entry
            _drop(connection, shelf.number, hasty)
            shelf.put(log.ADDED, n_quads(come))
            shelf.put(log.REMOVED, n_quads(gone - hasty))
            added += len(come) - len(hasty)
            removed += len(gone) - len(hasty)
        return added, removed

    def _changes(self, living: Collection[str]) -> Iterator[RecordChange]:
        for record in sorted(self._gathering.records):
            yield RecordChange(record, Action.MODIFIED if record in living else Action.CREATED)


class _Shelf:
    """Where chunks of an open entry are put; they are deflated on another thread meanwhile."""

    def __init__(self, connection: Connection, number: int, pool: ThreadPoolExecutor) -> None:
        self.number = number
        self.quads = 0
        self._connection = connection
        self._pool = pool
        self._positions = {log.ADDED: 0, log.REMOVED: 0}
        self._waiting: deque[tuple[bytes, Future[bytes]]] = deque()

    def passing(self, arriving: Iterator[bytes]) -> Iterator[bytes]:
        """The chunks again, each put on the shelf."""
        for chunk in arriving:
            self.quads += chunk.count(b"\n")
            self._waiting.append((chunk, self._pool.submit(zlib.compress, chunk, 1)))
            while len(self._waiting) > 3:
                self._store_one()
            yield chunk

    def finish(self) -> None:
        """Put away what is still being deflated."""
        while self._waiting:
            self._store_one()

    def put(self, side: str, lines: bytes, data: bytes = b"") -> None:
        """Put lines on one side of the entry."""
        for chunk in chunks(lines):
            add_chunk(self._connection, self.number, side, self._positions[side], chunk, data)
            self._positions[side] += 1

    def _store_one(self) -> None:
        chunk, deflated = self._waiting.popleft()
        position = self._positions[log.ADDED]
        add_chunk(self._connection, self.number, log.ADDED, position, chunk, deflated.result())
        self._positions[log.ADDED] += 1


def _ahead(chunks: Iterator[bytes], pool: ThreadPoolExecutor) -> Iterator[bytes]:
    """The chunks, a few of which are made on the one thread of the pool while the one before is used."""
    coming = deque(pool.submit(next, chunks, b"") for _ in range(AHEAD))
    try:
        while chunk := coming.popleft().result():
            coming.append(pool.submit(next, chunks, b""))
            yield chunk
    finally:
        pool.shutdown(cancel_futures=True)


def _nodes(connection: Connection, base: Base, record: str) -> list[str]:
    iri = base.record_iri(record)
    return [iri, *(iri + path for path in log.parts(connection, record))]


def _count(store: Store) -> int:
    """The quads in named graphs."""
    found = store.query("SELECT (COUNT(*) AS ?count) { GRAPH ?graph { ?s ?p ?o } }")
    if isinstance(found, QuerySolutions):
        for solution in found:
            if isinstance(count := solution["count"], Literal):
                return int(count.value)
    return 0


def _by_record(quads: Iterable[Quad], without: Collection[Quad], base: Base) -> dict[str, list[Quad]]:
    found: dict[str, list[Quad]] = {}
    for quad in quads:
        if (
            quad not in without
            and isinstance(quad.subject, NamedNode)
            and (owner := base.record_of(quad.subject.value))
        ):
            found.setdefault(owner, []).append(quad)
    return found


def _drop(connection: Connection, number: int, quads: Collection[Quad]) -> None:
    """Take quads out of the added chunks of an open entry."""
    gone = set(n_quads(quads).splitlines(keepends=True))
    for position, chunk in enumerate(log.stored(connection, number, log.ADDED) if gone else ()):
        lines = chunk.splitlines(keepends=True)
        kept = [line for line in lines if line not in gone]
        if len(kept) < len(lines):
            replace_chunk(connection, number, log.ADDED, position, b"".join(kept))


def _drop_repeats(connection: Connection, number: int, scratch: Path) -> None:
    """Rewrite the added chunks of an open entry so that each quad stands in it once."""
    shutil.rmtree(scratch, ignore_errors=True)
    seen = Store(str(scratch))
    try:
        for position, chunk in enumerate(log.stored(connection, number, log.ADDED)):
            quads = dict.fromkeys(parse(chunk, RdfFormat.N_QUADS))
            fresh = [quad for quad in quads if quad not in seen]
            seen.extend(fresh)
            replace_chunk(connection, number, log.ADDED, position, n_quads(fresh))
    finally:
        del seen
        gc.collect()
        shutil.rmtree(scratch, ignore_errors=True)


def _batches(records: Iterable[str]) -> Iterator[list[str]]:
    rest = iter(sorted(records))
    while some := list(islice(rest, BATCH)):
        yield some
