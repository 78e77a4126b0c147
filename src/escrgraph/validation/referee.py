"""The referee: whether a change, or a whole store, is as the shapes demand."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, replace
from functools import cache
from typing import cast

from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, QuerySolutions, RdfFormat, Store, parse, serialize

from escrgraph.validation.core import check_core
from escrgraph.validation.gate import Problem
from escrgraph.validation.messages import Wording
from escrgraph.validation.neighbourhood import neighbourhood
from escrgraph.validation.overlay import changed
from escrgraph.validation.report import Report, make_report
from escrgraph.validation.results import Result
from escrgraph.validation.rules import check_rules, check_rules_whole
from escrgraph.validation.shapes import Shapes, Target, shipped_shapes
from escrgraph.validation.terms import is_well_typed
from escrgraph.validation.whole import check_core_whole, members
from escrgraph.vocabulary.edtf import DATATYPE
from escrgraph.vocabulary.facts import Object, term
from escrgraph.vocabulary.iris import Base
from escrgraph.vocabulary.kinds import Kinds, shipped_kinds

SOME = 12
"""Above this number of nodes the queries for a whole store, run on the neighbourhood, are quicker than pySHACL."""

MANY = 20_000
"""Above this number of nodes the queries are run on the store itself: gathering a neighbourhood takes longer."""

_TYPE = term("rdf:type")
_DEFAULT = DefaultGraph()
_EDTF = NamedNode(DATATYPE)
_CATALOGUE = frozenset({term("dcat:DatasetSeries"), term("void:Linkset")})

CoreCheck = Callable[[list[Quad], Mapping[Object, list[str]], Shapes], list[Result]]


class Referee:
    """Checks against one set of shapes. core: who runs pySHACL: this process, or one that may be killed."""

    def __init__(
        self,
        shapes: Shapes | None = None,
        kinds: Kinds | None = None,
        base: Base | None = None,
        core: CoreCheck = check_core,
    ) -> None:
        self.shapes = shapes or shipped_shapes()
        self.kinds = kinds or shipped_kinds()
        self.base = base or Base()
        self._core = core
        self._wording = Wording(self.shapes, self.kinds, self.base)

    def check(
        self,
        added: Collection[Quad],
        world: Store | None = None,
        removed: Collection[Quad] = (),
        problems: Iterable[Problem] = (),
    ) -> Report:
        """Check a change against what is published.

        added, removed: quads, whatever their graph. world: what is published, in its default graph; a store that takes
        writes and is nobody else's (overlay.changed). problems: what the gate left out.
        Checked are the nodes that the change touches, and those left pointing to nothing.
        """
        with changed(Store() if world is None else world, added, removed) as after:
            touched = self._touched(after, added, removed)
            results = [_of_problem(problem) for problem in problems]
            results += self._statements(after, added)
            results += self._nodes(after, touched)
        records = {record for node in touched if (record := self.base.record_of(node))}
        return self.report(results, len(records))

    def check_whole(self, store: Store) -> Report:
        """Check everything in the default graph of a store."""
        subjects = self._subjects(store)
        meant = cache(lambda target: members(store, target))
        results = check_core_whole(store, self.shapes)
        results = self._opened(store, results)
        results += check_rules_whole(store, self.shapes.rules, meant)
        results += self._unchecked(store, subjects.difference(*map(meant, self.shapes.targets.values())))
        results += self._statements_whole(store, subjects)
        return self.report(results, len({self.base.record_of(node) for node in subjects} - {None}))

    def report(self, results: Iterable[Result], records: int) -> Report:
        """The report of results that were found elsewhere."""
        return make_report(dict.fromkeys(results), self._wording, self.base, self.shapes.version, records)

    def _touched(self, after: Store, added: Iterable[Quad], removed: Iterable[Quad]) -> set[str]:
        found = {quad.subject.value for quad in added if isinstance(quad.subject, NamedNode)}
        for node in {quad.subject for quad in removed if isinstance(quad.subject, NamedNode)}:
            if next(iter(after.quads_for_pattern(node, None, None, _DEFAULT)), None) is not None:
                found.add(node.value)
            incoming = after.quads_for_pattern(None, None, node, _DEFAULT)
            found.update(quad.subject.value for quad in incoming if isinstance(quad.subject, NamedNode))
        # Documents lead to their records too, and the repository itself writes what they say.
        return {node for node in found if self.base.record_of(node)}

    def _nodes(self, after: Store, touched: set[str]) -> list[Result]:
        if len(touched) > MANY:
            results = [result for result in check_core_whole(after, self.shapes) if result.focus in touched]
            rules = check_rules_whole(after, self.shapes.rules, lambda target: members(after, target) & touched)
        else:
            meant = self._meant(after, touched)
            focus = {shape: nodes for shape, target in self.shapes.targets.items() if (nodes := meant(target))}
            near = neighbourhood(after, focus, self.shapes)
            results = self._core(near, focus, self.shapes) if len(touched) <= SOME else self._queried(near, touched)
            rules = check_rules(after, self.shapes.rules, meant)
        return [*self._opened(after, results), *rules, *self._unchecked(after, touched)]

    def _queried(self, near: Iterable[Quad], touched: Collection[str]) -> list[Result]:
        """Core constraints by queries on a neighbourhood, which holds context nodes that are not checked."""
        small = Store()
        small.extend(near)
        return [result for result in check_core_whole(small, self.shapes) if result.focus in touched]

    def _meant(self, store: Store, nodes: Collection[str]) -> Callable[[Target], list[str]]:
        """Which of some nodes a target means."""
        by_class: dict[str, set[str]] = defaultdict(set)
        for node in nodes:
            for name in self._types(store, node):
                by_class[name].add(node)

        def meant(target: Target) -> list[str]:
            found = target.nodes.intersection(nodes).union(*(by_class.get(name, ()) for name in target.classes))
            if target.subjects_of or target.objects_of:
                found = found.union(node for node in nodes if _has_property(store, node, target))
            return sorted(found)

        return meant

    def _types(self, store: Store, node: str) -> frozenset[str]:
        quads = store.quads_for_pattern(NamedNode(node), _TYPE, None, _DEFAULT)
        return frozenset(quad.object.value for quad in quads if isinstance(quad.object, NamedNode))

    def _opened(self, store: Store, results: Iterable[Result]) -> list[Result]:
        """“Does not conform to its shape” replaced by what is wrong inside."""
        given = list(results)
        known = {result.focus for result in given if result.component != "Node"}
        found: dict[Result, None] = {}
        for result in given:
            inner = self._inside(store, result, known) if result.component == "Node" else None
            found.update(dict.fromkeys([result] if inner is None else inner))
        return list(found)

    def _inside(self, store: Store, result: Result, known: set[str]) -> list[Result] | None:
        if not isinstance(result.value, NamedNode) or result.shape is None or result.value.value == result.focus:
            return None
        if result.value.value in known:
            return []
        value = result.value.value
        shapes = [NamedNode(iri) for iri in self.shapes.facts.iris(NamedNode(result.shape), term("sh:node"))]
        focus: dict[Object, list[str]] = {shape: [value] for shape in shapes}
        inner = self._core(neighbourhood(store, focus, self.shapes), focus, self.shapes)
        deeper = self._opened(store, inner) if inner else None
        return None if deeper is None else [replace(found, severity=result.severity) for found in deeper]

    def _unchecked(self, store: Store, nodes: Iterable[str]) -> list[Result]:
        """Nodes that no shape is about: they would conform whatever they say."""
        known = frozenset(name for target in self.shapes.targets.values() for name in target.classes)
        found = []
        for node in sorted(nodes):
            types = self._types(store, node)
            if not types & known and not self._is_catalogue(types):
                found.append(Result(node, None, None, "unchecked", None))
        return found

    def _is_catalogue(self, types: frozenset[str]) -> bool:
        """Whether a thing is the series of data sets or a set of links, which no member sends and no shape is about."""
        return bool(types) and all(NamedNode(name) in _CATALOGUE for name in types)

    def _statements(self, after: Store, added: Iterable[Quad]) -> list[Result]:
        """What no shape can see: other people's subjects, properties we do not know, links to nothing."""
        found: list[Result] = []
        for quad in added:
            subject = quad.subject.value if isinstance(quad.subject, NamedNode) else str(quad.subject)
            if self.base.record_of(subject) is None:
                found.append(Result(subject, None, None, "foreign-subject", None))
            elif quad.predicate.value not in self.kinds.predicates:
                found.append(Result(subject, quad.predicate.value, quad.object, "unknown-property", None))
            elif self._is_dangling(after, quad.object):
                found.append(Result(subject, quad.predicate.value, quad.object, "dangling", None))
        return found

    def _is_dangling(self, store: Store, value: Object) -> bool:
        if not isinstance(value, NamedNode) or self.base.record_of(value.value) is None:
            return False
        return next(iter(store.quads_for_pattern(value, None, None, _DEFAULT)), None) is None

    def _statements_whole(self, store: Store, subjects: set[str]) -> list[Result]:
        home = self.base.iri + "id/"
        found: list[Result] = []
        for value in _distinct(store, "value"):  # each looked at once, however many have it
            if isinstance(value, Literal) and value.datatype == _EDTF and not is_well_typed(value):
                quads = store.quads_for_pattern(None, None, value, _DEFAULT)
                found += [_of_quad(quad, "ill-typed") for quad in quads]
            elif isinstance(value, NamedNode) and value.value.startswith(home) and value.value not in subjects:
                quads = store.quads_for_pattern(None, None, value, _DEFAULT)
                found += [_of_quad(quad, "dangling") for quad in quads if _is_below(home, quad)]
        for predicate in _distinct(store, "path"):
            if isinstance(predicate, NamedNode) and predicate.value not in self.kinds.predicates:
                quads = store.quads_for_pattern(None, predicate, None, _DEFAULT)
                found += [_of_quad(quad, "unknown-property") for quad in quads if _is_below(home, quad)]
        return found

    def _subjects(self, store: Store) -> set[str]:
        home = self.base.iri + "id/"
        found = _distinct(store, "this")
        return {node.value for node in found if isinstance(node, NamedNode) and node.value.startswith(home)}


