"""What came in with a form: the answers, the button that was pressed, and what goes with them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from pyoxigraph import NamedNode, Quad

from escrgraph.curation.answers import Answers, Text, posted
from escrgraph.curation.forms import Form, Question, Widget
from escrgraph.curation.slugs import free_slug
from escrgraph.curation.terms import text_of
from escrgraph.curation.writing import Written, answers_of
from escrgraph.search.facets import facet_name
from escrgraph.vocabulary.iris import Base
from escrgraph.vocabulary.kinds import Kind, Kinds
from escrgraph.vocabulary.namespaces import DCTERMS, PREFIXES
from escrgraph.web.context import here

LONGEST_NOTE = 5_000

_ALIKE = "alike "
_STEP = re.compile(r"([A-Za-z][A-Za-z0-9_-]*)(?:\.(\d{1,3}))?")
_RECORD = re.compile(r"[a-z]+/[a-z0-9]+(?:-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class FormState:
    """A form as it was posted.

    step: "check", "save", "submit", or "edit" for a button that changes the form: button, target and value say how.
    blanks: questions that get an empty place more. relations: what a record that looks alike is to the new one.
    """

    answers: Answers
    step: str = "check"
    button: str = ""
    target: str = ""
    value: str = ""
    note: str = ""
    contact: str = ""
    seen: str = ""
    record: str = ""
    blanks: frozenset[str] = frozenset()
    relations: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, form: Form, pairs: Sequence[tuple[str, str]]) -> FormState:
        """Read the pairs that a page posted. Raises TooLarge."""
        plain = {name: value for name, value in pairs if name in {"do", "note", "contact", "seen", "record"}}
        button, _, rest = plain.get("do", "check").partition(":")
        target, _, value = rest.partition("=")
        relations = {
            name.removeprefix(_ALIKE): chosen
            for name, chosen in pairs
            if name.startswith(_ALIKE) and _RECORD.fullmatch(name.removeprefix(_ALIKE)) and chosen
        }
        step = button if button in {"check", "save", "submit"} else "edit"
        return cls(
            posted(form, pairs), step, button, target, value, plain.get("note", "")[:LONGEST_NOTE].strip(),
            plain.get("contact", "")[:320].strip(), plain.get("seen", "")[:80], plain.get("record", ""),
            relations=relations,
        )  # fmt: skip

    def title(self, form: Form, kind: Kind) -> str:
        """The title that was given, empty when none was."""
        for path in kind.label_properties:
            question = form.asks(path)
            if question is not None and (given := self.answers.first(question.key)):
                return " ".join(given.split())
        return ""

    def related(self, written: Written, record: str, base: Base) -> Written:
        """With the links that were said to hold to records that look alike."""
        links = []
        node = NamedNode(base.record_iri(record))
        for other, relation in self.relations.items():
            if (
                other == record
                or other.partition("/")[0] != record.partition("/")[0]
                or not here().reception.has(other)
            ):
                continue
            known, graph = NamedNode(base.record_iri(other)), next((q.graph_name for q in written.quads), None)
            if relation == "translation" and graph is not None:
                links.append(Quad(node, NamedNode(PREFIXES["bibo"] + "translationOf"), known, graph))
            if relation == "version" and graph is not None:
                links.append(Quad(known, NamedNode(DCTERMS + "isReplacedBy"), node, graph))
        new = [link for link in links if link not in written.quads]
        return replace(written, quads=(*written.quads, *new), added=(*written.added, *new))


def applied(form: Form, state: FormState) -> FormState:
    """The form after a button that changes it: add a place, take a part out, take a suggestion."""
    if state.button == "add":
        return replace(state, blanks=frozenset({state.target}))
    found = _find(form, state.answers, state.target)
    if found is not None:
        question, answers, number = found
        if state.button == "drop" and question.widget is Widget.PART:
            parts = answers.parts.get(question.key, [])
            del parts[number - 1 : number]
        elif state.button == "take":
            texts = answers.texts.setdefault(question.key, [])
            if number <= len(texts):
                texts[number - 1] = Text(state.value)
    return state


def begun(form: Form, kinds: Kinds, base: Base, chosen: Mapping[str, str]) -> Answers:
    """A new entry in which what an address says is filled in.

    chosen: facet -> a record that there is ("right/food"), as in the addresses of lists; all else is left alone.
    """
    answers = Answers()
    for question in form.questions:
        _begin(question, answers, kinds, base, chosen)
        if question.part is not None:
            inner = Answers()
            for below in question.part.questions:
                _begin(below, inner, kinds, base, chosen)
            if not inner.empty:
                answers.parts[question.key] = [inner]
    return answers


def _begin(question: Question, answers: Answers, kinds: Kinds, base: Base, chosen: Mapping[str, str]) -> None:
    if not question.field.facet or question.part is not None:
        return
    record = chosen.get(facet_name(question.field, kinds), "")
    if _RECORD.fullmatch(record) and here().reception.has(record):
        answers.texts[question.key] = [text_of(question, NamedNode(base.record_iri(record)), base)]


def slugged(form: Form, answers: Answers, kind: Kind, chosen: str = "") -> str:
    """The record ("type/slug") that a new entry becomes."""
    title = FormState(answers).title(form, kind)
    type_ = kind.type or "resource"
    slug = free_slug(title, lambda slug: here().reception.taken(f"{type_}/{slug}"), type_)
    return (
        chosen
        if chosen and chosen.startswith(f"{type_}/") and not here().reception.taken(chosen)
        else f"{type_}/{slug}"
    )


def addressed(form: Form, answers: Answers, published: Iterable[Quad], record: str, base: Base) -> Answers:
    """What is there already, with what is new after it: nobody who replies takes an older reply away."""
    there = answers_of(form, published, record, base)
    for question in form.questions:
        there.texts[question.key] = [*there.texts.get(question.key, ()), *answers.texts.get(question.key, ())]
        there.parts[question.key] = [*there.parts.get(question.key, ()), *answers.parts.get(question.key, ())]
    return there


def _find(form: Form, answers: Answers, key: str) -> tuple[Question, Answers, int] | None:
    steps = [(step[1], int(step[2] or 1)) for step in _STEP.finditer(key)]
    here_: Form | None = form
    for name, number in steps[:-1]:
        question = here_.question(name) if here_ else None
        parts = answers.parts.get(name, ())
        if question is None or question.part is None or not 1 <= number <= len(parts):
            return None
        answers, here_ = parts[number - 1], question.part
    question = here_.question(steps[-1][0]) if here_ and steps else None
    return (question, answers, steps[-1][1]) if question else None
