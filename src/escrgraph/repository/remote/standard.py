"""Queries as any SPARQL 1.1 server takes them: parameters written in, and graphs asked for as tables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from escrgraph.repository.errors import Declined
from escrgraph.repository.lexer import placed_tokens

_Token = tuple[str, str, int]

_EMPTY_GROUP = re.compile(r"\bGROUP\s+BY\s*($|[}]|HAVING|ORDER|LIMIT|OFFSET)")
_CLAUSES = frozenset({"SELECT", "WHERE", "GROUP", "HAVING", "ORDER", "LIMIT", "OFFSET", "FROM", "VALUES"})


@dataclass(frozen=True, slots=True)
class Form:
    """The parts of a query. prologue: BASE and PREFIX; kind: SELECT, ASK, CONSTRUCT or DESCRIBE; template: of a
    CONSTRUCT, with its braces; asked: what a DESCRIBE names; rest: from WHERE to the end, without FROM clauses.

    default, named: the graphs of its FROM clauses; None where it has none.
    """

    prologue: str
    kind: str
    template: str
    asked: tuple[str, ...]
    rest: str
    default: tuple[str, ...] | None
    named: tuple[str, ...] | None

    def variables(self) -> tuple[str, ...]:
        """The variables of the template, each once."""
        found = (part for kind, part, _ in placed_tokens(self.template) if kind == "variable")
        return tuple(dict.fromkeys("?" + part[1:] for part in found))


def filled(text: str, values: Mapping[str, str]) -> str:
    """The query with terms in the place of its parameters, which are free variables of it.

    values: variable -> term as N-Triples writes it. What SELECT and GROUP BY name of them is left out there; the
    outermost SELECT gives the terms under the names of the variables.
    """
    if not values:
        return text
    written: list[str] = []
    done = 0
    for start, end, new in _edits(list(placed_tokens(text)), values):
        written += (text[done:start], new)
        done = end
    return _EMPTY_GROUP.sub(r"\1", "".join((*written, text[done:])))


def formed(text: str, base: str | None = None) -> Form:
    """The parts of a query that is SPARQL 1.1. Raises Declined where they cannot be told apart."""
    tokens = list(placed_tokens(text))
    words = [(i, part.upper()) for i, (kind, part, _) in enumerate(tokens) if kind == "word"]
    found = next(((i, word) for i, word in words if word in {"SELECT", "ASK", "CONSTRUCT", "DESCRIBE"}), None)
    if found is None:
        raise Declined("The query neither selects, asks, constructs nor describes.")
    at, kind = found
    head = text[: tokens[at][2]]
    prologue = f"BASE <{base}>\n{head}" if base is not None else head
    index, template = at + 1, ""
    asked: tuple[str, ...] = ()
    if kind == "CONSTRUCT" and index < len(tokens) and tokens[index][1] == "{":
        close = _closing(tokens, index)
        template = text[tokens[index][2] : tokens[close][2] + 1]
        index = close + 1
    if kind == "DESCRIBE":
        asked, index = _described(tokens, index)
    clauses = _from_clauses(tokens, index)
    rest = _without(text, tokens, index, clauses)
    default, named = _graphs(tokens, clauses)
    if kind == "CONSTRUCT" and not template:  # the short form: the pattern is the template
        opening = rest.index("{")
        template = rest[opening : rest.rindex("}") + 1]
    return Form(prologue, kind, template, asked, rest, default, named)


def _edits(tokens: list[_Token], values: Mapping[str, str]) -> Iterator[tuple[int, int, str]]:
    """From where to where a text takes the place of what stands there, in order."""
    clause, rounds = "", [0]  # how many round brackets are open in each pair of braces around a place
    for kind, part, start in tokens:
        if kind == "word" and part.upper() in _CLAUSES:
            clause = part.upper()
        elif part == "{" and kind == "open":
            rounds.append(0)
            clause = ""
        elif part == "}" and kind == "close":
            del rounds[1 if len(rounds) == 1 else -1 :]
            clause = ""
        elif kind in {"open", "close"} and part in "()":
            rounds[-1] += 1 if kind == "open" else -1
        elif kind == "variable" and part[1:] in values:
            end, value = start + len(part), values[part[1:]]
            if clause in {"SELECT", "GROUP", "ORDER"} and not rounds[-1]:
                outermost = clause == "SELECT" and len(rounds) == 1
                yield start, end, f"({value} AS ?{part[1:]})" if outermost else ""
            else:
                yield start, end, value


def _closing(tokens: list[_Token], opening: int) -> int:
    depth = 0
    for index in range(opening, len(tokens)):
        kind, part, _ = tokens[index]
        depth += (kind == "open" and part == "{") - (kind == "close" and part == "}")
        if depth == 0:
            return index
    raise Declined("The template of the query has no end.")


def _described(tokens: list[_Token], index: int) -> tuple[tuple[str, ...], int]:
    asked = []
    while index < len(tokens):
        kind, part, _ = tokens[index]
        if kind not in {"iri", "name", "variable"} and part != "*":
            break
        asked.append("?" + part[1:] if kind == "variable" else part)
        index += 1
    return tuple(asked), index


def _from_clauses(tokens: list[_Token], index: int) -> list[tuple[int, int, bool]]:
    """Where FROM clauses stand before the first brace: first part, the one of the graph, whether NAMED."""
    found = []
    while index < len(tokens) and tokens[index][1] != "{":
        kind, part, _ = tokens[index]
        if kind == "word" and part.upper() == "FROM":
            named = tokens[index + 1][1].upper() == "NAMED"
            graph = index + (2 if named else 1)
            found.append((index, graph, named))
            index = graph
        index += 1
    return found


def _without(text: str, tokens: list[_Token], first: int, clauses: list[tuple[int, int, bool]]) -> str:
    """The text from a part on, without FROM clauses."""
    done = tokens[first][2] if first < len(tokens) else len(text)
    written = []
    for begin, graph, _ in clauses:
        written.append(text[done : tokens[begin][2]])
        done = tokens[graph][2] + len(tokens[graph][1])
    return "".join((*written, text[done:]))


def _graphs(
    tokens: list[_Token], clauses: list[tuple[int, int, bool]]
) -> tuple[tuple[str, ...] | None, tuple[str, ...] | None]:
    if not clauses:
        return None, None
    prefixes = _prefixes(tokens)
    default = tuple(_iri(tokens[graph], prefixes) for _, graph, named in clauses if not named)
    named_ = tuple(_iri(tokens[graph], prefixes) for _, graph, named in clauses if named)
    return default, named_


def _prefixes(tokens: list[_Token]) -> dict[str, str]:
    found = {}
    for (kind, part, _), (_, name, _), (_, iri, _) in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if kind == "word" and part.upper() == "PREFIX" and name.endswith(":"):
            found[name] = iri[1:-1]
    return found


def _iri(part: _Token, prefixes: Mapping[str, str]) -> str:
    kind, text, _ = part
    if kind == "iri":
        return text[1:-1]
    prefix, colon, local = text.partition(":")
    return prefixes.get(prefix + colon, "") + local
