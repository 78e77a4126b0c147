"""From a file that somebody sends to a proposal: the change that makes the record as the file says."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager
from typing import Protocol

from pyoxigraph import DefaultGraph, NamedNode, Quad

from escrgraph.curation.checking import Checks
from escrgraph.curation.differences import title_of
from escrgraph.curation.errors import NotReady
from escrgraph.curation.proposals import Proposal, Purpose
from escrgraph.repository.preparing import RESERVED
from escrgraph.repository.versions import Versions
from escrgraph.vocabulary.facts import term
from escrgraph.vocabulary.iris import Base
from escrgraph.vocabulary.kinds import Kinds

DERIVED = frozenset(
    term(name) for name in ("escr:earliest", "escr:latest", "escr:responsibleInstitution", "escr:chainGap")
)
"""What rules derive, see ontology/rules/."""


class Reading(Protocol):
    """Opens the versions of records."""

    def __call__(self) -> AbstractContextManager[Versions]:
        """The versions, for as long as the block lasts."""


class Making:
    """Makes proposals against what is published."""

    def __init__(self, checks: Checks, versions: Reading, kinds: Kinds, base: Base) -> None:
        self._checks = checks
        self._versions = versions
        self._kinds = kinds
        self._base = base

    def of_file(
        self, data: bytes, name: str, *, language: str = "en", note: str = "", base: int | None = None
    ) -> Proposal:
        """A proposal from RDF that says all there is to say of one record, new or published.

        name: media type or file name. base: the version that the sender started from, None for the newest. Raises what
        the gate raises, and NotReady when the file is about no record, or about several.
        """
        parsed = self._checks.read(data, name, base=self._base.iri)
        said = [quad for quad in parsed.quads if not self._is_ours(quad)]
        record = self._record(said)
        quads = self._placed(record, said)
        with self._versions() as versions:
            newest = versions.newest(record)
            number = newest if base is None else base
            before = versions.at(record, number) if number else frozenset()
        added = [quad for quad in quads if quad not in before]
        removed = [quad for quad in before if quad not in quads]
        if not (added or removed or parsed.problems):
            raise NotReady(f"It says of {record} what is published already, so there is nothing to submit.")
        report = self._checks.check(added, removed, parsed.problems).report
        purpose = Purpose.CHANGE if before else Purpose.NEW
        return Proposal(
            purpose,
            record.partition("/")[0],
            record,
            title_of(record, quads, self._base),
            language,
            number if before else None,
            tuple(added),
            tuple(removed),
            report.to_dict(),
            note.strip(),
        )

    def withdrawal(self, record: str, reason: str, language: str = "en") -> Proposal:
        """A proposal to withdraw a record. Raises NotReady without a record or a reason."""
        with self._versions() as versions:
            newest, quads = versions.newest(record), versions.at(record)
        if not quads:
            raise NotReady(f"There is no record {record} to withdraw.")
        if not reason.strip():
            raise NotReady("Say why: the reason stands where the record was.")
        report = self._checks.check((), list(quads)).report.to_dict()
        title = title_of(record, quads, self._base)
        kind = record.partition("/")[0]
        return Proposal(Purpose.WITHDRAWAL, kind, record, title, language, newest, report=report, note=reason.strip())

    def _is_ours(self, quad: Quad) -> bool:
        """Whether the repository itself says this: what it derives, and what it tells of documents and changes.

        Whoever sends back what they fetched here sends that too.
        """
        subject = quad.subject.value if isinstance(quad.subject, NamedNode) else ""
        return subject.startswith((f"{self._base.iri}doc/", f"{self._base.iri}change/")) or quad.predicate in DERIVED

    def _record(self, quads: Iterable[Quad]) -> str:
        found = {self._base.record_of(quad.subject.value) for quad in quads if isinstance(quad.subject, NamedNode)}
        records = sorted(record for record in found if record)
        if len(records) != 1 or None in found:
            named = ", ".join(records[:5]) or "none"
            raise NotReady(
                f"One submission is about one record and what is below its address; this names {named}"
                f"{' and things elsewhere' if None in found else ''}. Send one file for each record."
            )
        if records[0].partition("/")[0] not in self._kinds.by_type:
            raise NotReady(f"{records[0]} is of a type that nobody submits.")
        return records[0]

    def _placed(self, record: str, quads: Iterable[Quad]) -> frozenset[Quad]:
        """The quads in the graph of the record's kind; links out of the library stay in theirs."""
        kind = self._kinds.by_type[record.partition("/")[0]]
        own = NamedNode(self._base.graph(kind.graph or kind.name.lower()))
        allowed = {own, NamedNode(self._base.graph("links"))}
        made = {NamedNode(self._base.graph(name)) for name in RESERVED}
        placed = set()
        for quad in quads:
            if quad.graph_name in made:
                continue
            if quad.graph_name not in allowed and not isinstance(quad.graph_name, DefaultGraph):
                raise NotReady(f"{record} is kept in {own.value}, and nowhere else. Leave the graph out.")
            graph = own if isinstance(quad.graph_name, DefaultGraph) else quad.graph_name
            placed.add(Quad(quad.subject, quad.predicate, quad.object, graph))
        return frozenset(placed)
