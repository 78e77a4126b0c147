"""A query with its parameters written in, so that it runs as it stands, wherever it is taken."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from escrgraph.repository.lexer import placed_tokens
from escrgraph.repository.readers import Term

_OPENED_BY = {
    "CONSTRUCT": "template", "VALUES": "data", "EXISTS": "seeing", "LATERAL": "seeing", "SERVICE": "service",
}  # fmt: skip
"""What the brace after these words opens; after any other it opens a group of patterns."""

_Edit = tuple[int, int, str]
"""From where to where a text takes the place of what stands there."""


@dataclass(slots=True)
class _Group:
    """A pair of braces, or the query around all of them ("select"). start: the place after the opening one.

    uses: the parameters between them, with where they stand; those of inner groups are with these.
    """

    kind: str
    start: int
    uses: list[tuple[str, int]] = field(default_factory=list)
    inner: list[_Group] = field(default_factory=list)

    def names(self, *, deep: bool = False) -> dict[str, None]:
        """The parameters for which a group must have a value, with those of inner groups that see what is bound here.

        deep: with those of all inner groups.
        """
        names = dict.fromkeys(name for name, _ in self.uses)
        for group in self.inner:
            if deep or group.kind in {"seeing", "template"}:
                names |= group.names(deep=deep or group.kind == "seeing")
        return names


def written_out(text: str, values: Mapping[str, Term]) -> str:
    """The query as one would write it by hand: its title, then SPARQL in which VALUES gives each parameter its value.

    values: variable -> the term put in its place. A group does not see what is bound around it (SPARQL 1.1 Query,
    section 18.2), so VALUES stands in every group that uses the variable, but for EXISTS and LATERAL, which do see it;
    in SERVICE, the term itself takes the place of its variable.
    The lexer finds the places, and terms are written as N-Triples writes them: no value can change the query.
    """
    written = _with_places(text, tuple(values))
    for name, value in values.items():
        written = written.replace(_place(name), str(value))
    return written


@lru_cache(256)
def _with_places(text: str, names: tuple[str, ...]) -> str:
    """The query with a place for each value, which stays the same whatever the values."""
    body, values = _without_head(text), {name: _place(name) for name in names}
    written: list[str] = []
    done = 0
    for start, end, new in sorted(_edits(_read(body, values), values, ())):
        written += (body[done:start], new)
        done = end
    return "".join((*written, body[done:]))


def _place(name: str) -> str:
    return f"\0{name}\0"


def _without_head(text: str) -> str:
    """The text without its head, of which only the title stays, as a comment."""
    lines = text.strip().splitlines()
    start = next((index for index, line in enumerate(lines) if not line.startswith("#")), len(lines))
    title = [line.replace("# title: ", "# ") for line in lines[:start] if line.startswith("# title: ")]
    return "\n".join(title[:1] + lines[start:]) + "\n"


def _read(text: str, values: Mapping[str, str]) -> _Group:
    """The groups of a query with the parameters that each uses."""
    outside = _Group("select", 0)
    open_ = [outside]
    opens, before = "group", ""
    for kind, token, start in placed_tokens(text):
        if kind == "word":
            word = token.upper()
            opens = "group" if word == "WHERE" else _OPENED_BY.get(word, opens)
            if word == "SELECT" and before == "{" and open_[-1].kind == "group":
                open_[-1].kind = "select"
        elif (kind, token) == ("open", "{"):
            group = _Group(opens, start + 1)
            open_[-1].inner.append(group)
            open_.append(group)
            opens = "group"
        elif (kind, token) == ("close", "}") and len(open_) > 1:
            open_.pop()
        elif kind == "variable" and token[1:] in values:
            open_[-1].uses.append((token[1:], start))
        before = token
    return outside


def _edits(group: _Group, values: Mapping[str, str], asked: Iterable[str]) -> Iterator[_Edit]:
    """What to write into a group. asked: the parameters that the query around it shows or sorts by."""
    if group.kind == "service":
        yield from _in_place(group, values)
    if group.kind in {"service", "seeing"}:
        return
    names = group.names()
    if group.kind == "group":
        given = "".join(f" VALUES ?{name} {{ {values[name]} }}" for name in dict.fromkeys((*asked, *names)))
        if given:
            yield group.start, group.start, given
    for inner in group.inner:
        yield from _edits(inner, values, names if group.kind == "select" and inner.kind == "group" else ())


def _in_place(group: _Group, values: Mapping[str, str]) -> Iterator[_Edit]:
    for name, start in group.uses:
        yield start, start + 1 + len(name), values[name]
    for inner in group.inner:
        yield from _in_place(inner, values)
