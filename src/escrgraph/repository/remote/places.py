"""Where things stand on a remote server: a graph of the same name for each named graph, and one for the merge."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pyoxigraph import DefaultGraph, NamedNode, Quad, Store

from escrgraph.repository.remote.client import Dataset
from escrgraph.vocabulary.iris import Base


@dataclass(frozen=True, slots=True)
class Places:
    """The graphs of a repository on a server."""

    base: Base

    @property
    def merged(self) -> str:
        """The graph that holds what is the default graph here."""
        return self.base.graph("merged")

    @property
    def state(self) -> str:
        """The graph that holds the number of the newest change."""
        return self.base.graph("state")

    @property
    def nothing(self) -> str:
        """A graph that is never there: a request that names no graph would be answered from all of the server's."""
        return self.base.graph("nothing")

    def name(self, quad: Quad) -> str:
        """The graph of a quad on the server."""
        graph = quad.graph_name
        return self.merged if isinstance(graph, DefaultGraph) else graph.value

    def named(self, store: Store) -> tuple[str, ...]:
        """The named graphs that `GRAPH ?g` goes through."""
        graphs = (graph.value for graph in store.named_graphs() if isinstance(graph, NamedNode))
        return tuple(graph for graph in graphs if graph != self.state)

    def dataset(self, named: Iterable[str]) -> Dataset:
        """What a query reads that names no dataset: the merge, and the named graphs without it."""
        return Dataset((self.merged,), tuple(named) or (self.nothing,))

    def asked(self, default: Iterable[str] | None, named: Iterable[str] | None, known: Iterable[str]) -> Dataset:
        """The dataset that a request names, of graphs of this repository alone; another's may be on the server."""
        ours = set(known)
        return Dataset(
            tuple(iri for iri in default or () if iri in ours) or (self.nothing,),
            tuple(iri for iri in named or () if iri in ours) or (self.nothing,),
        )
