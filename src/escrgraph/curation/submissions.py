"""Submissions: what was proposed, where it stands, who acts next; every step one transaction with its event."""

from __future__ import annotations

import re
import zlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select, update

from escrgraph.curation import harvests
from escrgraph.curation.actors import MACHINE, Actor, Party
from escrgraph.curation.acts import Act, begin, create, demand_ready
from escrgraph.curation.database import (
    Database,
    add_event,
    comment_table,
    event_table,
    now,
    revision_table,
    submission_table,
)
from escrgraph.curation.errors import NotReady
from escrgraph.curation.kept import (
    Comment,
    Event,
    Revision,
    Submission,
    blank,
    event_of,
    keep,
    missing,
    moment,
    read,
    revision,
    submission_of,
)
from escrgraph.curation.proposals import Proposal, Purpose
from escrgraph.curation.states import State, Step


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
            demand_ready(proposal)
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
        raise missing(id_)

    def find(self, wanted: Filter, limit: int = 50, offset: int = 0) -> list[Submission]:
        """The submissions that fit."""
        table = submission_table.c
        order = (table.since, table.id) if wanted.order == "since" else (table.since.desc(), table.id)
        asked = submission_table.select().where(*_conditions(wanted)).order_by(*order).limit(limit).offset(offset)
        with self._database.reading() as connection:
            return [submission_of(row) for row in connection.execute(asked)]

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
