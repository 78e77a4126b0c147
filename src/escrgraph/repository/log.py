"""The change log: every publication as a numbered entry, chained by digests, with the quads it added and removed."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from pyoxigraph import Quad, RdfFormat, parse
from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Engine,
    Executable,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    Row,
    ScalarSelect,
    Table,
    bindparam,
    func,
    inspect,
    select,
)

from escrgraph.repository import addresses, databases
from escrgraph.repository.addresses import Address
from escrgraph.repository.changes import Action, Cause, Decision, Entry, RecordChange, Revision
from escrgraph.repository.databases import ROWS, WHOLE, WORDS
from escrgraph.repository.errors import RepositoryError, WrongStore

_DECIDED = frozenset({Cause.SUBMISSION.value, Cause.WITHDRAWAL.value, Cause.UNDO.value})
"""What an entry may be caused by that curators decided."""

FIRST = hashlib.sha256(b"escrgraph change log").hexdigest()
"""What the first entry names as its previous digest."""

ADDED, REMOVED = "added", "removed"

METADATA = MetaData()

entry_table = Table(
    "entry",
    METADATA,
    Column("number", WHOLE, primary_key=True, autoincrement=False),
    Column("time", WHOLE, nullable=False),  # seconds since 1970, UTC
    Column("cause", WORDS, nullable=False),
    Column("agent", WORDS, nullable=False),
    Column("reason", WORDS, nullable=False),
    Column("unchecked", Boolean, nullable=False),
    Column("added", WHOLE, nullable=False),
    Column("removed", WHOLE, nullable=False),
    Column("records", WHOLE, nullable=False),
    Column("redacted", Boolean, nullable=False, default=False),
    Column("remains", WORDS, nullable=False, default="{}"),  # redactions: number of an entry -> body of what is left
    Column("previous", WORDS, nullable=False),
    Column("body", WORDS, nullable=False),
    Column("digest", WORDS, nullable=False),
    Index("entry_by_cause", "cause", "number"),
)
chunk_table = Table(
    "chunk",
    METADATA,
    Column("number", WHOLE, ForeignKey("entry.number"), primary_key=True),
    Column("side", WORDS, primary_key=True),
    Column("position", WHOLE, primary_key=True),
    Column("digest", WORDS, nullable=False),
    Column("data", LargeBinary, nullable=False),  # N-Quads, deflated
)
record_change_table = Table(
    "record_change",
    METADATA,
    Column("record", WORDS, primary_key=True),
    Column("number", WHOLE, ForeignKey("entry.number"), primary_key=True),
    Column("action", WORDS, nullable=False),
    Column("successor", WORDS),
    Column("position", WHOLE, nullable=False),  # in the order of the whole log, from 1; a redaction leaves it
    Index("record_change_of_entry", "number"),
    Index("record_change_in_order", "position", unique=True),
)
decision_table = Table(
    "decision",  # what led to an entry that curators decided
    METADATA,
    Column("number", WHOLE, ForeignKey("entry.number"), primary_key=True),
    Column("submission", WORDS, nullable=False, unique=True),
    Column("body", WORDS, nullable=False),  # JSON
)
part_table = Table(
    "part",  # the IRIs below a record that ever were a subject: where its quads are to be looked for
    METADATA,
    Column("record", WORDS, primary_key=True),
    Column("path", WORDS, primary_key=True),
)


# Every document asks this, and making it costs more than answering it.
_CHANGES_OF_RECORD = (
    select(entry_table, record_change_table.c.action, record_change_table.c.successor)
    .join(entry_table, entry_table.c.number == record_change_table.c.number)
    .where(record_change_table.c.record.in_((bindparam("record"), bindparam("hidden"))))
    .where(record_change_table.c.number <= bindparam("at"))
    .order_by(record_change_table.c.number.desc())
    .limit(bindparam("limit"))
)
_ALL = (1 << 62) - 1


class BrokenLog(RepositoryError):
    """The log does not verify. number: the first entry that is not what was written."""

    title = "The change log is damaged"

    def __init__(self, text: str, number: int) -> None:
        super().__init__(text)
        self.number = number


class ChangeLog:
    """The log, to be read; also beside the writer that has it open."""

    def __init__(self, address: Address) -> None:
        """Open the log. Raises WrongStore when there is none, Unavailable when PostgreSQL does not answer."""
        self.address = address
        self._engine: Engine
        if isinstance(address, Path) and not address.is_file():
            raise WrongStore(f"There is no change log at {address}: the store is empty, in own mode, or elsewhere.")
        self._engine = databases.engine(address, read_only=True)
        if isinstance(address, str):
            _demand_tables(address, self._engine)

    def close(self) -> None:
        """Close it."""
        databases.dispose(self._engine)

    def __enter__(self) -> ChangeLog:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def turn(self, what: str = "") -> Iterator[None]:
        """Be the only machine that writes, or does what else is named, for as long as the block lasts.

        Raises Unavailable when another one is.
        """
        with databases.turn(self._engine, what):
            yield

    def head(self) -> Entry | None:
        """The newest entry, None when there is none."""
        with self._engine.connect() as connection:
            row = connection.execute(entry_table.select().order_by(entry_table.c.number.desc()).limit(1)).first()
        return _entry(row) if row else None

    def entry(self, number: int) -> Entry | None:
        """The entry of that number, None when there is none."""
        with self._engine.connect() as connection:
            row = connection.execute(entry_table.select().where(entry_table.c.number == number)).first()
        return _entry(row) if row else None

    def entries(self, after: int = 0, limit: int | None = None) -> list[Entry]:
        """The entries with a number above `after`, oldest first, at most `limit`."""
        asked = entry_table.select().where(entry_table.c.number > after).order_by(entry_table.c.number).limit(limit)
        with self._engine.connect() as connection:
            return [_entry(row) for row in connection.execute(asked)]

    def quads(self, number: int) -> tuple[Iterator[Quad], Iterator[Quad]]:
        """What an entry added and removed; neither holds default-graph copies. Of a redacted entry, what remains."""
        return self._quads(number, ADDED), self._quads(number, REMOVED)

    def lines(self, number: int, side: str) -> Iterator[bytes]:
        """The chunks of one side of an entry ("added", "removed") as N-Quads."""
        with self._engine.connect() as connection:
            yield from stored(connection, number, side)

    def last_change(self, record: str, at: int | None = None) -> tuple[Entry, RecordChange] | None:
        """The newest entry, up to number `at`, that touched a record, and what it did. None when none did."""
        found = self._changes(record, at, 1)
        return found[0] if found else None

    def changes_of(self, record: str) -> list[tuple[Entry, RecordChange]]:
        """Every entry that touched a record, newest first. Of a redacted record, only its redaction."""
        return self._changes(record, None, None)

    def record_changes(self, number: int) -> list[RecordChange]:
        """What an entry did to records, in order of record."""
        asked = record_change_table.select().where(record_change_table.c.number == number)
        with self._engine.connect() as connection:
            rows = connection.execute(asked.order_by(record_change_table.c.record))
            return [RecordChange(row.record, Action(row.action), row.successor) for row in rows]

    def revisions(self, after: int, until: int, limit: int | None = None) -> list[Revision]:
        """Record changes in the order of the log, from the one that follows position `after`.

        until: the number of the last entry that counts. What a page costs does not grow with its place in the log.
        """
        changes, entries = record_change_table.c, entry_table.c
        asked = (
            select(changes.position, changes.number, entries.time, changes.record, changes.action, changes.successor)
            .join(entry_table, entries.number == changes.number)
            .where(changes.position > after, changes.position <= self._last_position(until))
            .order_by(changes.position)
            .limit(limit)
        )
        with self._engine.connect() as connection:
            return [_revision(row) for row in connection.execute(asked)]

    def length(self, until: int) -> int:
        """How many record changes there are in the entries up to a number."""
        with self._engine.connect() as connection:
            return int(connection.execute(select(self._last_position(until))).scalar_one())

    def bounds(self, positions: Sequence[int]) -> dict[int, datetime]:
        """When the record changes at some positions were made."""
        changes, entries = record_change_table.c, entry_table.c
        asked = select(changes.position, entries.time).join(entry_table, entries.number == changes.number)
        with self._engine.connect() as connection:
            rows = connection.execute(asked.where(changes.position.in_(positions))).all()
        return {position: datetime.fromtimestamp(time, UTC) for position, time in rows}

    def last_redaction(self, until: int) -> int:
        """The number of the newest redaction up to a number, 0 when there was none."""
        entries = entry_table.c
        asked = select(func.max(entries.number)).where(entries.cause == Cause.REDACTION.value, entries.number <= until)
        with self._engine.connect() as connection:
            return connection.execute(asked).scalar_one() or 0

    def numbers_of(self, records: Sequence[str], after: int, until: int) -> dict[int, set[str]]:
        """The entries above number `after`, up to `until`, that touched some of the records, and which ones."""
        changes = record_change_table.c
        asked = select(changes.number, changes.record).where(changes.record.in_(records), changes.number > after)
        found: dict[int, set[str]] = {}
        with self._engine.connect() as connection:
            for number, record in connection.execute(asked.where(changes.number <= until)):
                found.setdefault(number, set()).add(record)
        return found

    def nodes(self, records: Sequence[str]) -> dict[str, list[str]]:
        """For each record what stands after its IRI in every IRI under which it has, or once had, quads."""
        found = {record: [""] for record in records}
        asked = select(part_table).where(part_table.c.record.in_(records)).order_by(part_table.c.path)
        with self._engine.connect() as connection:
            for record, path in connection.execute(asked):
                found[record].append(path)
        return found

    def decision(self, number: int) -> Decision | None:
        """What led to an entry; None when no curator decided it."""
        with self._engine.connect() as connection:
            return _decision(connection, number)

    def decided(self, submission: str) -> Entry | None:
        """The entry that a submission led to, None when none did."""
        with self._engine.connect() as connection:
            if not _decides(connection):
                return None
            asked = select(decision_table.c.number).where(decision_table.c.submission == submission)
            number = connection.execute(asked).scalar()
        return None if number is None else self.entry(number)

    def verify(self) -> int:
        """See that every entry is what was written; how many there are. Raises BrokenLog at the first that is not."""
        with self._engine.connect() as connection:
            remains = _remains(connection)
            expected, previous, count = 1, FIRST, 0
            with connection.execute(_many(entry_table.select().order_by(entry_table.c.number))) as rows:
                for row in rows:
                    if row.number != expected:
                        raise BrokenLog(f"Entry {expected} of the change log is missing. {_ADVICE}", expected)
                    _verify_entry(connection, row, previous, remains.get(str(row.number)))
                    expected, previous, count = row.number + 1, row.digest, count + 1
        return count

    def _quads(self, number: int, side: str) -> Iterator[Quad]:
        for chunk in self.lines(number, side):
            yield from parse(chunk, RdfFormat.N_QUADS)

    def _last_position(self, until: int) -> ScalarSelect[int]:
        changes = record_change_table.c
        # The last entry with a record change up to `until`: the index on numbers ends there.
        last = select(changes.number).where(changes.number <= until).order_by(changes.number.desc()).limit(1)
        asked = select(func.coalesce(func.max(changes.position), 0)).where(changes.number == last.scalar_subquery())
        return asked.scalar_subquery()

    def _changes(self, record: str, at: int | None, limit: int | None) -> list[tuple[Entry, RecordChange]]:
        asked = {"record": record, "hidden": hidden(record), "at": _ALL if at is None else at, "limit": limit or _ALL}
        with self._engine.connect() as connection:
            rows = connection.execute(_CHANGES_OF_RECORD, asked).all()
        return [(_entry(row), RecordChange(record, Action(row.action), row.successor)) for row in rows]


def body_digest(connection: Connection, number: int, *, deep: bool = False) -> str:
    """SHA-256 over canonical JSON of an entry's metadata, record changes and chunks.

    deep: read the chunks instead of trusting the digests stored beside them.
    """
    row = connection.execute(entry_table.select().where(entry_table.c.number == number)).one()
    names = ("number", "time", "cause", "agent", "reason", "unchecked", "added", "removed", "records", "remains")
    body = {name: getattr(row, name) for name in names}
    body["record_changes"] = _record_changes_digest(connection, number)
    if row.cause in _DECIDED and (decision := _decision(connection, number)):
        body["decision"] = decision.to_dict()
    if deep:
        body["chunks"] = [[side, _inflated(data)] for side, data in _chunks(connection, number)]
    else:
        asked = select(chunk_table.c.side, chunk_table.c.digest).where(chunk_table.c.number == number)
        rows = connection.execute(asked.order_by(chunk_table.c.side, chunk_table.c.position))
        body["chunks"] = [list(found) for found in rows]
    return sha256(json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode())


def chain(previous: str, body: str) -> str:
    """The digest of an entry: over the one before it and its own body."""
    return sha256(f"{previous}\n{body}".encode())


def sha256(data: bytes) -> str:
    """SHA-256, hexadecimal."""
    return hashlib.sha256(data).hexdigest()


Asked = TypeVar("Asked", bound=Executable)

HIDDEN = "sha256:"
"""What the name of a redacted record begins with in the log."""


def hidden(record: str) -> str:
    """What stands in the log for the name of a redacted record."""
    return HIDDEN + sha256(record.encode())


def opened(connection: Connection, number: int) -> Entry:
    """An entry that may still be open in this transaction."""
    return _entry(connection.execute(entry_table.select().where(entry_table.c.number == number)).one())


_ADVICE = "The log was changed by something else than escrgraph: restore the store from a backup."


def _entry(row: Row[Any]) -> Entry:
    return Entry(
        number=row.number,
        time=datetime.fromtimestamp(row.time, UTC),
        cause=Cause(row.cause),
        agent=row.agent,
        reason=row.reason,
        unchecked=row.unchecked,
        added=row.added,
        removed=row.removed,
        records=row.records,
        redacted=row.redacted,
        previous=row.previous,
        digest=row.digest,
    )


def _revision(row: Row[Any, Any, Any, Any, Any, Any]) -> Revision:
    record = None if row.record.startswith(HIDDEN) else row.record
    successor = None if (row.successor or "").startswith(HIDDEN) else row.successor
    time = datetime.fromtimestamp(row.time, UTC)
    return Revision(row.position, row.number, time, record, Action(row.action), successor)


def _chunks(connection: Connection, number: int, side: str | None = None) -> Iterator[tuple[str, bytes]]:
    """Side and data, one chunk in memory at a time."""
    asked = select(chunk_table.c.side, chunk_table.c.position).where(chunk_table.c.number == number)
    if side is not None:
        asked = asked.where(chunk_table.c.side == side)
    for found, position in connection.execute(asked.order_by(chunk_table.c.side, chunk_table.c.position)).all():
        here = (chunk_table.c.number == number, chunk_table.c.side == found, chunk_table.c.position == position)
        yield found, connection.execute(select(chunk_table.c.data).where(*here)).scalar_one()


def _decision(connection: Connection, number: int) -> Decision | None:
    if not _decides(connection):
        return None
    body = connection.execute(select(decision_table.c.body).where(decision_table.c.number == number)).scalar()
    return Decision.from_dict(json.loads(body)) if body else None


def _decides(connection: Connection) -> bool:
    """Whether there is a table of decisions: a log of an earlier version, not yet opened to write, has none."""
    return databases.shared(connection) or inspect(connection).has_table(decision_table.name)


def _demand_tables(address: str, engine: Engine) -> None:
    if address not in _THERE:
        if not databases.has_table(engine, entry_table.name):
            shown = addresses.shown(address)
            raise WrongStore(f"There is no change log in {shown} yet: `escrgraph serve` or `escrgraph load` makes one.")
        _THERE.add(address)


_THERE: set[str] = set()  # where a log was seen: it is looked for once


def _inflated(data: bytes) -> str:
    try:
        return sha256(zlib.decompress(data))
    except zlib.error:
        return "unreadable"


def _record_changes_digest(connection: Connection, number: int) -> str:
    changes = record_change_table.c
    asked = select(changes.record, changes.action, changes.successor).where(changes.number == number)
    digest = hashlib.sha256()
    for record, action, successor in connection.execute(_many(asked.order_by(changes.record))):
        digest.update(f"{record}\t{action}\t{successor or ''}\n".encode())
    return digest.hexdigest()


def _many(asked: Asked) -> Asked:
    """What is asked, its rows fetched a few at a time: a log may be longer than memory."""
    return asked.execution_options(yield_per=ROWS)


def _remains(connection: Connection) -> dict[str, str]:
    """For each redacted entry the body of what is left in it, as the newest redaction says."""
    asked = select(entry_table.c.remains).order_by(entry_table.c.number)
    found: dict[str, str] = {}
    for text in connection.execute(asked).scalars():
        found |= json.loads(text)
    return found


def _verify_entry(connection: Connection, row: Row[Any], previous: str, left: str | None) -> None:
    number = row.number
    if row.previous != previous or row.digest != chain(previous, row.body):
        raise BrokenLog(f"Entry {number} of the change log does not follow from the one before it. {_ADVICE}", number)
    if row.redacted != (left is not None):
        raise BrokenLog(f"Entry {number} of the change log is marked as redacted wrongly. {_ADVICE}", number)
    if body_digest(connection, number, deep=True) != (left or row.body):
        raise BrokenLog(f"Entry {number} of the change log is not what was written. {_ADVICE}", number)


def newest(connection: Connection) -> Row[Any] | None:
    """The newest entry."""
    return connection.execute(entry_table.select().order_by(entry_table.c.number.desc()).limit(1)).first()


def living(connection: Connection, records: Iterable[str]) -> set[str]:
    """Those of the records that exist: the newest entry that touched them neither withdrew nor renamed them."""
    changes = record_change_table.c
    gone = (Action.WITHDRAWN.value, Action.RENAMED.value)
    found: set[str] = set()
    wanted = list(records)
    for start in range(0, len(wanted), 500):
        some = wanted[start : start + 500]
        last = select(changes.record, func.max(changes.number).label("number")).where(changes.record.in_(some))
        newest_of = last.group_by(changes.record).subquery()
        asked = select(changes.record).join(
            newest_of, (newest_of.c.record == changes.record) & (newest_of.c.number == changes.number)
        )
        found |= set(connection.execute(asked.where(changes.action.not_in(gone))).scalars())
    return found


def named(connection: Connection, records: Iterable[str]) -> set[str]:
    """Those of the records that an entry names."""
    found: set[str] = set()
    wanted = iter(records)
    while some := list(islice(wanted, 500)):
        asked = select(record_change_table.c.record).where(record_change_table.c.record.in_(some)).distinct()
        found |= set(connection.execute(asked).scalars())
    return found


def parts(connection: Connection, record: str) -> list[str]:
    """What stands after the record's IRI in each IRI below it that ever was a subject."""
    asked = select(part_table.c.path).where(part_table.c.record == record).order_by(part_table.c.path)
    return list(connection.execute(asked).scalars())


def stored(connection: Connection, number: int, side: str) -> Iterator[bytes]:
    """The chunks of one side of an entry, one in memory at a time."""
    for _, data in _chunks(connection, number, side):
        yield zlib.decompress(data)


def chunk(connection: Connection, number: int, side: str, position: int) -> bytes:
    """One chunk, as N-Quads."""
    table = chunk_table.c
    here = (table.number == number, table.side == side, table.position == position)
    return zlib.decompress(connection.execute(select(table.data).where(*here)).scalar_one())
