"""Facets: by what a selection of records can be narrowed, as the shapes say it, and the terms a value stands for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from pyoxigraph import Literal

from escrgraph.vocabulary import edtf
from escrgraph.vocabulary.fields import Field
from escrgraph.vocabulary.kinds import Kind, Kinds
from escrgraph.vocabulary.labels import Label, choose_label
from escrgraph.vocabulary.namespaces import SKOS, XSD, local_name

TYPE = "type"
"""The facet of all records: the word in their addresses."""

YEAR = "year"
"""The facet of dates."""

LONGEST_SPAN = 150
"""Years that an interval may have to count for each of them; of a longer one only its ends do."""

_DATES = frozenset((edtf.DATATYPE, XSD + "date", XSD + "dateTime", XSD + "gYear", XSD + "gYearMonth"))
_ANYTHING = SKOS + "Concept"


@dataclass(frozen=True, slots=True)
class FacetOf:
    """One facet. fields: those whose values are its terms; labels: what it is called.

    many: its terms are records of a kind that is no vocabulary, so that there may be very many.
    """

    name: str
    fields: tuple[Field, ...]
    labels: tuple[Literal, ...]
    many: bool = False

    def label(self, languages: str | Sequence[str]) -> Label:
        """Its name in the reader's language."""
        return choose_label(self.labels, languages) or Label(self.name, None, fallback=True)


def facets_of(kinds: Kinds) -> dict[str, FacetOf]:
    """Every facet that the shapes ask for (shape:facet), by name, in the order of kinds and fields."""
    found: dict[str, list[Field]] = {}
    for kind in kinds.values():
        for field in kind.fields:
            if field.facet and not field.forbidden:
                found.setdefault(facet_name(field, kinds), []).append(field)
    return {
        name: FacetOf(name, tuple(fields), _labels(name, fields, kinds), _many(fields, kinds))
        for name, fields in found.items()
    }


def facet_name(field: Field, kinds: Kinds) -> str:
    """What the values of a field are: a code list, a kind of record or part, years; else the name of the property."""
    if field.scheme:
        return field.scheme
    kind = _kind(field, kinds)
    if kind:
        return kind.type or _hyphened(kind.name)
    return YEAR if is_date(field) else _hyphened(field.name)


def is_date(field: Field) -> bool:
    """Whether the values of a field are dates."""
    return not _DATES.isdisjoint(field.datatypes)


@lru_cache(maxsize=1 << 12)
def years(text: str) -> tuple[str, ...]:
    """The years that a date covers, as four digits; none for what is no date or names no year."""
    try:
        date = edtf.parse(text)
    except edtf.BadDate:
        return ()
    ends = [end.year for end in (date.earliest, date.latest) if end]
    if not ends:
        return ()
    first, last = min(ends), max(ends)
    covered = range(first, last + 1) if last - first < LONGEST_SPAN else (first, last)
    return tuple(f"{year:04}" for year in covered)


def _kind(field: Field, kinds: Kinds) -> Kind | None:
    """The one kind of which all values are; None when they may be of several, or of any."""
    found = {kind.name: kind for name in field.classes if name != _ANYTHING and (kind := kinds.by_class(name))}
    return next(iter(found.values())) if len(found) == 1 and _ANYTHING not in field.classes else None


def _many(fields: Sequence[Field], kinds: Kinds) -> bool:
    of = [None if field.scheme else _kind(field, kinds) for field in fields]
    return any(kind is not None and not kind.concepts for kind in of)


def _labels(name: str, fields: Sequence[Field], kinds: Kinds) -> tuple[Literal, ...]:
    kind = _kind(fields[0], kinds) if not fields[0].scheme else None
    return kind.labels if kind and (kind.type or _hyphened(kind.name)) == name else fields[0].names


def _hyphened(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", local_name(name)).lower()
