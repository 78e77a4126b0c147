"""Finding one's way without a search: the records of each type in the order of their addresses."""

from __future__ import annotations

from flask import Blueprint, Response, request, url_for
from pyoxigraph import Literal, NamedNode

from escrgraph.vocabulary.facts import Facts
from escrgraph.vocabulary.labels import choose_label
from escrgraph.web.context import here
from escrgraph.web.entity import Reading, collect_labels, plural
from escrgraph.web.page_queries import ask, labels_in, page_query, text
from escrgraph.web.pages import kept, language, page

blueprint = Blueprint("browsing", __name__)

_PAGE = 50


def shelf_page(type_: str) -> Response:
    """The records of a type in the order of their addresses, fifty a page: all there is where nothing is indexed."""
    service = here().service
    kind = service.kinds.by_type[type_]
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
    following = url_for("lists.browse", type_=type_, after=sources[-1]) if len(sources) == _PAGE else None
    return page(
        "shelf.html",
        asked.generation,
        title=plural(service.kinds, type_, language()),
        description=choose_label(kind.descriptions, language()),
        count=next((int(text(row, "count")) for row in asked.solutions(0)), 0),
        things=[reading.thing(iri) for iri in sources],
        following=following,
    )
