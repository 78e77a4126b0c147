"""Writing the change log: an entry is opened, filled chunk by chunk and closed, all in one transaction."""

from __future__ import annotations

import json
import time
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, func, insert, inspect, select, update
from sqlalchemy.exc import IntegrityError

from escrgraph.repository import databases, log, postgresql
from escrgraph.repository.addresses import Address
from escrgraph.repository.changes import Cause, Decision, RecordChange
from escrgraph.repository.databases import repository_table
from escrgraph.repository.errors import Unavailable
from escrgraph.repository.log import (
    ChangeLog,
    chunk_table,
    decision_table,
    entry_table,
    part_table,
    record_change_table,
)

CHUNK = 1 << 20
"""Bytes of N-Quads in a chunk, about."""


class Recorder(ChangeLog):
    """The log, to be read and written; one process at a time has it, and in PostgreSQL one of each machine."""

    def __init__(self, address: Address) -> None:
        """Open the log, made when there is none. Raises Unavailable when PostgreSQL does not answer."""
        self.address = address
        self._writing = databases.engine(address, kept=1)
        self._engine = databases.view(self._writing)
        _bring_up_to_date(self._writing)

    @property
    def shared(self) -> bool:
        """Whether other machines write to it too."""
        return databases.shared(self._writing)

    @property
    def size(self) -> int:
        """Bytes that it takes on the disk of this machine."""
        return self.address.stat().st_size if isinstance(self.address, Path) else 0

    @contextmanager
    def transaction(self, after: int | None = None) -> Iterator[Connection]:
        """One transaction on the log; committed and on the disk when the block ends, undone when it raises.

        after: the number of the newest entry that its writer knows. Raises Unavailable when there is a newer one: then
        the writer has lost its turn, as when PostgreSQL took a slow machine for one that is gone.
        """
        try:
            with self._writing.begin() as connection:
                if after is not None and (head := log.newest(connection)) and head.number != after:
                    raise Unavailable(_OVERTAKEN)
                yield connection
        except IntegrityError as error:
            if self.shared:
                raise Unavailable(_OVERTAKEN) from error
            raise

    def next_number(self) -> int:
        """The number that the next entry gets."""
        head = self.head()
        return head.number + 1 if head else 1

    def append(
        self,
        header: Mapping[str, object],
        added: bytes,
        removed: bytes,
        changes: Sequence[RecordChange] = (),
        parts: Iterable[tuple[str, str]] = (),
        counts: tuple[int, int] = (0, 0),
        after: int | None = None,
    ) -> int:
        """Write a whole entry in one transaction. Returns its number; it is on the disk then.

        header: cause, agent, reason, unchecked, decision. added, removed: N-Quads. parts: (record, path) of subjects
        below it. after: as for a transaction.
        """
        with self.transaction(after) as connection:
            number = open_entry(connection, header)
            if isinstance(decision := header.get("decision"), Decision):
                add_decision(connection, number, decision)
            for side, lines in ((log.ADDED, added), (log.REMOVED, removed)):
                for position, chunk in enumerate(chunks(lines)):
                    add_chunk(connection, number, side, position, chunk)
            add_changes(connection, number, changes)
            add_parts(connection, parts)
            close_entry(connection, number, *counts)
        return number

    def living(self, records: Iterable[str]) -> set[str]:
        """Those of the records that exist now."""
        with self._engine.connect() as connection:
            return log.living(connection, records)

    def parts(self, record: str) -> list[str]:
        """What stands after the record's IRI in each IRI below it that ever was a subject."""
        with self._engine.connect() as connection:
            return log.parts(connection, record)

    def compact(self) -> bool:
        """Rewrite the log without free space: what was deleted is nowhere in it then. Returns whether it was done.

        In PostgreSQL it is not while somebody still sees what was: `owing` tells that it has to be done again.
        """
        if self.shared:
            last = self.last_redaction(self.next_number())
            done = postgresql.compact(self._writing, log.METADATA.sorted_tables)
            if done:
                with self._writing.begin() as connection:
                    behind = repository_table.c.compacted < last
                    connection.execute(update(repository_table).where(behind).values(compacted=last))
            return done
        raw = self._writing.raw_connection()
        try:
            for statement in ("VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"):
                raw.cursor().execute(statement).fetchall()
        finally:
            raw.close()
        return True

    def owing(self) -> bool:
        """Whether something was deleted from PostgreSQL that may still be in its files."""
        if not self.shared:
            return False
        with self._engine.connect() as connection:
            done = int(connection.execute(select(repository_table.c.compacted)).scalar_one())
        return done < self.last_redaction(self.next_number())


