"""LATERAL for servers that lack it: what is asked for each of some things is asked for one after the other.

A query says so by lines before it: `# lateral: SELECT …`, then `# each: SELECT …`, which is asked for each row of the
first with that row written in, and perhaps `# all: SELECT …`, whose blocks `VALUES (…) { }` are filled with what both
gave. What came last fills the blocks of the query itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from escrgraph.repository.errors import TooLarge
from escrgraph.repository.remote.client import Row, Table
from escrgraph.repository.remote.standard import filled

MOST = 500
"""Rows of the first that are followed."""

_LINES = re.compile(r"^# lateral: (?P<first>.+)\n# each: (?P<second>.+)\n(?:# all: (?P<third>.+)\n)?", re.MULTILINE)
_BLOCK = re.compile(r"VALUES \([^()]*\) \{ \}")


@dataclass(frozen=True, slots=True)
class Steps:
    """The questions before a query, without prefixes, and the query. third: empty where there is none."""

    query: str
    first: str
    second: str
    third: str

    def rows(self, ask: Callable[[str], Table]) -> Table:
        """What the first two give. Raises TooLarge, and what `ask` raises."""
        outer = ask(self.first)
        if len(outer.rows) > MOST:
            raise TooLarge(f"More than {MOST} things are to be gone through one by one. Ask for less at once.")
        rows: list[Row] = []
        names: tuple[str, ...] = ()
        for row in outer.rows:
            values = {name: str(term) for name, term in zip(outer.names, row, strict=True) if term is not None}
            inner = ask(filled(self.second, values))
            # A name of the first that the second shows too comes from there.
            kept = [index for index, name in enumerate(outer.names) if name not in inner.names]
            names = (*(outer.names[index] for index in kept), *inner.names)
            rows += [(*(row[index] for index in kept), *found) for found in inner.rows]
        return Table(names, rows)


def steps(text: str, values: Mapping[str, str]) -> Steps | None:
    """The steps of a query with its parameters written in, None where it has none."""
    found = _LINES.search(text)
    if found is None or not _BLOCK.search(text):
        return None
    rest = text[: found.start()] + text[found.end() :]
    return Steps(*(filled(part or "", values) for part in (rest, found["first"], found["second"], found["third"])))


def completed(text: str, block: str) -> str:
    """The query with its empty blocks filled. block: as SPARQL writes it, from VALUES to the brace at its end."""
    return _BLOCK.sub(lambda _: block, text)
