"""PostgreSQL: its one engine in a process, its errors in the repository's words, its files without what is gone."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from sqlalchemy import URL, Connection, Engine, ExceptionContext, Table, create_engine, event, make_url, text
from sqlalchemy.exc import (
    ArgumentError,
    DataError,
    DBAPIError,
    InterfaceError,
    InternalError,
    OperationalError,
    SQLAlchemyError,
)

from escrgraph.repository.addresses import VARIABLE, shown
from escrgraph.repository.errors import Malformed, RepositoryError, Unavailable

_COMPACTING = 2
"""Seconds that the rewriting of a table waits for who reads it."""

_QUIET = 10.0
"""Seconds in which the same trouble is told once."""

_ADVICE = "Nothing was acknowledged that is not kept. Ask again in a while."

_log = logging.getLogger("escrgraph.databases")
_engines: dict[tuple[int, str], Engine] = {}  # by process: a fork must not use its parent's connections
_told: dict[str, float] = {}


def checked(address: str) -> URL:
    """The parts of a PostgreSQL address. Raises ValueError when it is none, and for options that would weaken it."""
    try:
        found = make_url(address)
    except ArgumentError as error:
        raise ValueError(shown(address)) from error
    if found.drivername not in {"postgresql", "postgresql+psycopg"}:
        raise ValueError(shown(address))
    return found.set(drivername="postgresql+psycopg")


def connected(address: str) -> Engine:
    """The one engine of this process for a PostgreSQL. Raises Unavailable where its driver is not installed."""
    key = (os.getpid(), address)
    if key not in _engines:
        _engines[key] = _made(address)
    return _engines[key]


def forget() -> None:
    """Close every connection that this process keeps."""
    for (pid, _), made in list(_engines.items()):
        if pid == os.getpid():
            made.dispose()
    _engines.clear()


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


def reason(error: BaseException) -> str:
    """What the driver said, for the operator."""
    cause = error.__cause__ or error.__context__
    found = str(getattr(cause, "orig", None) or cause or error).strip()
    return " ".join(found.split())


def _made(address: str) -> Engine:
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
