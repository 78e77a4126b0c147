"""The whole accountability chain of a finding as triples in short, worked out from its row."""

from __future__ import annotations

import re

from tests.queries.asking import Row
from tests.queries.facts import place
from tools.library.findings import resource_of_evidence, short_labels
from tools.library.slugs import slugify
from tools.library.tables import Finding, Library

from escrgraph.vocabulary import edtf

Said = dict[str, str | list[str]]


def chain(tables: Library, row: Finding) -> set[Row]:
    """Every triple about the nodes of a finding, those that follow by rule included."""
    finding = f"finding/{row.slug}"
    nodes = {
        finding: _finding(tables, row),
        f"{finding}/deprivation": _deprivation(row),
        f"{finding}/failure": _failure(row),
        f"{finding}/observation/1": _observation(row),
        f"{finding}/evidence/1": _evidence(tables, row),
    }
    if _followed(row):
        nodes[f"{finding}/consequence/1"] = _consequence(tables, row)
    return {
        (node, predicate, value)
        for node, said in nodes.items()
        for predicate, values in said.items()
        for value in ([values] if isinstance(values, str) else values)
        if value
    }


def gaps(tables: Library, row: Finding) -> set[str]:
    """The links that a finding lacks."""
    linked = row.evidence_url or resource_of_evidence(tables, row)
    found = {
        "no-value": not row.value,
        "no-period": not row.period,
        "no-evidence-link": not linked,
        "no-consequence": row.standing in {"adjudicated", "settled"} and not _followed(row),
        "whole-government": all(re.fullmatch("gov-[a-z]{3}", slug) for slug in row.responsible_org),
    }
    return {gap for gap, lacking in found.items() if lacking}


def _followed(row: Finding) -> bool:
    return bool(row.outcome or row.decided_on or row.forum)


def _finding(tables: Library, row: Finding) -> Said:
    finding = f"finding/{row.slug}"
    return {
        "rdf:type": "escr:Finding",
        "rdfs:label": short_labels(tables)[row.slug],
        "dcterms:source": row.source_url,
        "escr:country": place(row.country),
        "escr:usesMethod": [f"method/{code}" for code in row.method_codes],
        "escr:standing": f"scheme/standing/{row.standing}",
        "escr:forum": row.forum,
        "escr:caseTitle": row.case_title,
        "escr:verified": f"scheme/record-status/{'verified' if row.verified == 'yes' else 'partly-verified'}",
        "escr:editorial": "rdfs:label",
        "escr:establishes": f"{finding}/deprivation",
        "escr:evidence": f"{finding}/evidence/1",
        "escr:followedBy": f"{finding}/consequence/1" if _followed(row) else "",
        "escr:responsibleInstitution": [f"organization/{slug}" for slug in row.responsible_org],
        "escr:chainGap": [f"scheme/chain-gap/{gap}" for gap in gaps(tables, row)],
    }


def _deprivation(row: Finding) -> Said:
    finding = f"finding/{row.slug}"
    period = re.sub(r"^(\d{4})-(\d{4})$", r"\1/\2", row.period)
    return {
        "rdf:type": "escr:Deprivation",
        "dcterms:description": row.deprivation,
        "escr:right": f"right/{row.right}",
        "escr:populationGroup": f"scheme/population-group/{slugify(row.population_group)}",
        "escr:period": period,
        "escr:measuredBy": f"{finding}/observation/1",
        "escr:attributedTo": f"{finding}/failure",
        **_days(period),
    }


def _failure(row: Finding) -> Said:
    return {
        "rdf:type": "escr:PolicyFailure",
        "dcterms:description": row.policy_failure,
        "escr:breaches": [f"obligation/{duty}" for duty in row.obligation],
        "escr:committedBy": [f"organization/{slug}" for slug in row.responsible_org],
        "escr:institutionLabel": list(row.responsible_institution),
    }


def _observation(row: Finding) -> Said:
    return {
        "rdf:type": ["escr:Observation", "qb:Observation"],
        "escr:indicator": f"indicator/{slugify(row.indicator)}",
        "escr:value": row.value.replace(",", "").rstrip("% "),
        "escr:unit": f"scheme/unit/{slugify(row.unit)}" if row.unit else "",
        "escr:qualifier": f"scheme/qualifier/{slugify(row.qualifier)}" if row.qualifier else "",
    }


def _evidence(tables: Library, row: Finding) -> Said:
    resource = resource_of_evidence(tables, row)
    return {
        "rdf:type": "escr:Evidence",
        "dcterms:title": row.evidence_title,
        "foaf:page": row.evidence_url,
        "dcterms:relation": f"resource/{resource}" if resource else "",
        "dcterms:source": row.source_url,
        "cito:supports": f"finding/{row.slug}",
    }


def _consequence(tables: Library, row: Finding) -> Said:
    return {
        "rdf:type": "escr:Consequence",
        "dcterms:description": row.outcome,
        "dcterms:type": f"scheme/consequence-kind/{kind}" if (kind := aftermath(tables, row)) else "",
        "dcterms:date": row.decided_on,
        "escr:by": _court(tables, row.forum),
        **_days(row.decided_on),
    }


def aftermath(tables: Library, row: Finding) -> str:
    """Of which kind the consequence of a finding is; empty when there is none, or none that has a name."""
    usual = {"adjudicated": "decision", "settled": "settlement", "dismissed": "dismissal"}.get(row.standing, "")
    return tables.consequence_kinds.get(row.slug, usual) if _followed(row) else ""


def _court(tables: Library, forum: str) -> str:
    slug = tables.forums.get(forum) or next((row.slug for row in tables.organizations if row.name == forum), "")
    return f"organization/{slug}" if slug else ""


def _days(date: str) -> dict[str, str]:
    span = edtf.parse(date) if date else None
    days = {"escr:earliest": span.earliest, "escr:latest": span.latest} if span else {}
    return {name: day.isoformat() for name, day in days.items() if day}
