"""Dumps: every named graph and the whole, made when the repository is quiet, all files of one generation."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import shutil
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, cast

from escrgraph.harvesting.statistics import Statistics, take
from escrgraph.repository.log import ChangeLog
from escrgraph.repository.readers import Answer, Readers
from escrgraph.vocabulary.iris import Base

WHOLE, SUMS = "escrgraph", "SHA256SUMS"
QUIET = 2.0
"""Seconds without a change before dumps are made, at least."""

SHARE = 4.0
"""How many times as long as the last making took the repository is left alone before the next: a fifth of the time."""

DATASETS = {"nq": "application/n-quads", "trig": "application/trig", "jsonld": "application/ld+json"}
GRAPHS = {"ttl": "text/turtle", "nt": "application/n-triples"}
FORMATS = DATASETS | GRAPHS
"""The formats by the ending of their files."""

_MANIFEST, _NEW = "manifest.json", "new"
_LEVEL = 6
NICENESS = 5
"""How far making dumps steps back behind everything else."""


@dataclass(frozen=True, slots=True)
class Dump:
    """One file. graph: the IRI of the graph in it, None for all of them. bytes: of the file; sha256: of the file."""

    name: str
    graph: str | None
    media_type: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """The dumps of one generation. changed: when its last change was made; made: when they were."""

    generation: int
    changed: datetime
    made: datetime
    dumps: tuple[Dump, ...]
    statistics: Statistics

    def dump(self, name: str) -> Dump | None:
        """The dump of that file name."""
        return next((dump for dump in self.dumps if dump.name == name), None)


class Dumps:
    """The dumps there are, to be read. directory: where they are kept."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def newest(self) -> tuple[Manifest, Path] | None:
        """The newest dumps and the directory that they are in; None while there are none."""
        for number in sorted(_numbers(self._directory), reverse=True):
            found = self._directory / str(number)
            try:
                return read_manifest(found), found
            except (OSError, ValueError, KeyError):
                continue  # another process has just taken them away
        return None


class Dumper:
    """Makes the dumps. One process at a time does."""

    name = "dumps"

    def __init__(self, directory: Path, readers: Readers, base: Base) -> None:
        self._directory = directory
        self._readers = readers
        self._base = base
        self._work: threading.Thread | None = None
        self._failure: Exception | None = None
        self._stop = threading.Event()
        self._generation = 0

    def catch_up(self, log: ChangeLog, generation: int) -> float | None:
        """Have the dumps of a generation made when it is time, beside whatever else is done meanwhile.

        Returns in how many seconds to ask again, None when they are there. Raises what making them raised.
        """
        if self._work is not None and self._work.is_alive():
            return QUIET / 10
        self._work = None
        if self._failure is not None:
            failure, self._failure = self._failure, None
            raise failure
        made = Dumps(self._directory).newest()
        if not generation or (made is not None and made[0].generation >= generation):
            return None  # of an empty store there are none
        entry = log.entry(generation)
        changed = entry.time if entry else datetime.now(UTC)
        wait = max(QUIET, SHARE * self._last_took()) - (datetime.now(UTC) - changed).total_seconds()
        if made is not None and wait > 0:
            return wait
        if self._readers.generation() < generation:
            return QUIET / 10
        self._stop.clear()
        self._work = threading.Thread(target=self._run, args=(generation, changed), name="dumps", daemon=True)
        self._work.start()
        return QUIET / 10

    def close(self) -> None:
        """Give up what is being made."""
        self._stop.set()
        if self._work is not None:
            self._work.join()
        self._work = self._failure = None

    def _run(self, generation: int, changed: datetime) -> None:
        started = time.monotonic()
        # Packing takes a core for minutes where the library is large, and nobody waits for it: others go first.
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
        try:
            if self._make(generation, changed):
                (self._directory / "took").write_text(f"{time.monotonic() - started:.3f}", encoding="ascii")
        except Exception as error:  # it belongs to whoever asks next
            self._failure = error

    def _make(self, generation: int, changed: datetime) -> bool:
        """Write every file, then make them the newest. Returns False when a change came in between."""
        fresh = self._directory / _NEW
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir()  # below a directory that was taken away nothing is made
        self._generation = generation
        try:
            statistics = take(self._readers, self._base)
            if statistics.generation != generation:
                raise _Moved
            dumps = [*self._whole(fresh), *self._graphs(fresh, statistics)]
        except _Moved:
            shutil.rmtree(fresh, ignore_errors=True)
            return False
        manifest = Manifest(generation, changed, datetime.now(UTC), tuple(dumps), statistics)
        (fresh / _MANIFEST).write_text(json.dumps(asdict(manifest), default=str), encoding="utf-8")
        fresh.rename(self._directory / str(generation))
        for number in _numbers(self._directory):
            if number != generation:
                shutil.rmtree(self._directory / str(number), ignore_errors=True)
        return True

    def _whole(self, directory: Path) -> Iterator[Dump]:
        without = [self._base.graph("state")]
        for ending, media_type in FORMATS.items():
            graph = None if ending in DATASETS else "default"
            yield self._write(
                directory,
                f"{WHOLE}.{ending}.gz",
                None,
                media_type,
                self._readers.dump(media_type, graph, without=without),
            )

    def _graphs(self, directory: Path, statistics: Statistics) -> Iterator[Dump]:
        for graph in statistics.graphs:
            name = graph.iri.removeprefix(self._base.iri + "graph/")
            for ending in ("ttl", "nt", "jsonld"):
                media_type = FORMATS[ending]
                answer = self._readers.dump(media_type, graph.iri)
                yield self._write(directory, f"{name}.{ending}.gz", graph.iri, media_type, answer)

    def _write(self, directory: Path, name: str, graph: str | None, media_type: str, answer: Answer) -> Dump:
        """Write one file as its bytes come."""
        path = directory / name
        with packed(path) as file, answer:
            for chunk in answer.chunks:
                if self._stop.is_set():
                    raise _Moved
                file.write(chunk)
        if answer.kind == "absent" or answer.generation != self._generation:
            raise _Moved
        return described(path, name, graph, media_type)

    def _last_took(self) -> float:
        try:
            return float((self._directory / "took").read_text(encoding="ascii"))
        except (OSError, ValueError):
            return 0.0


@contextmanager
def packed(path: Path) -> Iterator[IO[bytes]]:
    """A file to write what is compressed on its way. The same data make the same file: its header names no time."""
    with path.open("wb") as file, gzip.GzipFile("", "wb", _LEVEL, file, mtime=0) as writing:
        yield cast(IO[bytes], writing)


def described(path: Path, name: str, graph: str | None, media_type: str) -> Dump:
    """The description of a file that has been written. name: below /dumps/. Raises OSError."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Dump(name, graph, media_type, path.stat().st_size, digest)


def read_manifest(directory: Path) -> Manifest:
    """The manifest in a directory of dumps. Raises OSError, ValueError, KeyError when it is not whole."""
    found = json.loads((directory / _MANIFEST).read_text(encoding="utf-8"))
    return Manifest(
        generation=found["generation"],
        changed=datetime.fromisoformat(found["changed"]),
        made=datetime.fromisoformat(found["made"]),
        dumps=tuple(Dump(**dump) for dump in found["dumps"]),
        statistics=Statistics.of(found["statistics"]),
    )


class _Moved(Exception):
    """The readers went on to another generation meanwhile, or nobody wants these dumps any more."""


def _numbers(directory: Path) -> Sequence[int]:
    try:
        return [int(entry.name) for entry in directory.iterdir() if entry.name.isdigit()]
    except FileNotFoundError:
        return []
