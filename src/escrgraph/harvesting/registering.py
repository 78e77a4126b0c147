"""Keeping the register: entry by entry as the log grows, or from the beginning."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path

from escrgraph.harvesting.contents import BATCH, Library, batches
from escrgraph.harvesting.register import FILE, SCHEMA
from escrgraph.harvesting.sets import sets_of
from escrgraph.repository.changes import Cause, Version

LATE = 10
"""Seconds after which a change that readers see only now gets the present as its stamp, and not the time of its entry."""

STEP = 2_000
"""Record changes that are brought in together."""


class Registrar:
    """Brings the register up to what readers see. One process at a time has it."""

    def __init__(self, directory: Path, identity: str, library: Library) -> None:
        self._path = directory / FILE
        self._identity = identity
        self._library = library

    @property
    def generation(self) -> int:
        """The generation of the register; -1 while there is none of this store."""
        return self._made()[0]

    def follow(self) -> int:
        """Bring in every change that readers see, each entry whole. Returns the generation. Raises RepositoryError."""
        target = self._library.generation()
        generation, position = self._made()
        if generation < 0:
            self._build(target)
            return target
        if generation == target:
            return generation
        with closing(self._open(self._path)) as connection:
            self._advance(connection, generation, position, target, now=int(time.time()))
            erased = self._erase(connection, generation, target)
            connection.commit()
            if erased:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        return target

    def _build(self, target: int) -> None:
        """Make the register anew, beside the one there is."""
        fresh = self._path.with_name(self._path.name + ".new")
        self._path.parent.mkdir(parents=True, exist_ok=True)
        _remove(fresh)
        with closing(self._open(fresh)) as connection:
            connection.executescript(SCHEMA)
            connection.execute("INSERT INTO made VALUES (?, 0, 0)", (self._identity,))
            self._advance(connection, 0, 0, target, now=None)
            connection.commit()
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        _remove(self._path)
        fresh.rename(self._path)

    def _advance(self, connection: sqlite3.Connection, generation: int, position: int, target: int, now: int | None) -> None:
        """Bring in the changes after a position. now: None to believe that every entry was seen at its own time."""
        last = connection.execute("SELECT MAX(stamp) FROM moment").fetchone()[0] or 0
        while versions := self._library.log.versions(position, target, STEP):
            for version in versions:
                moment = int(version.time.timestamp())
                late = now is not None and now - moment > LATE
                last = max(last, now if late and now is not None else moment)
                _put(connection, version, last)
            latest = {version.record: version for version in versions if version.record}
            self._put_sets(connection, [record for record, version in latest.items() if not version.gone])
            self._keep_sets(connection, (version for version in latest.values() if version.gone))
            position = versions[-1].position
        connection.execute("UPDATE made SET generation = ?, position = ?", (target, position))

    def _put_sets(self, connection: sqlite3.Connection, records: Sequence[str]) -> None:
        for some in batches(records, BATCH):
            for record, triples in self._library.contents(some).triples.items():
                known = _sets_known(connection, record)
                # Without any it is gone already, and a later change says so.
                found = sets_of(record, triples, self._library.base) if triples or not known else known
                _put_members(connection, record, found)

    def _keep_sets(self, connection: sqlite3.Connection, gone: Iterable[Version]) -> None:
        """Leave records that are gone in the sets that they were in; which those were, the log still knows."""
        by_number: dict[int, list[str]] = {}
        for version in gone:
            if version.record:
                by_number.setdefault(version.number, []).append(version.record)
        for number, records in by_number.items():
            for record, triples in self._library.removed(number, records).items():
                _put_members(connection, record, sets_of(record, triples, self._library.base))

    def _erase(self, connection: sqlite3.Connection, generation: int, target: int) -> bool:
        """Forget records that were redacted since a generation: the log no longer says which they were."""
        entries = self._library.log.entries(after=generation)
        if not any(entry.cause is Cause.REDACTION for entry in entries if entry.number <= target):
            return False
        kept = {record for (record,) in connection.execute("SELECT record FROM state")}
        for some in batches(sorted(kept), 500):
            kept -= self._library.log.known(some)
        connection.executemany("DELETE FROM state WHERE record = ?", ((record,) for record in kept))
        connection.executemany("DELETE FROM member WHERE record = ?", ((record,) for record in kept))
        return True

    def _made(self) -> tuple[int, int]:
        if not self._path.is_file():
            return -1, 0
        with closing(self._open(self._path)) as connection:
            try:
                made = connection.execute("SELECT identity, generation, position FROM made").fetchone()
            except sqlite3.DatabaseError:
                return -1, 0
        newest = self._library.generation()
        return (made[1], made[2]) if made and made[0] == self._identity and made[1] <= newest else (-1, 0)

    def _open(self, path: Path) -> sqlite3.Connection:
        connection = sqlite3.connect(path, timeout=10)
        for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "secure_delete = ON"):
            connection.execute(f"PRAGMA {pragma}").fetchall()
        return connection


def _put(connection: sqlite3.Connection, version: Version, stamp: int) -> None:
    """Make a change the last one of its record."""
    moment = int(version.time.timestamp())
    connection.execute("INSERT OR REPLACE INTO moment VALUES (?, ?)", (stamp, version.position))
    if version.record is None:
        return
    values = (version.record, version.position, version.number, moment, stamp, moment, version.action, version.successor)
    connection.execute(
        "INSERT INTO state VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (record) DO UPDATE SET position = excluded.position,"
        " number = excluded.number, time = excluded.time, stamp = excluded.stamp, action = excluded.action,"
        " successor = excluded.successor",
        values,
    )


def _sets_known(connection: sqlite3.Connection, record: str) -> set[str]:
    return {name for (name,) in connection.execute("SELECT name FROM member WHERE record = ?", (record,))}


def _put_members(connection: sqlite3.Connection, record: str, names: Iterable[str]) -> None:
    position = connection.execute("SELECT position FROM state WHERE record = ?", (record,)).fetchone()[0]
    connection.execute("DELETE FROM member WHERE record = ?", (record,))
    connection.executemany("INSERT INTO member VALUES (?, ?, ?)", ((name, position, record) for name in sorted(names)))


def _remove(path: Path) -> None:
    for ending in ("", "-wal", "-shm", "-journal"):
        path.with_name(path.name + ending).unlink(missing_ok=True)
