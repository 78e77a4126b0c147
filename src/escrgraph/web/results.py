"""Result tables for people: some rows of an answer as it streams by, read without an RDF parser.

The cells come from SPARQL TSV (for solutions) and N-Triples (for graphs), where a line is a row.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from escrgraph.repository.errors import TooLarge
from escrgraph.vocabulary.namespaces import XSD

ROWS = 500
"""How many rows a page shows; it says so when there are more, where they are, and where the whole answer is."""

BYTES = 4 << 20
"""How much of an answer a page shows, should the rows be long."""

_LITERAL = re.compile(r'"((?:[^"\\]|\\.)*)"(?:@([A-Za-z0-9-]+)|\^\^<([^>]*)>)?', re.DOTALL)
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))", re.DOTALL)
_BARE = re.compile(
    r"(?P<integer>[+-]?[0-9]+)|(?P<decimal>[+-]?[0-9]*\.[0-9]+)|(?P<double>[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)[eE][+-]?[0-9]+)"
    r"|(?P<boolean>true|false)"
)
_CONTROLS = {"t": "\t", "n": "\n", "r": "\r", "b": "\b", "f": "\f"}


@dataclass(frozen=True, slots=True)
class Cell:
    """One term. text: what people read; iri: where it leads; language: of a text; datatype: its IRI."""

    text: str
    iri: str | None = None
    language: str | None = None
    datatype: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """Some rows of an answer. more: whether others follow; start: how many go before."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    more: bool
    start: int = 0

    @property
    def whole(self) -> bool:
        """Whether this is all of the answer."""
        return not self.more and not self.start


def read_solutions(chunks: Iterable[bytes], limit: int = ROWS, start: int = 0) -> Table:
    """Rows of solutions in SPARQL TSV (SPARQL 1.1 Query Results CSV and TSV Formats, section 4).

    limit: how many at most; start: how many are passed over before.
    """
    lines = _lines(chunks)
    columns = tuple(name.removeprefix("?") for name in next(lines, "").split("\t") if name)
    read = _take(islice(lines, start, None), limit, lambda line: tuple(map(_cell, line.split("\t"))) if columns else ())
    return Table(columns, *read, start)


def read_graph(chunks: Iterable[bytes], limit: int = ROWS, start: int = 0) -> Table:
    """Triples of a graph in N-Triples. limit, start: as for read_solutions."""
    lines = (line for line in _lines(chunks) if line)
    return Table(("subject", "predicate", "object"), *_take(islice(lines, start, None), limit, _triple), start)


def _take(
    lines: Iterator[str], limit: int, read: Callable[[str], tuple[Cell, ...]]
) -> tuple[tuple[tuple[Cell, ...], ...], bool]:
    rows: list[tuple[Cell, ...]] = []
    size = 0
    for line in lines:
        size += len(line)
        if len(rows) == limit or size > BYTES:
            return tuple(rows), True
        rows.append(read(line))
    return tuple(rows), False


def _triple(line: str) -> tuple[Cell, ...]:
    return tuple(map(_cell, line.removesuffix(" .").split(" ", 2)))


def _lines(chunks: Iterable[bytes]) -> Iterator[str]:
    """The lines of a text in chunks. An empty line is a row too: of one unbound variable, or of none."""
    rest = b""
    for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            yield line.decode()
        if len(rest) > BYTES:
            raise TooLarge(f"A row of the answer is longer than {BYTES:,} bytes, too long for a page. Take it as CSV.")
    if rest:
        yield rest.decode()


def _cell(source: str) -> Cell:
    if source.startswith("<") and source.endswith(">") and not source.startswith("<<"):
        iri = _unescaped(source[1:-1])
        return Cell(iri, iri=iri if iri.startswith(("http://", "https://")) else None)
    literal = _LITERAL.fullmatch(source)
    if literal:
        return Cell(_unescaped(literal[1]), language=literal[2], datatype=literal[3])
    bare = _BARE.fullmatch(source)
    return Cell(source, datatype=XSD + bare.lastgroup) if bare and bare.lastgroup else Cell(source)


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(_character, text) if "\\" in text else text


def _character(match: re.Match[str]) -> str:
    code = match[1] or match[2]
    if code:
        number = int(code, 16)
        return chr(number) if number <= 0x10FFFF else match[0]
    return _CONTROLS.get(match[3], match[3])
