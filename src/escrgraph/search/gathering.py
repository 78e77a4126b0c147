"""The lines of many log entries sorted out by record, on disk, so that memory does not grow with the library."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, Self

from pyoxigraph import NamedNode, RdfFormat, parse

from escrgraph.repository import log as logs
from escrgraph.repository.log import ChangeLog
from escrgraph.search.reading import RecordReader
from escrgraph.vocabulary.facts import Facts

HEAPS = 64
"""Files over which records are spread; one at a time is held in memory."""

Lines = set[bytes]


class Sorter:
    """Tells of each line of N-Quads to which record it belongs, and whether the index looks at it."""

    def __init__(self, reader: RecordReader) -> None:
        self._base = reader.base
        self._relevant = _as_written(reader.relevant)
        self._naming = _as_written(reader.naming)
        self._begin = b"<" + self._base.iri.encode() + b"id/"
        self._records: dict[bytes, str | None] = {}

    def sorted_out(self, chunk: bytes) -> Iterator[tuple[str, bytes]]:
        """(record, line) of each line that the index looks at."""
        for line in chunk.splitlines():
            if not line.startswith(self._begin):
                continue
            subject, predicate, _ = line.split(b" ", 2)
            if predicate in self._relevant and (record := self._record(subject)):
                yield record, line

    def names(self, line: bytes) -> bool:
        """Whether a line says how a thing is called or what is broader."""
        return line.split(b" ", 2)[1] in self._naming

    def _record(self, subject: bytes) -> str | None:
        if subject not in self._records:
            if len(self._records) > 1 << 16:
                self._records.clear()
            self._records[subject] = self._base.record_of(subject[1:-1].decode())
        return self._records[subject]


def _as_written(iris: Iterable[str]) -> frozenset[bytes]:
    return frozenset(f"<{iri}>".encode() for iri in iris)


class Heaps:
    """Lines to add and remove, spread over files by record, in the order in which they came."""

    def __init__(self, directory: Path) -> None:
        """directory: where the files are made."""
        self._paths = [directory / f"heap-{number:02}" for number in range(HEAPS)]
        self._files: list[IO[bytes]] = [path.open("wb", buffering=1 << 16) for path in self._paths]

    def put(self, record: str, sign: bytes, line: bytes) -> None:
        """Put a line. sign: b"+" to add, b"-" to remove."""
        name = record.encode()
        self._files[zlib.crc32(name) % HEAPS].write(sign + name + b" " + line + b"\n")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Remove the files."""
        for file, path in zip(self._files, self._paths, strict=True):
            with suppress(OSError):  # the directory may have been taken away
                file.close()
            path.unlink(missing_ok=True)

    def __iter__(self) -> Iterator[dict[str, Lines]]:
        """One heap after another: the lines that each of its records is left with; empty for one that is gone."""
        for file in self._files:
            file.flush()
        for path in self._paths:
            found: dict[str, Lines] = {}
            with path.open("rb") as file:
                for entry in file:
                    name, _, line = entry[1:-1].partition(b" ")
                    lines = found.setdefault(name.decode(), set())
                    lines.add(line) if entry[:1] == b"+" else lines.discard(line)
            yield found


def changes(log: ChangeLog, number: int, sorter: Sorter) -> Iterator[tuple[str, bytes, bytes]]:
    """(record, sign, line) of what an entry of the log did, removals first."""
    for side, sign in ((logs.REMOVED, b"-"), (logs.ADDED, b"+")):
        for chunk in log.lines(number, side):
            for record, line in sorter.sorted_out(chunk):
                yield record, sign, line


def facts(lines: Iterable[bytes]) -> Facts:
    """Lines as triples."""
    return Facts(parse(b"\n".join(sorted(lines)) + b"\n", RdfFormat.N_QUADS))


def subjects(found: Facts) -> list[str]:
    """The IRIs of which something is said."""
    return [node.value for node in found.all_subjects() if isinstance(node, NamedNode)]
