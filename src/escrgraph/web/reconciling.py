"""Reconciliation: reading what a table's cells may mean, and how well a record fits (W3C Reconciliation API 0.2)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from escrgraph.repository.errors import Malformed, TooLarge
from escrgraph.search.folding import key
from escrgraph.vocabulary.fields import Field
from escrgraph.vocabulary.kinds import Kind, Kinds
from escrgraph.vocabulary.namespaces import DASH, RDF, XSD, compact

BATCH = 50
"""Queries in one request."""

MOST = 25
"""Candidates of one query."""

USUAL = 5
LONGEST = 500
"""Characters of a cell that count."""

_TEXTS = frozenset((RDF + "langString", XSD + "string"))
_PROPERTY = 0.4
"""How much a property counts against the name."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One cell. text: what stands in it; kinds: what it may be; properties: (path, what stands in that cell)."""

    text: str
    kinds: tuple[Kind, ...]
    limit: int
    properties: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Fit:
    """How well a record fits a cell. score: 0 to 100; properties: path -> whether its values are those wanted."""

    name: float
    properties: Mapping[str, bool]

    @property
    def score(self) -> float:
        """Name and properties together."""
        weight = 1 + _PROPERTY * len(self.properties)
        return (self.name + 100 * _PROPERTY * sum(self.properties.values())) / weight

    @property
    def sure(self) -> bool:
        """Whether nothing speaks against it."""
        return self.name == 100 and all(self.properties.values())


def read_queries(text: str, kinds: Kinds) -> dict[str, Asked]:
    """The queries of a batch by their keys (section 4.3). Raises Malformed, which names the query, and TooLarge."""
    batch = _object(text, "queries")
    if len(batch) > BATCH:
        raise TooLarge(
            f"The request has {len(batch)} queries, and {BATCH} are the most. Send them in several requests."
        )
    return {name: _query(name, query, kinds) for name, query in batch.items()}


def read_extension(text: str, kinds: Kinds) -> tuple[list[str], list[str]]:
    """The ids and the paths of a data extension (section 6). Raises Malformed and TooLarge."""
    asked = _object(text, "extend")
    ids, properties = asked.get("ids"), asked.get("properties")
    if not isinstance(ids, list) or not isinstance(properties, list):
        raise Malformed("The parameter extend needs “ids” and “properties”, each a list.")
    if len(ids) > 10 * BATCH:
        raise TooLarge(f"The request has {len(ids)} ids, and {10 * BATCH} are the most. Send them in several requests.")
    named = [found.get("id") if isinstance(found, dict) else None for found in properties]
    return [str(each) for each in ids], [property_path(str(name), kinds) for name in named]


def fit(asked: Asked, names: Iterable[str], values: Mapping[str, Sequence[str]]) -> Fit:
    """How well a record fits. names: all that it is called; values: path -> texts and ids of its values."""
    wanted = key(asked.text)
    best = max((_alike(wanted, key(name)) for name in names), default=0.0)
    return Fit(
        best,
        {
            path: any(key(text) == key(has) for text in texts for has in values.get(path, ()))
            for path, texts in asked.properties
        },
    )


def naming_fields(kinds: Iterable[Kind]) -> list[str]:
    """The paths of the short texts by which records are known: names, other names, codes."""
    fields = (field for kind in kinds for field in kind.fields if field.path in kind.label_properties or _short(field))
    return list(dict.fromkeys(field.path for field in fields))


def kind_of(name: str, kinds: Kinds) -> Kind:
    """The kind that a type means: by the name of its shape, the word in addresses, or its IRI. Raises Malformed."""
    for type_, kind in kinds.by_type.items():
        if name in {type_, kind.name, kind.iri, kind.target_class}:
            return kind
    known = ", ".join(kind.name for kind in kinds.by_type.values())
    raise Malformed(f"There is no type “{name[:60]}”. Types: {known}.")


def property_path(name: str, kinds: Kinds) -> str:
    """The property that an id means: as in queries (“escr:iso3”), or its IRI. Raises Malformed."""
    for kind in kinds.values():
        for field in kind.fields:
            if name in {field.path, compact(field.path)}:
                return field.path
    raise Malformed(f"There is no property “{name[:60]}”. /api/reconcile/suggest/property?prefix=… finds them.")


def _query(name: str, query: object, kinds: Kinds) -> Asked:
    if not isinstance(query, dict) or not isinstance(query.get("query"), str):
        raise Malformed(f"The query “{name[:60]}” needs a text under “query”.")
    given = query.get("type") or query.get("types") or []
    types = given if isinstance(given, list) else [given]
    limit = query.get("limit", USUAL)
    if not isinstance(limit, int) or isinstance(limit, bool) or limit < 1:
        raise Malformed(f"The query “{name[:60]}” has a limit that is no number from 1.")
    properties = query.get("properties") or []
    if not isinstance(properties, list):
        raise Malformed(f"The query “{name[:60]}” has properties that are no list.")
    return Asked(
        query["query"].strip()[:LONGEST],
        tuple(kind_of(_identified(found), kinds) for found in types),
        min(limit, MOST),
        tuple(_property(name, found, kinds) for found in properties),
    )


def _property(query: str, found: object, kinds: Kinds) -> tuple[str, tuple[str, ...]]:
    if not isinstance(found, dict) or "pid" not in found or "v" not in found:
        raise Malformed(f"A property of the query “{query[:60]}” needs a “pid” and a “v”.")
    value = found["v"]
    values = value if isinstance(value, list) else [value]
    return property_path(str(found["pid"]), kinds), tuple(_identified(each) for each in values)


def _identified(value: object) -> str:
    """A value or type as text: {"id": …} or plain."""
    return str(value.get("id", value.get("name", ""))) if isinstance(value, dict) else str(value)


def _object(text: str, parameter: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise Malformed(f"The parameter {parameter} is not JSON.") from None
    if not isinstance(found, dict):
        raise Malformed(f"The parameter {parameter} is no JSON object.")
    return found


def _alike(wanted: str, name: str) -> float:
    """From 0 to 100; 100 only for what differs in nothing but accents, capitals, articles and signs."""
    if not wanted or not name:
        return 0.0
    if wanted == name:
        return 100.0
    return min(99.0, 100 * SequenceMatcher(None, wanted, name, autojunk=False).ratio())


def _short(field: Field) -> bool:
    return not _TEXTS.isdisjoint(field.datatypes) and not (field.editor or "").startswith(DASH + "TextArea")
