"""The one function that chooses which of several texts a reader sees."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

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
    asked = [languages] if isinstance(languages, str) else list(languages)
    texts = sorted(((literal.language or "").lower(), literal.value, literal.language) for literal in literals)
    if not texts:
        return None
    for wanted in dict.fromkeys(step for language in asked for step in fallbacks(language)[: _own(language)]):
        if found := _first(texts, wanted):
            return Label(found[1], found[2], fallback=False)
    _, text, language = _first(texts, "en") or texts[0]
    # Text without a language, such as an acronym, reads the same in all.
    return Label(text, language, fallback=language is not None)


def _own(language: str) -> int:
    """How many of the fallbacks are the language itself or its parents."""
    return len(language.split("-"))


def _first(texts: list[tuple[str, str, str | None]], wanted: str) -> tuple[str, str, str | None] | None:
    exact = next((text for text in texts if text[0] == wanted), None)
    return exact or next((text for text in texts if text[0].startswith(wanted + "-")), None)
