"""Terms as text of SPARQL, written by the library that reads them, never pasted together from what people send."""

from __future__ import annotations

import re
from collections.abc import Iterable

from pyoxigraph import Literal, NamedNode

from escrgraph.vocabulary.namespaces import PREFIXES, compact

Term = NamedNode | Literal

_NAME = re.compile(r"(?<![\w<:#?\"])([a-z]+):[A-Za-z]")
_QUOTED = re.compile(r'"(?:[^"\\\n]|\\.)*"|<[^<>"{}|^`\\\s]*>')


def written(value: Term) -> str:
    """A term as it is written in a query that declares the prefixes of the table."""
    if isinstance(value, Literal):
        return str(value)
    name = compact(value.value)
    return f"<{value.value}>" if name == value.value else name


def iri(text: str) -> str:
    """An IRI as it is written in a query. Raises ValueError for what is no IRI."""
    return written(NamedNode(text))


def values(terms: Iterable[Term]) -> str:
    """Terms for a VALUES block of one variable."""
    return " ".join(map(str, terms))


def with_prefixes(text: str) -> str:
    """A query with the declarations of the prefixes that it uses, in the order of the table."""
    used = set(_NAME.findall(_QUOTED.sub(" ", text)))
    return "".join(f"PREFIX {name}: <{iri}>\n" for name, iri in PREFIXES.items() if name in used) + text
