"""A form as a page lays it out: questions with what was answered, what there is to choose, and what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from escrgraph.curation.answers import Answers, Text
from escrgraph.curation.forms import Form, Question, Section, Widget
from escrgraph.vocabulary.fields import Field
from escrgraph.vocabulary.iris import Base
from escrgraph.vocabulary.labels import Label
from escrgraph.vocabulary.languages import LANGUAGES, language_name
from escrgraph.vocabulary.lexicon import Lexicon

FEW = 60
"""Entries that are all shown to choose from; of longer lists one names an entry."""

LexiconOf = Callable[[Field], Lexicon | None]


@dataclass(frozen=True, slots=True)
class Note:
    """Something to mend, or to look at. grave: it must be mended. suggestions: pairs of a value and its name."""

    text: str
    grave: bool
    suggestions: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the entries to choose from."""

    value: str
    label: Label
    chosen: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One value. key: its name in what is posted, and its id."""

    key: str
    text: str
    language: str
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """One embedded value."""

    key: str
    suffix: str
    notes: tuple[Note, ...]
    asked: tuple[Asked, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question on the page. key: of all its values; widget: as in Widget, or "choose", "check" for a short list."""

    key: str
    question: Question
    label: Label
    help: Label | None
    widget: str
    rows: tuple[Row, ...] = ()
    choices: tuple[Choice, ...] = ()
    parts: tuple[Part, ...] = ()
    notes: tuple[Note, ...] = ()

    @property
    def wrong(self) -> bool:
        """Whether something must be mended here."""
        return any(note.grave for note in (*self.notes, *(note for row in self.rows for note in row.notes)))

    @property
    def answered(self) -> bool:
        """Whether there is a value."""
        rows = any(row.text.strip() for row in self.rows)
        return rows or any(choice.chosen for choice in self.choices) or bool(self.parts)


@dataclass(frozen=True, slots=True)
class Block:
    """The questions under one heading."""

    id: str
    heading: Label | None
    asked: tuple[Asked, ...]


@dataclass(frozen=True)
class Sheet:
    """Lays out one form for one reader.

    notes: by key of a field or value. blanks: keys of questions that get an empty place more.
    """

    form: Form
    answers: Answers
    language: str
    base: Base
    lexicon_of: LexiconOf
    notes: Mapping[str, Sequence[Note]] = field(default_factory=dict)
    blanks: frozenset[str] = frozenset()

    def blocks(self) -> tuple[Block, ...]:
        """The whole form."""
        return tuple(self._block(number, section) for number, section in enumerate(self.form.sections, 1))

    def _block(self, number: int, section: Section) -> Block:
        heading = section.group.label(self.language) if section.group else None
        asked = tuple(self._asked(question, self.answers, "") for question in section.questions)
        return Block(f"part-{number}", heading, asked)

    def _asked(self, question: Question, answers: Answers, prefix: str) -> Asked:
        key = prefix + question.key
        label, told = question.label(self.language), question.help(self.language)
        if question.widget is Widget.PART:
            parts = tuple(self._parts(question, answers, key))
            return Asked(key, question, label, told, "part", parts=parts, notes=tuple(self.notes.get(key, ())))
        texts = answers.texts.get(question.key, [])
        choices = tuple(self._choices(question, texts))
        if choices and not self._odd(texts, choices):
            widget = "check" if question.multiple else "choose"
            notes = [note for row in range(len(texts) + 1) for note in self.notes.get(f"{key}.{row + 1}", ())]
            told_ = tuple(dict.fromkeys((*self.notes.get(key, ()), *notes)))
            return Asked(key, question, label, told, widget, choices=choices, notes=told_)
        widget = "lookup" if question.widget in {Widget.LIST, Widget.LOOKUP} else question.widget.value
        rows = tuple(self._rows(question, texts, key))
        return Asked(key, question, label, told, widget, rows=rows, notes=tuple(self.notes.get(key, ())))

    def _parts(self, question: Question, answers: Answers, key: str) -> Iterator[Part]:
        given = list(answers.parts.get(question.key, ()))
        if key in self.blanks or (not given and question.required):
            given.append(Answers())
        for number, part in enumerate(given, 1):
            name = f"{key}.{number}"
            inner = question.part.questions if question.part else ()
            asked = tuple(self._asked(each, part, f"{name}.") for each in inner)
            yield Part(name, part.suffix, tuple(self.notes.get(name, ())), asked)

    def _rows(self, question: Question, texts: Sequence[Text], key: str) -> Iterator[Row]:
        given = list(texts) or [Text("", self._usual(question))]
        if key in self.blanks:
            given.append(Text("", self._usual(question)))
        for number, text in enumerate(given, 1):
            name = f"{key}.{number}"
            yield Row(name, self._named(question, text.text), text.language, tuple(self.notes.get(name, ())))

    def _usual(self, question: Question) -> str:
        """The language in which a new text most likely is."""
        return self.language if question.localized and not question.language_optional else ""

    def _named(self, question: Question, value: str) -> str:
        """The name of an entry where it leads back to the entry alone; else what was written."""
        lexicon = self.lexicon_of(question.field) if question.is_term else None
        iri = self.base.iri + "id/" + value
        if lexicon is None or iri not in lexicon:
            return value
        name = lexicon.label(iri, self.language).text
        return name if lexicon.named(name) == [iri] else value

    def _choices(self, question: Question, texts: Sequence[Text]) -> Iterator[Choice]:
        given = {text.text for text in texts}
        found = list(self._listed(question))
        if question.field.choices or len(found) <= FEW:
            for value, label in sorted(found, key=lambda pair: pair[1].text.casefold()):
                yield Choice(value, label, value in given)

    def _listed(self, question: Question) -> Iterable[tuple[str, Label]]:
        if question.field.choices:
            values = (str(getattr(choice, "value", choice)) for choice in question.field.choices)
            return [(value, Label(value, None, fallback=False)) for value in values]
        if question.widget not in {Widget.LIST, Widget.LOOKUP}:
            return []
        lexicon = self.lexicon_of(question.field)
        if lexicon is None or len(lexicon) > FEW:
            return []
        home = self.base.iri + "id/"
        return [(iri.removeprefix(home), lexicon.label(iri, self.language)) for iri in lexicon]

    @staticmethod
    def _odd(texts: Sequence[Text], choices: Sequence[Choice]) -> bool:
        """Whether something was answered that is no choice: then it is shown as it was written, to be mended."""
        values = {choice.value for choice in choices}
        return any(text.text.strip() and text.text not in values for text in texts)


def languages(field: Field, language: str) -> list[tuple[str, str]]:
    """The languages that a text may be in, with their names: those of the pages first, then by name."""
    tags = field.languages or LANGUAGES
    first = [tag for tag in LANGUAGES if tag in tags]
    rest = sorted((tag for tag in tags if tag not in first), key=lambda tag: language_name(tag, language).casefold())
    return [(tag, language_name(tag, language)) for tag in (*first, *rest)]
