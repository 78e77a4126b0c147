"""Findings: each row becomes an accountability chain of nodes below the address of the finding."""

from __future__ import annotations

import re
from collections import Counter

from pyoxigraph import NamedNode

from tools.library.concepts import indicator
from tools.library.countries import country
from tools.library.slugs import slugify
from tools.library.tables import Finding, Library
from tools.library.terms import Statements, concept, date, decimal, name, page, plain, record, text

# How far a label may go: what a court did not find is named as a claim.
_HEDGES = {
    "reported": "reported",
    "alleged": "alleged",
    "adjudicated": "adjudicated",
    "settled": "claim settled",
    "dismissed": "claim dismissed",
}
_CONSEQUENCES = {"adjudicated": "decision", "settled": "settlement", "dismissed": "dismissal"}
_YEARS = re.compile(r"(\d{4})-(\d{4})")
_VERIFIED = {"yes": "verified", "partly": "partly-verified"}


def build(library: Library) -> Statements:
    """Describe every finding with its whole chain."""
    graph = Statements()
    labels = short_labels(library)
    for row in library.findings:
        finding = record("finding", row.slug)
        _finding(graph, finding, row)
        graph.say(finding, "rdfs:label", text(labels[row.slug]))
        _deprivation(graph, row)
        _observation(graph, row)
        _failure(graph, row)
        _evidence(graph, row, resource_of_evidence(library, row))
        _consequence(graph, row, library)
    return graph


def short_labels(library: Library) -> dict[str, str]:
    """Compose a neutral label for each finding: right, group, country, standing; the indicator where two were alike."""
    rights = {row.code: row.label_en for row in library.rights}
    places = {row.alpha3: row.un_short_name_en for row in library.areas}
    stems = {
        row.slug: f"{rights[row.right]}: {row.population_group}, {places[row.country]}" for row in library.findings
    }
    counts = Counter(stems.values())
    labels = {}
    for row in library.findings:
        stem = stems[row.slug]
        detail = f", {row.indicator[0].lower()}{row.indicator[1:]}" if counts[stem] > 1 else ""
        labels[row.slug] = f"{stem}{detail} ({_HEDGES[row.standing]})"
    return labels


def edtf_period(period: str) -> str:
    """Turn a period into EDTF: "1996-2009" is an interval in the table, and "1996/2009" in EDTF."""
    years = _YEARS.fullmatch(period)
    return f"{years[1]}/{years[2]}" if years else period


def resource_of_evidence(library: Library, row: Finding) -> str | None:
    """Find the resource that is the evidence: the one of exactly that title, else the only one at that address."""
    by_title = [each.slug for each in library.publications if each.title == row.evidence_title]
    at = [
        each.slug
        for each in library.publications
        if row.evidence_url and row.evidence_url in (each.url, each.source_url)
    ]
    for candidates in (by_title, at):
        if len(candidates) == 1:
            return candidates[0]
    return None


def _finding(graph: Statements, finding: NamedNode, row: Finding) -> None:
    graph.say(finding, "rdf:type", name("escr:Finding"))
    graph.say(finding, "escr:country", country(row.country))
    graph.say(finding, "escr:usesMethod", *(record("method", code) for code in row.method_codes))
    graph.say(finding, "escr:standing", concept("standing", row.standing))
    graph.say(finding, "escr:forum", text(row.forum))
    graph.say(finding, "escr:caseTitle", plain(row.case_title))
    graph.say(finding, "escr:verified", concept("record-status", _VERIFIED[row.verified]))
    graph.say(finding, "escr:editorial", name("rdfs:label"))
    graph.say(finding, "dcterms:source", page(row.source_url))
    graph.say(finding, "escr:establishes", _node(row, "deprivation"))
    graph.say(finding, "escr:evidence", _node(row, "evidence", 1))


def _deprivation(graph: Statements, row: Finding) -> None:
    deprivation = _node(row, "deprivation")
    graph.say(deprivation, "rdf:type", name("escr:Deprivation"))
    graph.say(deprivation, "dcterms:description", text(row.deprivation))
    graph.say(deprivation, "escr:right", record("right", row.right))
    graph.say(deprivation, "escr:populationGroup", concept("population-group", slugify(row.population_group)))
    graph.say(deprivation, "escr:period", date(edtf_period(row.period)))
    graph.say(deprivation, "escr:measuredBy", _node(row, "observation", 1))
    graph.say(deprivation, "escr:attributedTo", _node(row, "failure"))


def _observation(graph: Statements, row: Finding) -> None:
    observation = _node(row, "observation", 1)
    graph.say(observation, "rdf:type", name("escr:Observation"), name("qb:Observation"))
    graph.say(observation, "escr:indicator", indicator(row.indicator))
    graph.say(observation, "escr:value", decimal(row.value))
    graph.say(observation, "escr:unit", concept("unit", slugify(row.unit)) if row.unit else None)
    graph.say(observation, "escr:qualifier", concept("qualifier", slugify(row.qualifier)) if row.qualifier else None)


def _failure(graph: Statements, row: Finding) -> None:
    failure = _node(row, "failure")
    graph.say(failure, "rdf:type", name("escr:PolicyFailure"))
    graph.say(failure, "dcterms:description", text(row.policy_failure))
    graph.say(failure, "escr:breaches", *(record("obligation", code) for code in row.obligation))
    graph.say(failure, "escr:committedBy", *(record("organization", slug) for slug in row.responsible_org))
    graph.say(failure, "escr:institutionLabel", *map(plain, row.responsible_institution))


def _evidence(graph: Statements, row: Finding, resource: str | None) -> None:
    evidence = _node(row, "evidence", 1)
    graph.say(evidence, "rdf:type", name("escr:Evidence"))
    graph.say(evidence, "dcterms:title", text(row.evidence_title))
    graph.say(evidence, "foaf:page", page(row.evidence_url))
    graph.say(evidence, "dcterms:relation", record("resource", resource) if resource else None)
    graph.say(evidence, "dcterms:source", page(row.source_url))
    graph.say(evidence, "cito:supports", record("finding", row.slug))


def _consequence(graph: Statements, row: Finding, library: Library) -> None:
    if not (row.outcome or row.decided_on or row.forum):
        return
    consequence = _node(row, "consequence", 1)
    kind = library.consequence_kinds.get(row.slug) or _CONSEQUENCES.get(row.standing)
    forums = {each.name: each.slug for each in library.organizations} | library.forums
    forum = forums.get(row.forum)
    graph.say(record("finding", row.slug), "escr:followedBy", consequence)
    graph.say(consequence, "rdf:type", name("escr:Consequence"))
    graph.say(consequence, "dcterms:description", text(row.outcome))
    graph.say(consequence, "dcterms:type", concept("consequence-kind", kind) if kind else None)
    graph.say(consequence, "dcterms:date", date(row.decided_on))
    graph.say(consequence, "escr:by", record("organization", forum) if forum else None)


def _node(row: Finding, *path: str | int) -> NamedNode:
    return record("finding", row.slug, *path)
