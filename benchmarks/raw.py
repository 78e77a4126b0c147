"""pyoxigraph called in process, without anything around it: what every other figure is held against.

The functions run in a process that `Raw` starts: a process that has opened a RocksDB store must not fork.
"""

from __future__ import annotations

import io
import resource
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO, cast

from pyoxigraph import (
    BlankNode,
    DefaultGraph,
    Literal,
    NamedNode,
    QueryResultsFormat,
    QuerySolutions,
    QueryTriples,
    RdfFormat,
    Store,
    Triple,
    Variable,
)
from typing_extensions import Buffer

from benchmarks.child import Child
from escrgraph.repository.readers import Query, Readers

Term = NamedNode | BlankNode | Literal | Triple


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a bulk load took. peak: bytes of memory."""

    quads: int
    seconds: float
    peak: int

    @property
    def rate(self) -> float:
        """Quads a second."""
        return self.quads / self.seconds


class Raw:
    """A process for raw calls; it keeps the stores open that it has opened."""

    def __init__(self) -> None:
        self._child = Child()

    def __enter__(self) -> Raw:
        return self

    def __exit__(self, *_: object) -> None:
        self._child.close()

    def bulk_load(self, file: Path, directory: Path) -> Loaded:
        """`Store.bulk_load` of an N-Quads file into a new store."""
        return self._child.call(_bulk_load, file, directory)

    def documents(self, snapshot: Path, query: str, records: Sequence[str], seconds: float) -> list[float]:
        """Seconds of each call: a CONSTRUCT about a record, written as Turtle."""
        return self._child.call(_documents, snapshot, query, records, seconds)

    def dump(self, snapshot: Path) -> tuple[int, float]:
        """`Store.dump` of the default graph as N-Triples into nothing: the bytes, and the seconds that they took."""
        return self._child.call(_dump, snapshot)

    def overhead(
        self, snapshot: Path, runtime: Path, texts: Sequence[str], seconds: float
    ) -> tuple[list[float], list[float]]:
        """Seconds of the same queries called raw and asked through the pool of a service, turn by turn."""
        return self._child.call(_overhead, snapshot, runtime, texts, seconds)


def _bulk_load(file: Path, directory: Path) -> Loaded:
    began = time.perf_counter()
    store = Store(str(directory))
    with file.open("rb") as source:
        store.bulk_load(source, RdfFormat.N_QUADS)
    store.flush()
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return Loaded(len(store), seconds, peak)


@cache
def _opened(snapshot: Path) -> Store:
    return Store.read_only(str(snapshot))


def _documents(snapshot: Path, query: str, records: Sequence[str], seconds: float) -> list[float]:
    store, record = _opened(snapshot), Variable("record")
    found: list[float] = []
    end = time.perf_counter() + seconds
    while (began := time.perf_counter()) < end:
        values: dict[Variable, Term] = {record: NamedNode(records[len(found) % len(records)])}
        triples = store.query(query, substitutions=values)
        assert isinstance(triples, QueryTriples)
        triples.serialize(format=RdfFormat.TURTLE)
        found.append(time.perf_counter() - began)
    return found


class _Nothing(io.RawIOBase):
    """Counts what is written."""

    def __init__(self) -> None:
        self.size = 0

    def write(self, data: Buffer, /) -> int:
        size = memoryview(data).nbytes
        self.size += size
        return size


def _dump(snapshot: Path) -> tuple[int, float]:
    sink = _Nothing()
    began = time.perf_counter()
    _opened(snapshot).dump(cast(IO[bytes], sink), RdfFormat.N_TRIPLES, from_graph=DefaultGraph())
    return sink.size, time.perf_counter() - began


def _overhead(snapshot: Path, runtime: Path, texts: Sequence[str], seconds: float) -> tuple[list[float], list[float]]:
    store, readers = _opened(snapshot), Readers(runtime)
    raw: list[float] = []
    pooled: list[float] = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        text = texts[len(raw) % len(texts)]
        began = time.perf_counter()
        solutions = store.query(text)
        assert isinstance(solutions, QuerySolutions)
        solutions.serialize(format=QueryResultsFormat.JSON)
        middle = time.perf_counter()
        readers.ask(Query(text)).read()
        pooled.append(time.perf_counter() - middle)
        raw.append(middle - began)
    return raw, pooled
