"""The register: every record with its last change and its sets, in a file made from the log, at one generation.

Interfaces that page through records read it, so that a page costs the same at the beginning and at the end. A record
that is gone stays in it, with the sets that it was in.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from escrgraph.repository.changes import Action
from escrgraph.repository.errors import Unavailable

FILE = "register.sqlite"

EVERYTHING = ""
"""The set that all records are in."""

SCHEMA = """
CREATE TABLE state (
  record TEXT PRIMARY KEY, position INTEGER NOT NULL UNIQUE, number INTEGER NOT NULL, time INTEGER NOT NULL,
  stamp INTEGER NOT NULL, created INTEGER NOT NULL, action TEXT NOT NULL, successor TEXT
) WITHOUT ROWID;
CREATE TABLE member (
  name TEXT NOT NULL, position INTEGER NOT NULL, record TEXT NOT NULL, mentions INTEGER NOT NULL,
  PRIMARY KEY (name, position)
) WITHOUT ROWID;
CREATE INDEX member_by_record ON member (record);
CREATE TABLE moment (stamp INTEGER PRIMARY KEY, position INTEGER NOT NULL);
CREATE TABLE made (generation INTEGER NOT NULL, position INTEGER NOT NULL, digest TEXT NOT NULL);
"""
"""mentions: how many quads of a record speak for the set. moment: each stamp, with the position of the last record
change that got it. made: the entry up to which the register goes."""


@dataclass(frozen=True, slots=True)
class State:
    """A record as the register knows it.

    position: of its last change in the log. time: of that change; stamp: the same, or later when readers saw the change
    much later; created: when it was first made. action: what the last change did; successor: its record now, when
    renamed. sets: those it is in, or was in.
    """

    record: str
    position: int
    number: int
    time: datetime
    stamp: datetime
    created: datetime
    action: Action
    successor: str | None
    sets: tuple[str, ...] = ()

    @property
    def gone(self) -> bool:
        """Whether the record is withdrawn or renamed."""
        return self.action in (Action.WITHDRAWN, Action.RENAMED)


@dataclass(frozen=True, slots=True)
class Span:
    """A part of the register: after a position, and within two moments (inclusive, by stamp)."""

    after: int = 0
    start: datetime | None = None
    end: datetime | None = None


class Register:
    """The register, to be read. Raises Unavailable, from every method, while there is none."""

    def __init__(self, directory: Path) -> None:
        """directory: where it is, or will be."""
        self._path = directory / FILE

    @contextmanager
    def view(self) -> Iterator[View]:
        """The register at one generation, whatever is written meanwhile."""
        try:
            connection = sqlite3.connect(f"{self._path.absolute().as_uri()}?mode=ro", uri=True, timeout=10)
        except sqlite3.Error:
            raise _unavailable() from None
        with closing(connection):
            try:
                connection.execute("BEGIN")
                made = connection.execute("SELECT generation FROM made").fetchone()
            except sqlite3.Error:
                raise _unavailable() from None
            if made is None:
                raise _unavailable()
            yield View(connection, made[0])


class View:
    """The register at one generation."""

    def __init__(self, connection: sqlite3.Connection, generation: int) -> None:
        self.generation = generation
        self._connection = connection

    def states(self, name: str = EVERYTHING, span: Span = Span(), limit: int = 100) -> list[State]:
        """The records of a set in the order of their last changes, oldest first; gone ones among them."""
        first, last = self._positions(span)
        return self._read(
            name, "AND {0}.position > ? AND {0}.position <= ? ORDER BY {0}.position LIMIT ?", first, last, limit
        )

    def newest(self, name: str = EVERYTHING, before: int | None = None, limit: int = 50) -> list[State]:
        """The records of a set, the one changed last first; from below a position when it is given."""
        top = (1 << 62) if before is None else before
        return self._read(name, "AND {0}.position < ? ORDER BY {0}.position DESC LIMIT ?", top, limit)

    def state(self, record: str) -> State | None:
        """One record, None when the register does not know it."""
        found = _states(self._connection.execute(f"{_STATE} AND state.record = ?", (record,)))
        return found[0] if found else None

    def sets(self) -> list[str]:
        """The names of all sets."""
        # One step of the index for each name, instead of one for each member.
        asked = """
        WITH RECURSIVE names (name) AS (
          SELECT MIN(name) FROM member
          UNION ALL SELECT (SELECT MIN(name) FROM member WHERE name > names.name) FROM names WHERE name IS NOT NULL
        ) SELECT name FROM names WHERE name IS NOT NULL"""
        return [name for (name,) in self._connection.execute(asked)]

    def first(self) -> datetime | None:
        """The earliest stamp there is, None of an empty register."""
        found = self._connection.execute("SELECT MIN(stamp) FROM moment").fetchone()[0]
        return None if found is None else datetime.fromtimestamp(found, UTC)

    def slots(self, size: int) -> list[tuple[int, datetime]]:
        """Where to cut all living records, in the order of their addresses, into parts of `size`.

        Returns how many parts there are as pairs: the number of a part from 1, and the time of the last change in it.
        """
        living = """
        SELECT time, (ROW_NUMBER() OVER (ORDER BY record) - 1) / ? + 1 AS part
        FROM state WHERE action NOT IN ('withdrawn', 'renamed')"""
        asked = f"SELECT part, MAX(time) FROM ({living}) GROUP BY part ORDER BY part"  # noqa: S608 - no text from outside
        return [(part, datetime.fromtimestamp(time, UTC)) for part, time in self._connection.execute(asked, (size,))]

    def living(self, limit: int, offset: int = 0) -> list[tuple[str, datetime]]:
        """Records that are there, in the order of their addresses, with the time of their last change."""
        asked = """
        SELECT record, time FROM state WHERE action NOT IN ('withdrawn', 'renamed') ORDER BY record LIMIT ? OFFSET ?"""
        rows = self._connection.execute(asked, (limit, offset))
        return [(record, datetime.fromtimestamp(time, UTC)) for record, time in rows]

    def changed(self, name: str = EVERYTHING) -> datetime | None:
        """When a record of a set was last changed, None for a set that is not."""
        found = self.newest(name, limit=1)
        return found[0].time if found else None

    def _positions(self, span: Span) -> tuple[int, int]:
        """The positions of a span: above the first, up to the last."""
        first, last = span.after, 1 << 62
        if span.start is not None:
            before = "SELECT position FROM moment WHERE stamp < ? ORDER BY stamp DESC LIMIT 1"
            first = max(first, self._one(before, int(span.start.timestamp())))
        if span.end is not None:
            up_to = "SELECT position FROM moment WHERE stamp <= ? ORDER BY stamp DESC LIMIT 1"
            last = self._one(up_to, int(span.end.timestamp()))
        return first, last

    def _one(self, asked: str, value: int) -> int:
        found = self._connection.execute(asked, (value,)).fetchone()
        return int(found[0]) if found else 0

    def _read(self, name: str, rest: str, *values: int) -> list[State]:
        if name == EVERYTHING:
            rows = self._connection.execute(_STATE + rest.format("state"), values)
        else:
            rows = self._connection.execute(_STATE_OF_SET + rest.format("member"), (name, *values))
        return _states(rows)


def _states(rows: Iterable[tuple[str, int, int, int, int, int, str, str | None, str | None]]) -> list[State]:
    found = []
    for record, position, number, time, stamp, created, action, successor, sets in rows:
        changed, stamped, first = (datetime.fromtimestamp(moment, UTC) for moment in (time, stamp, created))
        names = tuple(sets.split(" ")) if sets else ()
        found.append(State(record, position, number, changed, stamped, first, Action(action), successor, names))
    return found


_COLUMNS = (
    "state.record, state.position, state.number, state.time, state.stamp, state.created, state.action, state.successor,"
    " (SELECT GROUP_CONCAT(name, ' ') FROM"
    " (SELECT m.name FROM member AS m WHERE m.record = state.record ORDER BY m.name))"
)
_STATE = f"SELECT {_COLUMNS} FROM state WHERE TRUE "  # noqa: S608 - no text from outside
_STATE_OF_SET = f"SELECT {_COLUMNS} FROM member CROSS JOIN state ON state.record = member.record WHERE member.name = ? "  # noqa: S608


def _unavailable() -> Unavailable:
    return Unavailable("The register of records is being made. Try again in a moment.")
