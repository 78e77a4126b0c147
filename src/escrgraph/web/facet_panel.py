"""Facets as a list shows them: the terms of each with their counts, narrower ones below broader ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from escrgraph.search.asking import Count, Facet
from escrgraph.search.facets import TYPE, YEAR
from escrgraph.vocabulary.labels import Label
from escrgraph.web.entity import Value
from escrgraph.web.selecting import Listing

FIRST = 8
"""Terms of a facet that are shown before all are asked for."""

TREE = 300
"""Terms up to which a facet is shown as a tree."""

Broader = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Term:
    """A term of a facet. listing: what choosing it, or taking it back when it is chosen, leads to."""

    iri: str
    value: Value
    count: int
    chosen: bool
    listing: Listing
    narrower: tuple[Term, ...] = ()

    @property
    def open(self) -> bool:
        """Whether it, or a term below it, is chosen, so that readers want to see what is below."""
        return self.chosen or any(term.open for term in self.narrower)


@dataclass(frozen=True, slots=True)
class Panel:
    """A facet as shown. left: how many terms are not; open: it is unfolded."""

    name: str
    label: Label
    terms: tuple[Term, ...]
    left: int
    open: bool


def shown_terms(facet: Facet, listing: Listing, hierarchical: bool) -> list[str]:
    """The terms of a facet that a page may show, whose names are needed."""
    chosen = [*listing.selection.chosen.get(facet.name, ())]
    if listing.open == facet.name or (hierarchical and len(facet.counts) <= TREE):
        return [*chosen, *(count.term for count in facet.counts)]
    return [*chosen, *(count.term for count in ordered(facet)[:FIRST])]


def ordered(facet: Facet) -> list[Count]:
    """The terms in the order shown: years from the latest, others from the most frequent."""
    if facet.name == YEAR:
        return sorted(facet.counts, key=lambda count: count.term, reverse=True)
    return list(facet.counts)


class PanelMaker:
    """Makes panels for one list. values: terms as readers see them; broader: of terms."""

    def __init__(self, listing: Listing, values: Mapping[str, Value], broader: Broader) -> None:
        self._listing, self._values, self._broader = listing, values, broader

    def panel(self, facet: Facet, label: Label, *, open_: bool) -> Panel:
        """A facet with the terms that are shown, its narrower terms below them."""
        chosen = frozenset(self._chosen(facet.name))
        counts = {count.term: count.count for count in ordered(facet)}
        parents = {term: self._parent(term, counts) for term in counts}
        roots = [term for term in counts if parents[term] is None]
        whole = self._listing.open == facet.name
        kept = roots if whole else self._first(roots, chosen)
        below: dict[str, list[str]] = {}
        for term, parent in parents.items():
            if parent is not None:
                below.setdefault(parent, []).append(term)
        terms = tuple(self._term(facet.name, term, counts, below, chosen) for term in kept)
        return Panel(facet.name, label, terms, len(roots) - len(kept), open_ or bool(chosen) or whole)

    def _first(self, roots: Sequence[str], chosen: Iterable[str]) -> list[str]:
        first = roots if len(roots) <= FIRST + 1 else roots[:FIRST]  # a link to one more term would take its room
        return [*first, *(term for term in roots if term in chosen and term not in first)]

    def _chosen(self, facet: str) -> Sequence[str]:
        selection = self._listing.selection
        return selection.types if facet == TYPE else selection.chosen.get(facet, ())

    def _parent(self, term: str, counts: Mapping[str, int]) -> str | None:
        """The broader term under which a term stands; None for the topmost, and in a ring, which has none."""
        above = next((iri for iri in self._broader.get(term, ()) if iri in counts), None)
        seen, step = {term}, above
        while step is not None:
            if step in seen:
                return None
            seen.add(step)
            step = next((iri for iri in self._broader.get(step, ()) if iri in counts), None)
        return above

    def _term(
        self,
        facet: str,
        term: str,
        counts: Mapping[str, int],
        below: Mapping[str, Sequence[str]],
        chosen: frozenset[str],
    ) -> Term:
        narrower = tuple(self._term(facet, each, counts, below, chosen) for each in below.get(term, ()))
        value = self._values.get(term) or Value(term)
        return Term(term, value, counts[term], term in chosen, self._leading(facet, term, term in chosen), narrower)

    def _leading(self, facet: str, term: str, chosen: bool) -> Listing:
        listing = self._listing
        if facet == TYPE:
            types = listing.selection.types
            return listing.of_types(*(each for each in types if each != term)) if chosen else listing.of_types(term)
        return listing.without(facet, term) if chosen else listing.choosing(facet, term)
