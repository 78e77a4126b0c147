"""Decisions: an accepted submission becomes one change of the log, whatever ends between the two.

The decision is written first, with everything that the change needs; the change carries the submission's id, and the
writer makes it once; then the submission is closed. `resume` takes up what a crash left between these steps.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from pyoxigraph import NamedNode, Quad
from sqlalchemy import Connection, func, select

from escrgraph.curation import differences
from escrgraph.curation.actors import MACHINE, Actor, Role
from escrgraph.curation.acts import Act, begin, create
from escrgraph.curation.database import Database, account_table, now, submission_table
from escrgraph.curation.errors import NotNow, NotReady, NotYours
from escrgraph.curation.harvests import Harvests
from escrgraph.curation.kept import Submission, keep, read, revision
from escrgraph.curation.proposals import Proposal, Purpose
from escrgraph.curation.states import State, Step
from escrgraph.curation.submissions import Filter, Submissions
from escrgraph.repository import faults
from escrgraph.repository.changes import Cause, Change, Decision
from escrgraph.repository.errors import Declined, Malformed, Moved, TooLarge
from escrgraph.repository.versions import Versions
from escrgraph.repository.writing import Writer
from escrgraph.validation import Report
from escrgraph.vocabulary.iris import Base
from escrgraph.vocabulary.kinds import Kinds, shipped_kinds

Check = Callable[[Collection[Quad], Collection[Quad]], Report]
"""Holds a change (quads added, quads removed) against what is published now."""

_CAUSES = {Purpose.WITHDRAWAL: Cause.WITHDRAWAL, Purpose.UNDO: Cause.UNDO}


class Failed(NotReady):
    """What was to be accepted does not fit what is published now. report: why."""

    def __init__(self, text: str, report: Report) -> None:
        super().__init__(text)
        self.report = report


class Decisions:
    """Accepts submissions, publishes them and takes them back."""

    def __init__(
        self,
        database: Database,
        writer: Writer,
        versions: Callable[[], AbstractContextManager[Versions]],
        check: Check,
        base: Base,
        kinds: Kinds | None = None,
    ) -> None:
        self._kinds = kinds or shipped_kinds()
        self._database = database
        self._submissions = Submissions(database)
        self._harvests = Harvests(database)
        self._writer = writer
        self._versions = versions
        self._check = check
        self._base = base

    def accept(
        self,
        id_: str,
        actor: Actor,
        turn: int | None = None,
        *,
        keys: Collection[str] | None = None,
        seen: int | None = None,
        text: str = "",
    ) -> Submission:
        """Accept a submission and publish it; when this returns, readers show it.

        keys: the differences that are accepted, None for all. seen: the version of the record that the curator looked
        at. Raises Moved when the record is of another version by now, Failed when the change does not fit any more,
        NotYours for what one has submitted oneself, and what the writer raises; then it is accepted or in review.
        """
        submission = self._submissions.get(id_)
        if Step.ACCEPT not in submission.steps(actor):
            with self._submissions.acting(id_, Step.ACCEPT, actor, turn):  # says why not
                pass
        with self._database.reading() as connection:
            alone = _alone(connection, submission, actor)
        if submission.private:
            return self._grant(id_, actor, turn, text)
        proposal = self._submissions.proposal(id_)
        wanted = proposal if keys is None else differences.reduced(proposal, keys)
        if not (wanted.added or wanted.removed or wanted.purpose is Purpose.WITHDRAWAL):
            raise NotReady("Nothing is left of the submission to publish. Reject it, or accept some of its fields.")
        number = self._demand_current(wanted, seen)
        wanted = replace(self._rebased(wanted, number), base=number or None)
        report = self._judge(wanted)
        faults.point("before-decision")
        with self._submissions.acting(id_, Step.ACCEPT, actor, turn) as act:
            _decide(act, wanted, report, number, alone=alone, whole=keys is None)
            if text.strip():
                act.say(text)
        faults.point("after-decision")
        return self.publish(id_)

    def publish(self, id_: str) -> Submission:
        """Make the change of an accepted submission; one that is made is not made again.

        When the writer refuses the change, the submission goes back into review, and this raises why.
        """
        submission = self._submissions.get(id_)
        if submission.state is not State.ACCEPTED or submission.private:
            return submission
        detail = next(event for event in reversed(self._submissions.events(id_)) if event.step is Step.ACCEPT)
        change = self._change(submission, self._submissions.proposal(id_), detail.actor, dict(detail.detail))
        try:
            receipt = self._writer.commit(change)
        except (Moved, Malformed, Declined, TooLarge) as error:
            with self._submissions.acting(id_, Step.RETURN, MACHINE, None) as act:
                act.detail["why"] = type(error).__name__
            raise
        faults.point("after-commit")
        self._close(id_, receipt.number)
        faults.point("after-closing")
        return self._submissions.get(id_)

    def resume(self) -> list[Submission]:
        """Publish what was accepted and not published, because something ended in between. Raises as publish does."""
        waiting = self._submissions.find(Filter(states=[State.ACCEPTED], private=False), limit=1000)
        return [self.publish(found.id) for found in waiting]

    def undo(self, number: int, record: str, actor: Actor, reason: str) -> Submission:
        """Take back what a change did to a record, by a new change that restores it.

        What later changes did to the same statements stays. Raises NotReady when nothing of it is left to take back,
        Failed when the library would not fit together without it.
        """
        _demand_curator(actor)
        if not reason.strip():
            raise NotReady("Say why: the reason stands in the history for everybody.")
        with self._versions() as versions:
            added, removed = versions.change(number)
            present = versions.at(record)
            newest = versions.newest(record)
        back = tuple(quad for quad in removed if self._owner(quad) == record and quad not in present)
        gone = tuple(quad for quad in added if self._owner(quad) == record and quad in present)
        if not back and not gone:
            raise NotReady(f"Nothing of change {number} is left in {record} to take back.")
        title = differences.title_of(record, back or gone, self._base)
        proposal = Proposal(
            Purpose.UNDO, record.partition("/")[0], record, title, base=newest or None, added=back, removed=gone
        )
        report = self._judge(proposal)
        proposal = replace(proposal, report=report.to_dict(), note=reason)
        with self._database.writing() as connection:
            table = submission_table.c
            undone = connection.execute(select(table.id).where(table.change == number, table.record == record)).scalar()
            made, _ = create(connection, proposal, actor, state=State.IN_REVIEW, undoes=undone or "")
            act = begin(connection, made.id, Step.ACCEPT, actor)
            _decide(act, proposal, report, newest, alone=False, whole=True)
            act.detail |= {"reason": reason.strip(), "undoes": number}
            act.finish()
        return self.publish(made.id)

    def _owner(self, quad: Quad) -> str | None:
        return self._base.record_of(quad.subject.value) if isinstance(quad.subject, NamedNode) else None

    def _grant(self, id_: str, actor: Actor, turn: int | None, text: str) -> Submission:
        """A request is granted; what it asks for is done by hand."""
        with self._submissions.acting(id_, Step.ACCEPT, actor, turn) as act:
            act.set(curator=act.submission.curator or actor.account)
            if text.strip():
                act.say(text)
        return self._submissions.get(id_)

    def _demand_current(self, proposal: Proposal, seen: int | None) -> int:
        """The version that the change is made on. Raises Moved when the curator has looked at another one."""
        with self._versions() as versions:
            newest = versions.newest(proposal.record)
            exists = bool(versions.at(proposal.record)) if newest else False
        if proposal.purpose in (Purpose.NEW, Purpose.POST) and exists and proposal.base is None:
            raise NotNow(
                f"There is a record {proposal.record} already. Ask for another name, or for a change of that record."
            )
        if proposal.purpose is Purpose.WITHDRAWAL and not exists:
            raise NotNow(f"There is no record {proposal.record} to withdraw any more.")
        if newest not in (proposal.base or 0, seen):
            raise Moved(
                f"{proposal.record} was changed by change {newest} after this was made on change {proposal.base or 0}. "
                "Look at the three versions side by side, then decide."
            )
        return newest

    def _rebased(self, proposal: Proposal, number: int) -> Proposal:
        """The proposal on top of what others did since; as it is when nobody did anything."""
        if number == (proposal.base or 0):
            return proposal
        with self._versions() as versions:
            before = versions.at(proposal.record, proposal.base) if proposal.base else frozenset()
            return differences.rebased(proposal, before, versions.at(proposal.record), self._kinds, self._base)

    def _judge(self, proposal: Proposal) -> Report:
        removed: Collection[Quad] = proposal.removed
        if proposal.purpose is Purpose.WITHDRAWAL:
            with self._versions() as versions:
                removed = versions.at(proposal.record)
        report = self._check(proposal.added, removed)
        if not report.conforms:
            raise Failed("It does not fit what is published now; the report says why. It stays in review.", report)
        return report

    def _change(self, submission: Submission, proposal: Proposal, actor: str, detail: dict[str, Any]) -> Change:
        decision = Decision(
            submission=submission.id,
            submitted=submission.sent or submission.made,
            checked=datetime.fromtimestamp(detail["checked"], UTC),
            shapes=detail["shapes"],
            warnings=detail["warnings"],
            alone=detail["alone"],
            undoes=detail.get("undoes"),
        )
        withdrawal = submission.purpose is Purpose.WITHDRAWAL
        origin = self._harvests.origin(submission.id, submission.revision)
        harvested = f"Harvested as {origin.identifier}, submitted and accepted." if origin else ""
        return Change(
            cause=_CAUSES.get(submission.purpose, Cause.SUBMISSION),
            agent=f"{self._base.iri}account/{actor}",
            reason=detail.get("reason")
            or (proposal.note.strip() if withdrawal else "")
            or harvested
            or _REASONS[proposal.purpose],
            added=() if withdrawal else proposal.added,
            removed=() if withdrawal else proposal.removed,
            withdrawn=(submission.record,) if withdrawal else (),
            decision=decision,
            expected={submission.record: detail["base"]},
        )

    def _close(self, id_: str, number: int) -> None:
        """Say that it is published, and what became of those before it, in one transaction."""
        with self._database.writing() as connection:
            if read(connection, id_).state is not State.ACCEPTED:  # another process closed it meanwhile
                return
            act = begin(connection, id_, Step.PUBLISH, MACHINE)
            act.set(change=number)
            act.detail["change"] = number
            act.finish()
            found = act.submission
            table = submission_table.c
            if found.undoes:
                _try(connection, [found.undoes], Step.UNPUBLISH, number)
                before = select(table.id).where(table.record == found.record, table.state == State.SUPERSEDED.value)
                newest = before.where(table.id != found.undoes).order_by(table.change.desc()).limit(1)
                _try(connection, connection.execute(newest).scalars().all(), Step.RESTORE, number)
            others = select(table.id).where(table.record == found.record, table.id != id_)
            published = connection.execute(others.where(table.state == State.PUBLISHED.value)).scalars().all()
            if found.purpose is Purpose.WITHDRAWAL:
                _try(connection, published, Step.UNPUBLISH, number)
            elif not found.undoes and found.purpose is not Purpose.UNDO:
                _try(connection, published, Step.SUPERSEDE, number)


_REASONS = {
    Purpose.NEW: "A new entry, submitted and accepted.",
    Purpose.CHANGE: "A change, submitted and accepted.",
    Purpose.REPLY: "A reply of the institution, submitted and accepted.",
    Purpose.POST: "A post in a discussion, submitted and accepted.",
    Purpose.WITHDRAWAL: "Withdrawn by the curators.",
    Purpose.UNDO: "An earlier change was taken back.",
    Purpose.REQUEST: "",
}


def _decide(act: Act, proposal: Proposal, report: Report, base: int, *, alone: bool, whole: bool) -> None:
    """Write into a decision what its change needs, so that it can be made after a crash."""
    before = revision(act.connection, act.submission.id, act.submission.revision)
    current = before.proposal
    if (proposal.added, proposal.removed, proposal.base) != (current.added, current.removed, current.base):
        number = act.submission.revision + 1
        # What was chosen of somebody's words stays theirs.
        keep(act.connection, act.submission.id, number, before.author, replace(proposal, report=report.to_dict()))
        act.set(revision=number, base=proposal.base)
    act.set(curator=act.submission.curator or act.actor.account)
    counts = report.counts
    act.detail |= {
        "base": base,
        "checked": now(),
        "shapes": report.shapes,
        "warnings": counts["Warning"] + counts["Info"],
        "alone": alone,
        "whole": whole,
    }


def _alone(connection: Connection, submission: Submission, actor: Actor) -> bool:
    """Whether somebody accepts what they wrote, which only the sole curator may. Raises NotYours for others."""
    author = revision(connection, submission.id, submission.revision).author
    if not actor.account or actor.account not in (submission.account, author):
        return False
    table = account_table.c
    others = (
        table.role.in_((Role.CURATOR.value, Role.ADMIN.value)),
        table.closed.is_(False),
        table.id != actor.account,
    )
    if connection.execute(select(func.count()).select_from(account_table).where(*others)).scalar_one():
        raise NotYours("Nobody accepts what they submitted themselves: another curator has to look at it.")
    return True


def _demand_curator(actor: Actor) -> None:
    if not actor.curates:
        raise NotYours("Only curators can do this.")


def _try(connection: Connection, ids: Iterable[str], step: Step, number: int) -> None:
    """Take a step of the machine on those submissions on which it can be taken."""
    for id_ in ids:
        if step in read(connection, id_).steps(MACHINE):
            act = begin(connection, id_, step, MACHINE)
            act.detail["change"] = number
            act.finish()
