"""Core constraints by pySHACL, in the one way of calling it that gives right verdicts on a part of the data.

`focus_nodes` alone filters nodes inside nested shapes too; `use_shapes` on a fresh shapes graph skips property shapes.
So both are given, with a shapes graph that was read whole beforehand. Data and shapes are always graphs, never text:
pySHACL would take it for the name of a file or for an address.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import cast

import rdflib
from pyoxigraph import NamedNode, Quad
from rdflib.term import Identifier

from escrgraph.validation.convert import from_rdflib, graph_of
from escrgraph.validation.results import Result
from escrgraph.validation.shapes import BadShapes, Shapes
from escrgraph.vocabulary.facts import Object
from escrgraph.vocabulary.namespaces import SH

_SH = rdflib.Namespace(SH)


def check_core(quads: Iterable[Quad], focus: Mapping[Object, Iterable[str]], shapes: Shapes) -> list[Result]:
    """Check nodes against the shapes given for them.

    quads: the neighbourhood of the nodes. focus: the nodes by shape; every shape must have a name.
    """
    graph = graph_of(quads)
    graph += shapes.class_graph
    found: list[Result] = []
    for shape, nodes in focus.items():
        if not isinstance(shape, NamedNode):
            raise BadShapes("A shape with a target has no name. Give it an IRI, so that it can be checked on its own.")
        wanted = sorted(nodes)
        if wanted:
            found += _run(graph, shapes, shape, wanted)
    return list(dict.fromkeys(found))


def _run(graph: rdflib.Graph, shapes: Shapes, shape: NamedNode, nodes: list[str]) -> list[Result]:
    options = {"use_shapes": [shape.value], "focus_nodes": nodes, "inplace": True}
    from pyshacl.graph_abstraction import DataGraph  # noqa: PLC0415 - slow to import, and not every process checks
    from pyshacl.validator import Validator  # noqa: PLC0415

    validator = Validator(DataGraph.from_rdflib(graph), shacl_graph=rdflib.Graph(), options=options)
    validator.shacl_graph = shapes.core
    _conforms, report, _text = validator.run()  # type: ignore[no-untyped-call]
    return [_result(report, node, shapes) for node in report.objects(None, _SH.result)]


def _result(report: rdflib.Graph, node: Identifier, shapes: Shapes) -> Result:
    def read(name: str) -> Identifier | None:
        return cast("Identifier | None", next(iter(report.objects(node, _SH[name])), None))

    shape = _term(read("sourceShape"))
    path, value = read("resultPath"), read("value")
    component = str(read("sourceConstraintComponent")).removeprefix(SH).removesuffix("ConstraintComponent")
    return Result(
        focus=str(read("focusNode")),
        path=str(path) if isinstance(path, rdflib.URIRef) else shapes.path(shape),
        value=None if value is None else from_rdflib(value),
        component=component,
        shape=str(shape) if not isinstance(shape, NamedNode) else shape.value,
        severity=str(read("resultSeverity")).removeprefix(SH),
    )


def _term(node: Identifier | None) -> Object:
    if node is None:
        raise BadShapes("pySHACL reported a result without a shape.")
    return from_rdflib(node)
