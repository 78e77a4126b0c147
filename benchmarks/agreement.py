"""Whether endpoints answer alike: rows are compared without what engines write differently though it means the same."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from benchmarks.client import fetch
from benchmarks.endpoint import Endpoint
from benchmarks.workload import Workload

_STRING = "http://www.w3.org/2001/XMLSchema#string"


class Refused(RuntimeError):
    """An endpoint did not answer a query with a table; the text says what it answered."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What an endpoint answered to some queries of a kind. digest: of all rows, sorted."""

    rows: int
    digest: str


def table_of(endpoint: Endpoint, text: str) -> list[str]:
    """The rows of a SELECT in a form that is the same for equal answers, sorted. Raises Refused, OSError."""
    answer = fetch(endpoint.query(text))
    if answer.status != 200:
        raise Refused(
            f"{endpoint.name} answered {answer.status} to:\n{text}\n{answer.body[:500].decode(errors='replace')}"
        )
    try:
        bindings = json.loads(answer.body)["results"]["bindings"]
    except (ValueError, KeyError, TypeError):
        raise Refused(f"{endpoint.name} answered no SPARQL JSON to:\n{text}\n{answer.body[:500]!r}") from None
    return sorted(json.dumps({name: _term(term) for name, term in row.items()}, sort_keys=True) for row in bindings)


def look(endpoint: Endpoint, work: Workload, count: int) -> Seen:
    """Ask the first `count` queries. Raises Refused, OSError."""
    digest = hashlib.sha256()
    rows = 0
    for text in work.texts[:count]:
        table = table_of(endpoint, text)
        rows += len(table)
        digest.update("\n".join(table).encode() + b"\0")
    return Seen(rows, digest.hexdigest()[:16])


def differences(seen: Mapping[str, Seen]) -> Sequence[str]:
    """A sentence for each endpoint whose answers are not those of the first."""
    (first, expected), *others = seen.items()
    return [
        f"{name} and {first} differ: {found.rows} rows ({found.digest}), {expected.rows} rows ({expected.digest})"
        for name, found in others
        if found != expected
    ]


def _term(term: Mapping[str, Any]) -> list[str]:
    if term["type"] in {"uri", "bnode"}:
        return [term["type"], str(term["value"])]
    datatype = str(term.get("datatype", _STRING))
    return ["literal", _value(str(term["value"])), str(term.get("xml:lang", "")).lower(), _numeric(datatype)]


def _value(text: str) -> str:
    try:
        return format(Decimal(text).normalize(), "f") if text[:1].isdigit() and len(text) < 30 else text
    except InvalidOperation:
        return text


def _numeric(datatype: str) -> str:
    # Counts come back as xsd:integer or xsd:int, depending on the engine.
    return "number" if datatype.endswith(("#integer", "#int", "#decimal", "#long")) else datatype
