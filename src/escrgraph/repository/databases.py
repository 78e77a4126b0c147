"""Where change log and curation are kept: SQLite files beside the store, or one PostgreSQL that machines share.

Here and in `postgresql` alone is told how the two differ. SQL elsewhere is what both understand.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Engine,
    Integer,
    MetaData,
    Table,
    Text,
    create_engine,
    event,
    insert,
    inspect,
    select,
    text,
    update,
)
from sqlalchemy.dialects import postgresql as dialect
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool, QueuePool

from escrgraph.repository import postgresql
from escrgraph.repository.addresses import VARIABLE, Address, shown
from escrgraph.repository.errors import RepositoryError, Unavailable, WrongStore

HEAD = "head"
"""The table of curation that is never empty: one row, made with it."""

VERSION = 1
"""Of the tables in PostgreSQL as this program makes them; it reads no newer one."""

WHOLE = BigInteger().with_variant(Integer(), "sqlite")
"""Numbers and times: PostgreSQL's INTEGER ends in 2038."""

WORDS = Text().with_variant(Text(collation="C"), "postgresql")
"""Text, in the order of its characters' numbers: digests are made in that order."""

ROWS = 50
"""Rows that are fetched together where there are many."""

WAITING = 30
"""Seconds that a machine waits for its turn to write."""

_TOGETHER = MetaData()

repository_table = Table(
    "repository",  # one row, in PostgreSQL alone: whose tables these are
    _TOGETHER,
    Column("id", WHOLE, primary_key=True, autoincrement=False),
    Column("version", WHOLE, nullable=False),
    Column("identity", WORDS, nullable=False),  # differs between any two that were ever made
    Column("base", WORDS, nullable=False),  # empty until a store first follows it
    Column("salt", WORDS, nullable=False),  # with which machines tell clients apart together, as hexadecimal digits
    Column("compacted", WHOLE, nullable=False),  # up to which redaction nothing is left in the tables' files
)

_made: set[tuple[int, str, int]] = set()


def engine(address: Address, *, read_only: bool = False, kept: int = 0) -> Engine:
    """What connections to a database come from; what they commit is on the disk. Give it back with `dispose`.

    read_only: for somebody who only reads, each time in one view of all tables. kept: how many connections to SQLite
    stay open between two uses; the last one to close brings the write-ahead log into the file, which takes longer than
    most of what is read or written. Raises Unavailable for PostgreSQL where its driver is not installed.
    """
    if isinstance(address, Path):
        return _sqlite(address, read_only, 4 if read_only else kept)
    return view(postgresql.connected(address)) if read_only else postgresql.connected(address)


def dispose(made: Engine) -> None:
    """Give back what `engine` gave. A process keeps its connections to PostgreSQL for who asks next."""
    if made.dialect.name == "sqlite":
        made.dispose()


def forget() -> None:
    """Close every connection to PostgreSQL that this process keeps."""
    postgresql.forget()
    _made.clear()


def view(made: Engine) -> Engine:
    """The same database, each transaction one view of all tables, in which nothing is changed."""
    if made.dialect.name == "sqlite":
        return made
    return made.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def shared(made: Engine | Connection) -> bool:
    """Whether other machines may write to the database too."""
    return made.dialect.name != "sqlite"


def make(made: Engine, tables: MetaData) -> None:
    """Make the tables that are missing. Processes and machines that start together may both do so.

    Raises WrongStore for tables of a newer version.
    """
    if not shared(made):
        tables.create_all(made)
        return
    key = (os.getpid(), made.url.render_as_string(hide_password=False), id(tables))
    if key in _made:
        return
    with made.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended('escrgraph tables', 0))"))
        _TOGETHER.create_all(connection)
        if connection.execute(select(repository_table.c.id)).first() is None:
            values = {"version": VERSION, "identity": secrets.token_hex(8), "base": "", "compacted": 0}
            connection.execute(insert(repository_table).values(id=1, salt=secrets.token_hex(16), **values))
        version = connection.execute(select(repository_table.c.version)).scalar_one()
        if version > VERSION:
            raise WrongStore(
                f"The tables in PostgreSQL were made by a newer version of escrgraph (their format is {version}, this "
                f"version knows {VERSION}). Install that version."
            )
        tables.create_all(connection)
    _made.add(key)


