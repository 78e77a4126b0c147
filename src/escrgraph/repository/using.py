"""The dataset that a SPARQL protocol request gives for an update, written into the update itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pyoxigraph import NamedNode

from escrgraph.repository.errors import Malformed
from escrgraph.repository.lexer import placed_tokens


@dataclass(frozen=True, slots=True)
class _Where:
    """A WHERE outside all braces. start: where it begins; group: its braces with what is in them."""

    start: int
    group: tuple[int, int]
    short: bool  # DELETE WHERE, which takes no USING and is written out as DELETE {…} USING … WHERE {…}


def with_dataset(text: str, using: Sequence[str], using_named: Sequence[str]) -> str:
    """The update with `using-graph-uri` and `using-named-graph-uri` as USING clauses of each of its operations.

    Oxigraph takes no such parameters (SPARQL 1.1 Protocol, section 2.2.3). Keywords are found by the lexer, so that
    strings, IRIs, comments and names cannot be taken for them. Raises Malformed for an update with USING or WITH of
    its own, which that section forbids, and for what is no IRI.
    """
    clause = "".join(f"USING {_node(iri)} " for iri in using)
    clause += "".join(f"USING NAMED {_node(iri)} " for iri in using_named)
    written: list[str] = []
    done = 0
    for where in _wheres(text):
        group = text[slice(*where.group)]
        written += (text[done : where.start], group if where.short else "", " ", clause, "WHERE ", group)
        done = where.group[1]
    return "".join((*written, text[done:]))


def _wheres(text: str) -> list[_Where]:
    found: list[_Where] = []
    depth = opened = 0
    before = ""  # the last word outside braces, in capitals; "" after anything else
    pending: tuple[int, bool] | None = None
    for kind, token, start in placed_tokens(text):
        if (kind, token) == ("open", "{"):
            opened = opened if depth else start
            depth += 1
        elif (kind, token) == ("close", "}"):
            depth -= 1
            if depth == 0 and pending:
                found.append(_Where(pending[0], (opened, start + 1), pending[1]))
                pending = None
        if depth:
            continue
        word = token.upper() if kind == "word" else ""
        if word in {"USING", "WITH"}:
            raise Malformed(
                f"The update has {word}, and the request using-graph-uri or using-named-graph-uri: the protocol "
                "allows one way only to name the graphs. Leave out one of the two."
            )
        if word == "WHERE":
            pending = (start, before == "DELETE")
        before = word
    return found


def _node(iri: str) -> NamedNode:
    try:
        return NamedNode(iri)
    except ValueError as error:
        raise Malformed(f"using-graph-uri and using-named-graph-uri take absolute IRIs; “{iri}” is none.") from error
