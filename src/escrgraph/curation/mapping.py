"""A mapping: how the records of a source become records here, as a TOML file says it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from escrgraph.curation.answers import Answers, Text
from escrgraph.curation.forms import Form, Question, Widget, form_of
from escrgraph.repository.errors import Malformed
from escrgraph.vocabulary.kinds import Kinds

IDENTIFIER = "@identifier"
"""What stands for the identifier of a record among the names of its texts."""

OTHERS = "*"
"""Among the values of a rule: what every other text becomes."""

SHARED = ("country", "region", "right", "obligation", "scheme", "dataset")
"""Types whose records are the same in every escrgraph: they are taken only when a mapping names them."""

_RECORD, _RULE = ("kind", "types", "duplicates"), ("from", "pattern", "values", "value", "language")


class Said(Protocol):
    """A text of a source."""

    @property
    def text(self) -> str:
        """The text."""

    @property
    def language(self) -> str:
        """Its language tag, empty for none."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Where the values of a field come from.

    names: of texts of the source. pattern: what of a text is taken (its first group, if it has one); a text without it
    is left out. values: what each text becomes; one that is not among them is left out, unless OTHERS says otherwise.
    constant: a text that every record gets. language: of texts that say none.
    """

    names: tuple[str, ...]
    pattern: re.Pattern[str] | None = None
    values: Mapping[str, str] | None = None
    constant: str = ""
    language: str = ""

    def texts(self, said: Mapping[str, Sequence[Said]], identifier: str) -> Iterator[Text]:
        """The texts that a record of the source gives to the field."""
        if self.constant:
            yield Text(self.constant, self.language)
        for name in self.names:
            given = [Text(identifier)] if name == IDENTIFIER else [Text(v.text, v.language) for v in said.get(name, ())]
            for one in given:
                taken = self._taken(one.text)
                if taken:
                    yield Text(taken, one.language or self.language)

    def _taken(self, text: str) -> str:
        if self.pattern is not None:
            found = self.pattern.search(text)
            text = (found[1] if found.re.groups else found[0]) or "" if found else ""
        if self.values is not None:
            text = self.values.get(text, self.values.get(OTHERS, "")) if text else ""
        return text.strip()


@dataclass(frozen=True, slots=True)
class Recipe:
    """How the records of a source become records here.

    name: of the mapping, "" without one. form: of the kind that they become, by the rules for its fields; None for
    another escrgraph, whose records of these types are taken as they are. telling: whether what is surely here
    already is only told, and not submitted.
    """

    name: str
    types: frozenset[str]
    form: Form | None = None
    rules: Mapping[str, tuple[Rule, ...]] | None = None
    telling: bool = False
    digest: str = ""

    def answers(self, said: Mapping[str, Sequence[Said]], identifier: str) -> Answers:
        """What a record of the source gives to the form."""
        answers = Answers()
        for key, rules in (self.rules or {}).items():
            question = self.form.question(key) if self.form else None
            if question is None:
                continue
            texts = [text for rule in rules for text in rule.texts(said, identifier)]
            once = list({(text.text, text.language): text for text in texts}.values())
            answers.texts[key] = once if question.multiple else once[:1]
        return answers


def read_recipe(name: str, content: Mapping[str, Any], kinds: Kinds, digest: str = "") -> Recipe:
    """What the sections [record] and [fields] of a mapping say. Raises Malformed."""
    record, fields = _table(content, "record"), _table(content, "fields")
    _demand_known("[record]", record, _RECORD)
    telling = record.get("duplicates", "submit")
    if telling not in ("submit", "tell"):
        raise Malformed("[record] duplicates is “submit” or “tell”.")
    types = record.get("types", [type_ for type_ in kinds.by_type if type_ not in SHARED])
    if not isinstance(types, list) or not set(map(str, types)) <= set(kinds.by_type):
        raise Malformed(f"[record] types is a list of some of: {', '.join(kinds.by_type)}.")
    if not fields:
        if "kind" in record:
            raise Malformed("[record] names a kind, and [fields] does not say what its fields are made of.")
        return Recipe(name, frozenset(types), telling=telling == "tell", digest=digest)
    kind = kinds.by_type.get(str(record.get("kind", "")))
    if kind is None:
        raise Malformed(f"[record] kind says what records become; it is one of: {', '.join(kinds.by_type)}.")
    form = form_of(kind, kinds)
    rules = {key: tuple(_rules(key, said, form)) for key, said in fields.items()}
    return Recipe(name, frozenset([kind.type or ""]), form, rules, telling == "tell", digest)


def _table(content: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = content.get(name, {})
    if not isinstance(found, dict):
        raise Malformed(f"[{name}] is a section.")
    return found


def _demand_known(place: str, section: Mapping[str, Any], known: Sequence[str]) -> None:
    for name in section:
        if name not in known:
            raise Malformed(f"{place} has no “{name}”. It may have: {', '.join(known)}.")


def _rules(key: str, said: Any, form: Form) -> Iterator[Rule]:
    question = form.question(key)
    if question is None or question.widget is Widget.PART:
        keys = [question.key for question in form.questions if question.widget is not Widget.PART]
        raise Malformed(f"[fields] has no “{key[:60]}” for a {form.kind.type}. It may have: {', '.join(keys)}.")
    for one in said if isinstance(said, list) and all(isinstance(rule, dict) for rule in said) else [said]:
        yield _rule(question, one)


def _rule(question: Question, said: Any) -> Rule:
    place = f"[fields] {question.key}"
    section = said if isinstance(said, dict) else {"from": said}
    _demand_known(place, section, _RULE)
    names = section.get("from", [])
    listed = [names] if isinstance(names, str) else names
    if not isinstance(listed, list) or not all(isinstance(name, str) for name in listed):
        raise Malformed(f"{place}: from is the name of a text of the source (“dc:title”), or a list of names.")
    for name in ("pattern", "value", "language"):
        if not isinstance(section.get(name, ""), str):
            raise Malformed(f"{place}: {name} is a text in quotes.")
    values = section.get("values")
    if values is not None and not (isinstance(values, dict) and all(isinstance(v, str) for v in values.values())):
        raise Malformed(f"{place}: values is a table from texts of the source to texts here.")
    if not listed and not section.get("value"):
        raise Malformed(f"{place}: say where it comes from (from), or what it always is (value).")
    try:
        pattern = re.compile(section["pattern"]) if "pattern" in section else None
    except re.error as error:
        raise Malformed(f"{place}: the pattern cannot be read: {error}.") from None
    return Rule(tuple(listed), pattern, values, section.get("value", ""), section.get("language", ""))
