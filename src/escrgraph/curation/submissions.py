"""Submissions: what was proposed, where it stands, who acts next; every step one transaction with its event."""

from __future__ import annotations

import hmac
import json
import re
import secrets
import zlib
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pyoxigraph import Quad, RdfFormat, parse
from sqlalchemy import Connection, Row, delete, func, insert, select, update

from escrgraph.curation import harvests, notices
from escrgraph.curation.actors import HARVESTER, MACHINE, Actor, Party, Role
from escrgraph.curation.database import (
    Database,
    add_event,
    comment_table,
    event_table,
    now,
    revision_table,
    submission_table,
)
from escrgraph.curation.errors import NoSuchSubmission, NotNow, NotReady, NotYours
from escrgraph.curation.proposals import Proposal, Purpose
from escrgraph.curation.states import NEXT, State, Step, rule, steps
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


@dataclass(frozen=True, slots=True)
class Filter:
    """Which submissions are asked for; None leaves open. order: "since" (longest waiting first) or "-since"."""

    states: Collection[State] | None = None
    account: str | None = None
    curator: str | None = None
    type: str | None = None
    purpose: Purpose | None = None
    record: str | None = None
    private: bool | None = None
    order: str = "since"


class Submissions:
    """The submissions in a database. Every method raises NoSuchSubmission, NotYours or NotNow as it fits."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, proposal: Proposal, actor: Actor, *, contact: str = "") -> tuple[Submission, str]:
        """Keep a proposal: a draft of somebody with an account, or held until a stranger confirms it.

        Returns it, and the secret by which somebody without an account comes back to it ("" otherwise).
        """
        with self._database.writing() as connection:
            made, key = create(connection, proposal, actor, contact=contact)
        return made, key

    def revise(self, id_: str, proposal: Proposal, actor: Actor, turn: int | None = None) -> Submission:
        """Put another proposal in the place of the one before, which stays readable."""
        with self.acting(id_, Step.REVISE, actor, turn) as act:
            number = act.submission.revision + 1
            keep(act.connection, id_, number, actor.account, proposal)
            act.set(
                revision=number,
                title=proposal.title,
                language=proposal.language,
                base=proposal.base,
                record=proposal.record,
                type=proposal.type,
            )
            act.detail["revision"] = number
        return self.get(id_)

    def submit(self, id_: str, actor: Actor, turn: int | None = None) -> Submission:
        """Hand it to the curators. Raises NotReady while something must be mended first."""
        with self.acting(id_, Step.SUBMIT, actor, turn) as act:
            proposal = revision(act.connection, id_, act.submission.revision).proposal
            _demand_ready(proposal)
            act.set(sent=now())
        return self.get(id_)

    def confirm(self, id_: str, actor: Actor) -> Submission:
        """The sender without an account followed the link: curators see it now."""
        with self.acting(id_, Step.CONFIRM, actor, None) as act:
            act.set(sent=now())
        return self.get(id_)

    def take(self, id_: str, actor: Actor, curator: str | None = None, turn: int | None = None) -> Submission:
        """Look at it oneself, or have another curator look at it."""
        chosen = actor.account if curator is None else curator
        with self.acting(id_, Step.TAKE, actor, turn) as act:
            act.set(curator=chosen)
            act.detail["curator"] = chosen
        return self.get(id_)

    def comment(self, id_: str, actor: Actor, text: str, *, internal: bool = False) -> Submission:
        """Say something about it. internal: among curators."""
        with self.acting(id_, Step.COMMENT, actor, None) as act:
            act.say(text, internal=internal and actor.curates)
        return self.get(id_)

    def ask(self, id_: str, actor: Actor, text: str, turn: int | None = None) -> Submission:
        """Ask the submitter for changes."""
        return self._decide(id_, Step.ASK, actor, text, turn)

    def reject(self, id_: str, actor: Actor, text: str, turn: int | None = None) -> Submission:
        """Say no, with the reason."""
        return self._decide(id_, Step.REJECT, actor, text, turn)

    def withdraw(self, id_: str, actor: Actor, turn: int | None = None) -> Submission:
        """The submitter takes it back."""
        with self.acting(id_, Step.WITHDRAW, actor, turn):
            pass
        return self.get(id_)

    def get(self, id_: str) -> Submission:
        """The submission of that id."""
        with self._database.reading() as connection:
            return read(connection, id_)

    def seen_by(self, id_: str, actor: Actor) -> Submission:
        """The same for somebody who may see it; to others it is not there. Drafts and what is held are private."""
        found = self.get(id_)
        parties = found.parties(actor)
        hidden = found.state in (State.DRAFT, State.HELD)
        if Party.SUBMITTER in parties or Party.MACHINE in parties or (Party.CURATOR in parties and not hidden):
            return found
        raise _missing(id_)

    def find(self, wanted: Filter, limit: int = 50, offset: int = 0) -> list[Submission]:
        """The submissions that fit."""
        table = submission_table.c
        order = (table.since, table.id) if wanted.order == "since" else (table.since.desc(), table.id)
        asked = submission_table.select().where(*_conditions(wanted)).order_by(*order).limit(limit).offset(offset)
        with self._database.reading() as connection:
            return [_submission(row) for row in connection.execute(asked)]

    def count(self, wanted: Filter) -> int:
        """How many fit."""
        asked = select(func.count()).select_from(submission_table).where(*_conditions(wanted))
        with self._database.reading() as connection:
            return int(connection.execute(asked).scalar_one())

    def proposal(self, id_: str, number: int | None = None) -> Proposal:
        """What it proposes now, or in an earlier revision."""
        with self._database.reading() as connection:
            return revision(connection, id_, read(connection, id_).revision if number is None else number).proposal

    def revisions(self, id_: str) -> list[Revision]:
        """Everything it proposed, oldest first."""
        with self._database.reading() as connection:
            return [revision(connection, id_, n) for n in range(1, read(connection, id_).revision + 1)]

    def comments(self, id_: str, *, internal: bool) -> list[Comment]:
        """The thread, oldest first. internal: also what curators say among themselves."""
        table = comment_table.c
        asked = comment_table.select().where(table.submission == id_).order_by(table.turn, table.id)
        if not internal:
            asked = asked.where(table.internal.is_(False))
        with self._database.reading() as connection:
            return [
                Comment(row.id, moment(row.made), row.author, Party(row.party), row.internal, row.text)
                for row in connection.execute(asked)
            ]

    def events(self, id_: str) -> list[Event]:
        """What became of it, oldest first."""
        asked = event_table.select().where(event_table.c.submission == id_).order_by(event_table.c.number)
        with self._database.reading() as connection:
            return [event_of(row) for row in connection.execute(asked)]

    def erase_record(self, record: str, iri: str) -> int:
        """Blank every submission about a record or naming it, for a redaction. Returns how many were blanked."""
        with self._database.writing() as connection:
            ids = select(submission_table.c.id).where(submission_table.c.record == record)
            found = set(connection.execute(ids).scalars())
            mark = re.compile(rb"<" + re.escape(iri.encode()) + rb"[>/?#]")
            rows = select(revision_table.c.submission, revision_table.c.added, revision_table.c.removed)
            for row in connection.execute(rows):
                if any(mark.search(zlib.decompress(data)) for data in (row.added, row.removed)):
                    found.add(row.submission)
            blank(connection, found)
            connection.execute(
                update(submission_table).where(submission_table.c.id.in_(found)).values(record="", contact="")
            )
            harvests.erase(connection, record, found, mark)
            for id_ in found:
                state = read(connection, id_).state
                add_event(connection, id_, Step.ERASE.value, state.value, MACHINE.account, {})
        return len(found)

    @contextmanager
    def acting(self, id_: str, step: Step, actor: Actor, turn: int | None) -> Iterator[Act]:
        """One step on a submission as one transaction.

        turn: the number of steps it had taken when the actor looked at it, None when that does not matter.
        """
        with self._database.writing() as connection:
            act = begin(connection, id_, step, actor, turn)
            yield act
            act.finish()

    def _decide(self, id_: str, step: Step, actor: Actor, text: str, turn: int | None) -> Submission:
        if not text.strip():
            raise NotReady("Say why: the submitter reads it, and it is kept.")
        with self.acting(id_, step, actor, turn) as act:
            act.set(curator=act.submission.curator or actor.account)
            act.say(text)
        return self.get(id_)


class Act:
    """A step that is being taken, inside its transaction. detail: what its event says besides."""

    def __init__(self, connection: Connection, submission: Submission, step: Step, state: State, actor: Actor) -> None:
        self.connection = connection
        self.submission = submission
        self.step = step
        self.state = state
        self.actor = actor
        self.detail: dict[str, object] = {}
        self._values: dict[str, object] = {}
        self._internal = False

    def set(self, **values: object) -> None:
        """Change columns of the submission."""
        self._values.update(values)

    def say(self, text: str, *, internal: bool = False) -> None:
        """Put what the actor says into the thread."""
        comment = secrets.token_hex(8)
        parties = self.submission.parties(self.actor)
        party = Party.SUBMITTER if Party.SUBMITTER in parties and not self.actor.curates else Party.CURATOR
        values = {"author": self.actor.account, "party": party.value, "internal": internal, "text": text.strip()}
        connection = self.connection
        connection.execute(
            insert(comment_table).values(
                id=comment, submission=self.submission.id, turn=self.submission.turn, made=now(), **values
            )
        )
        self.detail["comment"] = comment
        self._internal = internal

    def finish(self) -> None:
        """Write where it stands now, and the event."""
        here = submission_table.c.id == self.submission.id
        values = {"turn": self.submission.turn + 1, **self._values}
        if self.state is not self.submission.state:
            values |= {"state": self.state.value, "since": now()}
        self.connection.execute(update(submission_table).where(here).values(**values))
        id_, account = self.submission.id, self.actor.account
        event = add_event(self.connection, id_, self.step.value, self.state.value, account, self.detail)
        notices.tell(self.connection, event, id_, self.step, self.actor, internal=self._internal)


def create(
    connection: Connection,
    proposal: Proposal,
    actor: Actor,
    *,
    contact: str = "",
    state: State | None = None,
    undoes: str = "",
) -> tuple[Submission, str]:
    """Keep a proposal in a transaction of one's own. state: where it begins, when not as a draft or held."""
    verified = actor.role is not Role.VISITOR
    begins = state or (State.DRAFT if verified else State.HELD)
    if begins is State.HELD:
        _demand_ready(proposal)
    id_, key, time = secrets.token_hex(8), "" if verified else secrets.token_urlsafe(24), now()
    connection.execute(
        insert(submission_table).values(
            id=id_,
            purpose=proposal.purpose.value,
            type=proposal.type,
            record=proposal.record,
            base=proposal.base,
            state=begins.value,
            since=time,
            made=time,
            sent=0,
            turn=0,
            revision=1,
            account=actor.account if verified else "",
            contact=contact,
            key=sha256(key.encode()) if key else "",
            curator="",
            language=proposal.language,
            title=proposal.title,
            private=proposal.private,
            change=None,
            undoes=undoes,
        )
    )
    keep(connection, id_, 1, actor.account, proposal)
    detail = {"purpose": proposal.purpose.value, "content": _digest(proposal)}
    add_event(connection, id_, Step.CREATE.value, begins.value, actor.account, detail)
    return read(connection, id_), key


