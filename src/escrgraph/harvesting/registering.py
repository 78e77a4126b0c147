"""Keeping the register: entry by entry as the log grows, or from the beginning; the log is all that it is made from."""

from __future__ import annotations

import sqlite3
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from escrgraph.harvesting.register import FILE, SCHEMA
from escrgraph.harvesting.sets import TYPE, Naming
from escrgraph.repository.changes import Action, Revision
from escrgraph.repository.log import ADDED, REMOVED, ChangeLog
from escrgraph.vocabulary.iris import Base

LATE = 10
"""Seconds after which a change that is registered only now gets the present as its stamp, not the time of its entry."""

STEP = 5_000
"""Record changes that are read together."""

TOGETHER = 500
"""Records whose sets are brought up to date together."""

Mentions = dict[str, Counter[str]]


class Registrar:
    """Brings the register up to the log. One process at a time has it."""

    name = "register"

    def __init__(self, directory: Path, base: Base) -> None:
        """directory: where the register is, or will be."""
        self._path = directory / FILE
        self._naming = Naming(base)

    def catch_up(self, log: ChangeLog, generation: int) -> float | None:
        """Bring it to a generation: all of it in one transaction, so that readers see whole generations only."""
        made = self._made(log, generation)
        if made is None:
            self._build(log, generation)
        elif made[0] < generation:
            with closing(_open(self._path)) as connection:
                self._advance(connection, log, made, generation, now=int(time.time()))
                connection.commit()
        return None

    def close(self) -> None:
        """Nothing is kept open."""

    def _build(self, log: ChangeLog, generation: int) -> None:
        """Make the register anew, beside the one there may be."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._path.with_name(f"{FILE}.new")
        _remove(fresh)
        with closing(_open(fresh)) as connection:
            connection.executescript(SCHEMA)
            connection.execute("INSERT INTO made VALUES (0, 0, '')")
            # Whoever harvested before did so from another register: every entry counts from its own time.
            self._advance(connection, log, (0, 0), generation, now=None)
            connection.commit()
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        _remove(self._path)
        fresh.rename(self._path)

    def _advance(
        self, connection: sqlite3.Connection, log: ChangeLog, made: tuple[int, int], generation: int, now: int | None
    ) -> None:
        """Bring in what follows the generation and position given."""
        number, position = made
        for entry in log.entries(number):
            if entry.number > generation:
                break
            moment = int(entry.time.timestamp())
            last = connection.execute("SELECT MAX(stamp) FROM moment").fetchone()[0] or 0
            stamp = max(last, moment if now is None or now - moment <= LATE else now)
            came, went = self._mentions(log, entry.number, ADDED), self._mentions(log, entry.number, REMOVED)
            while versions := log.revisions(position, entry.number, STEP):
                named = [version for version in versions if version.record]  # of a redacted record nothing is said
                _put(connection, named, stamp)
                for start in range(0, len(named), TOGETHER):
                    _put_sets(connection, named[start : start + TOGETHER], came, went)
                position = versions[-1].position
                connection.execute("INSERT OR REPLACE INTO moment VALUES (?, ?)", (stamp, position))
            made_now = (entry.number, position, entry.digest)
            connection.execute("UPDATE made SET generation = ?, position = ?, digest = ?", made_now)

    def _mentions(self, log: ChangeLog, number: int, side: str) -> Mentions:
        """For each record of an entry the sets that its quads on one side speak for, and how many of them do."""
        found: Mentions = {}
        for chunk in log.lines(number, side):
            for record, name in self._naming.in_lines(chunk):
                found.setdefault(record, Counter())[name] += 1
        return found

    def _made(self, log: ChangeLog, generation: int) -> tuple[int, int] | None:
        """Generation and last position of the register, None when there is none, or none of this log."""
        if not self._path.is_file():
            return None
        with closing(_open(self._path)) as connection:
            try:
                number, position, digest = connection.execute(
                    "SELECT generation, position, digest FROM made"
                ).fetchone()
            except (sqlite3.DatabaseError, TypeError):
                return None
        entry = log.entry(number)
        known = entry is not None and entry.digest == digest if number else not digest
        return (number, position) if known and number <= generation else None


def _open(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=10)
    for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "secure_delete = ON"):
        connection.execute(f"PRAGMA {pragma}").fetchall()
    return connection


def _put(connection: sqlite3.Connection, versions: Sequence[Revision], stamp: int) -> None:
    """Make changes the last ones of their records."""
    moments = [(version, int(version.time.timestamp())) for version in versions]
    connection.executemany(
        "INSERT INTO state VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (record) DO UPDATE SET"
        " position = excluded.position, number = excluded.number, time = excluded.time, stamp = excluded.stamp,"
        " action = excluded.action, successor = excluded.successor",
        ((v.record, v.position, v.number, time_, stamp, time_, v.action, v.successor) for v, time_ in moments),
    )


def _put_sets(connection: sqlite3.Connection, versions: Sequence[Revision], came: Mentions, went: Mentions) -> None:
    """Bring the sets of records up to a change of each. One that goes stays in the sets that it was in."""
    records = [str(version.record) for version in versions]
    these = f"record IN ({', '.join('?' * len(records))})"
    known: Mentions = {}
    for record, name, count in connection.execute(f"SELECT record, name, mentions FROM member WHERE {these}", records):  # noqa: S608
        known.setdefault(record, Counter())[name] = count
    connection.execute(f"DELETE FROM member WHERE {these}", records)  # noqa: S608 - only question marks
    rows: list[tuple[str, int, str, int]] = []
    for version, record in zip(versions, records, strict=True):
        mentions = known.get(record, Counter()) if version.action is not Action.CREATED else Counter()
        if not version.gone:
            mentions.update(came.get(record, {}))
            mentions.subtract(went.get(record, {}))
        own = {TYPE: 0, f"{TYPE}:{record.partition('/')[0]}": 0}
        counts = {name: count for name, count in mentions.items() if count > 0} | own
        rows += ((name, version.position, record, count) for name, count in sorted(counts.items()))
    connection.executemany("INSERT INTO member VALUES (?, ?, ?, ?)", rows)


def _remove(path: Path) -> None:
    for ending in ("", "-wal", "-shm", "-journal"):
        path.with_name(path.name + ending).unlink(missing_ok=True)
