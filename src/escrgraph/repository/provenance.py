"""The change log as PROV: when each record was made, last changed or withdrawn, and by which change (PROV-O).

`graph/provenance` is a view of the log, made when an entry is brought into the store. It names no agent: who decided
stays in the log.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice

from pyoxigraph import Literal, NamedNode, Quad

from escrgraph.repository.changes import Action, Decision, Entry, RecordChange
from escrgraph.repository.feeding import bulk_load
from escrgraph.repository.lines import with_copies
from escrgraph.repository.log import HIDDEN
from escrgraph.repository.store import MergedStore, n_quads
from escrgraph.vocabulary.iris import Base
from escrgraph.vocabulary.namespaces import expand

BATCH = 2_000
"""Records whose documents are described together."""

_TYPE, _LABEL = NamedNode(expand("rdf:type")), NamedNode(expand("rdfs:label"))
_TOPIC = NamedNode(expand("foaf:primaryTopic"))
_CREATED, _MODIFIED = NamedNode(expand("dcterms:created")), NamedNode(expand("dcterms:modified"))
_REPLACED = NamedNode(expand("dcterms:isReplacedBy"))
_GENERATED, _INVALIDATED = NamedNode(expand("prov:wasGeneratedBy")), NamedNode(expand("prov:invalidatedAtTime"))
_ENDED, _ACTIVITY = NamedNode(expand("prov:endedAtTime")), NamedNode(expand("prov:Activity"))
_INFORMED, _SHAPES = NamedNode(expand("prov:wasInformedBy")), NamedNode(expand("escr:shapesVersion"))
_UNDOES = NamedNode(expand("escr:undoes"))
_NUMBER, _CAUSE = NamedNode(expand("escr:number")), NamedNode(expand("escr:cause"))
_INTEGER, _DATE_TIME = NamedNode(expand("xsd:integer")), NamedNode(expand("xsd:dateTime"))


class Provenance:
    """What the log says of documents, beside a store that holds what it said before."""

    def __init__(self, store: MergedStore, base: Base) -> None:
        self._store = store
        self._base = base

    def of(
        self, entry: Entry, changes: Iterable[RecordChange], decision: Decision | None = None
    ) -> tuple[list[Quad], list[Quad]]:
        """The quads that come and go with an entry. decision: what led to it."""
        come, gone = self._activity(entry), []
        if decision is not None:
            come += self._led(entry, decision)
        for change in _named(changes):
            before = self._store.told(self._document(change.record))
            come += self._told(entry, change, before)
            gone += before
        kept = set(come)
        return come, [quad for quad in gone if quad not in kept]

    def bring(self, entry: Entry, changes: Iterable[RecordChange]) -> None:
        """Describe the documents of a large entry, which may be all new, in the store itself. Raises OSError."""
        named = list(_named(changes))
        if self._store.has_told():
            self.revise(entry, named)
            return
        bulk_load(self._store, map(with_copies, self.first(entry, [change.record for change in named])))

    def revise(self, entry: Entry, changes: Iterable[RecordChange]) -> None:
        """Describe documents, many of which were described before, in the store itself. Raises OSError."""
        rest = iter(changes)
        while some := list(islice(rest, BATCH)):
            self._store.apply(self._store.number, *self.of(entry, some))

    def first(self, entry: Entry, records: Iterable[str]) -> Iterator[bytes]:
        """The lines about records that an entry created and of which nothing was said before."""
        yield n_quads(self._activity(entry))
        graph, iri = self._store.provenance, self._base.iri
        facts = ((_CREATED, _moment(entry)), (_MODIFIED, _moment(entry)), (_GENERATED, self._change(entry)))
        tails = [f"> {path} {value} {graph} .\n" for path, value in facts]
        rest = iter(records)
        while some := list(islice(rest, BATCH)):
            about = ((f"<{iri}doc/{record}", f"> {_TOPIC} <{iri}id/{record}> {graph} .\n") for record in some)
            yield "".join(document + tail for document, topic in about for tail in (topic, *tails)).encode()

    def _activity(self, entry: Entry) -> list[Quad]:
        node = self._change(entry)
        facts = (
            (_TYPE, _ACTIVITY),
            (_ENDED, _moment(entry)),
            (_NUMBER, Literal(str(entry.number), datatype=_INTEGER)),
            (_CAUSE, Literal(entry.cause.value)),
            (_LABEL, Literal(entry.reason, language="en")),
        )
        return [self._quad(node, path, value) for path, value in facts]

    def _led(self, entry: Entry, decision: Decision) -> list[Quad]:
        """Submission, validation, decision: three activities, each informed by the one before."""
        change = self._change(entry)
        submission, validation = NamedNode(f"{change.value}/submission"), NamedNode(f"{change.value}/validation")
        facts: list[tuple[NamedNode, NamedNode, NamedNode | Literal]] = [
            (submission, _TYPE, _ACTIVITY),
            (submission, _ENDED, _written(decision.submitted)),
            (validation, _TYPE, _ACTIVITY),
            (validation, _ENDED, _written(decision.checked)),
            (validation, _INFORMED, submission),
            (change, _INFORMED, validation),
        ]
        if decision.shapes:
            facts.append((validation, _SHAPES, Literal(decision.shapes)))
        if decision.undoes is not None:
            facts.append((change, _UNDOES, NamedNode(f"{self._base.iri}change/{decision.undoes}")))
        return [self._quad(*fact) for fact in facts]

    def _told(self, entry: Entry, change: RecordChange, before: Sequence[Quad]) -> list[Quad]:
        """What is said of a document from an entry on; when it was first made stays."""
        document, moment = self._document(change.record), _moment(entry)
        created = next((quad.object for quad in before if quad.predicate == _CREATED), moment)
        facts: list[tuple[NamedNode, NamedNode | Literal]] = [
            (_TOPIC, NamedNode(self._base.record_iri(change.record))),
            (_CREATED, created if isinstance(created, Literal) else moment),
            (_MODIFIED, moment),
            (_GENERATED, self._change(entry)),
        ]
        if change.action in (Action.WITHDRAWN, Action.RENAMED):
            facts.append((_INVALIDATED, moment))
        if change.successor and not change.successor.startswith(HIDDEN):
            facts.append((_REPLACED, self._document(change.successor)))
        return [self._quad(document, path, value) for path, value in facts]

    def _change(self, entry: Entry) -> NamedNode:
        return NamedNode(f"{self._base.iri}change/{entry.number}")

    def _document(self, record: str) -> NamedNode:
        kind, _, slug = record.partition("/")
        return NamedNode(self._base.doc(kind, slug))

    def _quad(self, subject: NamedNode, path: NamedNode, value: NamedNode | Literal) -> Quad:
        return Quad(subject, path, value, self._store.provenance)


def _named(changes: Iterable[RecordChange]) -> Iterator[RecordChange]:
    """The changes but those of records that were redacted: of them nothing is said."""
    return (change for change in changes if not change.record.startswith(HIDDEN))


def _moment(entry: Entry) -> Literal:
    return _written(entry.time)


def _written(time: datetime) -> Literal:
    return Literal(time.strftime("%Y-%m-%dT%H:%M:%SZ"), datatype=_DATE_TIME)
