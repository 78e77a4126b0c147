"""Updates: news, new resources, comments, events, opportunities and calls for input."""

from __future__ import annotations

import re
from datetime import datetime

from pyoxigraph import NamedNode

from tools.library.countries import country
from tools.library.tables import Library, Update
from tools.library.terms import Statements, concept, date, day, name, page, record, text

_OPPORTUNITIES = frozenset({"opportunity", "call-for-input"})
_WRAP_UP = re.compile(r"Wrap-up of the (?P<month>\w+ \d{4}) discussion\b")
_DEADLINE = re.compile(r"\b(?:by|until) (?P<day>\d{1,2} [A-Z][a-z]+ \d{4})\b")


def wrapped_month(update: Update) -> str | None:
    """Give the month (YYYY-MM) whose discussion an update sums up; None when it is no wrap-up."""
    match = _WRAP_UP.match(update.title)
    return datetime.strptime(match["month"], "%B %Y").strftime("%Y-%m") if match else None


def deadline(update: Update) -> str | None:
    """Give the last day of an opportunity (YYYY-MM-DD) when its summary names it; nothing is guessed."""
    match = _DEADLINE.search(update.summary) if update.kind in _OPPORTUNITIES else None
    return datetime.strptime(match["day"], "%d %B %Y").strftime("%Y-%m-%d") if match else None


def build(library: Library, wrap_ups: dict[str, str]) -> Statements:
    """Describe every update.

    wrap_ups: slug of an update to slug of the discussion that it sums up.
    """
    graph = Statements()
    for row in library.updates:
        update = record("update", row.slug)
        _describe(graph, update, row)
        if row.slug in wrap_ups:
            graph.say(update, "schema:about", record("discussion", wrap_ups[row.slug]))
    return graph


def _describe(graph: Statements, update: NamedNode, row: Update) -> None:
    last_day = deadline(row)
    graph.say(update, "rdf:type", name("escr:Update"), name("escr:Opportunity") if row.kind in _OPPORTUNITIES else None)
    graph.say(update, "dcterms:title", text(row.title))
    graph.say(update, "dcterms:type", concept("update-kind", row.kind))
    graph.say(update, "dcterms:date", date(row.date))
    graph.say(update, "escr:organization", *(record("organization", slug) for slug in row.orgs))
    graph.say(update, "dcterms:subject", *(record("right", code) for code in row.rights))
    graph.say(update, "escr:usesMethod", *(record("method", code) for code in row.methods))
    graph.say(update, "escr:country", *map(country, row.countries))
    graph.say(update, "schema:validThrough", day(last_day) if last_day else None)
    graph.say(update, "dcterms:abstract", text(row.summary))
    graph.say(update, "foaf:page", page(row.url))
    graph.say(update, "dcterms:source", page(row.source_url))
