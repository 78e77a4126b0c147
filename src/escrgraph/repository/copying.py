"""Copying the tables of one database into another, whichever kind the two are."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection, MetaData, delete, insert, inspect

from escrgraph.repository.addresses import Address
from escrgraph.repository.databases import HEAD, ROWS, dispose, engine, make
from escrgraph.repository.errors import Declined


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