def _has_property(store: Store, node: str, target: Target) -> bool:
    """Whether a node is meant because it is the subject or the object of a property."""
    named = NamedNode(node)
    subject = (store.quads_for_pattern(named, NamedNode(name), None, _DEFAULT) for name in target.subjects_of)
    object_ = (store.quads_for_pattern(None, NamedNode(name), named, _DEFAULT) for name in target.objects_of)
    return any(next(iter(quads), None) is not None for quads in (*subject, *object_))


def _of_problem(problem: Problem) -> Result:
    value = Literal(problem.value) if problem.value else None
    return Result(problem.subject, problem.predicate or None, value, problem.kind, None)


def _of_quad(quad: Quad, kind: str) -> Result:
    subject = quad.subject.value if isinstance(quad.subject, NamedNode) else str(quad.subject)
    return Result(subject, quad.predicate.value, quad.object, kind, None)


def _is_below(home: str, quad: Quad) -> bool:
    return isinstance(quad.subject, NamedNode) and quad.subject.value.startswith(home)


def _distinct(store: Store, place: str) -> Iterator[Object]:
    """Every term that stands in one place of the triples of the default graph: as ?this, ?path or ?value."""
    solutions = store.query(f"SELECT DISTINCT ?{place} WHERE {{ ?this ?path ?value }}")
    return (solution[0] for solution in cast("QuerySolutions", solutions))


