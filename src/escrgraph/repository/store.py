"""The writer's Oxigraph store: named graphs, and the default graph kept as their set merge."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, RdfFormat, Store, Triple, serialize

from escrgraph.repository import faults
from escrgraph.vocabulary.iris import Base
from escrgraph.vocabulary.namespaces import ESCR, XSD

AT_ONCE = 20_000
"""Quads that one transaction takes; a larger change is applied in several, and its number comes last."""

DEFAULT = DefaultGraph()
GENERATION = NamedNode(ESCR + "generation")
_INTEGER = NamedNode(XSD + "integer")

Subject = NamedNode | BlankNode | Triple
Object = NamedNode | BlankNode | Literal | Triple


@dataclass(frozen=True, slots=True)
class Delta:
    """What really changed in the store, default-graph copies included; readers apply it to their replica."""

    added: tuple[Quad, ...] = ()
    removed: tuple[Quad, ...] = ()

    def lines(self) -> tuple[bytes, bytes]:
        """The removed and the added quads as N-Quads."""
        return n_quads(self.removed), n_quads(self.added)


class MergedStore:
    """The store at `path` in merge mode. One process at a time has it; it must never fork."""

    def __init__(self, path: Path, base: Base) -> None:
        """Open the store, made when there is none. Raises OSError when RocksDB cannot."""
        self.path = path
        self._base = base
        self.store = Store(str(path))
        self.inferred = NamedNode(base.graph("inferred"))
        self.provenance = NamedNode(base.graph("provenance"))
        self._state = NamedNode(base.graph("state"))
        self._apart = (DEFAULT, self._state, self.provenance)
        self._subject = NamedNode(base.iri)

    def close(self) -> None:
        """Close it. RocksDB closes with the last reference; only then may the directory be renamed or removed."""
        vars(self).pop("store", None)
        gc.collect()

    @property
    def number(self) -> int:
        """The number of the last change that is in the store whole; 0 for a store that is new."""
        found = self.store.quads_for_pattern(self._subject, GENERATION, None, self._state)
        return max((int(q.object.value) for q in found if isinstance(q.object, Literal)), default=0)

    def effective(self, added: Iterable[Quad], removed: Iterable[Quad]) -> tuple[set[Quad], set[Quad]]:
        """What of a change has an effect: quads to add that are not there, quads to remove that are."""
        adding = set(added)
        return (
            {quad for quad in adding if quad not in self.store},
            {quad for quad in removed if quad not in adding and quad in self.store},
        )

    def about(self, nodes: Iterable[str]) -> list[Quad]:
        """The quads of public graphs with one of these IRIs as subject, inferred ones included."""
        found = (self.store.quads_for_pattern(NamedNode(node), None, None, None) for node in nodes)
        return [quad for quads in found for quad in quads if quad.graph_name not in self._apart]

    def naming(self, nodes: Iterable[str]) -> list[Quad]:
        """The quads of public graphs with one of these IRIs as object, inferred ones included."""
        found = (self.store.quads_for_pattern(None, None, NamedNode(node), None) for node in nodes)
        return [quad for quads in found for quad in quads if quad.graph_name not in self._apart]

    def told(self, document: NamedNode) -> list[Quad]:
        """What graph/provenance says of a document."""
        return list(self.store.quads_for_pattern(document, None, None, self.provenance))

    def has_told(self) -> bool:
        """Whether graph/provenance says anything."""
        return next(self.store.quads_for_pattern(None, None, None, self.provenance), None) is not None

    def apply(self, number: int, added: Sequence[Quad], removed: Sequence[Quad]) -> Delta:
        """Bring change `number` into the store; the same again changes nothing. Returns what changed.

        At most AT_ONCE quads are one transaction. Of more, a crash may leave a part without the number, which the
        next start completes. Raises OSError, for example when the disk is full.
        """
        delta = self._delta(added, removed)
        if len(delta.added) + len(delta.removed) <= AT_ONCE:
            with faults.during("in-transaction"):
                self.store.update(self._update(delta, number))
            return delta
        for part in _parts(delta.removed):
            self.store.update(_data("DELETE", part))
        for number_of_part, part in enumerate(_parts(delta.added)):
            self.store.extend(part)
            if number_of_part == 1:
                faults.point("in-transaction")
        self.store.update(self._update(Delta(), number))
        return delta

    def set_number(self, number: int) -> None:
        """Say that every change up to `number` is in the store."""
        self.store.update(self._update(Delta(), number))

    def copies(self, added: Iterable[Quad], removed: Iterable[Quad]) -> tuple[list[Quad], list[Quad]]:
        """The default-graph quads to add and to remove so that it is the merge once the change is in."""
        going = set(removed)
        coming = {_copy(quad) for quad in added}
        leaving = {copy for copy in map(_copy, going) if copy not in coming and not self._elsewhere(copy, going)}
        return [copy for copy in coming if copy not in self.store], [copy for copy in leaving if copy in self.store]

    def _delta(self, added: Sequence[Quad], removed: Sequence[Quad]) -> Delta:
        come, gone = self.effective(added, removed)
        # The merge is worked out for every quad asked for, effective or not, so that a replay also mends it.
        copies, lost = self.copies(added, [quad for quad in removed if quad not in set(added)])
        return Delta((*come, *copies), (*gone, *lost))

    def _elsewhere(self, copy: Quad, going: set[Quad]) -> bool:
        holders = self.store.quads_for_pattern(copy.subject, copy.predicate, copy.object, None)
        return any(q.graph_name not in (DEFAULT, self._state) and q not in going for q in holders)

    def _update(self, delta: Delta, number: int) -> str:
        old = list(self.store.quads_for_pattern(self._subject, GENERATION, None, self._state))
        new = Quad(self._subject, GENERATION, Literal(str(number), datatype=_INTEGER), self._state)
        return _data("DELETE", [*delta.removed, *old]) + ";\n" + _data("INSERT", [*delta.added, new])


def combined(deltas: Iterable[Delta | None]) -> Delta | None:
    """What several changes, one after the other, changed together; None when one of them is not known quad by quad."""
    added: dict[Quad, None] = {}
    removed: dict[Quad, None] = {}
    for delta in deltas:
        if delta is None:
            return None
        for quad in delta.removed:
            if quad in added:
                del added[quad]
            else:
                removed[quad] = None
        for quad in delta.added:
            if quad in removed:
                del removed[quad]
            else:
                added[quad] = None
    return Delta(tuple(added), tuple(removed))


def n_quads(quads: Iterable[Quad]) -> bytes:
    """The quads as N-Quads, one a line, in the canonical form of terms."""
    return serialize(quads, format=RdfFormat.N_QUADS) or b""


def normalised(quads: Iterable[Quad]) -> set[Quad]:
    """The quads as Oxigraph gives them back: 01 becomes 1, xsd:int becomes xsd:integer."""
    store = Store()
    store.extend(quads)
    return set(store)


def _copy(quad: Quad) -> Quad:
    return Quad(quad.subject, quad.predicate, quad.object, DEFAULT)


def _parts(quads: Sequence[Quad]) -> Iterable[list[Quad]]:
    rest = iter(quads)
    while part := list(islice(rest, AT_ONCE)):
        yield part


def _data(operation: str, quads: Iterable[Quad]) -> str:
    """An update with the quads as data: their terms are written as in N-Triples, which SPARQL reads the same."""
    by_graph: dict[NamedNode | BlankNode | DefaultGraph, list[Triple]] = {}
    for quad in quads:
        by_graph.setdefault(quad.graph_name, []).append(quad.triple)
    groups = (
        text if isinstance(graph, DefaultGraph) else f"GRAPH {graph} {{\n{text}}}\n"
        for graph, triples in by_graph.items()
        for text in [(serialize(triples, format=RdfFormat.N_TRIPLES) or b"").decode()]
    )
    return f"{operation} DATA {{\n{''.join(groups)}}}"
