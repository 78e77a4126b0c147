"""What the index holds of a record, read from its quads by the shapes: titles, names, texts, identifiers, terms."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from pyoxigraph import Literal, NamedNode

from escrgraph.search.facets import YEAR, FacetOf, facet_name, facets_of, is_date, years
from escrgraph.vocabulary import edtf
from escrgraph.vocabulary.facts import Facts, Object
from escrgraph.vocabulary.fields import Field
from escrgraph.vocabulary.iris import Base
from escrgraph.vocabulary.kinds import Kind, Kinds
from escrgraph.vocabulary.namespaces import DASH, RDF, SH, SKOS, XSD

TYPE_OF = NamedNode(RDF + "type")
BROADER = NamedNode(SKOS + "broader")

HIGHEST = 64
"""Broader terms that are followed from one; no scheme is that deep, and a ring of them must end."""

LEADING = 2.0
"""Weight of a concept by which lists are narrowed, since it leads to others; tantivy doubles its score for it."""

_ADDRESS = DASH + "URIEditor"
_TEXT, _STRING = RDF + "langString", XSD + "string"


@dataclass(frozen=True, slots=True)
class Thing:
    """What is known of a thing that records point to. broader: the IRIs of its broader terms."""

    labels: tuple[Literal, ...] = ()
    broader: tuple[str, ...] = ()


Things = Callable[[str], Thing]
"""Finds a thing by its IRI; one that is not known has no labels."""


@dataclass(slots=True)
class Reading:
    """All that is found of a record. terms: facet -> terms, broader ones among them. mentions: IRIs it leads to.

    day: when it was, for putting records in order. weight: of concepts by which lists are narrowed.
    """

    record: str
    titles: list[Literal] = dataclasses.field(default_factory=list)
    names: list[Literal] = dataclasses.field(default_factory=list)
    texts: list[Literal] = dataclasses.field(default_factory=list)
    identifiers: list[str] = dataclasses.field(default_factory=list)
    terms: dict[str, set[str]] = dataclasses.field(default_factory=dict)
    mentions: set[str] = dataclasses.field(default_factory=set)
    day: date | None = None
    weight: float = 0.0

    @property
    def type(self) -> str:
        """The word in its address."""
        return self.record.partition("/")[0]


class _Use:
    """What the index does with the values of a field."""

    def __init__(self, field: Field, kinds: Kinds) -> None:
        self.node = NamedNode(field.path)
        self.facet = facet_name(field, kinds) if field.facet else None
        self.dated = is_date(field)
        self.textual = _textual(field) and not self.dated
        self.long = bool(field.editor) and str(field.editor).startswith(DASH + "TextArea")
        self.coded = _STRING in field.datatypes
        self.leads = field.node_kind == SH + "IRI" or bool(field.classes)
        self.address = field.editor == _ADDRESS

    @property
    def used(self) -> bool:
        """Whether it does anything."""
        return bool(self.facet) or self.dated or self.textual or self.leads


class RecordReader:
    """Reads records by the shapes.

    facets: by name. relevant: the properties that it looks at, and no others; naming: those by which others know a
    thing.
    """

    def __init__(self, kinds: Kinds, base: Base) -> None:
        self.kinds = kinds
        self.base = base
        self.facets: dict[str, FacetOf] = facets_of(kinds)
        self._record_of = lru_cache(maxsize=1 << 16)(base.record_of)
        self._uses = {kind.name: _uses(kind, kinds) for kind in kinds.values()}
        self._described: dict[tuple[str, frozenset[str]], tuple[_Use, ...]] = {}
        labels = dict.fromkeys(path for kind in kinds.values() for path in kind.label_properties)
        self._labels = tuple(map(NamedNode, labels))
        self.naming = frozenset((BROADER.value, *labels))
        used = {path for uses in self._uses.values() for path in uses}
        self.relevant = frozenset((TYPE_OF.value, *self.naming, *used))

    def thing(self, facts: Facts, iri: str) -> Thing:
        """What others need to know of a thing: its labels and its broader terms."""
        node = NamedNode(iri)
        labels = (text for path in self._labels for text in facts.literals(node, path))
        return Thing(tuple(labels), tuple(facts.iris(node, BROADER)))

    def read(self, record: str, facts: Facts, things: Things) -> Reading | None:
        """Read a record from its own quads; None when it is no longer there."""
        node = NamedNode(self.base.record_iri(record))
        kind = self.kinds.by_type.get(record.partition("/")[0])
        if kind is None or not facts.predicates(node):
            return None
        found = Reading(record, identifiers=[record, node.value])
        own, parts = self._dates(facts, node, kind, found)
        self._widen(found, things)
        if found.type in self.facets and kind.concepts:
            found.weight = LEADING
        found.day = own or max(parts, default=None)
        return found

    def _dates(self, facts: Facts, node: NamedNode, kind: Kind, found: Reading) -> tuple[date | None, list[date]]:
        """Take in all that is said; returns the day of the record itself, and those of its parts."""
        days: dict[str | None, list[date]] = {}
        titled = frozenset(kind.label_properties)
        parts: list[date] = []
        for subject in facts.all_subjects():
            own = subject == node
            for use in self._fields(facts, subject, kind if own else None):
                if values := facts.objects(subject, use.node):
                    texts = [value for value in values if isinstance(value, Literal)]
                    if own and use.node.value in titled:
                        found.titles += texts
                    else:
                        self._take_texts(found, use, texts, own=own)
                    self._take_iris(found, use, [v.value for v in values if isinstance(v, NamedNode)], own=own)
                    if use.dated and (own or use.facet):
                        some = [day for text in texts if (day := _day(text.value))]
                        (days.setdefault(use.facet, []) if own else parts).extend(some)
        # Of its own dates, those by which readers narrow lists say when it was.
        return max(days.get(YEAR) or days.get(None) or [], default=None), parts

    def _fields(self, facts: Facts, subject: Object, kind: Kind | None) -> tuple[_Use, ...]:
        """What to do with what is said of a thing. kind: of the record itself, None for a part of it."""
        classes = frozenset(facts.iris(subject, TYPE_OF))
        name = kind.name if kind else ""
        if (name, classes) not in self._described:
            kinds = self.kinds.fitting(*classes)
            if kind:
                kinds = (kind, *(other for other in kinds if other.part_of == kind.name))
            uses = {path: use for other in reversed(kinds) for path, use in self._uses[other.name].items()}
            self._described[name, classes] = tuple(uses.values())
        return self._described[name, classes]

    def _take_texts(self, found: Reading, use: _Use, texts: list[Literal], *, own: bool) -> None:
        if use.facet:
            terms = found.terms.setdefault(use.facet, set())
            for text in texts:
                terms.update(years(text.value) if use.dated else (text.value,))
        if use.textual:
            target = found.names if own and not use.long else found.texts
            target += texts
            if own and use.coded:
                found.identifiers += [text.value for text in texts]

    def _take_iris(self, found: Reading, use: _Use, iris: list[str], *, own: bool) -> None:
        if use.facet:
            found.terms.setdefault(use.facet, set()).update(iris)
        if use.leads:
            records = {iri: self._record_of(iri) for iri in iris}
            found.mentions.update(iri for iri, record in records.items() if record and record != found.record)
            if own and use.address:
                found.identifiers += [iri for iri, record in records.items() if not record]

    def _widen(self, found: Reading, things: Things) -> None:
        """Add the broader terms of every term and mention."""
        for name, terms in list(found.terms.items()):
            for iri in [iri for iri in terms if self._record_of(iri)]:
                for broader in ancestors(iri, things):
                    found.terms.setdefault(self._facet_of(broader, name), set()).add(broader)
        for iri in list(found.mentions):
            found.mentions.update(ancestors(iri, things))
        found.mentions.discard(self.base.record_iri(found.record))

    def _facet_of(self, iri: str, otherwise: str) -> str:
        """The facet in which a broader term stands: that of its own kind (a country's region), else the narrower's."""
        type_ = (self._record_of(iri) or "").partition("/")[0]
        return type_ if type_ in self.facets else otherwise


def ancestors(iri: str, things: Things) -> Iterator[str]:
    """The broader terms of a thing, near ones first."""
    seen = {iri}
    waiting = [iri]
    while waiting and len(seen) < HIGHEST:
        for broader in things(waiting.pop(0)).broader:
            if broader not in seen:
                seen.add(broader)
                waiting.append(broader)
                yield broader


def labels_of(iris: Iterable[str], things: Things) -> list[Literal]:
    """The labels of things, in every language."""
    return [label for iri in sorted(iris) for label in things(iri).labels]


def _uses(kind: Kind, kinds: Kinds) -> dict[str, _Use]:
    """What is done with each field of a kind that the index looks at, by property."""
    made = {field.path: _Use(field, kinds) for field in kind.fields if not field.forbidden}
    return {path: use for path, use in made.items() if use.used}


def _textual(field: Field) -> bool:
    """Whether people read the values of a field as text."""
    plain = not field.datatypes and field.node_kind == SH + "Literal"
    return plain or _TEXT in field.datatypes or _STRING in field.datatypes


@lru_cache(maxsize=1 << 12)
def _day(text: str) -> date | None:
    try:
        read = edtf.parse(text)
    except edtf.BadDate:
        return None
    return read.earliest or read.latest