def has_table(made: Engine, name: str) -> bool:
    """Whether a database has a table."""
    return inspect(made).has_table(name)


def claimed(address: str, base: str) -> str:
    """Make a PostgreSQL that of a repository with this base; its identity, which no other ever has.

    Raises WrongStore when it is that of another base, Unavailable when it does not answer, and then says why.
    """
    try:
        made = postgresql.connected(address)
        make(made, _TOGETHER)
        with made.begin() as connection:
            free = repository_table.c.base == ""
            connection.execute(update(repository_table).where(free).values(base=base))
            row = connection.execute(select(repository_table.c.base, repository_table.c.identity)).one()
    except Unavailable as error:
        raise Unavailable(f"{error} {VARIABLE} is {shown(address)}: {postgresql.reason(error)}") from error
    if row.base != base:
        raise WrongStore(
            f"The database {shown(address)} is that of the base {row.base}, and {base} was asked for. Set "
            f"ESCRGRAPH_BASE to {row.base}, or name another database, or a schema of its own in this one "
            "(…?options=-csearch_path=name)."
        )
    return str(row.identity)


def salt(address: str) -> bytes:
    """With what machines of one repository tell clients apart, so that they count together."""
    with postgresql.connected(address).begin() as connection:
        return bytes.fromhex(connection.execute(select(repository_table.c.salt)).scalar_one())


def renewed(address: str) -> str:
    """Give a PostgreSQL another identity, because what is in it is not any more what stores were made from."""
    identity = secrets.token_hex(8)
    with postgresql.connected(address).begin() as connection:
        connection.execute(update(repository_table).values(identity=identity))
    return identity


def insert_new(connection: Connection, table: Table, rows: Sequence[Mapping[str, object]]) -> None:
    """Insert those rows that are not there yet."""
    if connection.dialect.name == "sqlite":
        connection.execute(sqlite.insert(table).on_conflict_do_nothing(), rows)
    else:
        connection.execute(dialect.insert(table).on_conflict_do_nothing(), rows)


@contextmanager
def turn(made: Engine, what: str = "") -> Iterator[None]:
    """Be the only machine that writes to the log, or does what else is named, for as long as the block lasts.

    The lock belongs to a connection of its own, so it goes when this process or its machine does. Raises Unavailable
    when another machine keeps it for WAITING seconds. SQLite has one writer by the lock on the store's directory.
    """
    if not shared(made):
        yield
        return
    with made.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        try:
            connection.execute(text(f"SET lock_timeout = '{WAITING}s'"))
            connection.execute(text(_LOCK), {"name": f"escrgraph {what}"})
            yield
        finally:
            with suppress(RepositoryError, SQLAlchemyError):  # a connection that is lost has lost its locks too
                connection.execute(text("RESET lock_timeout"))
                connection.execute(text("SELECT pg_advisory_unlock_all()"))


# Locks belong to a database, repositories to a schema.
_LOCK = "SELECT pg_advisory_lock(hashtextextended(CAST(:name AS text) || current_schema(), 0))"


def _sqlite(path: Path, read_only: bool, kept: int) -> Engine:
    def connect() -> sqlite3.Connection:
        mode = "rw" if read_only else "rwc"
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode={mode}", uri=True, check_same_thread=False)
        pragmas = ("query_only = ON",) if read_only else ("journal_mode = WAL", "synchronous = FULL")
        for pragma in ("busy_timeout = 10000", "secure_delete = ON", "foreign_keys = ON", *pragmas):
            connection.execute(f"PRAGMA {pragma}").fetchall()
        return connection

    pool: dict[str, Any] = {"poolclass": QueuePool, "pool_size": kept, "max_overflow": -1}
    made = create_engine("sqlite+pysqlite://", creator=connect, **(pool if kept else {"poolclass": NullPool}))
    event.listen(made, "begin", _begin)
    return made


def _begin(connection: Connection) -> None:
    # pysqlite begins a transaction only at the first write; reading several tables needs one view of them.
    if not connection.connection.driver_connection.in_transaction:  # type: ignore[union-attr]
        connection.exec_driver_sql("BEGIN")
