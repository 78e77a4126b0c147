"""The search inside SPARQL: a SERVICE clause of this library's own is replaced by what the index finds, as VALUES.

SPARQL 1.1 Federated Query gives the syntax; nothing is sent anywhere. Every other SERVICE stays as it is, and declined.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from pyoxigraph import Literal, RdfFormat, parse

from escrgraph.repository.errors import Malformed, Unavailable
from escrgraph.repository.lexer import placed_tokens
from escrgraph.search.asking import Found, Selection
from escrgraph.vocabulary.iris import TYPES, Base
from escrgraph.vocabulary.namespaces import ESCR

SERVICE = ESCR + "search"
"""The address that stands for the index in a SERVICE clause."""

TERMS = SERVICE + "#"
"""Where the properties inside it begin."""

LONGEST = 200_000
"""Characters of a query in which clauses are looked for."""

USUAL, MOST = 100, 10_000
"""Records that a clause gives when it names no limit, and the most that the clauses of a query give together."""

EXAMPLE = (
    f"PREFIX search: <{TERMS}> … SERVICE <{SERVICE}> "
    '{ ?record search:query "budget health" ; search:score ?score ; search:limit 50 }'
)

_PRESENT = re.compile(r"service", re.IGNORECASE)

Token = tuple[str, str, int]
Ask = Callable[[Selection, int], Found]
"""Finds the records of a selection, best first, at most so many."""


@dataclass(slots=True)
class _Clause:
    """One clause. start, end: where it stands in the text; variables: what each stands for ("score", "total")."""

    start: int
    end: int = 0
    silent: bool = False
    record: str = ""
    text: str = ""
    types: list[str] = field(default_factory=list)
    limit: int = USUAL
    variables: dict[str, str] = field(default_factory=dict)


def with_search(query: str, base: Base, ask: Ask) -> str:
    """The query with each clause for the index replaced by what it finds; any other query as it is.

    Lines keep their numbers. Raises Malformed for a clause that says something else than EXAMPLE shows, and what `ask`
    raises; of a SILENT clause it is left out then, as the specification has it.
    """
    if len(query) > LONGEST or "search" not in query or not _PRESENT.search(query):
        return query
    clauses = list(_Reader(query).clauses())
    if sum(clause.limit for clause in clauses) > MOST:
        raise Malformed(f"The search clauses ask for more than {MOST:,} records together. Lower search:limit.")
    written, done = [], 0
    for clause in clauses:
        lines = "\n" * query.count("\n", clause.start, clause.end)
        written += [query[done : clause.start], _values(clause, base, ask), lines, " }"]
        done = clause.end
    return "".join((*written, query[done:]))


def _values(clause: _Clause, base: Base, ask: Ask) -> str:
    try:
        found = ask(Selection(clause.text, tuple(clause.types)), clause.limit)
    except Unavailable:
        if clause.silent:
            return "{"
        raise
    columns: Mapping[str, Callable[[float], str]] = {
        "score": lambda score: f"{score:.4e}",
        "total": lambda _: str(found.total),
    }
    names = [name for name in columns if name in clause.variables]
    head = " ".join([clause.record, *(clause.variables[name] for name in names)])
    rows = (
        " ".join([f"<{base.record_iri(hit.record)}>", *(columns[name](hit.score) for name in names)])
        for hit in found.hits
    )
    return f"{{ VALUES ({head}) {{ {' '.join(f'({row})' for row in rows)} }}"


class _Reader:
    """Reads the clauses of one query, token by token."""

    def __init__(self, query: str) -> None:
        self._query = query
        self._tokens = list(placed_tokens(query))
        self._prefixes = dict(self._declared())

    def clauses(self) -> Iterator[_Clause]:
        """The clauses for the index, in order."""
        at = 0
        while at < len(self._tokens):
            kind, token, start = self._tokens[at]
            at += 1
            if kind != "word" or token.upper() != "SERVICE":
                continue
            silent = self._is_word(at, "SILENT")
            at += silent
            if at < len(self._tokens) and self._iri(self._tokens[at]) == SERVICE:
                clause = _Clause(start, silent=silent)
                at = self._body(at + 1, clause)
                yield clause

    def _declared(self) -> Iterator[tuple[str, str]]:
        for (kind, word, _), (_, name, _), (_, iri, _) in zip(
            self._tokens, self._tokens[1:], self._tokens[2:], strict=False
        ):
            if kind == "word" and word.upper() == "PREFIX" and iri.startswith("<"):
                yield name, iri[1:-1]

    def _is_word(self, at: int, word: str) -> bool:
        return at < len(self._tokens) and self._tokens[at][:2][0] == "word" and self._tokens[at][1].upper() == word

    def _iri(self, token: Token) -> str | None:
        kind, text, _ = token
        if kind == "iri":
            return text[1:-1]
        prefix, colon, local = text.partition(":")
        known = self._prefixes.get(prefix + colon) if kind == "name" else None
        return None if known is None else known + local

    def _body(self, at: int, clause: _Clause) -> int:
        """Read what stands between the braces. Returns the place of the token after them."""
        end = at
        while end < len(self._tokens) and self._tokens[end][1] != "}":
            end += 1
        if end == len(self._tokens) or self._tokens[at][1] != "{":
            raise self._wrong(clause.start, "has no { … } of its own")
        clause.end = self._tokens[end][2] + 1
        inside = [token for token in self._tokens[at + 1 : end] if token[0] != "tag"]
        if len(inside) < 3 or inside[0][0] != "variable":
            raise self._wrong(clause.start, "says nothing about a variable")
        clause.record = inside[0][1]
        rest = inside[1:]
        while rest and rest[0][1] not in {".", ";"}:
            if len(rest) < 2:
                raise self._wrong(rest[0][2], "ends after a property")
            self._pair(clause, rest[0], rest[1])
            rest = rest[2:]
            while rest and rest[0][1] == ";":
                rest = rest[1:]
        if [token for token in rest if token[1] != "."]:
            raise self._wrong(rest[0][2], "says something about more than one thing")
        if not clause.text:
            raise self._wrong(clause.start, "has no search:query")
        return end + 1

    def _pair(self, clause: _Clause, name: Token, value: Token) -> None:
        iri, (kind, text, place) = self._iri(name), value
        known = (iri or "").removeprefix(TERMS)
        if known == "query" and kind == "string":
            clause.text = _string(text)
        elif known == "type" and kind == "string" and _string(text) in TYPES:
            clause.types.append(_string(text))
        elif known == "limit" and kind == "number" and text.isdecimal() and 1 <= int(text) <= MOST:
            clause.limit = int(text)
        elif known in {"score", "total"} and kind == "variable":
            clause.variables[known] = text
        else:
            raise self._wrong(
                place,
                "takes search:query and search:type with a text each (types are words such as “resource”), "
                f"search:limit with a number up to {MOST:,}, search:score and search:total with a variable each",
            )

    def _wrong(self, place: int, problem: str) -> Malformed:
        before = self._query[:place]
        line, column = before.count("\n") + 1, place - (before.rfind("\n") + 1) + 1
        return Malformed(
            f"Line {line}, column {column}: the search clause {problem}. Write it so: {EXAMPLE}", line, column
        )


def _string(token: str) -> str:
    """The text that a string of SPARQL stands for; Turtle writes it the same."""
    (triple,) = parse(f"<s:> <p:> {token} .", RdfFormat.TURTLE)
    return triple.object.value if isinstance(triple.object, Literal) else ""
