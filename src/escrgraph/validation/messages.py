"""A sentence for each finding, in each interface language: what is wrong, in which field, and what it says now."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping

from pyoxigraph import Literal, NamedNode

from escrgraph.validation.results import Result
from escrgraph.validation.sentences import EXPECTED, FALLBACK, SENTENCES, VALUE
from escrgraph.validation.shapes import Shapes
from escrgraph.vocabulary.facts import Object, term
from escrgraph.vocabulary.iris import Base
from escrgraph.vocabulary.kinds import Kinds
from escrgraph.vocabulary.labels import choose_label
from escrgraph.vocabulary.languages import LANGUAGES
from escrgraph.vocabulary.namespaces import local_name

LONGEST_VALUE = 200
_NAMED = re.compile(r"[“«]\s?([^”»]+?)\s?[”»]\s?:\s*")

_PARAMETERS = {
    "MinCount": "minCount",
    "MaxCount": "maxCount",
    "MinLength": "minLength",
    "MaxLength": "maxLength",
    "MinInclusive": "minInclusive",
    "MaxInclusive": "maxInclusive",
    "MinExclusive": "minExclusive",
    "MaxExclusive": "maxExclusive",
    "QualifiedMinCount": "qualifiedMinCount",
    "QualifiedMaxCount": "qualifiedMaxCount",
    "Datatype": "datatype",
    "NodeKind": "nodeKind",
    "In": "in",
    "HasValue": "hasValue",
}


class Wording:
    """Words results with the names and messages of the shapes; base tells which addresses are ours."""

    def __init__(self, shapes: Shapes, kinds: Kinds, base: Base) -> None:
        self._facts, self._kinds, self._base = shapes.facts, kinds, base
        self._names: dict[str, tuple[Literal, ...]] = {}
        for kind in kinds.values():
            for field in kind.fields:
                self._names.setdefault(field.path, field.names)

    def field(self, result: Result) -> dict[str, str]:
        """The name of the field, or of the kind when the entry itself is meant, by language."""
        names: tuple[Literal, ...] = ()
        if result.shape is not None:
            node = NamedNode(result.shape) if ":" in result.shape else None
            if node is not None:
                names = self._facts.literals(node, term("sh:name")) or self._facts.literals(node, term("rdfs:label"))
        if not names and result.path is not None:
            names = self._names.get(result.path, ())
        if not names and result.path is None:
            record = self._base.record_of(result.focus)
            kind = self._kinds.by_type.get(record.partition("/")[0]) if record else None
            names = kind.labels if kind else ()
        fallback = local_name(result.path or result.focus)
        return {language: self._pick(names, language) or shown(fallback) for language in LANGUAGES}

    def sentences(self, result: Result) -> dict[str, str]:
        """The sentence in each language."""
        fields = self.field(result)
        value = self.value(result)
        return {language: self._sentence(result, language, fields[language], value) for language in LANGUAGES}

    def value(self, result: Result) -> str | None:
        """The value as the person wrote it: shortened, without control characters, our addresses as type/slug."""
        if result.value is None or (isinstance(result.value, NamedNode) and result.value.value == result.focus):
            return None
        return self._term(result.value)

    def _sentence(self, result: Result, language: str, field: str, value: str | None) -> str:
        said = self._message(result, language) or self._template(result, language)
        if (named := _NAMED.match(said)) and named[1] == field:
            said = said[named.end() :]  # it is named before the sentence anyway
        shown_value = VALUE[language].format(value=value) if value and value not in said else ""
        return f"{field}: {said}{shown_value}"

    def _message(self, result: Result, language: str) -> str | None:
        messages: Iterable[Literal] = result.messages
        if not messages and result.shape is not None and ":" in result.shape:
            messages = self._facts.literals(NamedNode(result.shape), term("sh:message"))
        return self._pick(tuple(messages), language, exact=True)

    def _template(self, result: Result, language: str) -> str:
        template = SENTENCES.get(result.component, FALLBACK)[language]
        parameter = self._parameter(result)
        expected = self._expected(parameter, language)
        number = parameter.value if isinstance(parameter, Literal) else ""
        return template.replace("{number}", number).replace("{expected}", expected)

    def _parameter(self, result: Result) -> Object | None:
        name = _PARAMETERS.get(result.component)
        if name is None or result.shape is None or ":" not in result.shape:
            return None
        return self._facts.object(NamedNode(result.shape), term(f"sh:{name}"))

    def _expected(self, parameter: Object | None, language: str) -> str:
        if isinstance(parameter, NamedNode) and (words := EXPECTED.get(local_name(parameter.value))):
            return words[language]
        if parameter is not None and self._facts.objects(parameter, term("rdf:first")):
            return ", ".join(self._term(member) for member in self._facts.items(parameter)[:20])
        return self._term(parameter) if isinstance(parameter, Literal) else EXPECTED["value"][language]

    def _term(self, value: Object) -> str:
        text = value.value if isinstance(value, NamedNode | Literal) else str(value)
        if isinstance(value, NamedNode) and self._base.record_of(text):
            text = text.removeprefix(self._base.iri + "id/")
        return shown(text)

    @staticmethod
    def _pick(texts: tuple[Literal, ...], language: str, *, exact: bool = False) -> str | None:
        label = choose_label(texts, language)
        return None if label is None or (exact and label.fallback and label.language is not None) else label.text


def shown(text: str) -> str:
    """A value as it may be shown: one line, no control or direction characters, at most LONGEST_VALUE characters."""
    kept = "".join(" " if unicodedata.category(c) in {"Cc", "Zl", "Zp"} else c for c in text[: 2 * LONGEST_VALUE])
    kept = "".join(c for c in kept if unicodedata.category(c) not in {"Cf", "Cs", "Co"} or c in "\u200c\u200d")
    kept = " ".join(kept.split())
    return kept if len(kept) <= LONGEST_VALUE else kept[: LONGEST_VALUE - 1] + "…"


def merged(results: Iterable[Result]) -> list[Result]:
    """One result per field and value: what kind of thing it is comes before which one, and that before its form.

    A value that breaks a grave demand and a lighter one is reported once, as grave.
    """
    kept: dict[object, Result] = {}
    for result in results:
        key: object = result if result.value is None else (result.focus, result.path, result.value)
        if key not in kept or _rank(result) < _rank(kept[key]):
            kept[key] = result
    return list(kept.values())


_SEVERITY: Mapping[str, int] = {"Violation": 0, "Warning": 1, "Info": 2}
_PRIORITY: Mapping[str, int] = {
    "NodeKind": 0,
    "Datatype": 1,
    "ill-typed": 1,
    "dangling": 2,
    "Class": 3,
    "In": 4,
    "LanguageIn": 5,
    "Node": 9,
}


def _rank(result: Result) -> tuple[int, int, str]:
    return (_SEVERITY.get(result.severity, 0), _PRIORITY.get(result.component, 6), result.component)
