"""Where change log and curation are kept: SQLite files beside the store, or one PostgreSQL that machines share.

Here alone is told how the two differ. SQL elsewhere is what both understand.
"""

from __future__ import annotations

import logging
import os
import re
import secrets
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import (
    URL,
    BigInteger,
    Column,
    Connection,
    Engine,
    ExceptionContext,
    Integer,
    MetaData,
    Table,
    Text,
    create_engine,
    delete,
    event,
    insert,
    inspect,
    make_url,
    select,
    text,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import (
    ArgumentError,
    DataError,
    DBAPIError,
    InterfaceError,
    InternalError,
    OperationalError,
    SQLAlchemyError,
)
from sqlalchemy.pool import NullPool, QueuePool

from escrgraph.repository.errors import Declined, Malformed, RepositoryError, Unavailable, WrongStore

Address = Path | str
"""Where a database is: the file of one in SQLite, or the address of one in PostgreSQL (postgresql://…)."""

LOG, CURATION = "log.sqlite", "curation.sqlite"
"""The files in a store's directory, where there is no PostgreSQL."""

HEAD = "head"
"""The table of curation that is never empty: one row, made with it."""

VARIABLE = "ESCRGRAPH_DATABASE"
"""Names a PostgreSQL to the processes of a service: what a process is started with can be read by all, this cannot."""

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

_COMPACTING = 2
"""Seconds that the rewriting of a table waits for who reads it."""

_QUIET = 10.0
"""Seconds in which the same trouble is told once."""

_ADVICE = "Nothing was acknowledged that is not kept. Ask again in a while."

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

_log = logging.getLogger("escrgraph.databases")
_engines: dict[tuple[int, str], Engine] = {}  # by process: a fork must not use its parent's connections
_made: set[tuple[int, str, int]] = set()
_told: dict[str, float] = {}


def log_of(store: Path, database: str = "") -> Address:
    """Where the change log of a store is. database: the address that the settings name, if any."""
    return database or store / LOG


def curation_of(store: Path, database: str = "") -> Address:
    """Where the curation database of a store is."""
    return database or store / CURATION


def exists(address: Address) -> bool:
    """Whether there is a database to be opened; PostgreSQL is always taken to be there."""
    return isinstance(address, str) or address.is_file()


def handed(address: Address) -> str:
    """How an address is told to a process as argument: not at all when it is PostgreSQL, for it may hold a password."""
    return "" if isinstance(address, str) else str(address)


def taken(argument: str) -> Address:
    """The address that `handed` told; that of PostgreSQL is in the environment."""
    return Path(argument) if argument else os.environ[VARIABLE]


def shown(address: str) -> str:
    """The address of a database without its password, to be told to people."""
    hidden = re.sub(r"(//[^/?#@:]*):(?:[^/?#]*)@", r"\1:…@", address)
    return re.sub(r"([?&](?:ssl)?password=)[^&#]*", r"\1…", hidden)


def checked(address: str) -> URL:
    """The parts of a PostgreSQL address. Raises ValueError when it is none, and for options that would weaken it."""
    try:
        found = make_url(address)
    except ArgumentError as error:
        raise ValueError(shown(address)) from error
    if found.drivername not in {"postgresql", "postgresql+psycopg"}:
        raise ValueError(shown(address))
    return found.set(drivername="postgresql+psycopg")


def engine(address: Address, *, read_only: bool = False, kept: int = 0) -> Engine:
    """What connections to a database come from; what they commit is on the disk. Give it back with `dispose`.

    read_only: for somebody who only reads, each time in one view of all tables. kept: how many connections to SQLite
    stay open between two uses; the last one to close brings the write-ahead log into the file, which takes longer than
    most of what is read or written. Raises Unavailable for PostgreSQL where its driver is not installed.
    """
    if isinstance(address, Path):
        return _sqlite(address, read_only, 4 if read_only else kept)
    return view(_shared(address)) if read_only else _shared(address)


def dispose(made: Engine) -> None:
    """Give back what `engine` gave. A process keeps its connections to PostgreSQL for who asks next."""
    if made.dialect.name == "sqlite":
        made.dispose()


def forget() -> None:
    """Close every connection to PostgreSQL that this process keeps."""
    for (pid, _), made in list(_engines.items()):
        if pid == os.getpid():
            made.dispose()
    _engines.clear()
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
        made = _shared(address)
        make(made, _TOGETHER)
        with made.begin() as connection:
            free = repository_table.c.base == ""
            connection.execute(update(repository_table).where(free).values(base=base))
            row = connection.execute(select(repository_table.c.base, repository_table.c.identity)).one()
    except Unavailable as error:
        raise Unavailable(f"{error} {VARIABLE} is {shown(address)}: {_reason(error)}") from error
    if row.base != base:
        raise WrongStore(
            f"The database {shown(address)} is that of the base {row.base}, and {base} was asked for. Set "
            f"ESCRGRAPH_BASE to {row.base}, or name another database, or a schema of its own in this one "
            "(…?options=-csearch_path=name)."
        )
    return str(row.identity)


def salt(address: str) -> bytes:
    """With what machines of one repository tell clients apart, so that they count together."""
    with _shared(address).begin() as connection:
        return bytes.fromhex(connection.execute(select(repository_table.c.salt)).scalar_one())


def renewed(address: str) -> str:
    """Give a PostgreSQL another identity, because what is in it is not any more what stores were made from."""
    identity = secrets.token_hex(8)
    with _shared(address).begin() as connection:
        connection.execute(update(repository_table).values(identity=identity))
    return identity


def insert_new(connection: Connection, table: Table, rows: Sequence[Mapping[str, object]]) -> None:
    """Insert those rows that are not there yet."""
    if connection.dialect.name == "sqlite":
        connection.execute(sqlite.insert(table).on_conflict_do_nothing(), rows)
    else:
        connection.execute(postgresql.insert(table).on_conflict_do_nothing(), rows)


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


def compact(made: Engine, tables: Iterable[Table]) -> bool:
    """Rewrite tables of PostgreSQL without what was deleted from them. Returns whether nothing of it can be left.

    It is not when somebody still reads what was: then do it again later.
    """
    try:
        with made.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            if not _nobody_looks_back(connection):
                return False
            connection.execute(text(f"SET lock_timeout = '{_COMPACTING}s'"))
            try:
                for table in tables:
                    connection.exec_driver_sql(
                        f"VACUUM (FULL) {connection.dialect.identifier_preparer.quote(table.name)}"
                    )
            finally:
                with suppress(RepositoryError, SQLAlchemyError):
                    connection.execute(text("RESET lock_timeout"))
    except Unavailable:
        return False
    return True


def _nobody_looks_back(connection: Connection) -> bool:
    """Whether every view of the database is newer than now: rows that an older one shows survive a rewriting."""
    number = connection.execute(text("SELECT pg_current_xact_id()::xid::text")).scalar_one()
    asked = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
        "AND backend_xmin IS NOT NULL AND age(backend_xmin) > age(CAST(:number AS xid))"
    )
    until = time.monotonic() + _COMPACTING
    while connection.execute(asked, {"number": number}).scalar_one():
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def copy(sources: Sequence[tuple[Address, MetaData]], target: Address) -> None:
    """Copy every row of the tables of some databases into another one, all in one transaction.

    Raises Declined when the tables hold something there, Unavailable, or what SQLite raises for the target.
    """
    here = engine(target)
    try:
        for _, tables in sources:
            make(here, tables)
        with here.begin() as writing:
            for source, tables in sources:
                _demand_empty(writing, tables)
                _copy(source, tables, writing)
    finally:
        dispose(here)


