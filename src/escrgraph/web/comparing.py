"""Differences as people read them: fields by name, values by name, and texts word by word."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from escrgraph.curation.differences import Difference
from escrgraph.vocabulary.facts import Object
from escrgraph.vocabulary.iris import Base
from escrgraph.vocabulary.labels import Label, choose_label
from escrgraph.vocabulary.languages import authority_tag, direction, language_name
from escrgraph.vocabulary.namespaces import ESCR, RDF
from escrgraph.web.entity import Value
from escrgraph.web.terms import term_label

SHOWN = 4000
"""Characters of a text that are shown."""

_WORDS = re.compile(r"\s+|[^\s\w]|\w+")


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of words that stays, comes or goes. sign: "", "+" or "-"."""

    sign: str
    text: str


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A text that changes, word by word."""

    language: str | None
    pieces: tuple[Piece, ...]

    @property
    def direction(self) -> str | None:
        """The direction of the text."""
        return direction(self.language) if self.language else None


@dataclass(frozen=True, slots=True)
class Row:
    """A field that changes. label: its name; part: of which part of the record, None for the record itself."""

    key: str
    label: Label
    part: Label | None
    kept: tuple[Value, ...]
    added: tuple[Value, ...]
    removed: tuple[Value, ...]
    rewritten: tuple[Rewritten, ...]
    current: tuple[Value, ...]
    moved: bool
    conflicting: bool


Names = Mapping[str, Sequence[Literal]]
"""The names of things by IRI."""


def rows(differences: Iterable[Difference], names: Names, base: Base, language: str) -> list[Row]:
    """Differences as rows, without what a thing is, where its kind says that."""
    return [_row(found, names, base, language) for found in differences if found.path != RDF + "type"]


def mentioned(differences: Iterable[Difference]) -> list[str]:
    """The IRIs whose names are wanted."""
    values = (v for found in differences for v in (*found.before, *found.after, *found.current))
    return list(dict.fromkeys(value.value for value in values if isinstance(value, NamedNode)))


def words_apart(old: str, new: str) -> tuple[Piece, ...]:
    """What of a text stays, goes and comes, in whole words."""
    before, after = _WORDS.findall(old[:SHOWN]), _WORDS.findall(new[:SHOWN])
    pieces: list[Piece] = []
    for kind, i, j, k, m in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            pieces.append(Piece("", "".join(before[i:j])))
            continue
        if i < j:
            pieces.append(Piece("-", "".join(before[i:j])))
        if k < m:
            pieces.append(Piece("+", "".join(after[k:m])))
    return tuple(pieces)


def value(term: Object, names: Names, base: Base, language: str) -> Value:
    """One value."""
    if isinstance(term, BlankNode | Triple):
        return Value(str(term)[:SHOWN])
    if isinstance(term, Literal):
        return Value(term.value[:SHOWN], term.language)
    iri = term.value
    label = choose_label(names.get(iri, ()), language)
    record = base.record_of(iri)
    if label or record:
        text = label.text if label else iri.removeprefix(f"{base.iri}id/")
        tag, fallback = (label.language, label.fallback) if label else (None, False)
        return Value(text, tag, fallback, f"/doc/{record}" if record else iri, external=not record)
    if tag := authority_tag(iri):
        return Value(language_name(tag, language), language)
    if iri.startswith(ESCR):
        found = term_label(iri, language)
        return Value(found.text, found.language, found.fallback, "/def/" + iri.removeprefix(ESCR))
    safe = iri.startswith(("http://", "https://"))
    return Value(iri, href=iri if safe else None, external=safe)


def _row(found: Difference, names: Names, base: Base, language: str) -> Row:
    label = found.field.label(language) if found.field else term_label(found.path, language)
    part = None
    if found.below:
        kind = found.kind.label(language) if found.kind else None
        number = found.below.rpartition("/")[2]
        text = f"{kind.text} {number}" if kind and number.isdecimal() else (kind.text if kind else found.below)
        part = Label(text, kind.language if kind else None, kind.fallback if kind else False)

    def read(values: Iterable[Object]) -> tuple[Value, ...]:
        return tuple(value(term, names, base, language) for term in values)

    pairs = _pairs(found)
    gone, come = {pair[0] for pair in pairs}, {pair[1] for pair in pairs}
    return Row(
        key=found.key,
        label=label,
        part=part,
        kept=read(found.kept),
        added=read(term for term in found.added if term not in come),
        removed=read(term for term in found.removed if term not in gone),
        rewritten=tuple(Rewritten(new.language, words_apart(old.value, new.value)) for old, new in pairs),
        current=read(found.current),
        moved=found.moved,
        conflicting=found.conflicting,
    )


def _pairs(found: Difference) -> list[tuple[Literal, Literal]]:
    """Texts of which one takes the place of another: the only one of its language that goes, and that comes."""
    pairs = []
    gone = [term for term in found.removed if isinstance(term, Literal)]
    come = [term for term in found.added if isinstance(term, Literal)]
    for old in gone:
        same = [new for new in come if (new.language, new.datatype) == (old.language, old.datatype)]
        rivals = [other for other in gone if (other.language, other.datatype) == (old.language, old.datatype)]
        if len(same) == len(rivals) == 1:
            pairs.append((old, same[0]))
    return pairs