def open_entry(connection: Connection, header: Mapping[str, object]) -> int:
    """Begin the next entry. Its time is now, or that of the entry before when the clock went back."""
    head = log.newest(connection)
    number = head.number + 1 if head else 1
    connection.execute(
        insert(entry_table).values(
            number=number,
            time=max(int(time.time()), head.time if head else 0),
            cause=Cause(str(header["cause"])).value,
            agent=header["agent"],
            reason=header["reason"],
            unchecked=bool(header.get("unchecked")),
            added=0,
            removed=0,
            records=0,
            redacted=False,
            remains=json.dumps(header.get("remains", {}), sort_keys=True),
            previous=head.digest if head else log.FIRST,
            body="",
            digest="",
        )
    )
    return number


def add_decision(connection: Connection, number: int, decision: Decision) -> None:
    """Say what led to an open entry. Raises IntegrityError when its submission led to one before."""
    body = json.dumps(decision.to_dict(), sort_keys=True)
    values = {"number": number, "submission": decision.submission, "body": body}
    connection.execute(insert(decision_table).values(**values))


def add_chunk(connection: Connection, number: int, side: str, position: int, lines: bytes, data: bytes = b"") -> None:
    """Put N-Quads into an open entry. data: the same lines deflated, when the caller has them."""
    connection.execute(
        insert(chunk_table).values(
            number=number, side=side, position=position, digest=log.sha256(lines), data=data or zlib.compress(lines)
        )
    )


def replace_chunk(connection: Connection, number: int, side: str, position: int, lines: bytes) -> None:
    """Put other N-Quads in the place of a chunk."""
    table = chunk_table.c
    here = (table.number == number, table.side == side, table.position == position)
    connection.execute(update(chunk_table).where(*here).values(digest=log.sha256(lines), data=zlib.compress(lines)))


def add_changes(connection: Connection, number: int, changes: Iterable[RecordChange]) -> None:
    """Say what an open entry does to records, in the order in which they come."""
    last = connection.execute(select(func.max(record_change_table.c.position))).scalar_one() or 0
    rows = [
        {
            "record": change.record,
            "number": number,
            "action": change.action.value,
            "successor": change.successor,
            "position": position,
        }
        for position, change in enumerate(changes, last + 1)
    ]
    if rows:
        connection.execute(insert(record_change_table), rows)


def add_parts(connection: Connection, parts: Iterable[tuple[str, str]]) -> None:
    """Remember IRIs below records; those known already stay."""
    rows = [{"record": record, "path": path} for record, path in parts]
    if rows:
        databases.insert_new(connection, part_table, rows)


def close_entry(connection: Connection, number: int, added: int, removed: int) -> None:
    """Count an entry, chain it to the one before, and make it part of the log."""
    here = entry_table.c.number == number
    asked = select(func.count()).select_from(record_change_table).where(record_change_table.c.number == number)
    records = connection.execute(asked).scalar_one()
    connection.execute(update(entry_table).where(here).values(added=added, removed=removed, records=records))
    body = log.body_digest(connection, number)
    previous = connection.execute(select(entry_table.c.previous).where(here)).scalar_one()
    connection.execute(update(entry_table).where(here).values(body=body, digest=log.chain(previous, body)))


def chunks(lines: bytes) -> Iterator[bytes]:
    """N-Quads in pieces of about CHUNK bytes that end where a line ends."""
    start = 0
    while start < len(lines):
        end = lines.find(b"\n", start + CHUNK) + 1 or len(lines)
        yield lines[start:end]
        start = end


def _bring_up_to_date(engine: Engine) -> None:
    """Make the tables; those of a log from before record changes had positions get them."""
    names = {column["name"] for column in inspect(engine).get_columns("record_change")} if _old(engine) else set()
    if names and "position" not in names:
        with engine.begin() as connection:
            for statement in _POSITIONS:
                connection.exec_driver_sql(statement)
    databases.make(engine, log.METADATA)


def _old(engine: Engine) -> bool:
    return not databases.shared(engine) and databases.has_table(engine, "record_change")


_OVERTAKEN = "Another machine of this repository published meanwhile. Nothing was changed. Ask again."


_POSITIONS = (
    "ALTER TABLE record_change ADD COLUMN position INTEGER NOT NULL DEFAULT 0",
    "UPDATE record_change SET position = numbered.position FROM (SELECT record, number,"
    " ROW_NUMBER() OVER (ORDER BY number, record) AS position FROM record_change) AS numbered"
    " WHERE record_change.record = numbered.record AND record_change.number = numbered.number",
    "CREATE UNIQUE INDEX record_change_in_order ON record_change (position)",
)
