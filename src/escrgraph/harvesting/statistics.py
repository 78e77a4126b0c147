"""Counts of what is in the graphs: triples, subjects, classes and properties (VoID, section 4.6)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from escrgraph.repository.questions import read_question
from escrgraph.repository.readers import Formats, Query, Readers
from escrgraph.vocabulary import shipped
from escrgraph.vocabulary.iris import Base

_JSON = Formats("application/sparql-results+json")


@dataclass(frozen=True, slots=True)
class GraphStatistics:
    """The counts of one graph. subjects, objects: how many distinct ones; classes, properties: IRI -> how often."""

    iri: str
    triples: int
    subjects: int
    objects: int
    classes: Mapping[str, int]
    properties: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Statistics:
    """The counts of all public graphs in one generation, and of their merge. entities: records."""

    generation: int
    entities: int
    whole: GraphStatistics
    graphs: Sequence[GraphStatistics]

    @classmethod
    def of(cls, found: Mapping[str, Any]) -> Statistics:
        """The counts as they were written down."""
        graphs = tuple(GraphStatistics(**graph) for graph in found["graphs"])
        return cls(found["generation"], found["entities"], GraphStatistics(**found["whole"]), graphs)


def take(readers: Readers, base: Base) -> Statistics:
    """Count everything, in one generation. Raises RepositoryError."""
    names = ("graph-counts", "graph-classes", "graph-properties", "merge-counts")
    patient = Readers(readers.runtime, "public", timeout=3600.0)
    bodies = patient.ask_all([Query(_text(name), formats=_JSON) for name in names])
    counts, classes, properties, merge = (_rows(body) for body in bodies)
    state = base.graph("state")
    graphs = [
        GraphStatistics(
            iri,
            int(row["triples"]),
            int(row["subjects"]),
            int(row["objects"]),
            _of_graph(classes, iri, "class"),
            _of_graph(properties, iri, "property"),
        )
        for row in counts
        if (iri := row["graph"]) != state
    ]
    whole = merge[0]
    summed = (_summed([graph.classes for graph in graphs]), _summed([graph.properties for graph in graphs]))
    merged = GraphStatistics(base.iri, int(whole["triples"]), int(whole["subjects"]), int(whole["objects"]), *summed)
    return Statistics(bodies.generation, int(whole["entities"]), merged, graphs)


def _of_graph(rows: Sequence[Mapping[str, str]], graph: str, name: str) -> dict[str, int]:
    return {row[name]: int(row["count"]) for row in rows if row["graph"] == graph}


def _summed(parts: Sequence[Mapping[str, int]]) -> dict[str, int]:
    """Counts of the merge: each triple stands in one graph."""
    found: dict[str, int] = {}
    for part in parts:
        for name, count in part.items():
            found[name] = found.get(name, 0) + count
    return dict(sorted(found.items()))


def _rows(body: bytes) -> list[dict[str, str]]:
    bindings = json.loads(body)["results"]["bindings"]
    return [{name: term["value"] for name, term in row.items()} for row in bindings]


def _text(name: str) -> str:
    return read_question(shipped.path(f"queries/pages/{name}.rq")).text
