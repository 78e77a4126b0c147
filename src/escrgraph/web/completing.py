"""What may stand at a place in a query or a form: prefixes, classes, properties, values, from shapes and from use."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode

from escrgraph.vocabulary.facts import Facts, term
from escrgraph.vocabulary.kinds import Kinds
from escrgraph.vocabulary.labels import Label, choose_label
from escrgraph.vocabulary.namespaces import PREFIXES, local_name
from escrgraph.web.sparql_text import written

_LABEL, _DEFINITION = term("rdfs:label"), term("skos:definition")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A term to put in. written: as it stands in a query; count: how often it is used there, None where not counted.

    known: a shape or the vocabulary speaks of it, so it comes before what is merely used.
    """

    written: str
    iri: str | None
    label: Label | None
    description: Label | None
    count: int | None
    known: bool = False

    def as_json(self) -> dict[str, object]:
        """The term as the API tells it."""
        return {
            "iri": self.iri,
            "prefixed": self.written,
            "label": self.label.text if self.label else None,
            "language": self.label.language if self.label else None,
            "description": self.description.text if self.description else None,
            "count": self.count,
        }


def prefixes() -> list[Suggestion]:
    """The prefixes of the one table."""
    return [Suggestion(f"{prefix}:", iri, None, None, None, known=True) for prefix, iri in PREFIXES.items()]


def classes(used: Mapping[str, int], kinds: Kinds, ontology: Facts, language: str) -> list[Suggestion]:
    """The classes that shapes describe and those that things have. used: class -> number of its things."""
    described = {kind.target_class: kind for kind in kinds.values()}
    found = []
    for iri in dict.fromkeys([*described, *used]):
        kind, (label, description) = described.get(iri), _told(iri, ontology, language)
        if kind is not None:
            label = label or kind.label(language)
            description = description or choose_label(kind.descriptions, language)
        known = kind is not None
        found.append(Suggestion(written(NamedNode(iri)), iri, label, description, used.get(iri, 0), known))
    return found


def properties(
    used: Mapping[str, int], kinds: Kinds, ontology: Facts, language: str, class_: str | None = None
) -> list[Suggestion]:
    """The properties that shapes have fields for and those that things have.

    used: property -> number of its triples. class_: only fields of the kinds that describe it, named as they name them.
    """
    fitting = kinds.fitting(class_) if class_ else tuple(kinds.values())
    fields = {field.path: field for kind in reversed(fitting) for field in kind.fields if not field.forbidden}
    found = []
    for iri in dict.fromkeys([*fields, *used]):
        field, (label, description) = fields.get(iri), _told(iri, ontology, language)
        if field is not None and (class_ or label is None):
            label = field.label(language)
            description = choose_label(field.descriptions, language) or description
        known = field is not None
        found.append(Suggestion(written(NamedNode(iri)), iri, label, description, used.get(iri, 0), known))
    return found


def values(
    used: Mapping[NamedNode | Literal, int], names: Mapping[str, Iterable[Literal]], language: str
) -> list[Suggestion]:
    """The values that a property has. used: value -> number of its triples; names: of those that are things."""
    found = []
    for value, count in used.items():
        if isinstance(value, Literal):
            label = Label(value.value, value.language, fallback=False)
            found.append(Suggestion(written(value), None, label, None, count))
        else:
            label_ = choose_label(names.get(value.value, ()), language)
            found.append(Suggestion(written(value), value.value, label_, None, count))
    return found


def matching(suggestions: Iterable[Suggestion], text: str) -> list[Suggestion]:
    """Those in which some text stands: at the beginning of a name, then of a word, then anywhere; most used first."""
    wanted = folded(text)
    ranked = [(rank, found) for found in suggestions if (rank := _rank(found, wanted)) is not None]
    return [found for _, found in sorted(ranked, key=lambda pair: (pair[0], *_order(pair[1])))]


def folded(text: str) -> str:
    """A text as it is compared with what is being typed: in small letters, without accents, its signs kept."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in apart if not unicodedata.combining(character))


def _told(iri: str, ontology: Facts, language: str) -> tuple[Label | None, Label | None]:
    node = NamedNode(iri)
    label = choose_label(ontology.literals(node, _LABEL), language)
    return label, choose_label(ontology.literals(node, _DEFINITION), language)


def _rank(found: Suggestion, wanted: str) -> int | None:
    if not wanted:
        return 0
    names = [
        folded(found.written),
        folded(local_name(found.iri or "")),
        folded(found.label.text if found.label else ""),
    ]
    if any(name.startswith(wanted) for name in names):
        return 0
    if any(f" {wanted}" in name for name in names):
        return 1
    return 2 if any(wanted in name for name in names) else None


def _order(found: Suggestion) -> tuple[bool, int, str, str]:
    return not found.known, -(found.count or 0), folded(found.label.text if found.label else ""), found.written