def request(quads: Iterable[Quad], focus: Mapping[Object, Collection[str]]) -> bytes:
    """What to give to `judge`: the neighbourhood, and the nodes to check by shape."""
    named = {shape.value: list(nodes) for shape, nodes in focus.items() if isinstance(shape, NamedNode)}
    return json.dumps(named).encode() + b"\n" + (serialize(quads, format=RdfFormat.N_QUADS) or b"")


def judge(payload: bytes) -> bytes:
    """PySHACL for another process: what `request` made goes in, what `response` reads comes out."""
    head, _, data = payload.partition(b"\n")
    focus: dict[Object, list[str]] = {NamedNode(shape): nodes for shape, nodes in json.loads(head).items()}
    results = check_core(parse(data, RdfFormat.N_QUADS), focus, shipped_shapes())
    fields = [asdict(result) | {"value": None if result.value is None else str(result.value)} for result in results]
    return json.dumps(fields).encode()


def response(answer: bytes) -> list[Result]:
    """The results that `judge` found."""
    return [Result(**(fields | {"value": read_term(fields["value"]), "messages": ()})) for fields in json.loads(answer)]


def read_term(text: str | None) -> Object | None:
    """A term from its N-Triples form."""
    if text is None:
        return None
    quads = list(parse(f"<http://x/> <http://x/> {text} .", RdfFormat.N_TRIPLES))
    value: Object = quads[0].object
    return value
