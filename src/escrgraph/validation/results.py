"""A result: one broken demand, as an engine reports it, before it is worded for people."""

from __future__ import annotations

from dataclasses import dataclass

from pyoxigraph import Literal

from escrgraph.vocabulary.facts import Object

SEVERITIES = ("Violation", "Warning", "Info")


@dataclass(frozen=True, slots=True)
class Result:
    """One broken demand.

    focus: IRI of the node. path: the property, or a longer path as SPARQL text; None when the node itself is meant.
    value: the term that breaks it; None when something is missing. component: "MinCount", "Class", "SPARQL" …
    shape: the shape that demands it; None for a demand that no shape makes. messages: those of a rule of its own.
    """

    focus: str
    path: str | None
    value: Object | None
    component: str
    shape: str | None
    severity: str = "Violation"
    messages: tuple[Literal, ...] = ()
