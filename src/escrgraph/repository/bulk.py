"""Loading millions of quads as one entry: into a copy of the store, which takes its place once the log has them."""

from __future__ import annotations

import gc
import shutil
import zlib
from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import groupby, islice
from pathlib import Path

from pyoxigraph import Literal, Quad, QuerySolutions, RdfFormat, Store, parse
from sqlalchemy import Connection

from escrgraph.repository import faults, log
from escrgraph.repository.changes import Action, Receipt, RecordChange
from escrgraph.repository.errors import Malformed
from escrgraph.repository.inference import Inference
from escrgraph.repository.lines import Lines, graphs, publishable, received, subjects, with_copies, without
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
from escrgraph.vocabulary.edtf import DATATYPE
from escrgraph.vocabulary.iris import Base
from escrgraph.vocabulary.namespaces import RDF

BATCH = 1_000
"""Records whose inferred quads are worked out together."""

_EDTF = b'"^^<' + DATATYPE.encode() + b">"
_TYPE = b"> <" + RDF.encode() + b"type> <"


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
        self._records: set[str] = set()
        self._ruled: set[str] = set()  # records that hold an instance of a class with rules
        self._dated: list[bytes] = []
        self._known_graphs = {str(graph).encode() for graph in before.store.named_graphs()}
        self._classes = [_TYPE + node.value.encode() + b"> <" for node in inference.classes]

    def run(self, source: int, header: Mapping[str, object]) -> Receipt:
        """Load N-Quads from the descriptor `source`.

        When it returns, the entry is in the log and `staging` is the store with it; without an effect there is no
        entry and the number is the old one. Raises Malformed or Unavailable; then the log is as before.
        """
        with self._recorder.transaction() as connection, ThreadPoolExecutor(1) as pool:
            shelf = _Shelf(connection, open_entry(connection, header), pool)
            count = _count(self._staging.store)
            self._load(shelf, self._arriving(source, connection))
            faults.point("in-bulk")
            living = log.living(connection, self._records)
            self._load(shelf, self._inferred(connection, self._records - living))
            added = _count(self._staging.store) - count
            if not added:
                connection.rollback()
                return Receipt(self._before.number, 0, 0, 0, 0, 0)
            if added != shelf.quads:
                _drop_repeats(connection, shelf.number, self._staging.path.with_name("repeats"))
            more, outdated = self._mended(connection, shelf, living)
            counts = (added + more, outdated)
            changes = list(self._changes(living))
            add_changes(connection, shelf.number, changes)
            Provenance(self._staging, self._base).bring(log.opened(connection, shelf.number), changes)
            self._staging.set_number(shelf.number)
            self._staging.store.flush()
            close_entry(connection, shelf.number, *counts)
            faults.point("before-log")
        return Receipt(shelf.number, *counts, len(self._records) - len(living), len(living), 0)

    def _load(self, shelf: _Shelf, arriving: Iterator[bytes]) -> None:
        """Bring chunks into the store and onto the shelf, as they come."""
        source = _Careful(map(with_copies, shelf.passing(arriving)))
        try:
            self._staging.store.bulk_load(Lines(source), RdfFormat.N_QUADS)  # type: ignore[arg-type]  # it only reads
        except SyntaxError as error:
            raise Malformed(f"The quads cannot be read: {error}. Nothing was loaded.") from error
        except Exception:
            if source.failure:
                raise source.failure from None
            raise
        shelf.finish()

    def _arriving(self, source: int, connection: Connection) -> Iterator[bytes]:
        for chunk in self._room.left(received(source)):
            lines = publishable(chunk, self._base)
            if graphs(lines) & self._known_graphs:
                lines = without(lines, self._before.store)
            if lines:
                self._survey(lines, connection)
                yield b"".join(lines)

    def _survey(self, lines: list[bytes], connection: Connection) -> None:
        """Note which records the lines are about, which dates they give, and where rules may fire."""
        parts: list[tuple[str, str]] = []
        for iri in subjects(lines):
            if record := self._base.record_of(iri):
                self._records.add(record)
                if path := iri[len(self._base.iri) + 3 + len(record) :]:
                    parts.append((record, path))
        add_parts(connection, parts)
        self._dated += (line for line in lines if _EDTF in line)
        typed = (line for line in lines if _TYPE in line and any(kind in line for kind in self._classes))
        found = (self._base.record_of(line[1 : line.index(b">")].decode()) for line in typed)
        self._ruled.update(record for record in found if record)

    def _inferred(self, connection: Connection, new: Collection[str]) -> Iterator[bytes]:
        """What follows from records that did not exist before, as lines."""
        by_subject = groupby(sorted(self._dated), key=lambda line: line[: line.index(b">")])
        nodes = (b"".join(lines) for node, lines in by_subject if self._base.record_of(node[1:].decode()) in new)
        while some := b"".join(islice(nodes, 10 * BATCH)):
            yield n_quads(normalised(self._inference.dates(parse(some, RdfFormat.N_QUADS))))
        for records in _batches(self._ruled & set(new)):
            rules = self._inference.of(self._public(connection, records), dates=False)
            yield n_quads(normalised(rules))

    def _mended(self, connection: Connection, shelf: _Shelf, living: Collection[str]) -> tuple[int, int]:
        """Bring what is inferred about records that existed before up to date. Returns quads added and removed."""
        counts = [0, 0]
        for records in _batches(living):
            public = self._public(connection, records)
            known = {
                quad
                for record in records
                for quad in self._staging.about(_nodes(connection, self._base, record))
                if quad.graph_name == self._staging.inferred
            }
            inferred = normalised(self._inference.of(public))
            come, gone = inferred - known, known - inferred
            self._staging.apply(self._before.number, list(come), list(gone))
            shelf.put(log.ADDED, n_quads(come))
            shelf.put(log.REMOVED, n_quads(gone))
            counts[0] += len(come)
            counts[1] += len(gone)
        return counts[0], counts[1]

    def _public(self, connection: Connection, records: Iterable[str]) -> dict[str, list[Quad]]:
        return {
            record: [
                quad
                for quad in self._staging.about(_nodes(connection, self._base, record))
                if quad.graph_name != self._staging.inferred
            ]
            for record in records
        }

    def _changes(self, living: Collection[str]) -> Iterator[RecordChange]:
        for record in sorted(self._records):
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


class _Careful:
    """An iterator that remembers what it failed with, because Oxigraph passes on only the text."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self.failure: Exception | None = None
        self._chunks = chunks

    def __iter__(self) -> _Careful:
        return self

    def __next__(self) -> bytes:
        try:
            return next(self._chunks)
        except StopIteration:
            raise
        except Exception as error:
            self.failure = error
            raise


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
