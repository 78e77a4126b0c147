"""Invented text in four languages: it says that it is synthetic; its words come from the vocabulary."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import cycle, islice
from random import Random

from pyoxigraph import Literal, Quad

from escrgraph.vocabulary.languages import LANGUAGES
from escrgraph.vocabulary.namespaces import SKOS

_PREF_LABEL = SKOS + "prefLabel"
_SOURCES = ("/right", "/obligation", "/method", "/scheme")  # graphs whose labels name nobody
_SYNTHETIC = {
    "en": "Synthetic {0} {1}",
    "es": "{0} sintético {1}",
    "fr": "{0} synthétique {1}",
    "ar": "{0} اصطناعي {1}",
}
_NOUNS = {
    "en": {"resource": "report", "finding": "finding", "update": "update", "discussion": "discussion"},
    "es": {"resource": "informe", "finding": "hallazgo", "update": "aviso", "discussion": "debate"},
    "fr": {"resource": "rapport", "finding": "constat", "update": "avis", "discussion": "débat"},
    "ar": {"resource": "تقرير", "finding": "استنتاج", "update": "خبر", "discussion": "نقاش"},
}
_NAMED = {"journal": "journal", "organization": "organization", "person": "person", "indicator": "indicator"}


def spoken(language: str | None) -> str:
    """One of the library's four languages: texts in any other are invented in Arabic, so that it occurs too."""
    return language if language in LANGUAGES else "ar"


class Words:
    """Text that is invented from the words of labels, as many words a language as the labels have."""

    def __init__(self, quads: Iterable[Quad]) -> None:
        """Take the words of the labels of rights, obligations, methods and code lists."""
        found: dict[str, set[str]] = {language: set() for language in LANGUAGES}
        for quad in quads:
            value = quad.object
            if quad.predicate.value != _PREF_LABEL or not str(quad.graph_name).rstrip(">").endswith(_SOURCES):
                continue
            if isinstance(value, Literal) and value.language in found:
                found[value.language].update(word for word in value.value.split() if word.isalpha() and len(word) > 3)
        self._words = {language: sorted(words) for language, words in found.items()}

    def of(self, language: str) -> list[str]:
        """The words of a language, sorted."""
        return self._words[language]

    def text(self, random: Random, language: str, kind: str, number: int, length: int) -> str:
        """A text about record `number` of a kind, at least as long as the words that name it, else about `length`."""
        noun = _NOUNS[language].get(kind) or _NAMED.get(kind, "text")
        head = _SYNTHETIC[language].format(noun, number)
        head = head[0].upper() + head[1:]
        wanted = max(0, length - len(head)) // 8
        return f"{head} {' '.join(random.choices(self._words[language], k=wanted))}" if wanted else head


def digits_of(number: int, length: int) -> list[int]:
    """The last `length` decimal digits of a number, with leading zeros."""
    return [number // 10**place % 10 for place in reversed(range(length))]


def isbn13(number: int) -> str:
    """A valid ISBN of 13 digits made from a number up to nine digits long (ISO 2108)."""
    body = [9, 7, 9, *digits_of(number, 9)]
    check = -sum(digit * weight for digit, weight in zip(body, islice(cycle((1, 3)), 12), strict=True)) % 10
    return "".join(map(str, [*body, check]))


def isbn10(number: int) -> str:
    """A valid ISBN of ten digits made from a number up to nine digits long (ISO 2108)."""
    body = digits_of(number, 9)
    check = -sum(digit * weight for digit, weight in zip(body, range(10, 1, -1), strict=True)) % 11
    return "".join(map(str, body)) + ("X" if check == 10 else str(check))
