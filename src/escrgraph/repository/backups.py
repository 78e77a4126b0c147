"""Copies of a whole store, taken while it runs, and put back while it does not."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from pyoxigraph import Store
from sqlalchemy import MetaData
from sqlalchemy.exc import SQLAlchemyError

from escrgraph.repository import copying, databases
from escrgraph.repository.addresses import CURATION, LOG
from escrgraph.repository.errors import Declined, Malformed, RepositoryError, Unavailable, WrongStore
from escrgraph.repository.exchange import CURRENT
from escrgraph.repository.formats import FILE, FOLLOWS, Mode, follow, holder, locked, read_format
from escrgraph.repository.log import METADATA, ChangeLog

NUMBER = "number"
"""In own mode, the file that holds the number of the newest generation."""


def backup(directory: Path, store: Store, target: Path, database: str = "", curation: Path | None = None) -> None:
    """Copy the store in `directory`, which this process has open, to `target`: hard-linked where the disk is the same.

    Log and store are of the same number, because nothing is written meanwhile. What is in PostgreSQL becomes SQLite in
    the copy, so that it can be put back on either. database: the address of that PostgreSQL; curation: a copy of the
    curation database that was made before, to be moved into the backup.
    Raises Declined when `target` holds something, Unavailable when it cannot be written; then nothing is left there.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise Declined(f"{target} is not empty, and a backup overwrites nothing. Name a directory that is new.")
    made = not target.exists()
    try:
        target.mkdir(parents=True, exist_ok=True)
        store.backup(str(target / CURRENT))
        if database:
            copying.copy([(database, METADATA)], target / LOG)
            copying.settle(target / LOG)
        elif (directory / LOG).exists():
            _copy_database(directory / LOG, target / LOG)
        if curation is not None:
            shutil.move(curation, target / CURATION)
        elif (directory / CURATION).exists():
            _copy_database(directory / CURATION, target / CURATION)
        for name in (NUMBER, FILE):  # the format last: a directory without one is no store
            if (directory / name).exists():
                shutil.copy2(directory / name, target / name)
    except (OSError, sqlite3.Error, SQLAlchemyError, RepositoryError) as error:
        _clear(target)
        if made:
            shutil.rmtree(target, ignore_errors=True)
        raise Unavailable(f"The backup could not be written to {target}: {error}. Nothing is left of it.") from error


def restore(source: Path, store: Path, database: str = "", further: MetaData | None = None) -> int:
    """Make `store`, which must be new or empty, from a backup. Returns the number of the newest change in it.

    database: the address of a PostgreSQL, new or empty, that gets log and curation; further: the tables of curation.
    Raises Malformed when `source` is no whole backup, WrongStore when `store` is in use, Declined when it holds data.
    """
    found = read_format(source)
    if found is None or not (source / CURRENT).is_dir():
        raise Malformed(f"{source} is no backup: it has no {FILE}, or no {CURRENT}. Name what `escrgraph backup` made.")
    if (pid := holder(store)) is not None:
        raise WrongStore(f"The store {store} is in use by a service, pid {pid}. Stop it, then restore.")
    number = _checked(source, found.mode)
    with locked(store):
        if any(entry.name not in {"lock", "runtime"} for entry in store.iterdir()):
            raise Declined(
                f"{store} holds a store already, and a backup overwrites nothing. Move it away, then restore."
            )
        try:
            shutil.copytree(source / CURRENT, store / CURRENT)
            if database:
                follow(store, _fill(database, source, found.base, further))
            for name in (NUMBER, FILE) if database else (LOG, CURATION, NUMBER, FILE):
                if (source / name).exists():
                    shutil.copy2(source / name, store / name)
        except RepositoryError:
            _clear(store)
            raise
        except OSError as error:
            _clear(store)
            raise Unavailable(f"The backup could not be copied to {store}: {error}. Nothing was restored.") from error
    return number


def _checked(source: Path, mode: Mode) -> int:
    """See that the log of a backup verifies; the number of its newest entry."""
    if mode is Mode.OWN:
        return int((source / NUMBER).read_text(encoding="ascii"))
    with ChangeLog(source / LOG) as log:
        log.verify()
        head = log.head()
    return head.number if head else 0


def _fill(database: str, source: Path, base: str, further: MetaData | None) -> str:
    """Put log and curation of a backup into a PostgreSQL that has none; what it is known by from then on."""
    databases.claimed(database, base)
    copies = [(source / LOG, METADATA)]
    if further is not None and (source / CURATION).exists():
        copies.append((source / CURATION, further))
    copying.copy(copies, database)
    return databases.renewed(database)


def _clear(directory: Path) -> None:
    for name in (CURRENT, LOG, CURATION, NUMBER, FOLLOWS, FILE):
        shutil.rmtree(directory / name, ignore_errors=True)
        (directory / name).unlink(missing_ok=True)


def _copy_database(database: Path, target: Path) -> None:
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(target)) as copy:
        source.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE").fetchall()
