"""A whole store held against the shapes, by queries; what cannot be written as one goes to pySHACL."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache

from pyoxigraph import DefaultGraph, NamedNode, QuerySolution, QuerySolutions, Store

from escrgraph.validation.compiler import Check, Uncompilable, compile_shape
from escrgraph.validation.core import check_core
from escrgraph.validation.results import Result
from escrgraph.validation.shapes import Shapes, Target
from escrgraph.vocabulary.facts import Object, term

_TYPE = term("rdf:type")


def check_core_whole(store: Store, shapes: Shapes) -> list[Result]:
    """Check the default graph of a store against every shape with a target, rules left out."""
    run = _Run(store)
    found = [result for check in compiled(shapes)[0] for result in run.results(check)]
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


class _Run:
    """Checks run on one store, each screen of theirs once."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._screened: dict[str, bool] = {}

    def results(self, check: Check) -> Iterator[Result]:
        """What a check finds."""
        shape = check.shape.value if isinstance(check.shape, NamedNode) else str(check.shape)
        for solution in self._solutions(check):
            focus, value, path = solution["this"], solution["value"], solution["path"]
            if isinstance(focus, NamedNode):
                named = path.value if isinstance(path, NamedNode) else check.path
                yield Result(focus.value, named, value, check.component, shape, check.severity)

    def _solutions(self, check: Check) -> Iterator[QuerySolution]:
        if self._may_find(check):
            solutions = self._store.query(check.query)
            if not isinstance(solutions, QuerySolutions):
                raise TypeError(f"not a SELECT query: {check.query}")
            yield from solutions

    def _may_find(self, check: Check) -> bool:
        if check.within is not None:
            return any(next(self._solutions(inner), None) is not None for inner in check.within)
        if check.screen is None:
            return True
        if check.screen not in self._screened:
            self._screened[check.screen] = bool(self._store.query(check.screen))
        return self._screened[check.screen]
