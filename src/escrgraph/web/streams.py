"""Streams: updates and discussions, newest first, open calls before all."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import urlencode

from flask import Blueprint, Response, request
from pyoxigraph import Literal, NamedNode

from escrgraph.repository.readers import Query
from escrgraph.vocabulary.iris import is_slug
from escrgraph.vocabulary.labels import choose_label
from escrgraph.vocabulary.namespaces import DCTERMS, ESCR, XSD
from escrgraph.vocabulary.readable import readable_date
from escrgraph.web.context import here
from escrgraph.web.deadlines import Deadline
from escrgraph.web.describing import HTML, LANG, Parameter, described
from escrgraph.web.entity import Value
from escrgraph.web.names import Names, our_class
from escrgraph.web.page_queries import Solution, ask, labels_in, page_query, text
from escrgraph.web.pages import counting_day, kept, language, page
from escrgraph.web.problems import Refusal

blueprint = Blueprint("streams", __name__)

_PAGE = 25
_NEWEST = "9999-12-31"
_UNDATED = "0001-01-01"
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_PARAMETERS = (
    Parameter("kind", "Code of a type, as in the code list."),
    Parameter("on", "Day from which deadlines are counted, instead of today.", "2016-01-31"),
    Parameter("before", "Day with which the page begins.", "2016-12-31"),
    Parameter("after", "Address after which the page begins."),
    LANG,
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A record in a stream. latest: its last day (ISO), by which streams are in order; values: by property."""

    iri: str
    thing: Value
    latest: str
    date: str
    abstract: Value | None
    deadline: Deadline | None
    values: Mapping[str, tuple[Value, ...]]

    @property
    def year(self) -> str:
        """The year under which it is listed; empty when it has none."""
        return "" if self.latest in {_UNDATED, ""} else self.latest[:4]

    def of(self, name: str) -> tuple[Value, ...]:
        """The things that it names by a property ("type", "moderator")."""
        return self.values.get(name, ())


@dataclass(frozen=True, slots=True)
class Choice:
    """One type by which a stream can be narrowed. name: as the address names it, None for all."""

    name: str | None
    label: Value | None
    count: int


@blueprint.get("/updates")
@described("Pages", HTML, parameters=_PARAMETERS)
def updates() -> Response:
    """News, new resources, comments, events, opportunities and calls. `?kind=` narrows, `?on=` counts from a day."""
    return _stream("updates", "Update", "update-kind")


@blueprint.get("/discussions")
@described("Pages", HTML, parameters=_PARAMETERS)
def discussions() -> Response:
    """Online discussions, webinars, workshops and meetings, year by year. `?kind=` narrows."""
    return _stream("discussions", "Discussion", "discussion-kind")


def _stream(name: str, class_: str, scheme: str) -> Response:
    service, day, kind = here().service, counting_day(), request.args.get("kind", "")
    if kind and not is_slug(kind):
        raise Refusal(400, "Malformed", f"“{kind}” is no kind. The page without ?kind= names those there are.")
    before, after = _position()
    early = kept(service.pages.generation(), day)
    if early is not None:
        return early
    wanted = NamedNode(service.base.record_iri(f"scheme/{scheme}") + f"/{kind}") if kind else our_class(class_)
    stream = page_query(service, "stream", {"kind": wanted, "before": before, "after": after, "day": _literal(day)})
    calls = page_query(service, "open", {"day": _literal(day)})
    queries: dict[str, Query] = {"stream": stream, "types": page_query(service, "types", {"class": our_class(class_)})}
    if name == "updates":
        queries["open"] = calls
    asked = ask(service, list(queries.values()))
    entries = _entries(asked.solutions(0), day)
    first = before.value == _NEWEST and not after.value
    open_ = _entries(asked.solutions(2), day) if name == "updates" and first else []
    return page(
        f"{name}.html",
        asked.generation,
        day=day,
        queries=queries,
        kind=kind,
        choices=_choices(asked.solutions(1)),
        open=[entry for entry in open_ if not kind or any(_ends(value, kind) for value in entry.of("type"))],
        years=_by_year(entries),
        following=_following(entries, name, kind) if len(entries) == _PAGE else None,
        first=first,
    )


def _position() -> tuple[Literal, Literal]:
    before = request.args.get("before", _NEWEST)
    try:
        date.fromisoformat(before if _DAY.fullmatch(before) else "")
    except ValueError:
        raise Refusal(400, "Malformed", f"“{before}” is no day. Follow the links of the pages.") from None
    return Literal(before, datatype=NamedNode(XSD + "date")), Literal(request.args.get("after", ""))


def _literal(day: date) -> Literal:
    return Literal(day.isoformat(), datatype=NamedNode(XSD + "date"))


def _following(entries: Sequence[Entry], name: str, kind: str) -> str:
    last = entries[-1]
    chosen = {"kind": kind} if kind else {}
    if request.args.get("on"):
        chosen["on"] = request.args["on"]
    return f"/{name}?" + urlencode({**chosen, "before": last.latest, "after": last.iri}, safe="/:")


def _ends(value: Value, kind: str) -> bool:
    return (value.href or "").endswith(f"#{kind}")


def _by_year(entries: Sequence[Entry]) -> list[tuple[str, list[Entry]]]:
    years: dict[str, list[Entry]] = {}
    for entry in entries:
        years.setdefault(entry.year, []).append(entry)
    return list(years.items())


def _choices(rows: Sequence[Solution]) -> list[Choice]:
    """All first, then the types, those with most records first."""
    names = Names(labels_in(rows, "type"))
    counts = {text(row, "type"): int(text(row, "count")) for row in rows}
    everything = Choice(None, None, counts.pop("", 0))
    return [everything, *(Choice(iri.rpartition("/")[2], names.of(iri), count) for iri, count in counts.items())]


def _entries(rows: Sequence[Solution], day: date) -> list[Entry]:
    """The records of a stream in the order in which they came."""
    names = Names(dict.fromkeys(labels_in(rows, "value")))
    read: dict[str, dict[str, list[Literal | NamedNode]]] = {}
    latest: dict[str, str] = {}
    for row in rows:
        record, value = text(row, "record"), row["value"]
        latest[record] = text(row, "latest")
        found = read.setdefault(record, {}).setdefault(_local(text(row, "property")), [])
        if value not in found:
            found.append(value)
    return [_entry(record, latest[record], values, names.of, day) for record, values in read.items()]


def _entry(
    record: str,
    latest: str,
    values: Mapping[str, Sequence[Literal | NamedNode]],
    name: Callable[[str], Value],
    day: date,
) -> Entry:
    literals = {key: [v for v in found if isinstance(v, Literal)] for key, found in values.items()}
    title, abstract = (choose_label(literals.get(key, ()), language()) for key in ("title", "abstract"))
    dates = [literal.value for literal in literals.get("date", ())]
    deadlines = [literal.value for literal in literals.get("validThrough", ())]
    thing = name(record)
    return Entry(
        iri=record,
        thing=replace(thing, text=title.text, language=title.language, fallback=title.fallback) if title else thing,
        latest=latest,
        date=readable_date(dates[0], language()) if dates else "",
        abstract=Value(abstract.text, abstract.language, abstract.fallback) if abstract else None,
        deadline=Deadline.of(deadlines[0], day) if deadlines else None,
        values={key: tuple(name(v.value) for v in found if isinstance(v, NamedNode)) for key, found in values.items()},
    )


def _local(iri: str) -> str:
    for namespace in (DCTERMS, ESCR):
        iri = iri.removeprefix(namespace)
    return iri.rpartition("/")[2]
