"""Lists of records: `/search` and `/browse/{type}` are one, as a page, as JSON and as CSV."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import urlencode

from flask import Blueprint, Response, render_template, request, url_for
from flask_babel import gettext
from pyoxigraph import Literal, NamedNode

from escrgraph.repository.errors import Interrupted, TooLarge, Unavailable
from escrgraph.search.asking import Facet, Found, Hit, Order
from escrgraph.search.facets import TYPE, YEAR
from escrgraph.search.searcher import FURTHEST
from escrgraph.vocabulary.kinds import Kinds
from escrgraph.vocabulary.labels import Label, choose_label
from escrgraph.web import caching, list_writing
from escrgraph.web.browsing import shelf_page
from escrgraph.web.context import here
from escrgraph.web.describing import LANG, Parameter, described
from escrgraph.web.entity import Value, collect_labels, plural
from escrgraph.web.facet_panel import Panel, PanelMaker, shown_terms
from escrgraph.web.formats import HTML, Chosen, Format, choose, named
from escrgraph.web.hits import Lister, Names, Told, asked_properties
from escrgraph.web.list_queries import ListQueries
from escrgraph.web.narrowing import Filter, Rescue, rescue
from escrgraph.web.page_queries import Asked, ask, labels_in, page_query, text
from escrgraph.web.pages import language, link, localized
from escrgraph.web.paging import Pages
from escrgraph.web.places import take_place
from escrgraph.web.problems import Refusal
from escrgraph.web.selecting import Addresses, Listing
from escrgraph.web.streaming import stream

blueprint = Blueprint("lists", __name__)

JSON = Format("json", "application/json")
CSV = Format("csv", "text/csv")
FORMATS = (HTML, JSON, CSV)

_MEDIA = tuple(format_.media_type for format_ in FORMATS)
_BATCH = 200
_UNFOLDED = 4
"""Facets that are unfolded when a page opens."""


def parameters(kinds: Kinds) -> list[Parameter]:
    """The parameters of lists, a filter for each facet of the shapes."""
    facets = here().service.search.facets
    orders = tuple(order.value for order in Order)
    return [
        Parameter("q", "Words to look for.", "health"),
        *(
            Parameter(name, f"Records with this term, or a narrower one: {facet.label('en').text}.", many=True)
            for name, facet in facets.items()
        ),
        Parameter("order", "By what the records are put in order.", choices=orders),
        Parameter("page", "Number of the page, from 1.", type="integer"),
        Parameter("size", "Records a page, 200 at most.", type="integer"),
        Parameter("open", "Facet of which the page shows all terms."),
        Parameter("format", "Format of the answer, instead of Accept.", choices=tuple(each.name for each in FORMATS)),
        LANG,
    ]


def _search_parameters(kinds: Kinds) -> list[Parameter]:
    given = parameters(kinds)
    types = Parameter("type", "Type of the records.", many=True, choices=tuple(kinds.by_type))
    return [given[0], types, *given[1:]]


@blueprint.get("/search")
@blueprint.get("/search.<ending>")
@described("Lists", *_MEDIA, parameters=_search_parameters, place={"ending": "json"}, schema="List")
def search(ending: str | None = None) -> Response:
    """The records that have some words and terms."""
    return _answered(_addresses().read(_pairs()), ending)


@blueprint.get("/browse/<type_>")
@blueprint.get("/browse/<type_>.<ending>")
@described("Lists", *_MEDIA, parameters=parameters, place={"ending": "json"}, schema="List")
def browse(type_: str, ending: str | None = None) -> Response:
    """The records of one type."""
    kinds = here().service.kinds
    if type_ not in kinds.by_type:
        raise Refusal(404, "Not found", f"There is no type of record “{type_}”. Types: {', '.join(kinds.by_type)}.")
    try:
        return _answered(_addresses().read(_pairs(), (type_,)), ending)
    except Unavailable:
        if _chosen(ending).html:
            return shelf_page(type_)  # without an index there is still the plain list
        raise


def _answered(listing: Listing, ending: str | None) -> Response:
    chosen = _chosen(ending)
    if listing.first > FURTHEST:
        raise Refusal(
            400,
            "Malformed",
            f"Pages are given up to record {FURTHEST:,}. Narrow the list, or take it whole as CSV: {_path(listing, CSV)}",
        )
    service = here().service
    tag = caching.validator(
        service.search.generation, service.identity, request.full_path, language(), chosen, service.pages.generation()
    )
    if caching.fresh(tag):
        return localized(caching.not_modified(service.search.generation, tag))
    if chosen.format is CSV:
        response, generation = _csv(listing, chosen)
        response.headers["Content-Disposition"] = f'attachment; filename="{_file_name(listing)}"'
    else:
        found = service.search.search(
            listing.selection, language=language(), order=listing.order, first=listing.first, size=listing.size
        )
        list_ = _List(listing, found, every=chosen.format is JSON)
        pages = list_.pages
        if not pages.there:
            last = link(_addresses().path(listing.at(pages.last)))
            raise Refusal(404, "Not found", f"The list has {pages.last} pages, and this would be page {pages.page}. {last}")
        response, generation = (list_.page() if chosen.html else list_.json()), found.generation
        response.headers["Link"] = _links(listing, pages)
    return localized(caching.stamp(response, generation, tag))


class _List:
    """One page of a list with all that it shows. every: all terms of all facets are wanted."""

    def __init__(self, listing: Listing, found: Found, *, every: bool) -> None:
        service = here().service
        self.listing, self.found, self.every = listing, found, every
        self.pages = Pages(listing.page, listing.size, found.total)
        self.facets, self.kinds, self.base = service.search.facets, service.kinds, service.base
        self.addresses, self.queries = _addresses(), ListQueries(self.facets, self.kinds)
        self.asked = _asked(found.hits, self._things())
        self.told = Told(self.asked.solutions(1), self.facets, self.kinds, self.base)
        self.names = _names(self.asked, self.told)
        self.records = [_lister(self.told, self.names).listed(hit) for hit in found.hits]

    def page(self) -> Response:
        """For people."""
        selection = self.listing.selection
        type_ = selection.types[0] if len(selection.types) == 1 else None
        kind = self.kinds.by_type[type_] if type_ else None
        return Response(
            render_template(
                "list.html",
                generation=self.found.generation,
                listing=self.listing,
                pages=self.pages,
                type=type_,
                title=plural(self.kinds, type_, language()) if type_ else None,
                description=choose_label(kind.descriptions, language()) if kind and not selection.text else None,
                records=self.records,
                panels=self.panels(),
                filters=self.filters(),
                rescue=self.rescue(),
                orders=self.orders(),
                kept=[pair for pair in self.addresses.parameters(self.listing, path_type=bool(type_)) if pair[0] in self._carried()],
                path=self.addresses.path,
                at=lambda page: link(self.addresses.path(self.listing.at(page))),
                forms=[(form.name.upper(), link(_path(self.listing, form))) for form in (CSV, JSON)],
                sparql=self.sparql,
                TYPE=TYPE,
            )
        )

    def json(self) -> Response:
        """For programs: this page of the records, and all facets."""
        pages, listing = self.pages, self.listing
        body = {
            "generation": self.found.generation,
            "total": pages.total,
            "page": pages.page,
            "pages": pages.last,
            "size": pages.size,
            "order": listing.order.value,
            "selection": {
                "q": listing.selection.text,
                "types": listing.selection.types,
                "chosen": listing.selection.chosen,
            },
            "records": [list_writing.record_json(record) for record in self.records],
            "facets": [list_writing.panel_json(panel, self.sparql(panel.name)) for panel in self.panels()],
            "sparql": self.sparql(),
            "next": link(_path(listing.at(pages.next), JSON)) if pages.next else None,
            "previous": link(_path(listing.at(pages.previous), JSON)) if pages.previous else None,
        }
        return Response(json.dumps(body, ensure_ascii=False) + "\n", content_type=JSON.media_type)

    def panels(self) -> list[Panel]:
        """The facets, those that were narrowed first among equals."""
        listing = self.listing.opened("*") if self.every else self.listing
        values = {term: self._value(facet.name, term) for facet in self.found.facets for term in self._terms(facet)}
        found = []
        for facet in sorted(self.found.facets, key=lambda facet: self._rank(facet.name)):
            maker = PanelMaker(listing if not self.every else self.listing.opened(facet.name), values, self._broader())
            open_ = len(found) < _UNFOLDED
            found.append(maker.panel(facet, self._label(facet.name), open_=open_))
        return found

    def filters(self) -> list[Filter]:
        """The terms chosen, each with the list without it."""
        chosen = self.listing.selection.chosen
        return [
            Filter(self._label(name), self._value(name, term), self.listing.without(name, term))
            for name, terms in chosen.items()
            for term in terms
        ]

    def rescue(self) -> Rescue | None:
        """What may help where nothing was found."""
        if self.found.total:
            return None
        return rescue(here().service.search, self.listing, self.filters(), language())

    def orders(self) -> list[tuple[str, Listing, bool]]:
        """The orders that there are, each with its list and whether it is the one shown."""
        names = {Order.RELEVANCE: gettext("Relevance"), Order.DATE: gettext("Newest"), Order.TITLE: gettext("Title")}
        offered = [order for order in Order if order is not Order.RELEVANCE or self.listing.selection.text]
        return [(names[order], self.listing.sorted_by(order), order is self.listing.order) for order in offered]

    def sparql(self, facet: str | None = None) -> str:
        """Where the query of the list, or of one of its facets, opens in the editor."""
        if facet is None:
            query = self.queries.records(self.listing.selection)
        else:
            terms = next((f.counts for f in self.found.facets if f.name == facet), ())
            query = self.queries.facet(self.listing.selection, facet, sorted(count.term for count in terms))
        return link(url_for("sparql.sparql", query=query))

    def _things(self) -> Iterator[str]:
        for facet in self.found.facets:
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
        kind = self.kinds.by_type.get(name)
        return kind is not None and kind.field("http://www.w3.org/2004/02/skos/core#broader") is not None

    def _broader(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for row in self.asked.solutions(0):
            if broader := text(row, "broader"):
                found.setdefault(text(row, "thing"), []).append(broader)
        return found

    def _value(self, facet: str, term: str) -> Value:
        if facet == TYPE:
            label = plural(self.kinds, term, language())
            return Value(label.text, label.language, label.fallback)
        return self.names.value(term)

    def _label(self, facet: str) -> Label:
        """What a facet is called; where two are called the same, with what they are facets of."""
        if facet in {TYPE, YEAR}:
            return Label({TYPE: gettext("Type of record"), YEAR: gettext("Year")}[facet], language(), fallback=False)
        label = self.facets[facet].label(language())
        alike = [f.name for f in self.found.facets if f.name in self.facets and self.facets[f.name].label(language()).text == label.text]
        kinds = [kind for kind in self.kinds.values() if set(kind.fields) & set(self.facets[facet].fields)]
        if len(alike) > 1 and kinds:
            return Label(f"{label.text} · {kinds[0].label(language()).text}", label.language, label.fallback)
        return label

    def _rank(self, name: str) -> tuple[bool, int]:
        """Types first, then what most readers narrow by: as many kinds of record have it, as early it comes."""
        if name == TYPE:
            return False, -1000
        return True, -len(self.facets[name].fields)

    def _carried(self) -> set[str]:
        return {"type", "order", "size", *self.facets} if self.listing.order is not Order.TITLE else {"type", "size", *self.facets}


def _asked(hits: Sequence[Hit], things: Iterable[str]) -> Asked:
    """What is told of records, and the names of things: two queries, whatever the list."""
    service = here().service
    records = [NamedNode(service.base.record_iri(hit.record)) for hit in hits]
    iris = [NamedNode(iri) for iri in dict.fromkeys(things) if "://" in iri]
    properties = asked_properties(service.search.facets)
    return ask(
        service,
        [
            page_query(service, "names", lists={"thing": [*records, *iris]}),
            page_query(service, "hits", lists={"record": records, "property": properties}),
        ],
    )


def _names(asked: Asked, told: Told) -> Names:
    labels: dict[str, list[Literal]] = collect_labels(labels_in(asked.solutions(0)))
    return Names(told.labels | labels, here().service.base, language())


def _lister(told: Told, names: Names) -> Lister:
    service = here().service
    return Lister(told, names, service.kinds, service.search.facets, service.base)


def _csv(listing: Listing, chosen: Chosen) -> tuple[Response, int]:
    """The whole list, however long, written while it is read."""
    service, spoken = here().service, language()
    begun = service.search.search(listing.selection, language=spoken, size=0, facets=False)
    if begun.total > FURTHEST:
        raise TooLarge(
            f"The list has {begun.total:,} records, and {FURTHEST:,} are the most that go into a table. "
            "Narrow it, or take everything from /store or the dumps."
        )
    take_place()

    def chunks() -> Iterator[bytes]:
        yield list_writing.header(service.search.facets)
        for first in range(0, begun.total, _BATCH):
            found = service.search.search(
                listing.selection, language=spoken, order=listing.order, first=first, size=_BATCH, facets=False
            )
            if found.generation != begun.generation:
                raise Interrupted("The library changed while the list was being written. Ask for it again.")
            yield _csv_rows(found.hits, spoken)

    return stream(chunks(), lambda: None, chosen.content_type), begun.generation


def _csv_rows(hits: Sequence[Hit], spoken: str) -> bytes:
    service = here().service
    asked = _asked(hits, ())
    told = Told(asked.solutions(1), service.search.facets, service.kinds, service.base)
    names = Names(told.labels | collect_labels(labels_in(asked.solutions(0))), service.base, spoken)
    records = [_lister(told, names).listed(hit) for hit in hits]
    return list_writing.rows(records, told, names, service.search.facets)


def _addresses() -> Addresses:
    service = here().service
    return Addresses(service.search.facets, service.kinds, service.base)


def _pairs() -> list[tuple[str, str]]:
    return list(request.args.items(multi=True))


def _chosen(ending: str | None) -> Chosen:
    """The format of an ending, of `format=`, or the one the client prefers. Raises Refusal and NotAcceptable."""
    name = ending or request.args.get("format")
    if name is None:
        return choose(request.headers.get("Accept"), FORMATS)
    try:
        return named(name, FORMATS)
    except KeyError:
        known = ", ".join(format_.name for format_ in FORMATS)
        raise Refusal(404 if ending else 400, "Not found" if ending else "Malformed", f"There is no list as “{name}”. There is {known}.") from None


def _path(listing: Listing, format_: Format) -> str:
    """The address of a list in another format; a table is always whole."""
    shown = listing.opened(None)
    return _addresses().path(shown.at(1) if format_ is CSV else shown, f".{format_.name}")


def _file_name(listing: Listing) -> str:
    return f"escrgraph-{'-'.join(listing.selection.types) or 'records'}.csv"


def _links(listing: Listing, pages: Pages) -> str:
    """Where the other pages and forms are (RFC 8288)."""
    addresses = _addresses()
    ending = ".json" if request.path.endswith(".json") else ""
    numbers = {"first": 1, "prev": pages.previous, "next": pages.next, "last": pages.last}
    found = [
        f'<{link(addresses.path(listing.at(number), ending))}>; rel="{name}"' for name, number in numbers.items() if number
    ]
    found += [
        f'<{link(_path(listing, format_))}>; rel="alternate"; type="{format_.media_type}"' for format_ in (JSON, CSV)
    ]
    return ", ".join(found)
