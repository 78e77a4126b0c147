"""Patterns of a query that nothing joins, so that every answer of one meets every answer of the other.

Read off the tokens, without parsing: a hint for people whose query ran out of time, not a proof. Where in doubt, two
patterns count as joined: a filter over both, a UNION, an OPTIONAL that mentions both.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from escrgraph.repository.lexer import placed_tokens

LONGEST = 20_000
"""Characters of a text that is looked at."""

_BEGINS = {"FILTER", "BIND", "VALUES", "OPTIONAL", "MINUS", "GRAPH", "SERVICE", "LATERAL"}
_IN_BRACKETS = {"FILTER", "BIND"}


@dataclass(frozen=True, slots=True)
class Unjoined:
    """Two variables that no pattern relates. line, column: where the pattern of the second begins, from 1."""

    first: str
    second: str
    line: int
    column: int


@dataclass(slots=True)
class _Part:
    """Patterns that stand together. names: variable -> where it first stands; groups: those that belong to them."""

    word: str = ""
    names: dict[str, int] = field(default_factory=dict)
    groups: list[_Group] = field(default_factory=list)

    def add(self, names: dict[str, int]) -> None:
        """Mention variables; the first place of each counts."""
        for name, start in names.items():
            self.names[name] = min(start, self.names.get(name, start))

    @property
    def start(self) -> int:
        """Where the first variable stands."""
        return min(self.names.values())


@dataclass(slots=True)
class _Group:
    """What stands between two braces. projected: what a subquery lets through; None for all, and for plain groups."""

    parts: list[_Part] = field(default_factory=list)
    subquery: bool = False
    projected: set[str] | None = None

    def names(self) -> dict[str, int]:
        """The variables that are seen around it."""
        every = {name: start for part in self.parts for name, start in part.names.items()}
        return every if self.projected is None else {n: s for n, s in every.items() if n in self.projected}


def unjoined(text: str) -> Unjoined | None:
    """The first two patterns of a query that nothing joins; None when all are joined, or the text is very long."""
    if len(text) > LONGEST:
        return None
    gap = _gap(_Reader(text).query(), set())
    if gap is None:
        return None
    first, second = gap
    return Unjoined(_first(first), _first(second), *place(text, second.start))


def place(text: str, offset: int) -> tuple[int, int]:
    """Line and column of a character of a text, both from 1."""
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


class _Reader:
    """Turns tokens into groups. Text that is no SPARQL gives groups all the same."""

    def __init__(self, text: str) -> None:
        self._tokens = list(placed_tokens(text))
        self._at = 0

    def query(self) -> _Group:
        """A query or subquery, up to its end or its closing brace."""
        projected: set[str] | None = None
        body = _Group()
        for kind, piece, _ in self._until_brace():
            if kind == "word" and piece.upper() == "SELECT":
                projected = set()
            elif piece == "*":
                projected = None
            elif kind == "variable" and projected is not None:
                projected.add(_named(piece))
            if piece == "{":
                template = self._at > 1 and self._tokens[self._at - 2][1].upper() == "CONSTRUCT"
                body = self._group()
                if not template:
                    break
        for _ in self._until_end():  # GROUP BY and the like join nothing
            pass
        return _Group(body.parts, subquery=True, projected=projected)

    def _group(self) -> _Group:
        """What stands between two braces, of which the first has been read."""
        if self._word() == "SELECT":
            return self.query()
        group, part, brackets = _Group(), None, 0
        for kind, piece, start in self._rest():
            word = piece.upper() if kind == "word" else ""
            if piece == "}":
                break
            if piece == "{":
                part = part if part is not None and part.word else _begin(group)
                inner = self._group()
                part.groups.append(inner)
                part.add(inner.names())
                part.word = self._word()
                part = part if part.word == "UNION" else None
            elif word in _BEGINS:
                part = _begin(group, word)
            elif piece == "." and not brackets:
                part = None
            elif kind in {"open", "close"}:
                brackets += 1 if kind == "open" else -1
                if part is not None and part.word in _IN_BRACKETS and not brackets:
                    part = None
            elif kind == "variable" or piece.startswith("_:"):
                part = part if part is not None else _begin(group)
                part.add({_named(piece): start})
        return group

    def _rest(self) -> Iterator[tuple[str, str, int]]:
        while self._at < len(self._tokens):
            self._at += 1
            yield self._tokens[self._at - 1]

    def _until_brace(self) -> Iterator[tuple[str, str, int]]:
        """The tokens of a head; stops before a brace that ends the query."""
        while self._at < len(self._tokens) and self._tokens[self._at][1] != "}":
            self._at += 1
            yield self._tokens[self._at - 1]

    def _until_end(self) -> Iterator[tuple[str, str, int]]:
        """The tokens behind the WHERE of a query, with the brace that ends a subquery."""
        deep = 0
        for found in self._rest():
            deep += {"{": 1, "}": -1}.get(found[1], 0)
            if deep < 0:
                return
            yield found

    def _word(self) -> str:
        """The keyword that comes next; empty when something else does."""
        kind, piece, _ = self._tokens[self._at] if self._at < len(self._tokens) else ("", "", 0)
        return piece.upper() if kind == "word" else ""


def _begin(group: _Group, word: str = "") -> _Part:
    part = _Part(word)
    group.parts.append(part)
    return part


def _gap(group: _Group, around: set[str]) -> tuple[_Part, _Part] | None:
    """Two parts of a group, or of one inside it, that nothing joins. around: variables that the group finds bound."""
    for part in group.parts:
        others = around.union(*(other.names for other in group.parts if other is not part))
        for inner in part.groups:
            found = _gap(inner, set() if inner.subquery else others)
            if found is not None:
                return found
    joined: list[_Part] = []
    for part in group.parts:
        if not part.names:
            continue
        whole = _Part(names=dict(part.names))
        apart = []
        for other in joined:
            if _meet(other, whole, around):
                whole.add(other.names)
            else:
                apart.append(other)
        joined = [*apart, whole]
    joined.sort(key=lambda part: part.start)
    return (joined[0], joined[1]) if len(joined) > 1 else None


def _meet(one: _Part, other: _Part, around: set[str]) -> bool:
    """Whether two parts share a variable, or what is around the group relates both."""
    return bool(one.names.keys() & other.names or (around & one.names.keys() and around & other.names.keys()))


def _first(part: _Part) -> str:
    return min(part.names, key=lambda name: part.names[name])


def _named(piece: str) -> str:
    return piece if piece.startswith("_:") else "?" + piece[1:]