def settle(path: Path) -> None:
    """Leave one file of a database in SQLite that nobody has open."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE").fetchall()


def _copy(source: Address, tables: MetaData, writing: Connection) -> None:
    there = engine(source, read_only=True)
    try:
        with there.connect() as reading:
            for table in tables.sorted_tables:
                if not inspect(reading).has_table(table.name):  # of a version that had none
                    continue
                found = reading.execute(table.select().execution_options(yield_per=ROWS))
                for rows in found.mappings().partitions():
                    writing.execute(insert(table), [dict(row) for row in rows])
    finally:
        dispose(there)


def _demand_empty(connection: Connection, tables: MetaData) -> None:
    """See that nothing is in tables but what is made with them, which goes."""
    for table in tables.sorted_tables:
        if table.name == HEAD:
            connection.execute(delete(table))
        elif connection.execute(table.select().limit(1)).first() is not None:
            raise Declined(
                "The database holds a change log or submissions already, and a backup overwrites nothing. "
                "Name a database that is new, or a schema of its own."
            )


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


def _shared(address: str) -> Engine:
    """The one engine of this process for a PostgreSQL."""
    key = (os.getpid(), address)
    if key not in _engines:
        _engines[key] = _postgresql(address)
    return _engines[key]


def _postgresql(address: str) -> Engine:
    # A machine that is gone is given up in seconds, on either side: its transaction and its lock go with it.
    options = {
        "application_name": "escrgraph",
        "connect_timeout": 5,
        "keepalives_idle": 5,
        "keepalives_interval": 3,
        "keepalives_count": 3,
        "tcp_user_timeout": 15_000,
    }
    url = checked(address)
    try:
        made = create_engine(
            url,
            connect_args={name: value for name, value in options.items() if name not in url.query},
            pool_size=4,
            max_overflow=-1,
            pool_pre_ping=True,
            hide_parameters=True,
        )
    except ImportError as error:
        raise Unavailable(
            f"{VARIABLE} names a PostgreSQL, and its driver is not installed: pip install 'escrgraph[postgres]'."
        ) from error
    made.dialect.do_ping = _answers  # type: ignore[method-assign]
    event.listen(made, "connect", _durable)
    event.listen(made, "handle_error", _translated, retval=True)
    return made


def _answers(dbapi_connection: Any) -> bool:
    """Whether a connection that was kept still works.

    SQLAlchemy's own way fails, instead of saying no, for one whose server crashed: it wants to change its state.
    """
    import psycopg  # noqa: PLC0415 - there only where PostgreSQL is used

    try:
        dbapi_connection.execute("SELECT 1")
        dbapi_connection.rollback()
    except psycopg.Error:
        return False
    return True


def _durable(connection: Any, _record: object) -> None:
    """See that a commit is on the server's disk before it is acknowledged, and that a lost machine's session ends."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('synchronous_commit', 'on', false) "
            "WHERE current_setting('synchronous_commit') IN ('off', 'local')"
        )
        cursor.execute("SELECT set_config(name, value, false) FROM (VALUES ('tcp_keepalives_idle', '5'),"
                       " ('tcp_keepalives_interval', '3'), ('tcp_keepalives_count', '3'),"
                       " ('tcp_user_timeout', '15000')) AS chosen (name, value)")  # fmt: skip
    connection.commit()


