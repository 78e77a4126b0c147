"""An entity as its page shows it: sections and fields in the order of its shape, values in the reader's language."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import quote

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from escrgraph.vocabulary.facts import Facts, Object
from escrgraph.vocabulary.fields import Group
from escrgraph.vocabulary.iris import Base
from escrgraph.vocabulary.kinds import Kind, Kinds
from escrgraph.vocabulary.labels import Label, choose_label, name_of
from escrgraph.vocabulary.languages import LANGUAGES, authority_tag, direction, language_name
from escrgraph.vocabulary.namespaces import DCTERMS, EDTF, ESCR, RDF, RDFS, SKOS, XSD, local_name
from escrgraph.vocabulary.readable import readable_date, readable_number
from escrgraph.web.terms import term_label, term_labels

NAMING = tuple(
    NamedNode(iri) for iri in (SKOS + "prefLabel", DCTERMS + "title", "http://xmlns.com/foaf/0.1/name", RDFS + "label")
)
"""The properties that name things, in the order in which they are tried; `queries/pages/labels.rq` reads the same."""

_TYPE = NamedNode(RDF + "type")
_EDITORIAL = NamedNode(ESCR + "editorial")
_DATES = frozenset((EDTF, *(XSD + name for name in ("date", "dateTime", "gYear", "gYearMonth"))))
_NUMBERS = frozenset(XSD + name for name in ("decimal", "integer", "nonNegativeInteger", "positiveInteger", "int"))
_DATE = re.compile(r"\d{4}(-\d\d(-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?)?)?")

_DEEP = 5
_LATE = Decimal(100)
_NUMBER = re.compile(r"(\d+)")
_Key = list[tuple[int, int, str]]

Labels = Mapping[str, Sequence[Literal]]
Trail = tuple[NamedNode, ...]
"""A record, and the parts of it on the way to the one being shown."""


@dataclass(frozen=True, slots=True)
class Value:
    """One value as shown. href: where it leads, a path of this site or, when `external`, an address elsewhere.

    datum: what a program reads where people read a date in words or a number in groups.
    """

    text: str
    language: str | None = None
    fallback: bool = False
    href: str | None = None
    external: bool = False
    datum: str | None = None

    @property
    def timed(self) -> bool:
        """Whether the datum is a date that HTML knows, too."""
        return self.datum is not None and _DATE.fullmatch(self.datum) is not None and self.datum != self.text

    @property
    def direction(self) -> str | None:
        """The direction of the text; without a language the browser sees for itself."""
        return direction(self.language) if self.language else None


@dataclass(frozen=True, slots=True)
class Part:
    """A node that lives inside the record, with its own rows. anchor: its place on the page."""

    anchor: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A field with its values, and with those of its values that live inside the record.

    editorial: the values are the library's own words. derived: they were worked out by the library.
    told: they stand elsewhere on the page already, as the title does.
    """

    label: Label
    values: tuple[Value, ...]
    parts: tuple[Part, ...] = ()
    path: str = ""
    editorial: bool = False
    derived: bool = False
    told: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """The fields of one group of a shape. group: None for what no shape names."""

    label: Label
    rows: tuple[Row, ...]
    group: Group | None = None

    @property
    def name(self) -> str:
        """The local name of its group."""
        return local_name(self.group.iri) if self.group else "other"

    @property
    def told(self) -> bool:
        """Whether everything in it stands elsewhere on the page."""
        return all(row.told for row in self.rows)

    @property
    def order(self) -> Decimal:
        """Where it stands among the sections and lists of the page."""
        return self.group.order if self.group else _LATE


@dataclass(frozen=True, slots=True)
class Entity:
    """A record, ready to be shown.

    names: the title in the other languages of the interface. untranslated: the fields whose text is not in the
    reader's language.
    """

    record: str
    iri: str
    document: str
    kind: Kind
    kind_label: Label
    title: Label
    sections: tuple[Section, ...]
    names: tuple[Value, ...] = ()
    untranslated: tuple[Label, ...] = ()


