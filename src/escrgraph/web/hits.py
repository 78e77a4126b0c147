"""The records of a list as readers see them: title, kind, date, a few facts, and where the words stand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode

from escrgraph.search.asking import Hit, Snippet
from escrgraph.search.facets import YEAR, FacetOf, facet_name, is_date
from escrgraph.vocabulary.fields import Field
from escrgraph.vocabulary.iris import Base
from escrgraph.vocabulary.kinds import Kind, Kinds
from escrgraph.vocabulary.labels import Label, choose_label
from escrgraph.vocabulary.languages import authority_tag, direction, language_name
from escrgraph.web.entity import Labels, Value
from escrgraph.web.page_queries import Solution, text

FEW = 2
"""Values of one facet that a list shows of a record."""

SHARED = 3
"""Fields that make a facet one by which readers know any record: where, whose right, which method."""

Piece = tuple[str, bool]


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of text in pieces, each with whether it is one of the words that were looked for."""

    pieces: tuple[Piece, ...]
    language: str | None

    @property
    def direction(self) -> str | None:
        """The direction of the text, None when its language is not known."""
        return direction(self.language) if self.language else None


@dataclass(frozen=True, slots=True)
class Fact:
    """What a list tells of a record besides its title. name: of the facet; more: how many values are not shown."""

    name: str
    label: Label
    values: tuple[Value, ...]
    more: int = 0


@dataclass(frozen=True, slots=True)
class Listed:
    """A record in a list."""

    record: str
    iri: str
    title: Value
    kind: Label
    date: str | None
    facts: tuple[Fact, ...]
    passages: tuple[Passage, ...]
    score: float


class Names:
    """Things by their names in the reader's language."""

    def __init__(self, labels: Labels, base: Base, language: str) -> None:
        self._labels, self._base, self.language = labels, base, language

    def value(self, term: str) -> Value:
        """A term of a facet, or a record: with a link when it has a page here."""
        record = self._base.record_of(term)
        label = choose_label(self._labels.get(term, ()), self.language)
        href = f"/doc/{record}" if record else None
        if label:
            return Value(label.text, label.language, label.fallback, href)
        if tag := authority_tag(term):
            return Value(language_name(tag, self.language), self.language, href=None)
        return Value(term.rpartition("/")[2] if record else term, href=href)


class Told:
    """What `queries/pages/hits.rq` tells of the records of a list, by record and facet."""

    def __init__(self, rows: Iterable[Solution], facets: Mapping[str, FacetOf], kinds: Kinds, base: Base) -> None:
        self._facets, self._kinds, self._base = facets, kinds, base
        self._values: dict[str, dict[str, dict[str, None]]] = {}
        self._dates: dict[str, dict[str, str]] = {}
        self.labels: dict[str, list[Literal]] = {}
        for row in rows:
            self._take(row)

    def values(self, iri: str, facet: str) -> list[str]:
        """The terms of a facet that a record has."""
        return sorted(self._values.get(iri, {}).get(facet, ()))

    def date(self, iri: str, kind: Kind | None) -> str | None:
        """The date of a record: that of the first of its own fields that has one."""
        dates = self._dates.get(iri, {})
        return next((dates[field.path] for field in (kind.fields if kind else ()) if field.path in dates), None)

    def _take(self, row: Solution) -> None:
        record, property_, value = text(row, "record"), text(row, "property"), row.get("value")
        if value is None:
            return
        if isinstance(label := row.get("label"), Literal) and label not in self.labels.setdefault(value.value, []):
            self.labels[value.value].append(label)
        field = self._field(record, property_) if text(row, "node") == record else None
        if isinstance(value, Literal):
            if field is not None and is_date(field):
                self._dates.setdefault(record, {})[property_] = value.value
            return
        facet = self._facet(value.value, field)
        if facet:
            self._values.setdefault(record, {}).setdefault(facet, {})[value.value] = None

    def _field(self, record: str, property_: str) -> Field | None:
        name = self._base.record_of(record)
        kind = self._kinds.by_type.get(name.partition("/")[0]) if name else None
        return kind.field(property_) if kind else None

    def _facet(self, term: str, field: Field | None) -> str | None:
        """The facet of a term: that of its kind or code list; else that of the field."""
        record = self._base.record_of(term)
        type_, _, slug = (record or "").partition("/")
        if type_ in self._facets:
            return type_
        if type_ == "scheme" and slug in self._facets:
            return slug
        return facet_name(field, self._kinds) if field is not None and field.facet else None


def asked_properties(facets: Mapping[str, FacetOf]) -> list[NamedNode]:
    """The properties that lists tell of: those of all facets."""
    paths = (field.path for facet in facets.values() for field in facet.fields)
    return [NamedNode(path) for path in dict.fromkeys(paths)]


class Lister:
    """Makes the records of a list."""

    def __init__(self, told: Told, names: Names, kinds: Kinds, facets: Mapping[str, FacetOf], base: Base) -> None:
        self._told, self._names, self._kinds, self._facets, self._base = told, names, kinds, facets, base

    def listed(self, hit: Hit) -> Listed:
        """A record that matches."""
        kind = self._kinds.by_type[hit.record.partition("/")[0]]
        iri = self._base.record_iri(hit.record)
        return Listed(
            record=hit.record,
            iri=iri,
            title=self._names.value(iri),
            kind=kind.label(self._names.language),
            date=self._told.date(iri, kind),
            facts=tuple(self._facts(iri, kind)),
            passages=tuple(map(passage, hit.snippets)),
            score=hit.score,
        )

    def _facts(self, iri: str, kind: Kind) -> list[Fact]:
        """What sort of record it is by the first code list of its shape, then what all sorts have in common."""
        sort = own_list(kind)
        shared = [name for name, facet in self._facets.items() if len(facet.fields) >= SHARED and name != YEAR]
        found = []
        for name in ([sort] if sort else []) + shared:
            if terms := self._told.values(iri, name):
                values = tuple(self._names.value(term) for term in terms)
                label = self._facets[name].label(self._names.language)
                found.append(Fact(name, label, values[:FEW], max(0, len(values) - FEW)))
        return found


def own_list(kind: Kind) -> str | None:
    """The code list by which records of a kind are sorted first, such as the standing of findings."""
    return next((field.scheme for field in kind.fields if field.facet and field.scheme), None)


def passage(snippet: Snippet) -> Passage:
    """A snippet cut where the words begin and end."""
    pieces: list[Piece] = []
    at = 0
    for start, end in sorted(snippet.marks):
        if start < at or end <= start:
            continue
        pieces += [(snippet.text[at:start], False), (snippet.text[start:end], True)]
        at = end
    pieces.append((snippet.text[at:], False))
    return Passage(tuple(piece for piece in pieces if piece[0]), snippet.language)


def texts_of(values: Sequence[Value]) -> str:
    """Values in one cell of a table."""
    return " | ".join(value.text for value in values)
