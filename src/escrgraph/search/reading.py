"""What the index holds of a record, read from its quads by the shapes: titles, names, texts, identifiers, terms."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from pyoxigraph import Literal, NamedNode

from escrgraph.search.facets import FacetOf, facet_name, facets_of, is_date, years
from escrgraph.vocabulary import edtf
from escrgraph.vocabulary.facts import Facts, Object, term
from escrgraph.vocabulary.fields import Field
from escrgraph.vocabulary.iris import Base
from escrgraph.vocabulary.kinds import Kind, Kinds
from escrgraph.vocabulary.namespaces import DASH, RDF, SH, SKOS, XSD

TYPE_OF = RDF + "type"
BROADER = SKOS + "broader"

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
    """All that is found of a record. terms: facet -> terms, broader ones among them. mentions: IRIs it leads to."""

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


class RecordReader:
    """Reads records by the shapes.

    facets: by name. relevant: the properties that it looks at, and no others;
    naming: those by which others know a thing.
    """

    def __init__(self, kinds: Kinds, base: Base) -> None:
        self.kinds = kinds
        self.base = base
        self.facets: dict[str, FacetOf] = facets_of(kinds)
        self._described: dict[tuple[str, frozenset[str]], tuple[Field, ...]] = {}
        self._facet_names = {field: facet_name(field, kinds) for kind in kinds.values() for field in kind.fields}
        self._labels = tuple(dict.fromkeys(path for kind in kinds.values() for path in kind.label_properties))
        self.naming = frozenset((BROADER, *self._labels))
        fields = (field for kind in kinds.values() for field in kind.fields if not field.forbidden)
        used = {field.path for field in fields if field.facet or _textual(field) or _leads(field) or is_date(field)}
        self.relevant = frozenset((TYPE_OF, *self.naming, *used))

    def thing(self, facts: Facts, iri: str) -> Thing:
        """What others need to know of a thing: its labels and its broader terms."""
        node = NamedNode(iri)
        labels = (text for path in self._labels for text in facts.literals(node, NamedNode(path)))
        return Thing(tuple(labels), tuple(facts.iris(node, NamedNode(BROADER))))

    def read(self, record: str, facts: Facts, things: Things) -> Reading | None:
        """Read a record from its own quads; None when it is no longer there."""
        node = NamedNode(self.base.record_iri(record))
        kind = self.kinds.by_type.get(record.partition("/")[0])
        if kind is None or not facts.predicates(node):
            return None
        found = Reading(record, identifiers=[record, node.value])
        days: list[tuple[int, date]] = []
        for subject in facts.all_subjects():
            own = subject == node
            for field in self._fields(facts, subject, kind if own else None):
                values = facts.objects(subject, NamedNode(field.path))
                if values:
                    self._take(found, field, values, own, kind, days)
        self._widen(found, things)
        if found.type in self.facets and kind.field(SKOS + "inScheme"):
            found.weight = LEADING
        found.day = max((day for rank, day in days if rank == min(days)[0]), default=None)
        return found

    def _fields(self, facts: Facts, subject: Object, kind: Kind | None) -> tuple[Field, ...]:
        """The fields of the kinds that describe a thing. kind: of the record itself, None for a part of it."""
        classes = frozenset(facts.iris(subject, term("rdf:type")))
        name = kind.name if kind else ""
        if (name, classes) not in self._described:
            kinds = self.kinds.fitting(*classes)
            if kind:
                kinds = (kind, *(other for other in kinds if other.part_of == kind.name))
            fields = {field.path: field for other in reversed(kinds) for field in other.fields if not field.forbidden}
            self._described[name, classes] = tuple(fields.values())
        return self._described[name, classes]

    def _take(
        self, found: Reading, field: Field, values: list[Object], own: bool, kind: Kind, days: list[tuple[int, date]]
    ) -> None:
        texts = [value for value in values if isinstance(value, Literal)]
        iris = [value.value for value in values if isinstance(value, NamedNode)]
        if field.facet:
            terms = found.terms.setdefault(self._facet_names[field], set())
            dated = is_date(field)
            terms.update(year for text in texts for year in years(text.value)) if dated else terms.update(
                text.value for text in texts
            )
            terms.update(iris)
        if own and field.path in kind.label_properties:
            found.titles += texts
        elif is_date(field):
            if field.facet or own:
                days += [(_rank(field, own), day) for text in texts if (day := _day(text.value))]
        elif _textual(field):
            target = found.names if own and not _long(field) else found.texts
            target += texts
            if own and _STRING in field.datatypes:
                found.identifiers += [text.value for text in texts]
        if _leads(field):
            ours = [iri for iri in iris if self.base.record_of(iri)]
            found.mentions.update(iri for iri in ours if self.base.record_of(iri) != found.record)
            if own and field.editor == _ADDRESS:
                found.identifiers += [iri for iri in iris if iri not in ours]

    def _widen(self, found: Reading, things: Things) -> None:
        """Add the broader terms of every term and mention."""
        for name, terms in list(found.terms.items()):
            for iri in [iri for iri in terms if self.base.record_of(iri)]:
                for broader in ancestors(iri, things):
                    found.terms.setdefault(self._facet_of(broader, name), set()).add(broader)
        for iri in list(found.mentions):
            found.mentions.update(ancestors(iri, things))
        found.mentions.discard(self.base.record_iri(found.record))

    def _facet_of(self, iri: str, otherwise: str) -> str:
        """The facet in which a broader term stands: that of its own kind (a country's region), else the narrower's."""
        record = self.base.record_of(iri)
        type_ = record.partition("/")[0] if record else ""
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


def _textual(field: Field) -> bool:
    """Whether people read the values of a field as text."""
    plain = not field.datatypes and field.node_kind == SH + "Literal"
    return plain or _TEXT in field.datatypes or _STRING in field.datatypes


def _long(field: Field) -> bool:
    """Whether its values are whole paragraphs."""
    return bool(field.editor) and str(field.editor).startswith(DASH + "TextArea")


def _leads(field: Field) -> bool:
    """Whether its values are addresses."""
    return field.node_kind == SH + "IRI" or bool(field.classes)


def _rank(field: Field, own: bool) -> int:
    """Which dates of a record say when it was: its own by which readers narrow lists, then other ones of its own."""
    return (0 if own else 2) if field.facet else 1


def _day(text: str) -> date | None:
    try:
        read = edtf.parse(text)
    except edtf.BadDate:
        return None
    return read.earliest or read.latest
