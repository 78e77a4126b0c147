"""What records say: as they are now, from the readers, and as they were at an earlier change, by the log."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse

from escrgraph.repository.errors import Unavailable
from escrgraph.repository.log import ADDED, REMOVED, ChangeLog
from escrgraph.repository.questions import read_question
from escrgraph.repository.readers import Formats, Query, Readers
from escrgraph.vocabulary import shipped
from escrgraph.vocabulary.iris import Base

READ_BACK = 1 << 18
"""Quads of the largest change that is read to say what a record was before it."""

PATIENCE = 5.0
"""Seconds that a generation may take from the log to readers before somebody who asks is sent away."""

Contents = dict[str, list[Triple]]


@dataclass(frozen=True, slots=True)
class Read:
    """What records say in one generation; one that is not there has no triples."""

    generation: int
    triples: Contents


class Library:
    """The records of a repository, to be given out. readers: of its pages; log: its change log."""

    def __init__(self, readers: Readers, log: ChangeLog, base: Base) -> None:
        self.readers = readers
        self.log = log
        self.base = base

    def generation(self) -> int:
        """What readers see now. Raises Unavailable."""
        return self.readers.generation()

    def contents(self, records: Sequence[str], since: int = 0) -> Read:
        """What records say now, their parts included; one request, whatever their number.

        since: the generation that has to be seen at least; for one that is just coming this waits a moment.
        Raises RepositoryError.
        """
        self._await(since)
        found: Contents = {record: [] for record in records}
        if not records:
            return Read(self.generation(), found)
        paths = self.log.nodes(records)
        nodes = {self.base.record_iri(record) + path: record for record in records for path in paths[record]}
        subjects = [NamedNode(node) for node in nodes]
        generation, triples = self._construct("facts", "subject", subjects)
        for triple in triples:
            found[nodes[triple.subject.value]].append(triple)  # type: ignore[union-attr]  # asked for by address
        return Read(generation, found)

    def _await(self, generation: int) -> None:
        until = time.monotonic() + PATIENCE
        while self.generation() < generation:
            if time.monotonic() > until:
                raise Unavailable(f"Generation {generation} cannot be read yet. Try again in a moment.")
            time.sleep(0.02)

    def names(self, things: Iterable[str]) -> dict[str, list[Literal]]:
        """The names of things, in every language; one request, whatever their number. Raises RepositoryError."""
        found: dict[str, list[Literal]] = {}
        if wanted := [NamedNode(iri) for iri in sorted(set(things))]:
            for triple in sorted(self._construct("namings", "thing", wanted)[1], key=str):
                if isinstance(triple.object, Literal):
                    found.setdefault(triple.subject.value, []).append(triple.object)  # type: ignore[union-attr]
        return found

    def versions(self, wanted: Mapping[str, int], since: int = 0) -> tuple[Contents, set[str]]:
        """What each record said right after the entry of the number given with it. since: as for contents.

        Returns that, and the records of which it cannot be told, because a change made since is too large to read back.
        """
        read = self.contents(list(wanted), since)
        touched = self.log.numbers_of(list(wanted), min(wanted.values(), default=0), read.generation)
        now = {record: set(triples) for record, triples in read.triples.items()}
        untold: set[str] = set()
        for number in sorted(touched, reverse=True):
            records = {record for record in touched[number] if wanted[record] < number}
            if not records:
                continue
            if not self._readable(number):
                untold |= records
                continue
            added, removed = self.said(number, ADDED), self.said(number, REMOVED)
            for record in records:
                now[record] -= set(_triples(added.get(record, b"")))
                now[record] |= set(_triples(removed.get(record, b"")))
        return {record: sorted(triples, key=str) for record, triples in now.items()}, untold

    def said(self, number: int, side: str) -> dict[str, bytes]:
        """The lines of one side of an entry ("added", "removed"), record by record."""
        found: dict[str, list[bytes]] = {}
        mark = f"<{self.base.iri}id/".encode()
        for chunk in self.log.lines(number, side):
            for line in chunk.splitlines(keepends=True):
                if line.startswith(mark) and (record := self.base.record_of(line[1 : line.index(b">")].decode())):
                    found.setdefault(record, []).append(line)
        return {record: b"".join(lines) for record, lines in found.items()}

    def _construct(self, name: str, variable: str, things: Sequence[NamedNode]) -> tuple[int, list[Triple]]:
        """The triples that a query constructs about things, and the generation they are of."""
        asked = Query(_text(name), formats=Formats(graph=RdfFormat.N_TRIPLES.media_type), values={variable: things})
        with self.readers.ask(asked) as answer:
            lines = answer.read()
        return answer.generation, [quad.triple for quad in parse(lines, RdfFormat.N_TRIPLES)]

    def _readable(self, number: int) -> bool:
        entry = self.log.entry(number)
        return entry is not None and entry.added + entry.removed <= READ_BACK


@cache
def _text(name: str) -> str:
    return read_question(shipped.path(f"queries/pages/{name}.rq")).text


def _triples(lines: bytes) -> list[Triple]:
    return [quad.triple for quad in parse(lines, RdfFormat.N_QUADS)]
