"""The census: which graphs there are and how many triples each holds."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from escrgraph.repository.errors import RepositoryError
from escrgraph.repository.readers import Formats, Query, Readers

_Row = dict[str, dict[str, str]]
_JSON = "application/sparql-results+json"
_NAMES = "SELECT ?graph WHERE { GRAPH ?graph {} }"
_COUNTS = """SELECT ?graph ?triples WHERE {
  { GRAPH ?graph {} }
  UNION
  { SELECT ?graph (COUNT(*) AS ?triples) WHERE { GRAPH ?graph { ?s ?p ?o } } GROUP BY ?graph }
  UNION
  { SELECT (COUNT(*) AS ?triples) WHERE { ?s ?p ?o } }
}"""


@dataclass(frozen=True, slots=True)
class NamedGraph:
    """A named graph and how many triples it holds, None when that was not counted."""

    iri: str
    triples: int | None


@dataclass(frozen=True, slots=True)
class Census:
    """The graphs of a generation. default_triples: of the default graph, None when that was not counted."""

    generation: int
    default_triples: int | None
    graphs: Sequence[NamedGraph]


@dataclass(slots=True)
class Censuses:
    """Takes the census once a generation. last: the one taken last, whole."""

    last: Census | None = field(default=None)

    def take(self, readers: Readers, client: str) -> Census:
        """The newest generation, counted at the expense of the client; names only where that takes too long."""
        generation = readers.generation()
        if self.last is not None and self.last.generation == generation:
            return self.last
        try:
            rows, shown = _rows(readers, client, _COUNTS)
        except RepositoryError:
            rows, shown = _rows(readers, client, _NAMES)
            return Census(shown, None, _graphs(rows))
        counts = {row["graph"]["value"]: _number(row) for row in rows if "graph" in row and "triples" in row}
        default = next((_number(row) for row in rows if "graph" not in row), 0)
        graphs = [NamedGraph(graph.iri, counts.get(graph.iri, 0)) for graph in _graphs(rows)]
        self.last = Census(shown, default, graphs)
        return self.last


def _rows(readers: Readers, client: str, text: str) -> tuple[list[_Row], int]:
    answer = readers.ask(Query(text, formats=Formats(solutions=_JSON)), client)
    try:
        found = json.loads(b"".join(answer.chunks))
    finally:
        answer.close()
    return found["results"]["bindings"], answer.generation


def _graphs(rows: list[_Row]) -> list[NamedGraph]:
    iris = {row["graph"]["value"] for row in rows if "graph" in row and row["graph"]["type"] == "uri"}
    return [NamedGraph(iri, None) for iri in sorted(iris)]


def _number(row: _Row) -> int:
    return int(row["triples"]["value"])
