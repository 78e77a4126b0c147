"""Keeping the index: change by change from the log, or made anew when there is none that fits."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from pathlib import Path

from tantivy import Index, IndexWriter

from escrgraph.repository import faults
from escrgraph.repository.changes import Cause, Entry
from escrgraph.repository.log import ChangeLog
from escrgraph.search import builds, gathering, panics
from escrgraph.search.builds import State
from escrgraph.search.gathering import Heaps, Lines, Sorter
from escrgraph.search.queries import Queries
from escrgraph.search.reading import RecordReader, Thing, Things
from escrgraph.search.schema import STATE, document, fingerprint, schema_of
from escrgraph.vocabulary.facts import Facts
from escrgraph.vocabulary.iris import Base
from escrgraph.vocabulary.kinds import Kinds

SHARE = 5
"""Quads a record of the index, from which on it is made anew instead of changed."""

LEAST = 1000
"""Records that an index is taken to have at least, for that."""

_HEAP = 64 << 20
_UNKNOWN = Thing()


class Indexer:
    """The index in a directory, as the one process that changes it holds it."""

    name = "search"

    def __init__(self, directory: Path, kinds: Kinds, base: Base) -> None:
        self._directory = directory
        self._reader = RecordReader(kinds, base)
        self._fingerprint = fingerprint(self._reader)
        self._sorter = Sorter(self._reader)
        self._index: Index | None = None
        self._writer: IndexWriter | None = None
        self._queries: Queries | None = None
        self.state: State | None = None

    def catch_up(self, log: ChangeLog, generation: int) -> None:
        """Bring the index to a generation: by the changes since the one it shows, or anew.

        Raises OSError, for example when the disk is full or the directory was taken away; the index then shows what it
        did before. Raises ValueError when its files are broken, or cannot be written for another reason; it is made
        anew the next time.
        """
        try:
            with panics.told():
                self._catch_up(log, generation)
        except ValueError:
            with suppress(Exception):
                self.close()
            builds.clear(self._directory)
            raise

    def _catch_up(self, log: ChangeLog, generation: int) -> None:
        self._open(log)
        if self.state is not None and self.state.generation == generation:
            return
        missing = self._missing(log, generation)
        if missing is None:
            self._rebuild(log, generation)
        else:
            self._apply(log, missing, State(generation, _digest(log, generation)))

    def close(self) -> None:
        """Let go of the index."""
        writer = self._writer
        self._index = self._writer = self._queries = self.state = None
        if writer is not None:
            writer.wait_merging_threads()

    def _missing(self, log: ChangeLog, generation: int) -> list[Entry] | None:
        """The entries to be brought in one by one; None when making the index anew is better, or needed."""
        if self.state is None or self.state.generation > generation:
            return None
        entries = log.entries(after=self.state.generation, limit=generation - self.state.generation)
        redacted = any(entry.cause is Cause.REDACTION for entry in entries)
        records = max(self._index.searcher().num_docs if self._index else 0, LEAST)
        large = sum(entry.added + entry.removed for entry in entries) > SHARE * records
        return None if redacted or large else entries

    def _open(self, log: ChangeLog) -> None:
        """Open the index that is there, if it is of this format, these shapes and this log."""
        if self._index is not None:
            return
        try:
            path = builds.newest(self._directory, self._fingerprint)
            index = Index.open(str(path))
            state = builds.state(index.searcher(), index.schema)
        except (OSError, ValueError):
            return
        if _digest(log, state.generation) == state.digest:
            self._hold(index, state)

    def _hold(self, index: Index, state: State) -> None:
        self._index, self.state = index, state
        self._writer = index.writer(_HEAP, 1)
        self._queries = Queries(index.schema, self._reader.facets)

    def _rebuild(self, log: ChangeLog, generation: int) -> None:
        self.close()
        state = State(generation, _digest(log, generation))
        path = builds.begin(self._directory)
        with Heaps(path) as heaps:
            for entry in log.entries(limit=generation) if generation else []:
                for record, sign, line in gathering.changes(log, entry.number, self._sorter):
                    heaps.put(record, sign, line)
            self._write(path, heaps, state)
        faults.point("in-build")
        self._hold(Index.open(str(builds.finish(path, self._fingerprint))), state)

    def _write(self, path: Path, heaps: Heaps, state: State) -> None:
        """Write a whole index."""
        known: dict[str, Thing] = {}
        for heap in heaps:
            for lines in heap.values():
                known |= self._named(lines)

        def things(iri: str) -> Thing:
            return known.get(iri, _UNKNOWN)

        writer = Index(schema_of(self._reader.facets), str(path)).writer(_HEAP, 1)
        for heap in heaps:
            for record, lines in heap.items():
                self._add(writer, record, lines, things)
        writer.add_document(state.document())
        writer.commit()
        writer.wait_merging_threads()

    def _apply(self, log: ChangeLog, entries: Iterable[Entry], state: State) -> None:
        """Make anew the documents of the records that were changed, and of those that show a name or place of them."""
        if self._index is None or self._writer is None or self._queries is None:
            raise ValueError("there is no index to change")
        self._index.reload()
        held = _Held(self._index, self._queries, self._reader)
        changed: dict[str, Lines] = {}
        for entry in entries:
            for record, sign, line in gathering.changes(log, entry.number, self._sorter):
                if record not in changed:
                    changed[record] = held.lines(record)
                lines = changed[record]
                lines.add(line) if sign == b"+" else lines.discard(line)
        known: dict[str, Thing] = {}
        for record, lines in changed.items():
            known |= held.absent(record) | self._named(lines)
        others = held.mentioning(iri for iri, thing in known.items() if held.thing(iri) != thing) - changed.keys()
        things = cache(lambda iri: known[iri] if iri in known else held.thing(iri))
        for record, lines in (*changed.items(), *((other, held.lines(other)) for other in others)):
            self._writer.delete_documents_by_term("record", record)
            self._add(self._writer, record, lines, things)
        self._writer.delete_documents_by_term("record", STATE)
        self._writer.add_document(state.document())
        faults.point("in-index")
        self._writer.commit()
        faults.point("after-index")
        self.state = state

    def _named(self, lines: Lines) -> dict[str, Thing]:
        """What others show of the subjects of a record."""
        found = gathering.facts(line for line in lines if self._sorter.names(line))
        return {iri: self._reader.thing(found, iri) for iri in gathering.subjects(found)}

    def _add(self, writer: IndexWriter, record: str, lines: Lines, things: Things) -> None:
        reading = self._reader.read(record, gathering.facts(lines), things) if lines else None
        if reading is not None:
            stored = zlib.compress(b"\n".join(sorted(lines)), 1)
            writer.add_document(document(reading, things, self._reader.facets, stored))


def _digest(log: ChangeLog, number: int) -> str:
    entry = log.entry(number)
    return entry.digest if entry else ""


class _Held:
    """What the index holds, before a change to it."""

    def __init__(self, index: Index, queries: Queries, reader: RecordReader) -> None:
        self._searcher = index.searcher()
        self._queries = queries
        self._reader = reader
        self._facts: dict[str, Facts] = {}

    def lines(self, record: str) -> Lines:
        """The lines from which the document of a record was made; none when it has none."""
        found = self._searcher.search(self._queries.of_record(record), limit=1)
        if not found.hits:
            return set()
        stored = self._searcher.doc(found.hits[0][1]).get_first("facts") or b""
        return set(zlib.decompress(bytes(stored)).split(b"\n"))

    def thing(self, iri: str) -> Thing:
        """What was known of a thing."""
        record = self._reader.base.record_of(iri)
        if record is None:
            return Thing()
        if record not in self._facts:
            self._facts[record] = gathering.facts(self.lines(record))
        return self._reader.thing(self._facts[record], iri)

    def absent(self, record: str) -> dict[str, Thing]:
        """Every subject of a record, as if it were gone."""
        self.thing(self._reader.base.record_iri(record))
        return dict.fromkeys(gathering.subjects(self._facts[record]), _UNKNOWN)

    def mentioning(self, iris: Iterable[str]) -> set[str]:
        """The records that lead to one of these things."""
        wanted = list(iris)
        if not wanted:
            return set()
        found = self._searcher.search(self._queries.mentioning(wanted), limit=max(1, self._searcher.num_docs))
        return {str(self._searcher.doc(address).get_first("record")) for _, address in found.hits}
