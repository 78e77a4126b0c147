"""Keeping the register: entry by entry as the log grows, or from the beginning; the log is all that it is made from."""

from __future__ import annotations

import sqlite3
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

from escrgraph.harvesting.register import FILE, SCHEMA
from escrgraph.harvesting.sets import TYPE, Naming
from escrgraph.repository.changes import Action, Version
from escrgraph.repository.log import ADDED, REMOVED, ChangeLog
from escrgraph.vocabulary.iris import Base

LATE = 10
"""Seconds after which a change that is registered only now gets the present as its stamp, not the time of its entry."""

STEP = 5_000
"""Record changes that are brought in together."""

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
            while versions := log.versions(position, entry.number, STEP):
                for version in versions:
                    _put(connection, version, stamp)
                    _put_sets(connection, version, came, went)
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


def _put(connection: sqlite3.Connection, version: Version, stamp: int) -> None:
    """Make a change the last one of its record; of a redacted one nothing is said."""
    if version.record is None:
        return
    moment = int(version.time.timestamp())
    connection.execute(
        "INSERT INTO state VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (record) DO UPDATE SET"
        " position = excluded.position, number = excluded.number, time = excluded.time, stamp = excluded.stamp,"
        " action = excluded.action, successor = excluded.successor",
        (version.record, version.position, version.number, moment, stamp, moment, version.action, version.successor),
    )


def _put_sets(connection: sqlite3.Connection, version: Version, came: Mentions, went: Mentions) -> None:
    """Bring the sets of a record up to a change. One that goes stays in the sets that it was in."""
    record = version.record
    if record is None:
        return
    known = connection.execute("SELECT name, mentions FROM member WHERE record = ? AND mentions > 0", (record,))
    mentions = Counter(dict(known.fetchall()) if version.action is not Action.CREATED else {})
    if not version.gone:
        mentions.update(came.get(record, {}))
        mentions.subtract(went.get(record, {}))
    own = {TYPE: 0, f"{TYPE}:{record.partition('/')[0]}": 0}
    rows = {name: count for name, count in mentions.items() if count > 0} | own
    connection.execute("DELETE FROM member WHERE record = ?", (record,))
    connection.executemany(
        "INSERT INTO member VALUES (?, ?, ?, ?)",
        ((name, version.position, record, count) for name, count in sorted(rows.items())),
    )


def _remove(path: Path) -> None:
    for ending in ("", "-wal", "-shm", "-journal"):
        path.with_name(path.name + ending).unlink(missing_ok=True)
