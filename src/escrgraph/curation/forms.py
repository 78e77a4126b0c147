"""The form of a kind: the questions that its shape asks, which page, table, API and messages all share."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from pyoxigraph import Literal

from escrgraph.vocabulary.edtf import DATATYPE as EDTF
from escrgraph.vocabulary.fields import Field, Group
from escrgraph.vocabulary.kinds import Kind, Kinds
from escrgraph.vocabulary.labels import Label, choose_label
from escrgraph.vocabulary.languages import AUTHORITY
from escrgraph.vocabulary.namespaces import DASH, RDF, SH, XSD, local_name

DEEPEST = 4
"""How far parts may hold parts; shapes that go round in a circle would ask for ever."""

_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_NUMBERS = frozenset(XSD + name for name in ("integer", "decimal", "double", "float", "nonNegativeInteger"))


class Widget(StrEnum):
    """How a value is given: WORDS on one line, LINES of text, one or several of a LIST, a LOOKUP of an
    entry by its name, a TONGUE (language) by its code, a PART with fields.
    """

    WORDS = "words"
    LINES = "lines"
    DATE = "date"
    DAY = "day"
    NUMBER = "number"
    YES_NO = "yes-no"
    ADDRESS = "address"
    LIST = "list"
    TONGUE = "tongue"
    LOOKUP = "lookup"
    PART = "part"


@dataclass(frozen=True, slots=True)
class Question:
    """One field as it is asked. key: its name in posted values, tables and the API, unlike any other of its form.

    localized: each text says its language; language_optional: it may be without one. part: the form of an embedded
    value.
    """

    key: str
    field: Field
    widget: Widget
    localized: bool
    language_optional: bool
    part: Form | None = None

    @property
    def path(self) -> str:
        """The property."""
        return self.field.path

    @property
    def required(self) -> bool:
        """Whether an entry without it is refused."""
        return self.field.required

    @property
    def recommended(self) -> bool:
        """Whether an entry should have it."""
        return not self.field.required and self.field.recommended > 0

    @property
    def multiple(self) -> bool:
        """Whether it may have several values."""
        return self.field.max_count is None or self.field.max_count > 1

    @property
    def is_term(self) -> bool:
        """Whether its values are entries of the library."""
        return self.widget in {Widget.LIST, Widget.LOOKUP} and not self.field.datatypes

    def label(self, languages: str | Sequence[str]) -> Label:
        """Its name in the reader's language."""
        return self.field.label(languages)

    def help(self, languages: str | Sequence[str]) -> Label | None:
        """What to write there, in the reader's language."""
        return choose_label(self.field.descriptions, languages)


@dataclass(frozen=True, slots=True)
class Section:
    """Questions under one heading; None for those that no group holds."""

    group: Group | None
    questions: tuple[Question, ...]


@dataclass(frozen=True)
class Form:
    """The questions of a kind, in the order of its shape."""

    kind: Kind
    questions: tuple[Question, ...]
    _by_key: dict[str, Question] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._by_key.update({question.key: question for question in self.questions})

    def question(self, key: str) -> Question | None:
        """The question of that key."""
        return self._by_key.get(key)

    def asks(self, path: str) -> Question | None:
        """The question about a property."""
        return next((question for question in self.questions if question.path == path), None)

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        """The questions under the headings of their groups."""
        groups = dict.fromkeys(question.field.group for question in self.questions)
        return tuple(Section(group, tuple(q for q in self.questions if q.field.group == group)) for group in groups)

    @cached_property
    def everything(self) -> tuple[Question, ...]:
        """The questions of this form and of the forms of its parts."""
        return tuple(_walk(self))

    def only(self, *keys: str) -> Form:
        """The form with no other questions than these. Raises KeyError for one that it has not."""
        return Form(self.kind, tuple(self._by_key[key] for key in keys))


def form_of(kind: Kind, kinds: Kinds) -> Form:
    """The form of a kind. What the library puts there by itself, and what no record may have, is not asked."""
    return _form(kind, kinds, 0)


def _form(kind: Kind, kinds: Kinds, depth: int) -> Form:
    asked = [found for found in _fields(kind, kinds) if _is_asked(found)]
    keys = _keys(asked)
    questions = []
    for found, key in zip(asked, keys, strict=True):
        part = None
        if found.node is not None and found.node in kinds and depth < DEEPEST:
            part = _form(kinds[found.node], kinds, depth + 1)
        questions.append(_question(found, key, part))
    return Form(kind, tuple(questions))


def _is_asked(found: Field) -> bool:
    chosen = (found.editor or "").endswith("InstancesSelectEditor")
    nothing_to_choose = chosen and not (found.choices or found.scheme or found.classes or _is_tongue(found))
    return not (found.read_only or found.forbidden or found.holder or nothing_to_choose)


def _is_tongue(found: Field) -> bool:
    return any(AUTHORITY in pattern.replace("[.]", ".") for pattern in found.patterns)


def _fields(kind: Kind, kinds: Kinds) -> list[Field]:
    """The fields of a kind, and of the kinds that add to it."""
    adding = [
        other
        for other in kinds.values()
        if other.part_of == kind.name and other is not kind and other.target_class in kind.classes
    ]
    found = {field.path: field for other in adding for field in other.fields}
    return sorted({**found, **{field.path: field for field in kind.fields}}.values(), key=lambda field: field.position)


def _keys(fields: Iterable[Field]) -> list[str]:
    """A short name for each field: the local name of its property, numbered where another has the same."""
    taken: dict[str, int] = {}
    keys = []
    for found in fields:
        name = local_name(found.path)
        name = name if _KEY.fullmatch(name) else "field"
        taken[name] = taken.get(name, 0) + 1
        keys.append(name if taken[name] == 1 else f"{name}{taken[name]}")
    return keys


def _question(found: Field, key: str, part: Form | None) -> Question:
    localized = RDF + "langString" in found.datatypes
    optional = not found.datatypes and found.node_kind == SH + "Literal"
    return Question(key, found, _widget(found, part), localized or optional, optional, part)


def _widget(found: Field, part: Form | None) -> Widget:
    if part is not None:
        return Widget.PART
    editor = (found.editor or "").removeprefix(DASH)
    by_type = _by_datatype(found)
    if by_type is not None:
        return by_type
    if _is_tongue(found):
        return Widget.TONGUE
    if found.choices or found.scheme or (found.classes and editor == "InstancesSelectEditor"):
        return Widget.LIST
    if found.classes or editor == "AutoCompleteEditor":
        return Widget.LOOKUP
    if editor.startswith("TextArea"):
        return Widget.LINES
    return Widget.ADDRESS if found.node_kind == SH + "IRI" else Widget.WORDS


def _by_datatype(found: Field) -> Widget | None:
    types = set(found.datatypes)
    if EDTF in types:
        return Widget.DATE
    if XSD + "date" in types:
        return Widget.DAY
    if types & _NUMBERS:
        return Widget.NUMBER
    return Widget.YES_NO if XSD + "boolean" in types else None


def _walk(form: Form) -> Iterator[Question]:
    for question in form.questions:
        yield question
        if question.part is not None:
            yield from _walk(question.part)


def texts(literals: Iterable[Literal], languages: str | Sequence[str]) -> str:
    """A text in the reader's language, empty when there is none."""
    found = choose_label(literals, languages)
    return found.text if found else ""
