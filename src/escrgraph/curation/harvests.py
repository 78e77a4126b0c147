"""Harvests: how far each source was read, what its records said, and where a submission comes from."""

from __future__ import annotations

import re
import zlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from pyoxigraph import Quad, RdfFormat, parse
from sqlalchemy import Connection, Row, delete, insert, select, update

from escrgraph.curation.database import (
    Database,
    now,
    origin_table,
    source_table,
    submission_table,
    taken_table,
)
from escrgraph.repository.log import sha256
from escrgraph.repository.store import n_quads

_EMPTY = zlib.compress(b"")
_MANY = 500


@dataclass(frozen=True, slots=True)
class Harvest:
    """How far a source was read, in words of its protocol. ended: when a reading last came to its end, if ever."""

    source: str
    since: str
    position: str
    run: int
    ended: datetime | None


@dataclass(frozen=True, slots=True)
class Taken:
    """What a record of a source said when it was last read. submission: the newest about it, "" for none."""

    key: str
    identifier: str
    record: str
    submission: str
    datestamp: str
    rank: int | None
    digest: str
    content: frozenset[Quad]
    gone: bool
    barred: bool


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a revision of a submission was harvested. mapping: the name of the mapping, "" for none."""

    source: str
    identifier: str
    datestamp: str
    mapping: str
    taken: datetime


class Harvests:
    """The harvests in a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, source: str, *, anew: bool = False) -> Harvest:
        """Begin to read a source, or go on where a reading was interrupted. anew: read everything again."""
        with self._database.writing() as connection:
            here = source_table.c.name == source
            row = connection.execute(source_table.select().where(here)).first()
            if row is None:
                connection.execute(insert(source_table).values(name=source, since="", position="", run=1, ended=0))
            elif anew:
                connection.execute(update(source_table).where(here).values(since="", position="", run=row.run + 1))
            elif not row.position:
                connection.execute(update(source_table).where(here).values(run=row.run + 1))
            return _harvest(connection.execute(source_table.select().where(here)).one())

    def all(self) -> list[Harvest]:
        """Every source that was read, by name."""
        with self._database.reading() as connection:
            return [_harvest(row) for row in connection.execute(source_table.select().order_by(source_table.c.name))]

    def taken(self, source: str, identifiers: Iterable[str]) -> dict[str, Taken]:
        """What is known of records of a source, by identifier."""
        names = {key_of(identifier): identifier for identifier in identifiers}
        keys = list(names)
        found: dict[str, Taken] = {}
        with self._database.reading() as connection:
            for start in range(0, len(keys), _MANY):
                table = taken_table.c
                asked = taken_table.select().where(table.source == source, table.key.in_(keys[start : start + _MANY]))
                found |= {names[row.key]: _taken(row) for row in connection.execute(asked)}
        return found

    def unseen(self, source: str, run: int) -> tuple[list[str], int]:
        """The identifiers of records that a reading did not name, and how many are known to be there in all."""
        table = taken_table.c
        there = select(table.identifier, table.run).where(
            table.source == source, table.gone.is_(False), table.barred.is_(False)
        )
        with self._database.reading() as connection:
            rows = connection.execute(there).all()
        return sorted(row.identifier for row in rows if row.run != run), len(rows)

    def submissions_of(self, source: str, record: str) -> list[tuple[str, str]]:
        """Id and state of the submissions about a record that came from a source."""
        table = submission_table.c
        asked = (
            select(table.id, table.state)
            .join(origin_table, origin_table.c.submission == table.id)
            .where(origin_table.c.source == source, table.record == record)
            .distinct()
        )
        with self._database.reading() as connection:
            return [(row.id, row.state) for row in connection.execute(asked)]

    def origin(self, submission: str, revision: int) -> Origin | None:
        """Where a revision of a submission was harvested, or the last one before it that was; None for none."""
        table = origin_table.c
        asked = origin_table.select().where(table.submission == submission, table.revision <= revision)
        with self._database.reading() as connection:
            row = connection.execute(asked.order_by(table.revision.desc()).limit(1)).first()
        if row is None:
            return None
        return Origin(row.source, row.identifier, row.datestamp, row.mapping, datetime.fromtimestamp(row.taken, UTC))


def key_of(identifier: str) -> str:
    """What stands for an identifier."""
    return sha256(identifier.encode())


def keep(connection: Connection, source: str, run: int, one: Taken) -> None:
    """Remember what a record said, in a transaction of one's own."""
    connection.execute(delete(taken_table).where(taken_table.c.source == source, taken_table.c.key == one.key))
    connection.execute(
        insert(taken_table).values(
            source=source,
            key=one.key,
            identifier=one.identifier,
            record=one.record,
            submission=one.submission,
            datestamp=one.datestamp,
            rank=one.rank,
            digest=one.digest,
            content=zlib.compress(n_quads(sorted(one.content, key=str))),
            gone=one.gone,
            barred=one.barred,
            run=run,
        )
    )


def seen(connection: Connection, source: str, run: int, keys: Collection[str]) -> None:
    """A reading came by these records, and nothing else is new about them."""
    wanted = list(keys)
    for start in range(0, len(wanted), _MANY):
        here = (taken_table.c.source == source, taken_table.c.key.in_(wanted[start : start + _MANY]))
        connection.execute(update(taken_table).where(*here).values(run=run))


def advance(connection: Connection, source: str, since: str, position: str) -> None:
    """Remember how far a source was read."""
    values = {"since": since, "position": position} | ({} if position else {"ended": now()})
    connection.execute(update(source_table).where(source_table.c.name == source).values(**values))


def add_origin(connection: Connection, submission: str, revision: int, origin: Origin) -> None:
    """Say where a revision of a submission was harvested."""
    connection.execute(
        insert(origin_table).values(
            submission=submission,
            revision=revision,
            source=origin.source,
            identifier=origin.identifier,
            datestamp=origin.datestamp,
            mapping=origin.mapping,
            taken=int(origin.taken.timestamp()),
        )
    )


def erase(connection: Connection, record: str, submissions: Collection[str], mark: re.Pattern[bytes]) -> None:
    """Forget what sources said of a record that is erased, so that it is never taken again.

    submissions: those that were blanked for it. mark: finds its address in what others say.
    """
    table = taken_table.c
    barred = {"identifier": "", "record": "", "content": _EMPTY, "digest": "", "barred": True}
    connection.execute(update(taken_table).where(table.record == record).values(**barred))
    for row in connection.execute(select(table.source, table.key, table.content)).all():
        if mark.search(zlib.decompress(row.content)):
            here = (table.source == row.source, table.key == row.key)
            connection.execute(update(taken_table).where(*here).values(content=_EMPTY, digest=""))
    gone = update(origin_table).where(origin_table.c.submission.in_(submissions))
    connection.execute(gone.values(identifier=""))


def _harvest(row: Row[tuple[object, ...]]) -> Harvest:
    ended = datetime.fromtimestamp(row.ended, UTC) if row.ended else None
    return Harvest(row.name, row.since, row.position, row.run, ended)


def _taken(row: Row[tuple[object, ...]]) -> Taken:
    content = frozenset(parse(zlib.decompress(row.content), RdfFormat.N_QUADS))
    return Taken(
        row.key, row.identifier, row.record, row.submission, row.datestamp, row.rank, row.digest, content, row.gone,
        row.barred,
    )  # fmt: skip
