"""Writes the library's graphs: `python -m tools.library [folder]`, from the project's root."""

from __future__ import annotations

import sys
from pathlib import Path

from tools.library import (
    catalog,
    concepts,
    countries,
    discussions,
    findings,
    links,
    organizations,
    people,
    resources,
    turtle,
    updates,
)
from tools.library.tables import Library
from tools.library.terms import Statements

DATA = Path(__file__).resolve().parents[2] / "data"
# The duties that are also tests among the methods (their labels stand in data/obligation.ttl).
TESTED_OBLIGATIONS = frozenset({"maximum-available-resources", "minimum-core", "progressive-realization"})
COMMENTS = {
    "resource": "Resources: publications, tools and standards.",
    "journal": "Journals in which articles of the library appeared.",
    "method": "Methods of monitoring.",
    "right": "Rights, with the articles of the Covenant and the general comments on them.",
    "country": "Countries and regions, and the status of countries under the Covenant and its Optional Protocol.",
    "organization": "Organizations and the roles they hold.",
    "person": "Authors and moderators: name and public role, nothing else.",
    "discussion": "Discussions, webinars, workshops and meetings.",
    "update": "News, new resources, comments, events, opportunities and calls for input.",
    "finding": "Findings: one accountability chain each.",
    "indicator": "Indicators that the findings use.",
    "links": "Links out: matches with the addresses of others.",
    "catalog": "The catalogue: data sets and sets of links.",
}


def build(library: Library) -> dict[str, Statements]:
    """Build every graph that is made from tables; the key is the graph's name."""
    link_sets = links.link_sets(library)
    return {
        "resource": resources.build(library),
        "journal": resources.build_journals(library),
        "method": concepts.build_methods(library, TESTED_OBLIGATIONS),
        "right": concepts.build_rights(library),
        "country": countries.build(library),
        "organization": organizations.build(library),
        "person": people.build(library),
        "discussion": discussions.build(library),
        "update": updates.build(library, discussions.wrap_ups(library)),
        "finding": findings.build(library),
        "indicator": concepts.build_indicators(library),
        "links": links.build(library),
        "catalog": catalog.build(link_sets),
    }


def main(folder: Path = DATA) -> None:
    """Write one Turtle file for each graph, and say how many statements it holds."""
    for graph, statements in build(Library()).items():
        path = folder / f"{graph}.ttl"
        path.write_text(turtle.serialize(statements, COMMENTS[graph]), encoding="utf-8", newline="\n")
        print(f"{path.name}: {len(statements)} statements")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]))
