"""Dumps: the named graphs of a snapshot, written as they are read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import IO

from pyoxigraph import BlankNode, DefaultGraph, NamedNode, Quad, RdfFormat, Store, Triple, serialize

from escrgraph.repository.errors import Malformed
from escrgraph.repository.formats import Mode
from escrgraph.vocabulary.iris import Base
from escrgraph.vocabulary.namespaces import PREFIXES

FORMATS = {
    "nq": RdfFormat.N_QUADS,
    "trig": RdfFormat.TRIG,
    "jsonld": RdfFormat.JSON_LD,
    "ttl": RdfFormat.TURTLE,
    "nt": RdfFormat.N_TRIPLES,
    "rdf": RdfFormat.RDF_XML,
}

Graph = NamedNode | BlankNode | DefaultGraph


def dump(snapshot: Path, output: IO[bytes], form: str, base: Base, mode: Mode, graph: str | None = None) -> None:
    """Write a snapshot's graphs to `output`, one after the other.

    form: one of FORMATS. nq, trig and jsonld hold every named graph; ttl, nt and rdf know no graphs and hold the
    default graph. graph: the IRI of a named graph, which alone is written then.
    Raises Malformed when there is no such graph, and in own mode when a format without graphs would lose some.
    """
    store = Store.read_only(str(snapshot))
    chosen = FORMATS[form]
    if graph is not None:
        quads = _of_graph(store, graph)
    elif chosen.supports_datasets:
        quads = _named(store, base) if mode is Mode.MERGE else iter(store)
    else:
        _demand_no_loss(store, form, mode)
        quads = store.quads_for_pattern(None, None, None, DefaultGraph())
    written = quads if chosen.supports_datasets and graph is None else _triples(quads)
    serialize(written, output, chosen, prefixes=dict(PREFIXES) if chosen in _WITH_PREFIXES else None)


_WITH_PREFIXES = (RdfFormat.TURTLE, RdfFormat.TRIG, RdfFormat.RDF_XML, RdfFormat.JSON_LD)


def graphs(store: Store, base: Base) -> list[Graph]:
    """The named graphs that people know, in order."""
    state = NamedNode(base.graph("state"))
    return sorted((graph for graph in store.named_graphs() if graph != state), key=str)


def _named(store: Store, base: Base) -> Iterator[Quad]:
    for graph in graphs(store, base):
        yield from store.quads_for_pattern(None, None, None, graph)


def _of_graph(store: Store, graph: str) -> Iterator[Quad]:
    try:
        name = NamedNode(graph)
    except ValueError:
        raise Malformed(f"“{graph}” is no IRI, so it names no graph.") from None
    if not store.contains_named_graph(name):
        known = ", ".join(found.value for found in store.named_graphs() if isinstance(found, NamedNode))
        raise Malformed(f"There is no graph {graph} in this store. There are: {known or 'none'}.")
    return store.quads_for_pattern(None, None, None, name)


def _demand_no_loss(store: Store, form: str, mode: Mode) -> None:
    if mode is Mode.OWN and next(store.named_graphs(), None) is not None:
        raise Malformed(
            f"The format {form} knows no graphs, and this store has named ones: name one with --graph, or ask for nq."
        )


def _triples(quads: Iterator[Quad]) -> Iterator[Triple]:
    return (quad.triple for quad in quads)
