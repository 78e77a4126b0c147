"""An entity as its page shows it: sections and fields in the order of its shape, values in the reader's language."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from escrgraph.vocabulary.facts import Facts, Object
from escrgraph.vocabulary.fields import Field
from escrgraph.vocabulary.iris import Base
from escrgraph.vocabulary.kinds import Kind, Kinds
from escrgraph.vocabulary.labels import Label, choose_label
from escrgraph.vocabulary.languages import authority_tag, direction, language_name
from escrgraph.vocabulary.namespaces import DCTERMS, ESCR, RDF, RDFS, SKOS
from escrgraph.web.terms import term_label

NAMING = tuple(
    NamedNode(iri) for iri in (SKOS + "prefLabel", DCTERMS + "title", "http://xmlns.com/foaf/0.1/name", RDFS + "label")
)
"""The properties that name things, in the order in which they are tried; `queries/pages/labels.rq` reads the same."""

_TYPE = NamedNode(RDF + "type")

Labels = Mapping[str, Sequence[Literal]]
Trail = tuple[NamedNode, ...]
"""A record, and the parts of it on the way to the one being shown."""


@dataclass(frozen=True, slots=True)
class Value:
    """One value as shown. href: where it leads, a path of this site or, when `external`, an address elsewhere."""

    text: str
    language: str | None = None
    fallback: bool = False
    href: str | None = None
    external: bool = False

    @property
    def direction(self) -> str | None:
        """The direction of the text; without a language the browser sees for itself."""
        return direction(self.language) if self.language else None


@dataclass(frozen=True, slots=True)
class Row:
    """A field with its values, and with the facts of the nodes that live inside the record."""

    label: Label
    values: tuple[Value, ...]
    nodes: tuple[tuple[Row, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """The fields of one group of a shape."""

    label: Label
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Entity:
    """A record, ready to be shown."""

    record: str
    iri: str
    document: str
    kind: Kind
    kind_label: Label
    title: Label
    sections: tuple[Section, ...]


class Reading:
    """What it takes to show the values of one record: its triples, the names of what it mentions, and the reader."""

    def __init__(self, facts: Facts, labels: Labels, kinds: Kinds, base: Base, language: str) -> None:
        self._facts, self._labels, self._kinds, self._base, self.language = facts, labels, kinds, base, language

    def entity(self, record: str, other: Label) -> Entity | None:
        """The record as its page shows it; None when nothing is said of it. other: heading of what no shape names."""
        iri = self._base.record_iri(record)
        node = NamedNode(iri)
        kind = self._kinds.by_type.get(record.partition("/")[0])
        if kind is None or not self._facts.predicates(node):
            return None
        naming = [NamedNode(path) for path in kind.label_properties]
        title = choose_label(self._names(node, (*naming, *NAMING)), self.language)
        kind_type, slug = record.split("/")
        return Entity(
            record=record,
            iri=iri,
            document=self._base.doc(kind_type, slug),
            kind=kind,
            kind_label=kind.label(self.language),
            title=title or Label(slug, None, fallback=True),
            sections=tuple(self._sections(node, kind, other)),
        )

    def thing(self, iri: str) -> Value:
        """A thing of this library, by its name in the reader's language."""
        label = choose_label(self._labels.get(iri, ()), self.language)
        record = self._base.record_of(iri)
        href = f"/doc/{record}" if record else None
        if label:
            return Value(label.text, label.language, label.fallback, href)
        return Value(iri.rpartition("/")[2], href=href)

    def _names(self, node: NamedNode, properties: Iterable[NamedNode]) -> tuple[Literal, ...]:
        return next((found for path in properties if (found := self._facts.literals(node, path))), ())

    def _sections(self, node: NamedNode, kind: Kind, other: Label) -> Iterable[Section]:
        shown = self._rows((node,), kind)
        for group in kind.groups:
            rows = tuple(row for field, row in shown if field.group == group)
            if rows:
                yield Section(group.label(self.language), rows)
        rest = (*(row for field, row in shown if field.group is None), *self._undescribed(node, kind))
        if rest:
            yield Section(other, rest)

    def _rows(self, trail: Trail, kind: Kind) -> list[tuple[Field, Row]]:
        rows = ((field, self._row(trail, field)) for field in kind.fields if field.path != _TYPE.value)
        return [(field, row) for field, row in rows if row]

    def _row(self, trail: Trail, field: Field) -> Row | None:
        objects = self._facts.objects(trail[-1], NamedNode(field.path))
        if not objects:
            return None
        kind = self._kinds[field.node] if field.node else None
        parts = [value for value in objects if isinstance(value, NamedNode) and kind and self._inside(trail, value)]
        nodes = tuple(tuple(row for _, row in self._rows((*trail, part), kind)) for part in parts if kind)
        return Row(
            field.label(self.language),
            tuple(self._values(value for value in objects if value not in parts)),
            tuple(rows for rows in nodes if rows),
        )

    def _undescribed(self, node: NamedNode, kind: Kind) -> Iterable[Row]:
        """What a record says beyond its shape: shown too, lest anything be hidden."""
        for path in sorted(self._facts.predicates(node), key=lambda path: path.value):
            if path != _TYPE and kind.field(path.value) is None:
                label = term_label(path.value, self.language)
                yield Row(label, tuple(self._values(self._facts.objects(node, path))))

    def _inside(self, trail: Trail, value: NamedNode) -> bool:
        """Whether a value is a part of the record of which something is said, and which is not being shown already."""
        below = value.value.startswith(trail[0].value + "/")
        return below and value not in trail and bool(self._facts.predicates(value))

    def _values(self, objects: Iterable[Object]) -> list[Value]:
        """Texts in several languages give way to the one the reader reads; all others are shown."""
        listed = list(objects)
        tagged = [value for value in listed if isinstance(value, Literal) and value.language]
        label = choose_label(tagged, self.language)
        values = [value for value in map(self._value, listed) if value is not None]
        if label is None:
            return sorted(values, key=lambda value: value.text.casefold())
        alike = [value for value in tagged if value.language == label.language]
        texts = [Value(value.value, value.language, label.fallback) for value in alike]
        return [*texts, *sorted(values, key=lambda value: value.text.casefold())]

    def _value(self, value: Object) -> Value | None:
        if isinstance(value, Literal):
            return None if value.language else Value(value.value)
        if isinstance(value, BlankNode | Triple):
            return Value(str(value))
        return self._iri(value.value)

    def _iri(self, iri: str) -> Value:
        if self._base.record_of(iri):
            return self.thing(iri)
        if tag := authority_tag(iri):
            return Value(language_name(tag, self.language), self.language, href=iri, external=True)
        if label := choose_label(self._labels.get(iri, ()), self.language):
            return Value(label.text, label.language, label.fallback, iri, external=True)
        if iri.startswith(ESCR):
            label = term_label(iri, self.language)
            return Value(label.text, label.language, label.fallback, "/def/" + iri.removeprefix(ESCR))
        if iri.startswith(("http://", "https://")):
            return Value(iri, href=iri, external=True)
        return Value(iri)


@dataclass(frozen=True, slots=True)
class Incoming:
    """Records of one type that name this one by one property. more: path of the page with all of them, or None."""

    type: str
    path: str
    kind_label: Label
    label: Label
    count: int
    sources: tuple[Value, ...]
    more: str | None

    @property
    def anchor(self) -> str:
        """Its place on the page."""
        return f"{self.type}-{self.path.replace('#', '/').rpartition('/')[2]}"


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
    return choose_label(kind.plurals, language) or kind.label(language)
