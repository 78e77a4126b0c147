"""Questions: SPARQL files with a head that names them and types their parameters."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from pathlib import Path

from pyoxigraph import Literal, NamedNode

from escrgraph.repository.errors import Malformed
from escrgraph.vocabulary.iris import Base
from escrgraph.vocabulary.namespaces import HOME, XSD

AUDIENCES = ("researcher", "partner", "member", "curator")

_LINE = re.compile(r"#\s?(?P<key>[a-z]+)(?:@(?P<language>[a-z]{2}))?(?P<name> [A-Za-z_]\w*)?:\s*(?P<value>.*)")
_PARAMETER = re.compile(
    r'(?P<type>[a-zA-Z]+)(?:\s*=\s*(?P<default><[^>]*>|"[^"]*"|[^\s"]+))?(?P<labels>(?:\s+"[^"]*"(?:@[a-z]{2})?)*)\s*'
)
_LABEL = re.compile(r'"([^"]*)"(?:@([a-z]{2}))?')
_LANGUAGE_TAG = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>\"{}|\\^`]+")
_HOME = Base()

Term = NamedNode | Literal


class ParameterType(StrEnum):
    """What a parameter of a question may be."""

    IRI = "iri"
    STRING = "string"
    INTEGER = "integer"
    DECIMAL = "decimal"
    DATE = "date"
    DATETIME = "dateTime"
    LANGUAGE = "language"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One blank of a question. default: as a person writes it, None when it must be given."""

    name: str
    type: ParameterType
    default: str | None
    labels: Mapping[str, str]

    def label(self, language: str = "en") -> str:
        """What the blank is called, in the language or else in English."""
        return self.labels.get(language) or self.labels.get("en") or self.name


@dataclass(frozen=True, slots=True)
class Question:
    """A query with a name. text: SPARQL with the parameters as free variables, bound by `bind`."""

    name: str
    titles: Mapping[str, str]
    descriptions: Mapping[str, str]
    audience: str
    parameters: tuple[Parameter, ...]
    text: str
    base: Base = _HOME

    def title(self, language: str = "en") -> str:
        """The title, in the language or else in English."""
        return self.titles.get(language) or self.titles["en"]

    def description(self, language: str = "en") -> str:
        """The description, in the language or else in English."""
        return self.descriptions.get(language) or self.descriptions.get("en", "")

    def bind(self, values: Mapping[str, str] | None = None) -> dict[str, Term]:
        """The terms to substitute for the variables: the values given, defaults for the rest.

        values: parameter -> text; an IRI may be given with or without angle brackets, or as {type}/{slug}.
        Raises Malformed for an unknown parameter, one that is missing, or a value that does not fit its type.
        """
        values = values or {}
        known = {parameter.name for parameter in self.parameters}
        for name in values:
            if name not in known:
                raise Malformed(
                    f"The question “{self.name}” has no parameter “{name}”. "
                    + (f"It has: {', '.join(sorted(known))}." if known else "It has none.")
                )
        return {p.name: self._term(p, values.get(p.name)) for p in self.parameters}

    def _term(self, parameter: Parameter, given: str | None) -> Term:
        text = parameter.default if given is None else given
        if text is None:
            raise Malformed(
                f"The question “{self.name}” needs the parameter “{parameter.name}” ({parameter.label()}), "
                f"which is {_MEANING[parameter.type]}."
            )
        try:
            return _READ[parameter.type](text.strip(), self.base)
        except (ValueError, InvalidOperation):
            raise Malformed(
                f"The parameter “{parameter.name}” of the question “{self.name}” cannot be “{text}”: "
                f"it is {_MEANING[parameter.type]}."
            ) from None


def read_question(path: Path, base: Base = _HOME) -> Question:
    """The question in a file. base: where the records and graphs of the repository begin; the text is rebased to it.

    Raises Malformed, with the line, for a head that cannot be read, and OSError when there is no such file.
    """
    return parse_question(path.stem, path.read_text(encoding="utf-8"), base)


def read_questions(folder: Path, base: Base = _HOME) -> dict[str, Question]:
    """The questions of a folder by name (not those of its subfolders). Raises as read_question."""
    return {path.stem: read_question(path, base) for path in sorted(folder.glob("*.rq"))}


