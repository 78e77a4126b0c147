"""A lexicon: names of things, found again by what people type, also when a letter is wrong."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache

from pyoxigraph import Literal
from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

from escrgraph.vocabulary.labels import Label, choose_label

LEAST = 0.6
"""How alike a name must be to be suggested: 1 is the same, 0 has nothing in common."""

_MOST = 200
"""Characters of what was typed that are compared."""


class Lexicon:
    """Names of some things, in every language, with their codes."""

    def __init__(self, names: Iterable[tuple[str, Literal]]) -> None:
        """names: pairs of an IRI and a name of it; a thing may have many."""
        self._labels: dict[str, list[Literal]] = {}
        self._things: dict[str, dict[str, None]] = {}
        for iri, name in names:
            self._labels.setdefault(iri, []).append(name)
            self._things.setdefault(folded(name.value), {})[iri] = None
        for iri in self._labels:
            self._things.setdefault(folded(iri.rpartition("/")[2]), {})[iri] = None
        self._choices = list(self._things)

    def __len__(self) -> int:
        return len(self._labels)

    def __iter__(self) -> Iterator[str]:
        return iter(self._labels)

    def __contains__(self, iri: object) -> bool:
        return iri in self._labels

    def named(self, text: str) -> list[str]:
        """The things that have this very name, whatever its case and accents."""
        return list(self._things.get(folded(text), ()))

    def beginning(self, text: str, most: int = 10) -> list[str]:
        """The things of whose names one, or a word of one, begins with what was typed; those whose name does first."""
        wanted = folded(text)
        if not wanted:
            return []
        first = (name for name in self._choices if name.startswith(wanted))
        later = (name for name in self._choices if f" {wanted}" in f" {name}" and not name.startswith(wanted))
        found: dict[str, None] = {}
        for name in (*sorted(first, key=len), *sorted(later, key=len)):
            found.update(dict.fromkeys(self._things[name]))
            if len(found) >= most:
                break
        return list(found)[:most]

    def nearest(self, text: str, most: int = 3) -> list[str]:
        """The things whose names come nearest to what was typed, best first; none when nothing is near."""
        wanted = folded(text)[:_MOST]
        if not wanted:
            return []
        found = extract(
            wanted, self._choices, scorer=OSA.normalized_similarity, score_cutoff=LEAST, limit=most * 4, processor=None
        )
        things = (iri for name, _, _ in found for iri in self._things[name])
        return list(dict.fromkeys(things))[:most]

    def label(self, iri: str, language: str) -> Label:
        """The name of a thing in the reader's language; its code when it has none."""
        found = choose_label(self._labels.get(iri, ()), language)
        return found or Label(iri.rpartition("/")[2], None, fallback=True)


@lru_cache(50_000)
def folded(text: str) -> str:
    """A text without case, accents, marks and doubled spaces, so that spellings of one name are one."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(" " if c in "-–—_/’'" else c for c in apart if not unicodedata.combining(c))
    return " ".join(kept.split())
