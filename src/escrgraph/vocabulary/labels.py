"""The one function that chooses which of several texts a reader sees."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from pyoxigraph import Literal

from escrgraph.vocabulary.languages import direction, fallbacks


@dataclass(frozen=True, slots=True)
class Label:
    """A text as shown. language: its tag, None without one. fallback: it is not in the language that was asked for."""

    text: str
    language: str | None
    fallback: bool

    @property
    def direction(self) -> str:
        """Either "rtl" or "ltr"."""
        return direction(self.language)


def choose_label(literals: Iterable[Literal], languages: str | Sequence[str]) -> Label | None:
    """Choose the text to show; None when there is none.

    languages: what the reader asks for, best first. Then English, then text without a language, then any, in order of
    tag and text, so that the choice never depends on the order in which the texts come.
    """
    texts = [((literal.language or "").lower(), literal.value, literal.language) for literal in literals]
    if not texts:
        return None
    texts.sort()
    for wanted in _wanted(languages if isinstance(languages, str) else tuple(languages)):
        if found := _first(texts, wanted):
            return Label(found[1], found[2], fallback=False)
    _, text, language = _first(texts, "en") or texts[0]
    # Text without a language, such as an acronym, reads the same in all.
    return Label(text, language, fallback=language is not None)


def name_of(names: tuple[Literal, ...], languages: str | Sequence[str]) -> Label | None:
    """`choose_label` for the names of terms, which are few, do not change, and are asked for again and again."""
    return _name_of(names, languages if isinstance(languages, str) else tuple(languages))


@lru_cache(maxsize=4096)
def _name_of(names: tuple[Literal, ...], languages: str | tuple[str, ...]) -> Label | None:
    return choose_label(names, languages)


@lru_cache(maxsize=1024)
def _wanted(languages: str | tuple[str, ...]) -> tuple[str, ...]:
    """The languages that are asked for and their parents, best first."""
    asked = (languages,) if isinstance(languages, str) else languages
    own = (fallbacks(language)[: len(language.split("-"))] for language in asked)
    return tuple(dict.fromkeys(step for steps in own for step in steps))


def _first(texts: list[tuple[str, str, str | None]], wanted: str) -> tuple[str, str, str | None] | None:
    for text in texts:
        if text[0] == wanted:
            return text
    narrower = wanted + "-"
    for text in texts:
        if text[0].startswith(narrower):
            return text
    return None
