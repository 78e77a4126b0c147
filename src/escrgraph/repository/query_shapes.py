"""The shape of a query: what it does, without what it is about, so that it may be written into a log."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from escrgraph.repository.lexer import tokens
from escrgraph.vocabulary.namespaces import PREFIXES

LONGEST = 1_000
"""Characters of a shape that are kept."""

_ANY_IRI, _ANY_TEXT, _ANY_NUMBER = "<…>", "“…”", "0"


def shape(text: str) -> str:
    """A query or update with every value taken out: texts, numbers, and names of what is no term of a vocabulary.

    Variables are numbered in the order in which they come, so that queries that differ in names alone have one shape.
    What is no SPARQL has a shape too, and every shape is one line of printable characters.
    """
    found = " ".join(_words(text))[:LONGEST]
    return found if found.isprintable() else "".join(c if c.isprintable() else "·" for c in found)


def _words(text: str) -> Iterator[str]:
    variables: dict[str, str] = {}
    declared: dict[str, str] = {}
    prefix: str | None = None  # of a declaration that is being read, "" before its name came
    for kind, token in tokens(text):
        if kind == "word" and token.upper() == "PREFIX":
            prefix = ""
        elif prefix == "" and kind == "name":
            prefix = token
        elif prefix is not None and kind == "iri":
            declared[prefix], prefix = token[1:-1], None
        elif kind == "variable":
            yield variables.setdefault(token[1:], f"?{len(variables) + 1}")
        elif kind == "iri":
            yield token if _is_term(token[1:-1]) else _ANY_IRI
        elif kind == "name":
            yield token if _is_term(_expanded(token, declared)) else _ANY_IRI
        elif kind in ("string", "number"):
            yield _ANY_TEXT if kind == "string" else _ANY_NUMBER
        else:
            yield token


def _expanded(name: str, declared: Mapping[str, str]) -> str:
    prefix, colon, local = name.partition(":")
    return declared.get(prefix + colon, "") + local


def _is_term(iri: str) -> bool:
    return iri.startswith(tuple(PREFIXES.values()))
