"""A whole store held against the shapes, by queries; what cannot be written as one goes to pySHACL."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from pyoxigraph import DefaultGraph, NamedNode, QuerySolutions, Store

from escrgraph.validation.compiler import Check, Uncompilable, compile_shape
from escrgraph.validation.core import check_core
from escrgraph.validation.results import Result
from escrgraph.validation.shapes import Shapes, Target
from escrgraph.vocabulary.facts import Object, term

_TYPE = term("rdf:type")


def check_core_whole(store: Store, shapes: Shapes) -> list[Result]:
    """Check the default graph of a store against every shape with a target, rules left out."""
    found = [result for check in compiled(shapes)[0] for result in _run(store, check)]
    if uncompiled := compiled(shapes)[1]:
        found += check_core_pyshacl(store, shapes, uncompiled)
    return list(dict.fromkeys(found))


def check_core_pyshacl(store: Store, shapes: Shapes, nodes: Iterable[Object] | None = None) -> list[Result]:
    """The same by pySHACL: the referee in the tests, and for shapes that are not compiled. Needs the data in memory."""
    wanted = shapes.targets if nodes is None else nodes
    focus = {node: members(store, shapes.targets[node]) for node in wanted}
    return check_core(store.quads_for_pattern(None, None, None, DefaultGraph()), focus, shapes)


@cache
def compiled(shapes: Shapes) -> tuple[tuple[Check, ...], tuple[Object, ...]]:
    """The checks of all shapes with a target, and the shapes that could not be compiled."""
    checks: list[Check] = []
    refused: list[Object] = []
    for node in shapes.targets:
        try:
            checks += compile_shape(node, shapes)
        except Uncompilable:
            refused.append(node)
    return tuple(checks), tuple(refused)


def members(store: Store, target: Target) -> set[str]:
    """Every named node that a target means."""
    default = DefaultGraph()
    found = set(target.nodes)
    for name in target.classes:
        quads = store.quads_for_pattern(None, _TYPE, NamedNode(name), default)
        found.update(quad.subject.value for quad in quads if isinstance(quad.subject, NamedNode))
    for name in target.subjects_of:
        quads = store.quads_for_pattern(None, NamedNode(name), None, default)
        found.update(quad.subject.value for quad in quads if isinstance(quad.subject, NamedNode))
    for name in target.objects_of:
        quads = store.quads_for_pattern(None, NamedNode(name), None, default)
        found.update(quad.object.value for quad in quads if isinstance(quad.object, NamedNode))
    return found


def _run(store: Store, check: Check) -> Iterable[Result]:
    solutions = store.query(check.query)
    if not isinstance(solutions, QuerySolutions):
        raise TypeError(f"not a SELECT query: {check.query}")
    shape = check.shape.value if isinstance(check.shape, NamedNode) else str(check.shape)
    for solution in solutions:
        focus, value, path = solution["this"], solution["value"], solution["path"]
        if isinstance(focus, NamedNode):
            named = path.value if isinstance(path, NamedNode) else check.path
            yield Result(focus.value, named, value, check.component, shape, check.severity)
