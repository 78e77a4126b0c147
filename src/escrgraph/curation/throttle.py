"""Holding back a client that does the same thing too often."""

from __future__ import annotations

import secrets

from sqlalchemy import delete, func, insert, select

from escrgraph.curation.database import Database, attempt_table, now
from escrgraph.curation.errors import TooOften

_KEPT = 86_400


class Throttle:
    """Counts what clients did lately, for all processes together. A client is a key, never an address."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def take(self, what: str, client: str, most: int, seconds: int) -> None:
        """Count one more; raises TooOften when there were `most` in the last `seconds` already."""
        table = attempt_table.c
        lately = (table.what == what, table.client == client, table.made > now() - seconds)
        with self._database.writing() as connection:
            connection.execute(delete(attempt_table).where(table.made < now() - _KEPT))
            count = connection.execute(select(func.count()).select_from(attempt_table).where(*lately)).scalar_one()
            if count < most:
                connection.execute(
                    insert(attempt_table).values(id=secrets.token_hex(8), what=what, client=client, made=now())
                )
        if count >= most:
            raise TooOften(
                f"This was done {most} times in {seconds // 60} minutes, the most there may be. Wait a while."
            )