class Reading:
    """What it takes to show the values of one record: its triples, the names of what it mentions, and the reader."""

    def __init__(self, facts: Facts, labels: Labels, kinds: Kinds, base: Base, language: str) -> None:
        self._facts, self._labels, self._kinds, self._base = facts, dict(labels), kinds, base
        self.language = language
        self._title: Label | None = None
        self._shown: set[NamedNode] = set()
        self._untranslated: dict[str, Label] = {}

    def entity(self, record: str, other: Label) -> Entity | None:
        """The record as its page shows it; None when nothing is said of it. other: heading of what no shape names."""
        iri = self._base.record_iri(record)
        node = NamedNode(iri)
        kind = self._kinds.by_type.get(record.partition("/")[0])
        if kind is None or not self._facts.predicates(node):
            return None
        self._shown = {node}
        naming = [NamedNode(path) for path in kind.label_properties]
        names = self._names(node, (*naming, *NAMING))
        title = self._title = choose_label(names, self.language)
        kind_type, slug = record.split("/")
        self._untranslated = {}
        return Entity(
            record=record,
            iri=iri,
            document=self._base.doc(kind_type, slug),
            kind=kind,
            kind_label=kind.label(self.language),
            title=title or Label(slug, None, fallback=True),
            sections=tuple(self._sections(node, kind, other)),
            names=self._other_names(names, title),
            untranslated=tuple(self._untranslated.values()),
        )

    def add_names(self, labels: Labels) -> None:
        """Take in the names of more things."""
        self._labels.update(labels)

    def say(self, node: NamedNode, path: str) -> tuple[Value, ...]:
        """The values of a property of any node, as they are shown."""
        return tuple(self._values(self._facts.objects(node, NamedNode(path))))

    def parts(self, node: NamedNode, path: str) -> list[NamedNode]:
        """The values of a property that are nodes, in order of address."""
        found = (value for value in self._facts.objects(node, NamedNode(path)) if isinstance(value, NamedNode))
        return sorted(found, key=_by_iri)

    def _other_names(self, names: Sequence[Literal], title: Label | None) -> tuple[Value, ...]:
        """The title in the languages of the interface that are not the one shown."""
        found = (choose_label([name for name in names if name.language == tag], tag) for tag in LANGUAGES)
        return tuple(
            Value(name.text, name.language)
            for name in found
            if name and title and name.language != title.language and name.text != title.text
        )

    def thing(self, iri: str) -> Value:
        """A thing of this library, by its name in the reader's language."""
        label = choose_label(self._labels.get(iri, ()), self.language)
        record = self._base.record_of(iri)
        anchor = iri.removeprefix(self._base.record_iri(record)).lstrip("/") if record else ""
        href = f"/doc/{record}" + (f"#{quote(anchor)}" if anchor else "") if record else None
        if label:
            return Value(label.text, label.language, label.fallback, href)
        return Value(iri.rpartition("/")[2], href=href)

    def _names(self, node: NamedNode, properties: Iterable[NamedNode]) -> tuple[Literal, ...]:
        return next((found for path in properties if (found := self._facts.literals(node, path))), ())

    def _sections(self, node: NamedNode, kind: Kind, other: Label) -> Iterator[Section]:
        shown = list(self._rows((node,), kind))
        for group in kind.groups:
            rows = tuple(row for found, row in shown if found == group)
            if rows:
                yield Section(group.label(self.language), rows, group)
        rest = (*(row for found, row in shown if found is None), *self._left(node))
        if rest:
            yield Section(other, rest)

    def _rows(self, trail: Trail, kind: Kind | None) -> Iterator[tuple[Group | None, Row]]:
        """What is said of a node: in the order of its shape, then what the shape does not name, lest it be hidden."""
        described = kind.fields if kind else ()
        for field in described:
            inner = self._kinds[field.node] if field.node else None
            if row := self._row(trail, field.path, field.label(self.language), inner, derived=field.read_only):
                yield field.group, row
        known = {field.path for field in described}
        for path in sorted(path.value for path in self._facts.predicates(trail[-1]) if path.value not in known):
            if row := self._row(trail, path, term_label(path, self.language)):
                yield None, row

    def _row(
        self, trail: Trail, path: str, label: Label, kind: Kind | None = None, *, derived: bool = False
    ) -> Row | None:
        """The row of a property, none without values. kind: of the parts among them, where the shape names it."""
        objects = self._facts.objects(trail[-1], NamedNode(path)) if path != _TYPE.value else []
        if len(trail) > 1:  # what a part belongs to is seen from where it stands
            objects = [value for value in objects if value not in trail]
        if not objects:
            return None
        parts = [value for value in objects if isinstance(value, NamedNode) and self._opens(trail, value)]
        self._shown.update(parts)
        shown = tuple(self._part(trail, part, kind or self._kind(part)) for part in sorted(parts, key=_by_iri))
        values = tuple(self._values(value for value in objects if value not in parts))
        if any(value.fallback and not value.href for value in values):
            self._untranslated.setdefault(path, label)
        editorial = path in self._facts.iris(trail[-1], _EDITORIAL)
        told = len(trail) == 1 and not shown and self._is_title(values)
        return Row(label, values, shown, path, editorial, derived, told)

    def _is_title(self, values: Sequence[Value]) -> bool:
        """Whether values only say again what the title says."""
        return self._title is not None and [value.text for value in values] == [self._title.text]

    def _part(self, trail: Trail, part: NamedNode, kind: Kind | None) -> Part:
        rows = tuple(row for _, row in self._rows((*trail, part), kind))
        return Part(part.value.removeprefix(trail[0].value + "/"), rows)

    def _opens(self, trail: Trail, value: NamedNode) -> bool:
        """Whether a value is to be shown here in full: a part of the record that is not shown anywhere else."""
        return len(trail) < _DEEP and value not in self._shown and self._inside(trail[0], value)

    def _inside(self, record: NamedNode, value: Object) -> bool:
        """Whether a node is a part of the record of which something is said."""
        below = isinstance(value, NamedNode) and value.value.startswith(record.value + "/")
        return below and bool(self._facts.predicates(value))

    def _left(self, record: NamedNode) -> Iterator[Row]:
        """The parts to which no field led."""
        for node in list(self._facts.all_subjects()):
            if isinstance(node, NamedNode) and node not in self._shown and self._inside(record, node):
                self._shown.add(node)
                kind = self._kind(node)
                label = kind.label(self.language) if kind else Label(node.value, None, fallback=False)
                yield Row(label, (), (self._part((record,), node, kind),))

    def _kind(self, part: NamedNode) -> Kind | None:
        return self._kinds.by_class(*self._facts.iris(part, _TYPE))

    def _values(self, objects: Iterable[Object]) -> list[Value]:
        """Texts in several languages give way to the one the reader reads; all others are shown."""
        listed = list(objects)
        tagged = [value for value in listed if isinstance(value, Literal) and value.language]
        label = choose_label(tagged, self.language)
        values = [value for value in map(self._value, listed) if value is not None]
        if label is None:
            return sorted(values, key=_by_text)
        alike = [value for value in tagged if value.language == label.language]
        texts = [Value(value.value, value.language, label.fallback) for value in alike]
        return [*texts, *sorted(values, key=_by_text)]

    def _value(self, value: Object) -> Value | None:
        if isinstance(value, Literal):
            return None if value.language else self._plain(value)
        if isinstance(value, BlankNode | Triple):
            return Value(str(value))
        return self._iri(value.value)

    def _plain(self, literal: Literal) -> Value:
        text, datatype = literal.value, literal.datatype.value
        if datatype in _DATES:
            return Value(readable_date(text, self.language), datum=text)
        if datatype in _NUMBERS:
            return Value(readable_number(text, self.language), datum=text)
        return Value(text)

    def _iri(self, iri: str) -> Value:
        if self._base.record_of(iri):
            return self.thing(iri)
        if tag := authority_tag(iri):
            return Value(language_name(tag, self.language), self.language, href=iri, external=True)
        if label := choose_label(self._labels.get(iri, ()), self.language):
            return Value(label.text, label.language, label.fallback, iri, external=True)
        if iri.startswith(ESCR) or term_labels(iri):
            label, ours = term_label(iri, self.language), iri.startswith(ESCR)
            href = "/def/" + iri.removeprefix(ESCR) if ours else iri
            return Value(label.text, label.language, label.fallback, href, external=not ours)
        if iri.startswith(("http://", "https://")):
            return Value(iri, href=iri, external=True)
        return Value(iri)


def collect_labels(pairs: Iterable[tuple[str, Literal]]) -> dict[str, list[Literal]]:
    """Names by thing."""
    found: dict[str, list[Literal]] = defaultdict(list)
    for iri, label in pairs:
        found[iri].append(label)
    return found


def plural(kinds: Kinds, type_: str, language: str) -> Label:
    """What records of a type are called together."""
    kind = kinds.by_type.get(type_)
    if kind is None:
        return Label(type_, None, fallback=True)
    return name_of(kind.plurals, language) or kind.label(language)


def _natural(text: str) -> _Key:
    """A key by which “2” comes before “10”, for a longer number is a larger one, and both before words."""
    pieces = [(piece, piece.lstrip("0")) for piece in _NUMBER.split(text) if piece]
    return [(0, len(number), number) if piece.isdecimal() else (1, 0, piece) for piece, number in pieces]


def _by_text(value: Value) -> tuple[_Key, str]:
    text = value.datum or value.text
    return _natural(text.casefold()), text


def _by_iri(node: NamedNode) -> _Key:
    return _natural(node.value)
