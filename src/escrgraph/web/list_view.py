"""One page of a list with everything that it shows: records, facets, filters, ways out, the queries behind them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain

from flask import url_for
from flask_babel import gettext
from pyoxigraph import NamedNode

from escrgraph.search.asking import Facet, Found, Hit, Order
from escrgraph.search.facets import TYPE, YEAR, FacetOf
from escrgraph.search.searcher import Searcher
from escrgraph.service import Service
from escrgraph.vocabulary.iris import TYPES
from escrgraph.vocabulary.kinds import Kind
from escrgraph.vocabulary.labels import Label, choose_label
from escrgraph.vocabulary.namespaces import SKOS
from escrgraph.web.entity import Value, collect_labels, plural
from escrgraph.web.facet_panel import Panel, PanelMaker, shown_terms
from escrgraph.web.hits import SHARED, Listed, Lister, Names, Told, asked_properties, own_list
from escrgraph.web.known_names import KnownNames
from escrgraph.web.list_queries import ListQueries
from escrgraph.web.narrowing import Filter, Rescue, rescue
from escrgraph.web.page_queries import Asked, Solution, ask, labels_in, page_query, text
from escrgraph.web.paging import Pages
from escrgraph.web.selecting import Addresses, Listing

UNFOLDED = 5
"""Facets that are unfolded when a page opens."""

MOST = 100
"""Terms of a facet that programs get before they ask for all: each has to be named, and there may be thousands."""


@dataclass(frozen=True, slots=True)
class Lists:
    """What all lists of a service need, made once."""

    service: Service
    addresses: Addresses
    queries: ListQueries
    known: KnownNames = field(default_factory=KnownNames)

    @property
    def searcher(self) -> Searcher:
        """What answers selections."""
        return self.service.search

    @property
    def facets(self) -> Mapping[str, FacetOf]:
        """The facets there are, by name."""
        return self.service.search.facets

    def records(self, hits: Sequence[Hit], answers: Answers, language: str) -> tuple[list[Listed], Told, Names]:
        """The records that match as readers of a language see them."""
        kinds, base = self.service.kinds, self.service.base
        told = Told(answers.hits, self.facets, kinds, base)
        names = Names(told.labels | collect_labels(labels_in(answers.names)), base, language)
        lister = Lister(told, names, kinds, self.facets, base)
        return [lister.listed(hit) for hit in hits], told, names

    def ask(self, hits: Sequence[Hit], things: Iterable[str], besides: Iterable[NamedNode] = ()) -> Answers:
        """What is told of records, and the names of things: two queries, whatever the list. Raises RepositoryError.

        besides: properties that are to be told, besides those of facets.
        """
        records = [NamedNode(self.service.base.record_iri(hit.record)) for hit in hits]
        iris = [iri for iri in dict.fromkeys(things) if "://" in iri]
        lists = {"record": records, "property": list(dict.fromkeys([*asked_properties(self.facets), *besides]))}
        told = page_query(self.service, "hits", lists=lists)

        def asked(unknown: Iterable[str]) -> Asked:
            things = [*records, *map(NamedNode, unknown)]
            return ask(self.service, [page_query(self.service, "names", lists={"thing": things}), told])

        generation = self.service.pages.generation()
        known = self.known.of(generation, iris)
        unknown = [iri for iri in iris if iri not in known]
        found = asked(unknown)
        if found.generation != generation:  # a change came in between: what was known is of the one before
            known, unknown, found = {}, iris, asked(iris)
        names = found.solutions(0)
        if unknown:
            wanted = set(unknown)
            self.known.keep(found.generation, unknown, (row for row in names if text(row, "thing") in wanted))
        return Answers(found.generation, [*names, *chain.from_iterable(known.values())], found.solutions(1))


@dataclass(frozen=True, slots=True)
class Answers:
    """What was told, all of it by one generation: the rows of `names.rq` and of `hits.rq`."""

    generation: int
    names: list[Solution]
    hits: list[Solution]


def make_lists(service: Service) -> Lists:
    """The lists of a service."""
    facets = service.search.facets
    return Lists(service, Addresses(facets, service.kinds, service.base), ListQueries(facets, service.kinds))


class ListView:
    """One page of a list. every: the terms of all facets are wanted, up to MOST of each that is not opened."""

    def __init__(self, lists: Lists, listing: Listing, found: Found, language: str, *, every: bool) -> None:
        self.lists, self.listing, self.found, self.every, self.language = lists, listing, found, every, language
        self._facets = tuple(map(self._cut, found.facets)) if every else found.facets
        self.pages = Pages(listing.page, listing.size, found.total)
        self._kinds = lists.service.kinds
        self._answers = lists.ask(found.hits, self._things())
        self.records, _, self._names = lists.records(found.hits, self._answers, language)

    @property
    def generation(self) -> int:
        """That of the index, which the list is of."""
        return self.found.generation

    @property
    def type(self) -> str | None:
        """The one type of the records, where one was asked for."""
        types = self.listing.selection.types
        return types[0] if len(types) == 1 else None

    @property
    def title(self) -> Label | None:
        """What the records are together."""
        return self.plural_of(self.type) if self.type else None

    @property
    def description(self) -> Label | None:
        """What a record of the type is."""
        kind = self._kinds.by_type.get(self.type or "")
        return choose_label(kind.descriptions, self.language) if kind else None

    def plural_of(self, type_: str) -> Label:
        """What records of a type are called together."""
        return plural(self._kinds, type_, self.language)

    @cached_property
    def panels(self) -> list[Panel]:
        """The facets: types first, then what many kinds of record have."""
        values = {term: self._value(facet.name, term) for facet in self._facets for term in self._terms(facet)}
        whole = {facet.name: len(facet.counts) for facet in self.found.facets}
        found: list[Panel] = []
        for facet in sorted(self._facets, key=lambda facet: self._rank(facet.name)):
            listing = self.listing.opened(facet.name) if self.every else self.listing
            maker = PanelMaker(listing, values, self._broader)
            panel = maker.panel(facet, self._facet_label(facet.name), open_=len(found) < UNFOLDED)
            found.append(replace(panel, left=panel.left + whole[facet.name] - len(facet.counts)))
        return found

    @cached_property
    def filters(self) -> list[Filter]:
        """The terms chosen, each with the list without it."""
        return [
            Filter(self._facet_label(name), self._value(name, term), self.listing.without(name, term))
            for name, terms in self.listing.selection.chosen.items()
            for term in terms
        ]

    @cached_property
    def rescue(self) -> Rescue | None:
        """What may help where nothing was found."""
        return None if self.found.total else rescue(self.lists.searcher, self.listing, self.filters, self.language)

    @property
    def orders(self) -> list[tuple[str, Listing, bool]]:
        """The orders that there are, each with its list and whether it is the one shown."""
        names = {Order.RELEVANCE: gettext("Relevance"), Order.DATE: gettext("Newest"), Order.TITLE: gettext("Title")}
        offered = [order for order in Order if order is not Order.RELEVANCE or self.listing.selection.text]
        return [(names[order], self.listing.sorted_by(order), order is self.listing.order) for order in offered]

    @property
    def carried(self) -> list[tuple[str, str]]:
        """What a form for other words sends along: the filters."""
        pairs = self.lists.addresses.parameters(self.listing, path_type=self.type is not None)
        return [(name, value) for name, value in pairs if name not in {"q", "page", "open", "order"}]

    def path(self, listing: Listing) -> str:
        """The address of another list."""
        return self.lists.addresses.path(listing)

    def sparql(self, facet: str | None = None) -> str:
        """Where the query of the list, or of one of its facets, opens in the editor."""
        selection = self.listing.selection
        if facet is None:
            query = self.lists.queries.records(selection)
        else:
            counts = next((found.counts for found in self.found.facets if found.name == facet), ())
            query = self.lists.queries.facet(selection, facet, sorted(count.term for count in counts))
        return url_for("sparql.sparql", query=query)

    def _cut(self, facet: Facet) -> Facet:
        if self.listing.open == facet.name or len(facet.counts) <= MOST:
            return facet
        chosen = self.listing.selection.chosen.get(facet.name, ())
        rest = (count for count in facet.counts[MOST:] if count.term in chosen)
        return replace(facet, counts=(*facet.counts[:MOST], *rest))

    def _things(self) -> Iterator[str]:
        for facet in self._facets:
            if facet.name not in {TYPE, YEAR}:
                yield from self._terms(facet)
        for terms in self.listing.selection.chosen.values():
            yield from terms

    def _terms(self, facet: Facet) -> list[str]:
        if self.every:
            return [count.term for count in facet.counts]
        return shown_terms(facet, self.listing, self._hierarchical(facet.name))

    def _hierarchical(self, name: str) -> bool:
        """Whether the terms of a facet may stand below each other."""
        kind = self._kinds.by_type.get(name)
        return kind is not None and kind.field(SKOS + "broader") is not None

    @cached_property
    def _broader(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for row in self._answers.names:
            if broader := text(row, "broader"):
                found.setdefault(text(row, "thing"), []).append(broader)
        return found

    def _value(self, facet: str, term: str) -> Value:
        if facet == TYPE:
            label = self.plural_of(term)
            return Value(label.text, label.language, label.fallback)
        return self._names.value(term)

    def _facet_label(self, facet: str) -> Label:
        """What a facet is called; where several here are called the same, with what they are facets of."""
        if facet in {TYPE, YEAR}:
            return Label({TYPE: gettext("Type of record"), YEAR: gettext("Year")}[facet], self.language, fallback=False)
        label = self._labels[facet]
        kind = self._kind_of(self.lists.facets[facet])
        if [found.text for found in self._labels.values()].count(label.text) < 2 or kind is None:
            return label
        return Label(f"{label.text} · {kind.label(self.language).text}", label.language, label.fallback)

    @cached_property
    def _labels(self) -> dict[str, Label]:
        named = {*self.listing.selection.chosen, *(facet.name for facet in self.found.facets)} - {TYPE, YEAR}
        return {name: self.lists.facets[name].label(self.language) for name in sorted(named)}

    def _kind_of(self, facet: FacetOf) -> Kind | None:
        paths = facet.fields[0].shapes
        return next((kind for kind in self._kinds.values() for f in kind.fields if f.shapes == paths), None)

    def _rank(self, name: str) -> tuple[int, int]:
        """Types, then the code list of the one type, then what many kinds of record have, then the rest."""
        kind = self._kinds.by_type.get(self.type or "")
        if name == TYPE:
            return 0, 0
        if kind is not None and name == own_list(kind):
            return 1, 0
        shared = len(self.lists.facets[name].fields) >= SHARED
        place = TYPES.index(name) if name in TYPES else TYPES.index("region") if name == YEAR else len(TYPES)
        return (2 if shared else 3), place
