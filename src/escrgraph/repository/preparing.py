"""From a change as asked for to its entry: what is really added and removed, and which records it touches."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pyoxigraph import BlankNode, DefaultGraph, NamedNode, Quad, Triple

from escrgraph.repository.changes import Action, Change, RecordChange
from escrgraph.repository.errors import Malformed
from escrgraph.repository.inference import Inference
from escrgraph.repository.recording import Recorder
from escrgraph.repository.store import MergedStore, normalised
from escrgraph.vocabulary.iris import BadAddress, Base

RESERVED = ("inferred", "provenance", "state", "merged", "nothing")
"""Graphs that only the writer writes, or that stand for the merge and for none on a SPARQL server."""


@dataclass(slots=True)
class Prepared:
    """A change worked out. parts: (record, path) of subjects below records."""

    added: set[Quad] = field(default_factory=set)
    removed: set[Quad] = field(default_factory=set)
    changes: list[RecordChange] = field(default_factory=list)
    parts: set[tuple[str, str]] = field(default_factory=set)


def check_quads(quads: Iterable[Quad], base: Base) -> None:
    """See that quads may be published. Raises Malformed for blank nodes, triple terms and other graphs than ours."""
    allowed: set[NamedNode] = set()
    for quad in quads:
        for term in (quad.subject, quad.object):
            if isinstance(term, BlankNode):
                raise Malformed(
                    f"{quad.subject} {quad.predicate} {quad.object} has a blank node, which nobody could refer to "
                    f"or change later. Give it an address below its record, such as {base.iri}id/finding/x/evidence/1."
                )
            if isinstance(term, Triple):
                raise Malformed(f"{quad.predicate} of {quad.subject} is a triple term, which is not kept here.")
        if quad.graph_name not in allowed:
            check_graph(quad.graph_name, base)
            allowed.add(quad.graph_name)  # type: ignore[arg-type]  # check_graph lets only named graphs pass


def check_graph(graph: NamedNode | BlankNode | DefaultGraph, base: Base) -> None:
    """See that people may write to a graph. Raises Malformed."""
    if isinstance(graph, DefaultGraph):
        raise Malformed(
            "A quad names no graph. The default graph is made from the named ones: "
            f"name one, such as {base.graph('resource')} (escrgraph load --graph)."
        )
    name = graph.value.removeprefix(base.iri + "graph/")
    if isinstance(graph, BlankNode) or name == graph.value:
        raise Malformed(f"The graph {graph} is none of this repository: graphs begin with {base.iri}graph/.")
    if name in RESERVED:
        raise Malformed(f"The graph {graph} is kept by the repository itself; nobody else writes to it.")


class Preparer:
    """Works changes out against the store and the log as they are now."""

    def __init__(self, base: Base, store: MergedStore, log: Recorder, inference: Inference) -> None:
        self._base = base
        self._store = store
        self._log = log
        self._inference = inference

    def prepare(self, change: Change) -> Prepared:
        """Work a change out. Raises Malformed for quads and records that cannot be."""
        check_quads(change.added, self._base)
        check_quads(change.removed, self._base)
        leaving = self._leaving(change)
        removed = normalised(change.removed) | set(self.whole(leaving))
        added, removed = self._store.effective(normalised(change.added), removed)
        return self.work_out(added, removed, change.renamed)

    def whole(self, records: Iterable[str]) -> list[Quad]:
        """Every quad of the records, inferred ones included."""
        return [quad for record in records for quad in self._store.about(self.nodes(record))]

    def nodes(self, record: str) -> list[str]:
        """The IRIs under which a record has, or once had, quads."""
        iri = self._base.record_iri(record)
        return [iri, *(iri + path for path in self._log.parts(record))]

    def work_out(self, added: set[Quad], removed: set[Quad], renamed: Mapping[str, str]) -> Prepared:
        """Complete an effective change with its inferred quads, its record changes and its parts."""
        made = Prepared(added, {quad for quad in removed if quad.graph_name != self._store.inferred})
        subjects: dict[str, set[str]] = defaultdict(set)
        for quad in (*made.added, *made.removed):
            if record := self._record(quad):
                subjects[record].add(quad.subject.value)  # type: ignore[union-attr]  # a record is the subject's
        living = self._log.living(subjects)
        after: dict[str, list[Quad]] = {}
        known: set[Quad] = set()
        for record, nodes in subjects.items():
            iri = self._base.record_iri(record)
            made.parts |= {(record, node[len(iri) :]) for node in nodes if node != iri}
            before = self._store.about({*self.nodes(record), *nodes})
            known.update(quad for quad in before if quad.graph_name == self._store.inferred)
            after[record] = [q for q in before if q.graph_name != self._store.inferred and q not in made.removed]
        for quad in made.added:
            if owner := self._record(quad):
                after[owner].append(quad)
        made.changes = [_record_change(record, after[record], living, renamed) for record in sorted(after)]
        inferred = normalised(self._inference.of(after))
        made.added |= inferred - known
        made.removed |= known - inferred
        return made

    def _leaving(self, change: Change) -> set[str]:
        leaving = {*change.withdrawn, *change.renamed}
        try:
            for record in (*leaving, *change.renamed.values()):
                self._base.record_iri(record)
        except BadAddress as error:
            raise Malformed(str(error)) from error
        for record in sorted(leaving - self._log.living(leaving)):
            raise Malformed(f"There is no record {record} to withdraw or rename. Records are named {{type}}/{{slug}}.")
        arriving = {owner for quad in change.added if (owner := self._record(quad))}
        for record in sorted(leaving & arriving):
            raise Malformed(f"The change withdraws or renames {record} and also adds to it. Do one of the two.")
        successors = set(change.renamed.values()) - arriving
        for record in sorted(successors - self._log.living(successors)):
            raise Malformed(f"A record is renamed to {record}, which does not exist. Add its quads in the same change.")
        return leaving

    def _record(self, quad: Quad) -> str | None:
        return self._base.record_of(quad.subject.value) if isinstance(quad.subject, NamedNode) else None


def _record_change(record: str, after: list[Quad], living: set[str], renamed: Mapping[str, str]) -> RecordChange:
    if record in renamed:
        return RecordChange(record, Action.RENAMED, renamed[record])
    if not after:
        return RecordChange(record, Action.WITHDRAWN)
    return RecordChange(record, Action.MODIFIED if record in living else Action.CREATED)
