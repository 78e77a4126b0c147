"""Answers: what a person gave to the questions of a form, as text, before it is RDF and after it was."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from escrgraph.curation.forms import Form, Question, Widget
from escrgraph.repository.errors import TooLarge

_T = TypeVar("_T")

MOST_ANSWERS = 5_000
MOST_VALUES = 200

_STEP = re.compile(r"([A-Za-z][A-Za-z0-9_-]*)(?:\.(\d{1,3}))?")
_SUFFIX = re.compile(r"[a-z0-9]+(?:[-/][a-z0-9]+)*")


@dataclass(slots=True)
class Text:
    """One value. language: its tag, empty where the person chose none."""

    text: str
    language: str = ""


@dataclass(slots=True)
class Answers:
    """The values of a record or part, by the key of the question.

    suffix: where a part stands below its record ("evidence/1"), empty for a record and for a part not yet written.
    """

    texts: dict[str, list[Text]] = field(default_factory=dict)
    parts: dict[str, list[Answers]] = field(default_factory=dict)
    suffix: str = ""

    @property
    def empty(self) -> bool:
        """Whether nothing was answered. A language alone is no answer."""
        said = any(text.text.strip() for texts in self.texts.values() for text in texts)
        return not said and all(part.empty for parts in self.parts.values() for part in parts)

    def first(self, key: str) -> str:
        """The first text of a question, empty when there is none."""
        return next((text.text for text in self.texts.get(key, ()) if text.text.strip()), "")


def posted(form: Form, pairs: Iterable[tuple[str, str]]) -> Answers:
    """Read the pairs that a page posted: `title.1`, its language `title.1@`, a part `evidence.2.title.1`.

    `evidence.2#` names the part as it was published; a check box has no number. What belongs to no question of the form
    is left alone. Raises TooLarge.
    """
    answers = Answers()
    for number, (name, value) in enumerate(pairs):
        if number > MOST_ANSWERS:
            raise TooLarge(f"The form holds more than {MOST_ANSWERS:,} answers. Send the entries as a table.")
        _take(form, answers, name, value)
    return answers


def pairs(form: Form, answers: Answers, prefix: str = "") -> Iterator[tuple[str, str]]:
    """The pairs from which `posted` reads the same answers."""
    for question in form.questions:
        for number, text in enumerate(answers.texts.get(question.key, ()), 1):
            yield f"{prefix}{question.key}.{number}", text.text
            if text.language:
                yield f"{prefix}{question.key}.{number}@", text.language
        for number, part in enumerate(answers.parts.get(question.key, ()), 1):
            name = f"{prefix}{question.key}.{number}"
            if part.suffix:
                yield f"{name}#", part.suffix
            if question.part is not None:
                yield from pairs(question.part, part, f"{name}.")


def _take(form: Form, answers: Answers, name: str, value: str) -> None:
    steps = list(_STEP.finditer(name))
    rest = name[steps[-1].end() :] if steps else name
    if not steps or rest not in {"", "@", "#"} or ".".join(step[0] for step in steps) + rest != name:
        return
    here: Form | None = form
    for step in steps[:-1]:
        question = here.question(step[1]) if here else None
        if question is None or question.part is None or not step[2]:
            return
        answers = _nth(answers.parts.setdefault(question.key, []), int(step[2]), Answers)
        here = question.part
    question = here.question(steps[-1][1]) if here else None
    if question is not None:
        _put(question, answers, steps[-1][2], rest, value)


def _put(question: Question, answers: Answers, number: str | None, kind: str, value: str) -> None:
    if question.widget is Widget.PART:
        if number and kind == "#" and _SUFFIX.fullmatch(value):
            _nth(answers.parts.setdefault(question.key, []), int(number), Answers).suffix = value
        return
    texts = answers.texts.setdefault(question.key, [])
    if number is None:
        if len(texts) < MOST_VALUES:
            texts.append(Text(value))
        return
    text = _nth(texts, int(number), lambda: Text(""))
    if kind == "@":
        text.language = value.strip()
    elif kind == "":
        text.text = value


def _nth(found: list[_T], number: int, make: Callable[[], _T]) -> _T:
    if not 1 <= number <= MOST_VALUES:
        raise TooLarge(f"A field takes at most {MOST_VALUES} values. Keep the important ones.")
    while len(found) < number:
        found.append(make())
    return found[number - 1]
