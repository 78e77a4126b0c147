"""Lists of records: `/search` and `/browse/{type}` are one, as a page, as JSON and as CSV."""

from __future__ import annotations

import json
from collections.abc import Iterator

from flask import Blueprint, Response, render_template, request

from escrgraph.repository.errors import Declined, Interrupted, Unavailable
from escrgraph.search.asking import Order
from escrgraph.search.facets import facets_of
from escrgraph.vocabulary.kinds import Kinds
from escrgraph.web import caching, list_writing
from escrgraph.web.browsing import shelf_page
from escrgraph.web.context import here
from escrgraph.web.describing import LANG, Parameter, described
from escrgraph.web.formats import HTML, Chosen, Format, choose, named
from escrgraph.web.links import link
from escrgraph.web.list_view import ListView
from escrgraph.web.pages import language, localized
from escrgraph.web.paging import Pages
from escrgraph.web.places import take_place
from escrgraph.web.problems import Refusal
from escrgraph.web.selecting import LARGEST, Listing
from escrgraph.web.streaming import stream

blueprint = Blueprint("lists", __name__)

JSON = Format("json", "application/json")
CSV = Format("csv", "text/csv")
FORMATS = (HTML, JSON, CSV)

_MEDIA = tuple(format_.media_type for format_ in FORMATS)
_BATCH = 200


def parameters(kinds: Kinds) -> list[Parameter]:
    """The parameters of lists, a filter for each facet of the shapes."""
    facets = facets_of(kinds)
    orders = tuple(order.value for order in Order)
    return [
        Parameter("q", "Words to look for.", "health"),
        *(
            Parameter(name, f"Records with this term, or a narrower one: {facet.label('en').text}.", many=True)
            for name, facet in facets.items()
        ),
        Parameter("order", "By what the records are put in order.", choices=orders),
        Parameter("page", "Number of the page, from 1.", type="integer"),
        Parameter("size", f"Records a page, {LARGEST} at most.", type="integer"),
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
    return _answered(here().lists.addresses.read(_pairs()), ending)


@blueprint.get("/browse/<type_>")
@blueprint.get("/browse/<type_>.<ending>")
@described("Lists", *_MEDIA, parameters=parameters, place={"ending": "json"}, schema="List")
def browse(type_: str, ending: str | None = None) -> Response:
    """The records of one type."""
    kinds = here().service.kinds
    if type_ not in kinds.by_type:
        raise Refusal(404, "Not found", f"There is no type of record “{type_}”. Types: {', '.join(kinds.by_type)}.")
    if not _indexed() and _chosen(ending).html:
        return shelf_page(type_)  # without an index there is still the plain list
    return _answered(here().lists.addresses.read(_pairs(), (type_,)), ending)


def _indexed() -> bool:
    try:
        return here().service.search.generation >= 0
    except (Declined, Unavailable):
        return False


def _answered(listing: Listing, ending: str | None) -> Response:
    chosen, service = _chosen(ending), here().service
    generations = service.search.generation, service.pages.generation()
    tag = caching.validator(generations[0], service.identity, request.full_path, language(), chosen, generations[1])
    if caching.fresh(tag):
        return localized(caching.not_modified(generations[0], tag))
    if chosen.format is CSV:
        response, generation = _table(listing, chosen)
    else:
        response, generation = _page(listing, chosen)
    return localized(caching.stamp(response, generation, tag))


def _page(listing: Listing, chosen: Chosen) -> tuple[Response, int]:
    """One page, and the generation it shows."""
    found = here().service.search.search(
        listing.selection, language=language(), order=listing.order, first=listing.first, size=listing.size
    )
    pages = Pages(listing.page, listing.size, found.total)
    if not pages.there:
        last = here().lists.addresses.path(listing.at(pages.last))
        told = f"The list has {pages.last} pages, and this would be page {pages.page}. The last one: {last}"
        raise Refusal(404, "Not found", told)
    view = ListView(here().lists, listing, found, language(), every=chosen.format is JSON)
    if chosen.html:
        forms = {form.name: link(_path(listing, form)) for form in (CSV, JSON)}
        response = Response(render_template("list.html", view=view, forms=forms, generation=found.generation))
    else:
        response = Response(json.dumps(_body(view), ensure_ascii=False) + "\n", content_type=JSON.media_type)
    response.headers["Link"] = _links(listing, pages)
    return response, found.generation


def _body(view: ListView) -> dict[str, object]:
    """A page for programs, with all facets; of a very long one the first terms, and where the others are."""
    pages, listing, selection = view.pages, view.listing, view.listing.selection
    addresses = here().lists.addresses
    return {
        "generation": view.generation,
        "total": pages.total,
        "page": pages.page,
        "pages": pages.last,
        "size": pages.size,
        "order": listing.order.value,
        "cut": view.found.cut,
        "selection": {"q": selection.text, "types": selection.types, "chosen": selection.chosen},
        "records": [list_writing.record_json(record) for record in view.records],
        "facets": [
            list_writing.panel_json(
                panel,
                view.sparql(panel.name),
                link(addresses.path(listing.opened(panel.name), f".{JSON.name}")),
            )
            for panel in view.panels
        ],
        "sparql": view.sparql(),
        "next": link(_path(listing.at(pages.next), JSON)) if pages.next else None,
        "previous": link(_path(listing.at(pages.previous), JSON)) if pages.previous else None,
    }


def _table(listing: Listing, chosen: Chosen) -> tuple[Response, int]:
    """The whole list, however long, written while it is read; and its generation."""
    lists_, spoken = here().lists, language()
    begun = lists_.searcher.search(listing.selection, language=spoken, size=0, facets=False)
    take_place()

    def chunks() -> Iterator[bytes]:
        yield list_writing.header(lists_.facets)
        for first in range(0, begun.total, _BATCH):
            found = lists_.searcher.search(
                listing.selection,
                language=spoken,
                order=listing.order,
                first=first,
                size=_BATCH,
                facets=False,
                snippets=False,
            )
            if found.generation != begun.generation:
                raise Interrupted("The library changed while the list was being written. Ask for it again.")
            yield list_writing.rows(*lists_.records(found.hits, lists_.ask(found.hits, ()), spoken), lists_.facets)

    response = stream(chunks(), lambda: None, chosen.content_type)
    name = "-".join(listing.selection.types) or "records"
    response.headers["Content-Disposition"] = f'attachment; filename="escrgraph-{name}.csv"'
    return response, begun.generation


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
        raise Refusal(
            404 if ending else 400,
            "Not found" if ending else "Malformed",
            f"There is no list as “{name}”. There is {known}.",
        ) from None


def _path(listing: Listing, format_: Format) -> str:
    """The address of a list in another format; a table is always whole."""
    shown = listing.opened(None)
    return here().lists.addresses.path(shown.at(1) if format_ is CSV else shown, f".{format_.name}")


def _links(listing: Listing, pages: Pages) -> str:
    """Where the other pages and forms are (RFC 8288)."""
    addresses = here().lists.addresses
    ending = ".json" if request.path.endswith(".json") else ""
    numbers = {"first": 1, "prev": pages.previous, "next": pages.next, "last": pages.last}
    found = [
        f'<{link(addresses.path(listing.at(number), ending))}>; rel="{name}"'
        for name, number in numbers.items()
        if number
    ]
    found += [
        f'<{link(_path(listing, format_))}>; rel="alternate"; type="{format_.media_type}"' for format_ in (JSON, CSV)
    ]
    return ", ".join(found)