def begin(connection: Connection, id_: str, step: Step, actor: Actor, turn: int | None = None) -> Act:
    """Begin a step in a transaction of `Database.writing`. Raises as the methods of Submissions do."""
    found = read(connection, id_)
    parties = found.parties(actor)
    if not parties:
        raise _missing(id_)
    if turn is not None and turn != found.turn:
        raise NotNow("Somebody acted on this submission after you opened it. Look at it again, then decide.")
    allowed = rule(found.state, step, parties)
    if allowed is None:
        if any(rule(found.state, step, [party]) for party in Party):
            raise NotYours(f"“{step.value}” is for {_who(found.state, step)} to do.")
        raise NotNow(f"The submission is “{found.state.value}”, and “{step.value}” cannot be done there.")
    return Act(connection, found, step, allowed.target or found.state, actor)


def read(connection: Connection, id_: str) -> Submission:
    """The submission of that id. Raises NoSuchSubmission."""
    row = connection.execute(submission_table.select().where(submission_table.c.id == id_)).first()
    if row is None:
        raise _missing(id_)
    return _submission(row)


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


def _digest(proposal: Proposal) -> str:
    return sha256(n_quads(proposal.added) + b"\0" + n_quads(proposal.removed))


def _demand_ready(proposal: Proposal) -> None:
    if not proposal.conforms:
        raise NotReady("Something has to be mended before this can be submitted; the report says what.")
    if proposal.private and not proposal.note.strip():
        raise NotReady("Say what is to be corrected or removed.")


def _quads(data: bytes) -> tuple[Quad, ...]:
    return tuple(parse(zlib.decompress(data), RdfFormat.N_QUADS))


def _submission(row: Row[Any]) -> Submission:
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


def _conditions(wanted: Filter) -> list[Any]:
    table = submission_table.c
    found: list[Any] = []
    if wanted.states is not None:
        found.append(table.state.in_([state.value for state in wanted.states]))
    if wanted.purpose is not None:
        found.append(table.purpose == wanted.purpose.value)
    for name in ("account", "curator", "type", "record", "private"):
        value = getattr(wanted, name)
        if value is not None:
            found.append(table[name] == value)
    return found


def _who(state: State, step: Step) -> str:
    parties = sorted(party.value for party in Party if rule(state, step, [party]))
    return " or ".join(f"the {party}" for party in parties)


def _missing(id_: str) -> NoSuchSubmission:
    return NoSuchSubmission(f"There is no submission {id_[:40]} that you may see.")