def parse_question(name: str, source: str, base: Base = _HOME) -> Question:
    """The question in a text: its head, then its SPARQL. Raises Malformed, with the line, for a wrong head."""
    text = rebased(source, base)
    titles: dict[str, str] = {}
    descriptions: dict[str, str] = {}
    audience = ""
    parameters: list[Parameter] = []
    for line, match in _head(name, text):
        language, value = match["language"] or "en", match["value"].strip()
        if match["key"] == "param" and match["name"]:
            parameters.append(_parameter(name, line, match["name"].strip(), value))
        elif match["key"] == "title":
            titles[language] = value
        elif match["key"] == "description":
            descriptions[language] = value
        elif match["key"] == "audience" and value in AUDIENCES:
            audience = value
        else:
            raise _wrong(
                name, line, f"“{match[0]}” is no title, description, audience ({', '.join(AUDIENCES)}) or param"
            )
    if "en" not in titles:
        raise _wrong(name, 1, "there is no “# title: …”")
    question = Question(name, titles, descriptions, audience or "researcher", tuple(parameters), text, base)
    for parameter in parameters:
        if parameter.default is not None:
            question._term(parameter, None)  # a default of the wrong type is found now, not by the first reader
    return question


def rebased(text: str, base: Base) -> str:
    """The text with record, document and graph IRIs of the shipped base moved to another base."""
    return re.sub(re.escape(HOME) + r"(?=(?:id|doc|graph)/)", lambda _: base.iri, text)


def _head(name: str, text: str) -> Iterator[tuple[int, re.Match[str]]]:
    """The lines of the head with their numbers; a line that begins with three spaces continues the one before."""
    found: list[tuple[int, str]] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.startswith("#"):
            break
        if line.startswith("#   ") and found:
            found[-1] = (found[-1][0], f"{found[-1][1]} {line[1:].strip()}")
        elif line.strip("# "):
            found.append((number, line))
    for number, line in found:
        match = _LINE.fullmatch(line.rstrip())
        if match is None:
            raise _wrong(name, number, f"“{line}” is not of the form “# key: value”")
        yield number, match


def _parameter(question: str, line: int, name: str, value: str) -> Parameter:
    match = _PARAMETER.fullmatch(value)
    if match is None or match["type"] not in set(ParameterType):
        raise _wrong(
            question,
            line,
            f"a parameter is written “# param {name}: type = default "
            f'"Label"”, with a type of {", ".join(ParameterType)}',
        )
    default = match["default"]
    if default is not None and default[0] in '<"':
        default = default[1:-1]
    labels = {language or "en": label for label, language in _LABEL.findall(match["labels"])}
    return Parameter(name, ParameterType(match["type"]), default, labels)


def _wrong(name: str, line: int, why: str) -> Malformed:
    return Malformed(f"The head of the question “{name}” cannot be read, line {line}: {why}.", line, 1)


def _iri(text: str, base: Base) -> Term:
    iri = text.removeprefix("<").removesuffix(">")
    if ":" not in iri:
        iri = base.record_iri(iri)
    if not _IRI.fullmatch(iri):
        raise ValueError
    return NamedNode(iri)


def _integer(text: str, _base: Base) -> Term:
    return Literal(str(int(text)), datatype=NamedNode(XSD + "integer"))


def _decimal(text: str, _base: Base) -> Term:
    number = Decimal(text)
    if not number.is_finite():
        raise ValueError
    return Literal(f"{number:f}", datatype=NamedNode(XSD + "decimal"))


def _date(text: str, _base: Base) -> Term:
    return Literal(date.fromisoformat(text).isoformat(), datatype=NamedNode(XSD + "date"))


def _moment(text: str, _base: Base) -> Term:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return Literal(moment.isoformat().replace("+00:00", "Z"), datatype=NamedNode(XSD + "dateTime"))


def _language(text: str, _base: Base) -> Term:
    if not _LANGUAGE_TAG.fullmatch(text):
        raise ValueError
    return Literal(text.lower())


_READ: dict[ParameterType, Callable[[str, Base], Term]] = {
    ParameterType.IRI: _iri,
    ParameterType.STRING: lambda text, _base: Literal(text),
    ParameterType.INTEGER: _integer,
    ParameterType.DECIMAL: _decimal,
    ParameterType.DATE: _date,
    ParameterType.DATETIME: _moment,
    ParameterType.LANGUAGE: _language,
}
_MEANING = {
    ParameterType.IRI: "an IRI, or {type}/{slug} of a record, such as country/gtm",
    ParameterType.STRING: "text",
    ParameterType.INTEGER: "a whole number",
    ParameterType.DECIMAL: "a number",
    ParameterType.DATE: "a date of the form 2015-03-31",
    ParameterType.DATETIME: "a moment of the form 2015-03-31T12:00:00Z",
    ParameterType.LANGUAGE: "a language tag, such as es",
}
