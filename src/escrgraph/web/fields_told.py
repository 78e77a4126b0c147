"""What the shapes demand of each kind, told field by field: name, meaning, what a value is, how many there may be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from escrgraph.vocabulary.fields import Field
from escrgraph.vocabulary.kinds import Kind, Kinds
from escrgraph.vocabulary.labels import Label, choose_label
from escrgraph.vocabulary.namespaces import ESCR, compact
from escrgraph.web.entity import Value
from escrgraph.web.terms import term_label


@dataclass(frozen=True, slots=True)
class FieldTold:
    """One field of a kind. name: of its property, prefixed; href: its page; values: what a value of it is.

    required: a record without it is refused; recommended: one without it is warned of; single: at most one value;
    forbidden: no record may have it, and people are told why.
    """

    label: Label
    name: str
    href: str
    external: bool
    meaning: Label | None
    values: tuple[Value, ...]
    required: bool
    recommended: bool
    single: bool
    forbidden: bool


@dataclass(frozen=True, slots=True)
class KindTold:
    """A kind with its fields. name: of its shape, which is its place at /shapes/."""

    name: str
    label: Label
    description: Label | None
    class_: Value
    fields: tuple[FieldTold, ...]


def told(kind: Kind, kinds: Kinds, language: str) -> KindTold:
    """What is asked of a kind, in the reader's language."""
    fields = tuple(_field(field, kinds, language) for field in kind.fields)
    description = choose_label(kind.descriptions, language)
    return KindTold(kind.name, kind.label(language), description, term_value(kind.target_class, language), fields)


def of_class(iri: str, kinds: Kinds, language: str) -> list[KindTold]:
    """The kinds whose shapes describe a class itself."""
    return [told(kind, kinds, language) for kind in kinds.values() if kind.target_class == iri]


def of_property(iri: str, kinds: Kinds, language: str) -> list[tuple[KindTold, FieldTold]]:
    """The fields that a property has, each with its kind."""
    found = [told(kind, kinds, language) for kind in kinds.values() if kind.field(iri)]
    return [(kind, field) for kind in found for field in kind.fields if field.name == compact(iri)]


def term_value(iri: str, language: str) -> Value:
    """A class or property by its name; ours lead to their pages, reused ones to where they are from."""
    label = term_label(iri, language)
    ours = iri.startswith(ESCR)
    return Value(label.text, label.language, label.fallback, term_href(iri), external=not ours)


def term_href(iri: str) -> str:
    """Where a term is told: its page here, or its own address."""
    return f"/def/{iri.removeprefix(ESCR)}.html" if iri.startswith(ESCR) else iri


def _field(field: Field, kinds: Kinds, language: str) -> FieldTold:
    return FieldTold(
        label=field.label(language),
        name=compact(field.path),
        href=term_href(field.path),
        external=not field.path.startswith(ESCR),
        meaning=choose_label(field.descriptions, language),
        values=tuple(_values(field, kinds, language)),
        required=field.required,
        recommended=field.recommended > 0 and not field.required,
        single=field.max_count == 1,
        forbidden=field.forbidden,
    )


def _values(field: Field, kinds: Kinds, language: str) -> Iterator[Value]:
    """What a value is: of a code list, a part with a shape of its own, a class, a datatype."""
    if field.scheme:
        lists = kinds.by_type["scheme"].label(language)
        yield Value(f"{lists.text}: {field.scheme}", lists.language, lists.fallback, f"/doc/scheme/{field.scheme}")
        return
    if field.node and field.node in kinds:
        label = kinds[field.node].label(language)
        yield Value(label.text, label.language, label.fallback, f"/shapes/#{field.node}")
        return
    for iri in field.classes or field.datatypes:
        yield term_value(iri, language)
