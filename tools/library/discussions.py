"""Discussions: who met, when, on what; and the wrap-ups that followed."""

from __future__ import annotations

from pyoxigraph import NamedNode

from tools.library import people
from tools.library.countries import country
from tools.library.tables import Discussion, Library
from tools.library.terms import Statements, concept, date, name, page, record, text
from tools.library.updates import wrapped_month

_ONLINE = frozenset({"online-discussion", "webinar"})


def wrap_ups(library: Library) -> dict[str, str]:
    """Match wrap-ups (slug of the update) with the only online discussion (its slug) of the month that they name."""
    matches = {}
    for update in library.updates:
        month = wrapped_month(update)
        held = [row.slug for row in library.discussions if row.kind == "online-discussion" and row.date[:7] == month]
        if month and len(held) == 1:
            matches[update.slug] = held[0]
    return matches


def build(library: Library) -> Statements:
    """Describe every discussion, webinar, workshop and meeting."""
    graph = Statements()
    for row in library.discussions:
        _describe(graph, record("discussion", row.slug), row)
    for update, discussion in wrap_ups(library).items():
        graph.say(record("discussion", discussion), "escr:wrapUp", record("update", update))
    return graph


def _describe(graph: Statements, discussion: NamedNode, row: Discussion) -> None:
    graph.say(discussion, "rdf:type", name("escr:Discussion"), name("sioc:Thread") if row.kind in _ONLINE else None)
    graph.say(discussion, "dcterms:title", text(row.title))
    graph.say(discussion, "dcterms:type", concept("discussion-kind", row.kind))
    graph.say(discussion, "dcterms:date", date(row.date))
    graph.say(discussion, "escr:moderator", *map(people.address, row.moderators))
    graph.say(discussion, "escr:participant", *(record("organization", slug) for slug in row.participants_orgs))
    graph.say(discussion, "escr:country", *map(country, row.countries))
    graph.say(discussion, "dcterms:subject", *(record("right", code) for code in row.rights))
    graph.say(discussion, "escr:usesMethod", *(record("method", code) for code in row.methods))
    graph.say(discussion, "dcterms:abstract", text(row.summary))
    graph.say(discussion, "foaf:page", page(row.url))
    graph.say(discussion, "dcterms:source", page(row.source_url))
