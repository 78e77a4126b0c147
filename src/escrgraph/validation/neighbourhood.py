"""The part of a store that decides whether some nodes conform: small, whatever the size of the store."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from pyoxigraph import BlankNode, DefaultGraph, NamedNode, Quad, Store

from escrgraph.validation.paths import REPEATS
from escrgraph.validation.shapes import Shapes
from escrgraph.vocabulary.facts import Object, term

_TYPE = term("rdf:type")
_SUBCLASS = term("rdfs:subClassOf")
_DEFAULT = DefaultGraph()
_INNER = ("sh:node", "sh:not", "sh:qualifiedValueShape", "sh:property")
_LISTS = ("sh:and", "sh:or", "sh:xone")
_PAIRS = ("sh:equals", "sh:disjoint", "sh:lessThan", "sh:lessThanOrEquals")


def neighbourhood(store: Store, focus: Mapping[Object, Iterable[str]], shapes: Shapes) -> list[Quad]:
    """The triples of the default graph that decide whether focus nodes conform to their shapes.

    focus: the nodes to be checked, by shape. The shapes themselves say how far to go: along their paths, and
    on where a shape is applied to values. What the data say about the tree of classes is left out: data must not widen
    the model.
    """
    gatherer = _Gatherer(store, shapes)
    for shape, nodes in focus.items():
        named: set[Object] = {NamedNode(iri) for iri in nodes}
        gatherer.take_all(named)
        gatherer.follow(shape, named)
    return [quad for quad in gatherer.found if quad.predicate != _SUBCLASS]


class _Gatherer:
    def __init__(self, store: Store, shapes: Shapes) -> None:
        self.found: dict[Quad, None] = {}
        self._store, self._shapes = store, shapes
        self._asked: defaultdict[tuple[NamedNode, bool], dict[Object, tuple[Object, ...]]] = defaultdict(dict)
        self._whole: dict[Object, dict[NamedNode, list[Object]]] = {}
        self._followed: defaultdict[Object, set[Object]] = defaultdict(set)

    def take_all(self, nodes: Iterable[Object]) -> None:
        """Every triple about the nodes."""
        for node in nodes:
            if node not in self._whole and isinstance(node, NamedNode | BlankNode):
                said = self._whole[node] = {}
                for quad in self._store.quads_for_pattern(node, None, None, _DEFAULT):
                    self.found[quad] = None
                    said.setdefault(quad.predicate, []).append(quad.object)

    def follow(self, shape: Object, nodes: set[Object]) -> None:
        """What the shape looks at when it is applied to the nodes."""
        facts = self._shapes.facts
        nodes = nodes - self._followed[shape]
        if not nodes:
            return
        self._followed[shape] |= nodes
        for name in _PAIRS:
            for predicate in facts.iris(shape, term(name)):
                self._step(nodes, NamedNode(predicate), backwards=False)
        if facts.objects(shape, term("sh:closed")):
            self.take_all(nodes)
        path = facts.object(shape, term("sh:path"))
        values = nodes if path is None else self._walk(path, nodes)
        self._step(values, _TYPE, backwards=False)
        inner = [other for name in _INNER for other in facts.objects(shape, term(name))]
        inner += [other for name in _LISTS for head in facts.objects(shape, term(name)) for other in facts.items(head)]
        for other in inner:
            self.follow(other, values)

    def _walk(self, path: Object, nodes: set[Object]) -> set[Object]:
        facts = self._shapes.facts
        if isinstance(path, NamedNode):
            return self._step(nodes, path, backwards=False)
        if facts.objects(path, term("rdf:first")):
            for member in facts.items(path):
                nodes = self._walk(member, nodes)
            return nodes
        if inverse := facts.object(path, term("sh:inversePath")):
            if not isinstance(inverse, NamedNode):
                raise ValueError("sh:inversePath is followed for a single property only")
            return self._step(nodes, inverse, backwards=True)
        if choice := facts.object(path, term("sh:alternativePath")):
            return {value for member in facts.items(choice) for value in self._walk(member, nodes)}
        for name in REPEATS:
            if repeated := facts.object(path, term(name)):
                return self._repeat(repeated, nodes, once=name == "sh:zeroOrOnePath")
        raise ValueError(f"{path} is not a property path")

    def _repeat(self, path: Object, nodes: set[Object], *, once: bool) -> set[Object]:
        reached, frontier = set(nodes), set(nodes)
        while frontier:
            frontier = self._walk(path, frontier) - reached
            reached |= frontier
            if once:
                break
        return reached

    def _step(self, nodes: Iterable[Object], predicate: NamedNode, *, backwards: bool) -> set[Object]:
        return {value for node in nodes for value in self._ask(node, predicate, backwards)}

    def _ask(self, node: Object, predicate: NamedNode, backwards: bool) -> Sequence[Object]:
        if not backwards and node in self._whole:
            return self._whole[node].get(predicate, ())
        asked = self._asked[predicate, backwards]
        if node not in asked:
            quads: list[Quad] = []
            if backwards:
                quads = list(self._store.quads_for_pattern(None, predicate, node, _DEFAULT))
            elif isinstance(node, NamedNode | BlankNode):
                quads = list(self._store.quads_for_pattern(node, predicate, None, _DEFAULT))
            self.found.update(dict.fromkeys(quads))
            asked[node] = tuple(quad.subject if backwards else quad.object for quad in quads)
        return asked[node]