def _translated(context: ExceptionContext) -> BaseException | None:
    """What the server or the way to it did, as the repository says it; None for what is this program's own mistake."""
    error = context.sqlalchemy_exception
    if context.is_pre_ping or not isinstance(error, DBAPIError):
        return None
    state = getattr(error.orig, "sqlstate", None)
    if isinstance(error, DataError):
        return Malformed("What was sent holds a character, such as NUL, or a number that cannot be kept.")
    if state == "55P03":
        return Unavailable("Another machine of this repository is publishing something long. Ask again later.")
    if context.is_disconnect or isinstance(error, OperationalError | InternalError | InterfaceError):
        _tell(str(error.orig).strip().replace("\n", " "))
        return Unavailable(f"The database of this repository does not answer, or does not take it. {_ADVICE}")
    return None


def _tell(trouble: str) -> None:
    """Tell the operator, who alone may know which server it is; not for each request anew."""
    now = time.monotonic()
    if now - _told.get(trouble, -_QUIET) >= _QUIET:
        _told.clear()
        _told[trouble] = now
        _log.warning("PostgreSQL: %s", trouble)


def _reason(error: BaseException) -> str:
    cause = error.__cause__ or error.__context__
    found = str(getattr(cause, "orig", None) or cause or error).strip()
    return " ".join(found.split())
