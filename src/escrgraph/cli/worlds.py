"""What is published, in memory: what files are checked against, and what a release is compared with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pyoxigraph import DefaultGraph, NamedNode, Quad, RdfFormat, Store, parse

from escrgraph.repository.preparing import RESERVED
from escrgraph.service import Service
from escrgraph.vocabulary.iris import Base
from escrgraph.vocabulary.kinds import shipped_kinds

_DEFAULT = DefaultGraph()


def default_graph(service: Service) -> Store:
    """The default graph of what is published, in a store of one's own."""
    world = Store()
    world.bulk_load(service.pages.dump(RdfFormat.N_TRIPLES.media_type, "default").read(), RdfFormat.N_TRIPLES)
    return world


def named_graphs(service: Service) -> Iterator[Quad]:
    """The quads of every named graph that people write to."""
    without = [service.base.graph(name) for name in RESERVED]
    return parse(service.pages.dump(RdfFormat.N_QUADS.media_type, without=without).read(), RdfFormat.N_QUADS)


def placed(quads: Iterable[Quad], base: Base, known: Store | None = None) -> Iterator[Quad]:
    """The quads, those that name no graph in the graph of their record's kind; none of the graphs the writer makes.

    known: what is published; a triple of it that names no graph stays where it is, and is left out.
    """
    reserved = {NamedNode(base.graph(name)) for name in RESERVED}
    graphs = {name: NamedNode(base.graph(kind.graph)) for name, kind in shipped_kinds().by_type.items() if kind.graph}
    for quad in quads:
        if quad.graph_name == _DEFAULT:
            if known is None or quad not in known:
                yield _in_its_graph(quad, base, graphs)
        elif quad.graph_name not in reserved:
            yield quad


def _in_its_graph(quad: Quad, base: Base, graphs: dict[str, NamedNode]) -> Quad:
    record = base.record_of(quad.subject.value) if isinstance(quad.subject, NamedNode) else None
    graph = graphs.get(record.partition("/")[0]) if record else None
    return Quad(quad.subject, quad.predicate, quad.object, graph) if graph else quad
