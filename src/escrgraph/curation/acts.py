"""Acts: a submission begins, and each step on it is taken, in one transaction with its event."""

from __future__ import annotations

import secrets

from sqlalchemy import Connection, insert, update

from escrgraph.curation import notices
from escrgraph.curation.actors import Actor, Party, Role
from escrgraph.curation.database import (
    add_event,
    comment_table,
    now,
    submission_table,
)
from escrgraph.curation.errors import NotNow, NotReady, NotYours
from escrgraph.curation.kept import (
    Submission,
    keep,
    missing,
    read,
)
from escrgraph.curation.proposals import Proposal
from escrgraph.curation.states import State, Step, rule
from escrgraph.repository.log import sha256
from escrgraph.repository.store import n_quads


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
        demand_ready(proposal)
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
        raise missing(id_)
    if turn is not None and turn != found.turn:
        raise NotNow("Somebody acted on this submission after you opened it. Look at it again, then decide.")
    allowed = rule(found.state, step, parties)
    if allowed is None:
        if any(rule(found.state, step, [party]) for party in Party):
            raise NotYours(f"“{step.value}” is for {_who(found.state, step)} to do.")
        raise NotNow(f"The submission is “{found.state.value}”, and “{step.value}” cannot be done there.")
    return Act(connection, found, step, allowed.target or found.state, actor)


def demand_ready(proposal: Proposal) -> None:
    """See that a proposal may go to the curators. Raises NotReady."""
    if not proposal.conforms:
        raise NotReady("Something has to be mended before this can be submitted; the report says what.")
    if proposal.private and not proposal.note.strip():
        raise NotReady("Say what is to be corrected or removed.")


def _digest(proposal: Proposal) -> str:
    return sha256(n_quads(proposal.added) + b"\0" + n_quads(proposal.removed))


def _who(state: State, step: Step) -> str:
    parties = sorted(party.value for party in Party if rule(state, step, [party]))
    return " or ".join(f"the {party}" for party in parties)
