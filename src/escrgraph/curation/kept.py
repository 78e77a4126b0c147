"""What is kept of a submission: where it stands, what each of its revisions proposes, its events and comments."""

from __future__ import annotations

import hmac
import json
import zlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pyoxigraph import Quad, RdfFormat, parse
from sqlalchemy import Connection, Row, delete, insert, update

from escrgraph.curation.actors import HARVESTER, Actor, Party
from escrgraph.curation.database import (
    comment_table,
    now,
    revision_table,
    submission_table,
)
from escrgraph.curation.errors import NoSuchSubmission
from escrgraph.curation.proposals import Proposal, Purpose
from escrgraph.curation.states import NEXT, State, Step, steps
from escrgraph.repository.log import sha256
from escrgraph.repository.store import n_quads


@dataclass(frozen=True, slots=True)
class Submission:
    """A submission without what it proposes.

    record: "type/slug". base: the version of the record against which it is a change. since: when it came to stand
    where it stands. turn: the number of steps it has taken. account: of the submitter, "" for somebody without one,
    whose unverified address is `contact`. curator: the account that looks at it. change: the one that published it.
    undoes: id of the submission that it takes back.
    """

    id: str
    purpose: Purpose
    type: str
    record: str
    base: int | None
    state: State
    since: datetime
    made: datetime
    sent: datetime | None
    turn: int
    revision: int
    account: str
    contact: str
    key: str
    curator: str
    language: str
    title: str
    private: bool
    change: int | None
    undoes: str

    @property
    def next(self) -> Party:
        """Who acts next. What is granted of a request has to be done by a curator."""
        if self.private and self.state is State.ACCEPTED:
            return Party.CURATOR
        return NEXT[self.state]

    @property
    def verified(self) -> bool:
        """Whether somebody with an account sent it."""
        return bool(self.account)

    @property
    def harvested(self) -> bool:
        """Whether it came from another repository, and nobody sent it."""
        return self.account == HARVESTER.account

    def parties(self, actor: Actor) -> frozenset[Party]:
        """What somebody is to it."""
        found = set()
        if actor.machine:
            found.add(Party.MACHINE)
        if actor.curates:
            found.add(Party.CURATOR)
        if self.account and self.account == actor.account:
            found.add(Party.SUBMITTER)
        if self.key and actor.key and hmac.compare_digest(self.key, sha256(actor.key.encode())):
            found.add(Party.SUBMITTER)
        return frozenset(found)

    def steps(self, actor: Actor) -> tuple[Step, ...]:
        """What somebody may do with it now."""
        return steps(self.state, self.parties(actor))


@dataclass(frozen=True, slots=True)
class Revision:
    """What a submission proposes. author: account, "" for somebody without one."""

    number: int
    made: datetime
    author: str
    proposal: Proposal


@dataclass(frozen=True, slots=True)
class Event:
    """A step that was taken. actor: account. detail: by step, such as the fields that were accepted."""

    number: int
    time: datetime
    submission: str
    step: Step
    state: State
    actor: str
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Comment:
    """What somebody wrote about a submission. party: what they were to it. internal: among curators."""

    id: str
    made: datetime
    author: str
    party: Party
    internal: bool
    text: str


def read(connection: Connection, id_: str) -> Submission:
    """The submission of that id. Raises NoSuchSubmission."""
    row = connection.execute(submission_table.select().where(submission_table.c.id == id_)).first()
    if row is None:
        raise missing(id_)
    return submission_of(row)


def revision(connection: Connection, id_: str, number: int) -> Revision:
    """What a submission proposed at one revision. Raises NoSuchSubmission."""
    here = (revision_table.c.submission == id_, revision_table.c.number == number)
    row = connection.execute(revision_table.select().where(*here)).first()
    if row is None:
        raise NoSuchSubmission(f"The submission {id_} has no revision {number}.")
    found = read(connection, id_)
    proposal = Proposal(
        purpose=found.purpose,
        type=found.type,
        record=found.record,
        title=found.title,
        language=found.language,
        base=row.base,
        added=_quads(row.added),
        removed=_quads(row.removed),
        report=json.loads(row.report),
        note=row.note,
    )
    return Revision(number, moment(row.made), row.author, proposal)


def keep(connection: Connection, id_: str, number: int, author: str, proposal: Proposal) -> None:
    """Keep what a submission proposes as one of its revisions."""
    connection.execute(
        insert(revision_table).values(
            submission=id_,
            number=number,
            made=now(),
            author=author,
            base=proposal.base,
            added=zlib.compress(n_quads(proposal.added)),
            removed=zlib.compress(n_quads(proposal.removed)),
            report=json.dumps(dict(proposal.report), ensure_ascii=False),
            note=proposal.note,
        )
    )


def blank(connection: Connection, ids: Collection[str]) -> None:
    """Take away what submissions say; that they were there, and what became of them, stays."""
    nothing = zlib.compress(b"")
    revisions = update(revision_table).where(revision_table.c.submission.in_(ids))
    connection.execute(revisions.values(added=nothing, removed=nothing, report="{}", note=""))
    connection.execute(delete(comment_table).where(comment_table.c.submission.in_(ids)))
    connection.execute(update(submission_table).where(submission_table.c.id.in_(ids)).values(title=""))


def moment(seconds: int) -> datetime:
    """A time as people handle it."""
    return datetime.fromtimestamp(seconds, UTC)


def event_of(row: Row[Any]) -> Event:
    """An event from its row."""
    detail = json.loads(row.detail)
    return Event(row.number, moment(row.time), row.submission, Step(row.step), State(row.state), row.actor, detail)


def missing(id_: str) -> NoSuchSubmission:
    """What is said of a submission that is not there, or not for whoever asks."""
    return NoSuchSubmission(f"There is no submission {id_[:40]} that you may see.")


def submission_of(row: Row[Any]) -> Submission:
    """A submission from its row."""
    return Submission(
        id=row.id,
        purpose=Purpose(row.purpose),
        type=row.type,
        record=row.record,
        base=row.base,
        state=State(row.state),
        since=moment(row.since),
        made=moment(row.made),
        sent=moment(row.sent) if row.sent else None,
        turn=row.turn,
        revision=row.revision,
        account=row.account,
        contact=row.contact,
        key=row.key,
        curator=row.curator,
        language=row.language,
        title=row.title,
        private=row.private,
        change=row.change,
        undoes=row.undoes,
    )


def _quads(data: bytes) -> tuple[Quad, ...]:
    return tuple(parse(zlib.decompress(data), RdfFormat.N_QUADS))
