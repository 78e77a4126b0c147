"""Versions of a record: each as the change log tells it, quad for quad."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from pyoxigraph import Quad, RdfFormat, parse

from escrgraph.repository import log as logs
from escrgraph.repository.changes import Action, Cause, Decision, Entry
from escrgraph.repository.log import ChangeLog
from escrgraph.vocabulary.iris import Base


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a record: what change `number` made of it.

    decision: what led to it, when curators decided it. reason: one sentence, empty where it was redacted.
    """

    number: int
    time: datetime
    cause: Cause
    action: Action
    reason: str
    successor: str | None
    decision: Decision | None


@dataclass(frozen=True, slots=True)
class Present:
    """A record as it is now. number: of the change that last touched it. quads: none when it is gone."""

    number: int
    quads: frozenset[Quad]


class Versions:
    """The versions of records, read from a log."""

    def __init__(self, log: ChangeLog, base: Base) -> None:
        self._log = log
        self._base = base

    def of(self, record: str) -> list[Version]:
        """Every version of a record, newest first."""
        found = []
        for entry, change in self._log.changes_of(record):
            decision = self._log.decision(entry.number)
            found.append(
                Version(entry.number, entry.time, entry.cause, change.action, entry.reason, change.successor, decision)
            )
        return found

    def newest(self, record: str) -> int:
        """The number of the change that last touched a record, 0 for none."""
        found = self._log.last_change(record)
        return found[0].number if found else 0

    def at(self, record: str, number: int | None = None) -> frozenset[Quad]:
        """The quads of a record after a change, or as they are now; without those that the writer infers."""
        line = self._line(record)
        quads: set[bytes] = set()
        for entry, _ in reversed(self._log.changes_of(record)):
            if number is not None and entry.number > number:
                break
            quads.difference_update(self._lines(entry, logs.REMOVED, line))
            quads.update(self._lines(entry, logs.ADDED, line))
        return self._parsed(quads)

    def present(self, records: Collection[str]) -> dict[str, Present]:
        """What some records say now; those that nothing ever touched are left out. Each entry is read once for all."""
        touched: dict[int, tuple[Entry, list[str]]] = {}
        newest: dict[str, int] = {}
        for record in records:
            for entry, _ in self._log.changes_of(record):
                touched.setdefault(entry.number, (entry, []))[1].append(record)
                newest[record] = max(newest.get(record, 0), entry.number)
        lines: dict[str, set[bytes]] = {record: set() for record in newest}
        for _, (entry, named) in sorted(touched.items()):
            found = self._lines_of(named)
            for side, change in ((logs.REMOVED, set.difference_update), (logs.ADDED, set.update)):
                for chunk in self._log.lines(entry.number, side):
                    for match in found.finditer(chunk):
                        change(lines[match["record"].decode()], {match[0]})
        return {record: Present(number, self._parsed(lines[record])) for record, number in newest.items()}

    def change(self, number: int) -> tuple[frozenset[Quad], frozenset[Quad]]:
        """What a change added and removed, without what the writer infers."""
        added, removed = self._log.quads(number)
        inferred = self._base.graph("inferred")
        return (
            frozenset(quad for quad in added if getattr(quad.graph_name, "value", "") != inferred),
            frozenset(quad for quad in removed if getattr(quad.graph_name, "value", "") != inferred),
        )

    def _line(self, record: str) -> re.Pattern[bytes]:
        """Finds the lines about a record in N-Quads, without parsing those about others."""
        iri = re.escape(self._base.record_iri(record).encode())
        return re.compile(rb"^<" + iri + rb"(?:>|[/?#])[^\n]*$", re.MULTILINE)

    def _lines_of(self, records: Collection[str]) -> re.Pattern[bytes]:
        """Finds the lines about any of some records."""
        names = b"|".join(re.escape(record.encode()) for record in records)
        home = re.escape(f"{self._base.iri}id/".encode())
        return re.compile(rb"^<" + home + rb"(?P<record>" + names + rb")(?:>|[/?#])[^\n]*$", re.MULTILINE)

    def _lines(self, entry: Entry, side: str, line: re.Pattern[bytes]) -> Iterator[bytes]:
        for chunk in self._log.lines(entry.number, side):
            yield from line.findall(chunk)

    def _parsed(self, lines: set[bytes]) -> frozenset[Quad]:
        inferred = self._base.graph("inferred")
        quads = parse(b"\n".join(lines), RdfFormat.N_QUADS)
        return frozenset(quad for quad in quads if getattr(quad.graph_name, "value", "") != inferred)
