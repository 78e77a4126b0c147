"""Names for things sent without one: the library holds no blank nodes, since they cannot be cited or compared."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from pyoxigraph import BlankNode, NamedNode, Quad, Triple

from escrgraph.repository.errors import TooLarge
from escrgraph.vocabulary.namespaces import local_name

_CAPITAL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_OTHER = re.compile(r"[^a-z0-9]+")


def name_blank_nodes(quads: Sequence[Quad], place: str, depth: int) -> list[Quad]:
    """The quads with an IRI for each blank node: that of the thing that has it, the property and a number.

    `<…/finding/x> escr:evidence []` gives `<…/finding/x/evidence/1>`; what nothing has goes under `place`. The same
    data give the same names, whatever the blank nodes are called. Raises TooLarge when they nest deeper than `depth`.
    """
    blanks = list(dict.fromkeys(node for quad in quads for node in _nodes(quad) if isinstance(node, BlankNode)))
    if not blanks:
        return list(quads)
    namer = _Namer(quads, place.rstrip("/"), depth)
    names = {blank: NamedNode(namer.name(blank)) for blank in blanks}
    return [_renamed(quad, names) for quad in quads]


class _Namer:
    def __init__(self, quads: Sequence[Quad], place: str, depth: int) -> None:
        self._place, self._most = place, depth
        self._taken = {node.value for quad in quads for node in _nodes(quad) if isinstance(node, NamedNode)}
        self._counts: Counter[str] = Counter()
        self._names: dict[BlankNode, str] = {}
        self._levels: dict[object, int] = {}
        self._owners: dict[BlankNode, tuple[NamedNode | BlankNode, str]] = {}
        for quad in quads:
            if isinstance(quad.object, BlankNode) and isinstance(quad.subject, NamedNode | BlankNode):
                self._owners.setdefault(quad.object, (quad.subject, _slug(quad.predicate.value)))

    def name(self, blank: BlankNode) -> str:
        for node in reversed(self._chain(blank)):
            owner, word = self._owners.get(node, (None, "node"))
            if isinstance(owner, BlankNode):
                above = self._names.get(owner, self._place)
            else:
                above = owner.value if owner else self._place
            self._levels[node] = level = self._levels.get(owner, 0) + 1
            self._demand(level)
            self._names[node] = self._free(f"{above.rstrip('/')}/{word}")
        return self._names[blank]

    def _chain(self, blank: BlankNode) -> list[BlankNode]:
        """The node and those that have it, up to one that is named; a circle ends where it began."""
        chain: list[BlankNode] = []
        node: NamedNode | BlankNode | None = blank
        while isinstance(node, BlankNode) and node not in self._names and node not in chain:
            chain.append(node)
            self._demand(len(chain))
            node = self._owners.get(node, (None, ""))[0]
        return chain

    def _demand(self, level: int) -> None:
        if level > self._most:
            raise TooLarge(f"Unnamed things nest deeper than {self._most} levels. Give inner things addresses.")

    def _free(self, stem: str) -> str:
        while True:
            self._counts[stem] += 1
            name = f"{stem}/{self._counts[stem]}"
            if name not in self._taken:
                self._taken.add(name)
                return name


def _nodes(quad: Quad) -> Iterator[object]:
    yield from (quad.subject, quad.object, quad.graph_name)
    for part in (quad.subject, quad.object):
        if isinstance(part, Triple):
            yield from _flat(part)


def _flat(triple: Triple) -> Iterable[object]:
    return [triple.subject, triple.object]


def _slug(predicate: str) -> str:
    return _OTHER.sub("-", _CAPITAL.sub("-", local_name(predicate)).lower()).strip("-") or "node"


def _renamed(quad: Quad, names: dict[BlankNode, NamedNode]) -> Quad:
    subject, object_, graph = quad.subject, quad.object, quad.graph_name
    return Quad(
        names[subject] if isinstance(subject, BlankNode) else subject,
        quad.predicate,
        names[object_] if isinstance(object_, BlankNode) else object_,
        names[graph] if isinstance(graph, BlankNode) else graph,
    )
