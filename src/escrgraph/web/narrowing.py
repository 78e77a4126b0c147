"""The filters of a list, and what may help where they and the words leave nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from escrgraph.search.asking import Found, Selection
from escrgraph.search.facets import TYPE
from escrgraph.search.folding import folded_words, words
from escrgraph.search.searcher import Searcher
from escrgraph.vocabulary.labels import Label
from escrgraph.web.entity import Value
from escrgraph.web.selecting import Listing

_TRIED = 8
"""Ways out that are counted; each costs a search."""


@dataclass(frozen=True, slots=True)
class Filter:
    """A term that a list is narrowed by. without: the list without it."""

    facet: Label
    value: Value
    without: Listing


@dataclass(frozen=True, slots=True)
class WayOut:
    """Another list, with how many records it has."""

    text: str
    listing: Listing
    count: int


@dataclass(frozen=True, slots=True)
class Rescue:
    """Lists near an empty one. filters: without one of the filters; words: with other words; types: of other types."""

    filters: tuple[tuple[Filter, int], ...]
    words: tuple[WayOut, ...]
    types: tuple[WayOut, ...]
    bare: WayOut | None

    @property
    def found(self) -> bool:
        """Whether there is any way out."""
        return bool(self.filters or self.words or self.types or self.bare)


def rescue(searcher: Searcher, listing: Listing, filters: Sequence[Filter], language: str) -> Rescue:
    """The lists near an empty one that are not empty."""

    def total(selection: Selection) -> int:
        return searcher.search(selection, size=0, facets=False).total

    without = [(filter_, total(filter_.without.selection)) for filter_ in filters[:_TRIED]]
    others = listing.of_types() if listing.selection.types else None
    bare = listing.bare() if len(filters) > 1 else None
    ways = [
        WayOut(text, listing.with_text(text), 0) for text in other_texts(searcher, listing.selection.text, language)
    ]
    counted = [WayOut(way.text, way.listing, total(way.listing.selection)) for way in ways[:_TRIED]]
    return Rescue(
        tuple((filter_, count) for filter_, count in without if count),
        tuple(way for way in counted if way.count),
        tuple(_types(searcher.search(others.selection, size=0), others)) if others else (),
        WayOut("", bare, count) if bare and (count := total(bare.selection)) else None,
    )


def _types(found: Found, listing: Listing) -> list[WayOut]:
    counts = next((facet.counts for facet in found.facets if facet.name == TYPE), ())
    return [WayOut(count.term, listing.of_types(count.term), count.count) for count in counts]


def other_texts(searcher: Searcher, text: str, language: str) -> list[str]:
    """The text with a word spelt as one that is there, and with one word less."""
    typed = [word.text for word in words(text)]
    found = []
    for at, word in enumerate(typed):
        if near := _nearest(searcher, word, language):
            found.append(" ".join([*typed[:at], near, *typed[at + 1 :]]))
    if len(typed) > 1:
        found += [" ".join([*typed[:at], *typed[at + 1 :]]) for at in range(len(typed))]
    return list(dict.fromkeys(found))


def _nearest(searcher: Searcher, word: str, language: str) -> str | None:
    """A word of a title that is spelt much like one that is nowhere; None for a word that is somewhere."""
    folded = " ".join(folded_words(word))
    if searcher.search(Selection(word), size=0, facets=False).total or len(folded) < 4:
        return None
    known: dict[str, str] = {}
    for length in range(len(word) - 1, 2, -1):
        for suggestion in searcher.complete(word[:length], language, size=20):
            known |= {each.folded: each.text for each in words(suggestion.text)}
        if close := get_close_matches(folded, known, 1, 0.75):
            return known[close[0]].lower()
    return None
