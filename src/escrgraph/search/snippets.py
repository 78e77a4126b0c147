"""Snippets: the piece of a text where the words that were looked for stand, with their places."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from pyoxigraph import Literal

from escrgraph.search.asking import Snippet
from escrgraph.search.folding import LONGEST as LONGEST_WORD
from escrgraph.search.folding import Word, fold_word, places
from escrgraph.search.schema import is_common, stems
from escrgraph.vocabulary.languages import LANGUAGES

WIDTH = 220
"""Characters of a snippet, about."""

LONGEST = 5000
"""Characters of a text in which words are looked for."""


class Marker:
    """Finds in texts the words of one query."""

    def __init__(self, asked: Collection[Word]) -> None:
        telling = [word for word in asked if not is_common(word.text)]
        asked = telling or asked
        self._whole = {word.folded for word in asked}
        self._known: dict[str | None, dict[str, bool]] = {}  # language -> word -> whether it is meant
        self._stems = {stem for word in asked for language in LANGUAGES if (stem := stems(word.text, language))}
        self._begun = next((word.folded for word in reversed(list(asked)) if len(word.folded) > 1), None)

    @property
    def wanted(self) -> bool:
        """Whether there are words to find."""
        return bool(self._whole)

    def snippets(self, texts: Iterable[Literal], most: int = 2) -> tuple[Snippet, ...]:
        """The snippets of the texts in which most of the words stand, best first."""
        found = [(snippet, value) for text in texts for snippet, value in self._of(text)]
        return tuple(snippet for snippet, _ in sorted(found, key=lambda pair: -pair[1])[:most])

    def _of(self, text: Literal) -> list[tuple[Snippet, int]]:
        value, language = text.value[:LONGEST], text.language
        meant = self._known.setdefault(language, {})
        marked = []
        for word, start, end in places(value):
            if word not in meant:
                meant[word] = self._meant(word, language)
            if meant[word]:
                marked.append(Word(word, fold_word(word[: 4 * LONGEST_WORD]), start, end))
        if not marked:
            return []
        # Where the most different words stand within one width of a word that is meant.
        windows = [[word for word in marked[at:] if word.end <= first.start + WIDTH] for at, first in enumerate(marked)]
        best = max(windows, key=lambda window: len({word.folded for word in window}), default=[]) or marked[:1]
        start, end = _around(value, best[0].start, best[-1].end)
        marks = tuple(
            (word.start - start, word.end - start) for word in marked if start <= word.start < word.end <= end
        )
        return [(Snippet(value[start:end], language, marks), len({word.folded for word in best}))]

    def _meant(self, word: str, language: str | None) -> bool:
        folded = fold_word(word[: 4 * LONGEST_WORD])
        if folded in self._whole or (self._begun is not None and folded.startswith(self._begun)):
            return True
        short = (language or "").partition("-")[0].lower()
        return short in LANGUAGES and stems(word, short) in self._stems


def _around(text: str, first: int, last: int) -> tuple[int, int]:
    """The piece of a text around a place, cut between words."""
    spare = max(0, WIDTH - (last - first))
    start = max(0, first - spare // 3)
    end = min(len(text), max(last, start + WIDTH))
    start = max(0, min(start, end - WIDTH)) if end == len(text) else start
    if start:
        start = min(first, text.find(" ", start) + 1 or start)
    if end < len(text):
        end = max(last, text.rfind(" ", 0, end))
    return start, end
