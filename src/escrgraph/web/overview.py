"""What there is at a glance: the front page, the world map, the timeline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask import Blueprint, Response, request
from pyoxigraph import Literal, NamedNode

from escrgraph.repository.readers import Query
from escrgraph.vocabulary import edtf
from escrgraph.vocabulary.kinds import Kind
from escrgraph.vocabulary.labels import Label, choose_label
from escrgraph.vocabulary.namespaces import ESCR, XSD
from escrgraph.vocabulary.readable import readable_date
from escrgraph.web.addresses import list_address
from escrgraph.web.context import here
from escrgraph.web.deadlines import Deadline
from escrgraph.web.describing import HTML, LANG, Parameter, described
from escrgraph.web.entity import Value, plural
from escrgraph.web.letters import letter_key
from escrgraph.web.names import Names, names_in
from escrgraph.web.once import ask_once
from escrgraph.web.page_queries import Asked, Solution, labels_in, page_query, text
from escrgraph.web.pages import counting_day, kept, language, page
from escrgraph.web.problems import Refusal
from escrgraph.web.timeline import Span, count_years, draw_years
from escrgraph.web.trees import Branch, grow
from escrgraph.web.world import built_world
from escrgraph.web.worldmap import Place, draw

blueprint = Blueprint("overview", __name__)

_SINCE = 1990
"""The year with which the front page's timeline begins; the whole is on a page of its own."""

_FINDING, _RESOURCE = "finding", "resource"


@dataclass(frozen=True, slots=True)
class Shelf:
    """A type of record and how many there are."""

    type: str
    plural: Label
    description: Label | None
    count: int


@dataclass(frozen=True, slots=True)
class New:
    """A record as the front page announces it."""

    thing: Value
    date: str
    deadline: Deadline | None = None


@blueprint.get("/")
@described(
    "Pages",
    HTML,
    parameters=(Parameter("on", "Day from which deadlines are counted, instead of today.", "2016-01-31"), LANG),
)
def home() -> Response:
    """The front page: search, rights, where, when, what is new, what there is. Five queries."""
    service, day = here().service, counting_day()
    early = kept(service.pages.generation(), day)
    if early is not None:
        return early
    queries = {
        "counts": page_query(service, "counts"),
        "places": _places_query(),
        "years": page_query(service, "years", {"class": NamedNode(ESCR + "Resource")}),
        "latest": page_query(service, "latest", {"day": _day(day)}),
        "rights": page_query(service, "concepts", {"class": NamedNode(ESCR + "Right")}),
    }
    asked = ask_once(service, list(queries.values()))
    places = _places(asked.solutions(1))
    years = count_years(_spans(asked.solutions(2)))
    world = built_world()
    return page(
        "home.html",
        asked.generation,
        day=day,
        queries=queries,
        shelves=_shelves(asked.solutions(0)),
        places=places,
        map=draw(world, places) if world else None,
        years=sorted(years.items(), reverse=True),
        timeline=draw_years(years, _SINCE),
        since=_SINCE,
        list_address=list_address,
        shelf_of=_new(asked.solutions(3), day),
        rights=_rights(asked),
    )


@blueprint.get("/map")
@described("Pages", HTML, parameters=(LANG,))
def world_map() -> Response:
    """Findings and resources by country: the map, and the table of it."""
    service = here().service
    early = kept(service.pages.generation())
    if early is not None:
        return early
    query = _places_query()
    asked = ask_once(service, [query])
    places, world = _places(asked.solutions(0)), built_world()
    return page(
        "map.html",
        asked.generation,
        places=places,
        map=draw(world, places) if world else None,
        list_address=list_address,
        query=query,
    )


@blueprint.get("/timeline")
@described("Pages", HTML, parameters=(Parameter("of", "Type of the records.", "resource"), LANG))
def timeline() -> Response:
    """The records of a type by year. `?of=` names the type."""
    service = here().service
    dated = [kind for kind in service.kinds.by_type.values() if _is_dated(kind)]
    type_ = request.args.get("of", _RESOURCE)
    kind = next((kind for kind in dated if kind.type == type_), None)
    if kind is None:
        known = ", ".join(str(kind.type) for kind in dated)
        raise Refusal(404, "Not found", f"There is no timeline of “{type_}”. Types of record that have dates: {known}.")
    early = kept(service.pages.generation())
    if early is not None:
        return early
    query = page_query(service, "years", {"class": NamedNode(kind.target_class)})
    asked = ask_once(service, [query])
    years = count_years(_spans(asked.solutions(0)))
    return page(
        "timeline.html",
        asked.generation,
        type=type_,
        types=[(str(found.type), plural(service.kinds, str(found.type), language())) for found in dated],
        years=sorted(years.items(), reverse=True),
        timeline=draw_years(years),
        list_address=list_address,
        query=query,
    )


def _is_dated(kind: Kind) -> bool:
    """Whether lists of its records can be narrowed to a year."""
    return any(edtf.DATATYPE in field.datatypes and field.facet for field in kind.fields)


def _places_query() -> Query:
    return page_query(here().service, "places", {"language": Literal(language())})


def _day(day: date) -> Literal:
    return Literal(day.isoformat(), datatype=NamedNode(XSD + "date"))


def _places(rows: Sequence[Solution]) -> list[Place]:
    """The countries, those with most first, then by name."""
    names, base = names_in(rows, "country"), here().service.base
    types = {ESCR + "Finding": _FINDING, ESCR + "Resource": _RESOURCE}
    counts: dict[tuple[str, str], dict[str, int]] = {}
    for row in rows:
        found = counts.setdefault((text(row, "country"), text(row, "code")), {_FINDING: 0, _RESOURCE: 0})
        found[types[text(row, "class")]] = int(text(row, "count"))
    places = [
        Place(code, base.record_of(country) or country, names.of(country), found)
        for (country, code), found in counts.items()
    ]
    return sorted(places, key=lambda place: (-place.total, _letters(place.name.text)))


def _spans(rows: Sequence[Solution]) -> list[Span]:
    return [Span(int(text(row, "first")), int(text(row, "last")), int(text(row, "count"))) for row in rows]


def _shelves(rows: Sequence[Solution]) -> list[Shelf]:
    counts = {text(row, "class"): int(text(row, "count")) for row in rows}
    kinds = here().service.kinds
    shelves = [
        Shelf(
            type_,
            plural(kinds, type_, language()),
            choose_label(kind.descriptions, language()),
            counts.get(kind.target_class, 0),
        )
        for type_, kind in kinds.by_type.items()
    ]
    return [shelf for shelf in shelves if shelf.count]


def _new(rows: Sequence[Solution], day: date) -> dict[str, list[New]]:
    """What is new, by shelf: "resource", "discussion", "open" and "call", the calls that are not known to be open."""
    names = Names(labels_in(rows, "record"))
    shelves: dict[str, dict[str, New]] = {"resource": {}, "discussion": {}, "open": {}, "call": {}}
    for row in rows:
        record, deadline = text(row, "record"), Deadline.of(text(row, "deadline"), day)
        shelf = "open" if deadline and deadline.open else text(row, "shelf")
        shelves[shelf][record] = New(names.of(record), readable_date(text(row, "date"), language()), deadline)
    return {shelf: list(found.values()) for shelf, found in shelves.items()}


def _letters(name: str) -> str:
    return letter_key(name, language())


def _rights(asked: Asked) -> tuple[Branch, ...]:
    rows = asked.solutions(4)
    return grow([(text(row, "concept"), text(row, "broader")) for row in rows], names_in(rows, "concept").of, _letters)
