"""Decisions on a store of the shipped library, with the writer's process; also run as a process that may be killed."""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Quad, Store
from tests.repository.worlds import BASE, RESOURCE, node

from escrgraph.curation.actors import Actor, Role
from escrgraph.curation.database import Database
from escrgraph.curation.decisions import Decisions
from escrgraph.curation.people import People
from escrgraph.curation.proposals import Proposal, Purpose
from escrgraph.curation.submissions import Submissions
from escrgraph.repository.addresses import VARIABLE, Address, curation_of, log_of
from escrgraph.repository.log import ChangeLog
from escrgraph.repository.versions import Versions
from escrgraph.repository.writing import Writer
from escrgraph.validation import Referee, Report, shipped_library
from escrgraph.vocabulary.namespaces import DCTERMS

ALTERNATIVE = NamedNode(DCTERMS + "alternative")
RECORD = "resource/opera-framework"


@cache
def world() -> Store:
    return shipped_library()


def check(added: Collection[Quad], removed: Collection[Quad]) -> Report:
    """What the referee says of a change to the shipped library."""
    return Referee().check(added, world(), removed)


@dataclass
class World:
    """A store whose writer runs, and a desk beside it."""

    store: Path
    runtime: Path
    database: Database
    submissions: Submissions
    people: People
    decisions: Decisions
    log: Address
    member: Actor
    curator: Actor

    @contextmanager
    def versions(self) -> Iterator[Versions]:
        with ChangeLog(self.log) as log:
            yield Versions(log, BASE)

    def now(self, record: str) -> frozenset[Quad]:
        with self.versions() as versions:
            return versions.at(record)


def named(record: str, text: str) -> Quad:
    """Another title of a record."""
    return Quad(node(record), ALTERNATIVE, Literal(text, language="en"), RESOURCE)


def changing(record: str, base: int | None, added: Collection[Quad] = (), removed: Collection[Quad] = ()) -> Proposal:
    """A change of a published record, as its form would make it."""
    report = check(added, removed).to_dict()
    kind = record.partition("/")[0]
    return Proposal(
        Purpose.CHANGE, kind, record, "OPERA", base=base, added=tuple(added), removed=tuple(removed), report=report
    )


def opened(store: Path, runtime: Path, address: str = "") -> World:
    """The desk of a store behind whose sockets a writer waits; a member and two curators, made once.

    address: of the PostgreSQL that has its log and its curation, "" for SQLite beside the store.
    """
    database = Database(curation_of(store, address))
    people = People(database)
    if not people.all():
        people.add("member")
        people.add("curator", Role.CURATOR)
        people.add("second", Role.CURATOR)

    @contextmanager
    def versions() -> Iterator[Versions]:
        with ChangeLog(log_of(store, address)) as log:
            yield Versions(log, BASE)

    decisions = Decisions(database, Writer(runtime), versions, check, BASE)
    member, curator = people.named("member").actor, people.named("curator").actor
    log = log_of(store, address)
    return World(store, runtime, database, Submissions(database), people, decisions, log, member, curator)


if __name__ == "__main__":  # accept what waits, in a process that a fault may end
    found = opened(Path(sys.argv[1]), Path(sys.argv[2]), os.environ.get(VARIABLE, ""))
    found.decisions.accept(sys.argv[3], found.curator)
