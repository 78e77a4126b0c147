"""Coverage: which rights are covered by which methods and in which countries, and where nothing is yet."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Response, request
from pyoxigraph import NamedNode

from escrgraph.vocabulary.namespaces import ESCR
from escrgraph.web.addresses import contribute_address, list_address
from escrgraph.web.context import here
from escrgraph.web.describing import HTML, LANG, Parameter, described
from escrgraph.web.entity import plural
from escrgraph.web.letters import letter_key
from escrgraph.web.matrix import lay_out
from escrgraph.web.names import names_in, our_class, short
from escrgraph.web.once import ask_once
from escrgraph.web.page_queries import Solution, page_query, text
from escrgraph.web.pages import kept, language, page
from escrgraph.web.problems import Refusal
from escrgraph.web.trees import Branch, grow

blueprint = Blueprint("coverage", __name__)

OF = ("resource", "finding")
"""The types of record that can be counted."""


@dataclass(frozen=True, slots=True)
class Side:
    """What can stand in the rows. class_name: of those things; path: local name of the property that names them."""

    class_name: str
    path: str


ROWS = {"method": Side("Method", "usesMethod"), "country": Side("Country", "country")}


@blueprint.get("/coverage")
@described(
    "Pages",
    HTML,
    parameters=(
        Parameter("rows", "What stands in the rows.", choices=tuple(ROWS)),
        Parameter("of", "Type of the records that are counted.", choices=OF),
        LANG,
    ),
)
def coverage() -> Response:
    """Rights by method or by country. `?rows=` names what stands in the rows, `?of=` the type that is counted."""
    service = here().service
    rows, type_ = request.args.get("rows", "method"), request.args.get("of", "resource")
    if rows not in ROWS or type_ not in OF:
        raise Refusal(
            404,
            "Not found",
            f"There is no such matrix. Rows (?rows=): {', '.join(ROWS)}; what is counted (?of=): {', '.join(OF)}.",
        )
    early = kept(service.pages.generation())
    if early is not None:
        return early
    side = ROWS[rows]
    parameters = {
        "class": NamedNode(service.kinds.by_type[type_].target_class),
        "property": NamedNode(ESCR + side.path),
        "rows": our_class(side.class_name),
    }
    query = page_query(service, "coverage", parameters)
    heads = [page_query(service, "concepts", {"class": our_class(name)}) for name in (side.class_name, "Right")]
    asked = ask_once(service, [query, *heads])
    counts = {(text(row, "row"), text(row, "right")): int(text(row, "count")) for row in asked.solutions(0)}
    lines, columns = (_heads(asked.solutions(index)) for index in (1, 2))
    known = {row for row, _ in counts}
    # All countries would make a very long table of gaps; those without any are counted below it.
    shown = [line for line in lines if rows != "country" or line.iri in known]
    matrix = lay_out(
        shown,
        columns,
        counts,
        lambda row, column: list_address(type_, **{rows: short(row.iri)}, right=short(column.iri)),
        lambda row, column: contribute_address(type_, **{rows: short(row.iri)}, right=short(column.iri)),
    )
    return page(
        "coverage.html",
        asked.generation,
        rows=rows,
        of=type_,
        types=[(name, plural(service.kinds, name, language())) for name in OF],
        matrix=matrix,
        left_out=len(lines) - len(shown),
        query=query,
    )


def _heads(rows: list[Solution]) -> list[Branch]:
    """Concepts as a reader goes down their tree."""
    name = names_in(rows, "concept").of
    pairs = [(text(row, "concept"), text(row, "broader")) for row in rows]
    return [branch for root in grow(pairs, name, lambda name: letter_key(name, language())) for branch in root.all()]
