"""What records say: as they are now, from the readers, and as they were at an earlier change, by the log."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse

from escrgraph.harvesting.statements import Statement, statements
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

NAMES = 5_000
"""Things whose names are kept."""

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
        self._names: tuple[int, dict[str, list[Literal]]] = (0, {})

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
        nodes = self._nodes(records)
        generation, lines = self._construct("facts", "subject", nodes)
        for triple in _triples(lines):
            found[nodes[triple.subject.value]].append(triple)  # type: ignore[union-attr]  # asked for by address
        return Read(generation, found)

    def statements(self, records: Sequence[str], since: int = 0) -> dict[str, list[Statement]]:
        """The same as statements, which is quicker where nobody needs terms. Raises RepositoryError."""
        self._await(since)
        found: dict[str, list[Statement]] = {record: [] for record in records}
        if records:
            nodes = self._nodes(records)
            for statement in statements(self._construct("facts", "subject", nodes)[1]):
                found[nodes[statement.subject]].append(statement)
        return found

    def _nodes(self, records: Sequence[str]) -> dict[str, str]:
        """The addresses of records and of their parts, each with its record."""
        paths = self.log.nodes(records)
        return {self.base.record_iri(record) + path: record for record in records for path in paths[record]}

    def _await(self, generation: int) -> None:
        until = time.monotonic() + PATIENCE
        while self.generation() < generation:
            if time.monotonic() > until:
                raise Unavailable(f"Generation {generation} cannot be read yet. Try again in a moment.")
            time.sleep(0.02)

    def names(self, things: Iterable[str]) -> dict[str, list[Literal]]:
        """The names of things, in every language; one request at most, whatever their number. Raises RepositoryError.

        Records name the same rights and countries over and over, so what was asked is kept for its generation.
        """
        wanted, known = set(things), self._names_kept(self.generation())
        found = {iri: known[iri] for iri in wanted & known.keys()}
        if missing := sorted(wanted - found.keys()):
            generation, lines = self._construct("namings", "thing", missing)
            asked: dict[str, list[Literal]] = {iri: [] for iri in missing}
            for triple in sorted(_triples(lines), key=str):
                if isinstance(triple.object, Literal):
                    asked[triple.subject.value].append(triple.object)  # type: ignore[union-attr]  # asked for by address
            self._names_kept(generation).update(asked)
            found |= asked
        return {iri: names for iri, names in found.items() if names}

    def _names_kept(self, generation: int) -> dict[str, list[Literal]]:
        """What is kept of a generation, which is given up for that of another, and when it becomes too much."""
        if self._names[0] != generation or len(self._names[1]) > NAMES:
            self._names = (generation, {})
        return self._names[1]

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

    def _construct(self, name: str, variable: str, things: Iterable[str]) -> tuple[int, bytes]:
        """What a query constructs about things, as lines of N-Triples, and the generation it is of."""
        terms = [NamedNode(iri) for iri in things]
        asked = Query(_text(name), formats=Formats(graph=RdfFormat.N_TRIPLES.media_type), values={variable: terms})
        with self.readers.ask(asked) as answer:
            lines = answer.read()
        return answer.generation, lines

    def _readable(self, number: int) -> bool:
        entry = self.log.entry(number)
        return entry is not None and entry.added + entry.removed <= READ_BACK


@cache
def _text(name: str) -> str:
    return read_question(shipped.path(f"queries/pages/{name}.rq")).text


def _triples(lines: bytes) -> list[Triple]:
    return [quad.triple for quad in parse(lines, RdfFormat.N_QUADS)]
