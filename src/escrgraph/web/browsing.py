"""Finding one's way without a search: the front page, and the records of each type in the order of their addresses."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Response, request, url_for
from pyoxigraph import Literal, NamedNode

from escrgraph.vocabulary.facts import Facts
from escrgraph.vocabulary.labels import Label, choose_label
from escrgraph.web.context import here
from escrgraph.web.describing import HTML, LANG, described
from escrgraph.web.entity import Reading, collect_labels, plural
from escrgraph.web.page_queries import ask, labels_in, page_query, text
from escrgraph.web.pages import kept, language, page
from escrgraph.web.problems import Refusal

blueprint = Blueprint("browsing", __name__)

_PAGE = 50


@dataclass(frozen=True, slots=True)
class Shelf:
    """A type of record as the front page offers it."""

    type: str
    plural: Label
    description: Label | None
    count: int


@blueprint.get("/")
@described("Pages", HTML, parameters=(LANG,))
def home() -> Response:
    """The front page: what there is, and how much of it."""
    service = here().service
    early = kept(service.pages.generation())
    if early is not None:
        return early
    asked = ask(service, [page_query(service, "counts")])
    counts = {text(row, "class"): int(text(row, "count")) for row in asked.solutions(0)}
    shelves = [
        Shelf(
            type_,
            plural(service.kinds, type_, language()),
            choose_label(kind.descriptions, language()),
            counts.get(kind.target_class, 0),
        )
        for type_, kind in service.kinds.by_type.items()
    ]
    return page("home.html", asked.generation, shelves=[shelf for shelf in shelves if shelf.count])


@blueprint.get("/browse/<type_>")
@described("Lists", HTML, parameters=(LANG,))
def browse(type_: str) -> Response:
    """The records of a type, fifty a page."""
    service = here().service
    kind = service.kinds.by_type.get(type_)
    if kind is None:
        known = ", ".join(service.kinds.by_type)
        raise Refusal(404, "Not found", f"There is no type of record “{type_}”. Types: {known}.")
    early = kept(service.pages.generation())
    if early is not None:
        return early
    class_, after = NamedNode(kind.target_class), Literal(request.args.get("after", ""))
    queries = [
        page_query(service, "count", {"class": class_}),
        page_query(service, "browse", {"class": class_, "after": after}),
    ]
    asked = ask(service, queries)
    rows = asked.solutions(1)
    reading = Reading(Facts([]), collect_labels(labels_in(rows, "source")), service.kinds, service.base, language())
    sources = list(dict.fromkeys(text(row, "source") for row in rows))
    following = url_for("browsing.browse", type_=type_, after=sources[-1]) if len(sources) == _PAGE else None
    return page(
        "browse.html",
        asked.generation,
        title=plural(service.kinds, type_, language()),
        description=choose_label(kind.descriptions, language()),
        count=next((int(text(row, "count")) for row in asked.solutions(0)), 0),
        things=[reading.thing(iri) for iri in sources],
        following=following,
    )
