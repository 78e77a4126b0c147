"""Submissions through their states, by whom, with an event for each step that cannot be changed unseen."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import delete, update
from tests.curation.proposing import BAD, CURATOR, MEMBER, OTHER, SECOND, proposal
from tests.repository.worlds import BASE

from escrgraph.curation.actors import MACHINE, VISITOR, Actor, Party
from escrgraph.curation.database import Database, event_table, verify
from escrgraph.curation.errors import NoSuchSubmission, NotNow, NotReady, NotYours
from escrgraph.curation.proposals import Purpose
from escrgraph.curation.states import OPEN, State, Step
from escrgraph.curation.submissions import Filter, Submissions
from escrgraph.repository.log import BrokenLog


def submitted(submissions: Submissions, actor: Actor = MEMBER, record: str = "resource/a") -> str:
    made, _ = submissions.create(proposal(record), actor)
    return submissions.submit(made.id, actor).id


def test_a_draft_becomes_a_submission_that_a_curator_takes(submissions: Submissions) -> None:
    draft, key = submissions.create(proposal(), MEMBER)
    assert (draft.state, draft.next, key) == (State.DRAFT, Party.SUBMITTER, "")
    sent = submissions.submit(draft.id, MEMBER)
    assert (sent.state, sent.next, sent.sent is None) == (State.SUBMITTED, Party.CURATOR, False)
    taken = submissions.take(draft.id, CURATOR)
    assert (taken.state, taken.curator) == (State.IN_REVIEW, CURATOR.account)
    assert [event.step for event in submissions.events(draft.id)] == [Step.CREATE, Step.SUBMIT, Step.TAKE]


def test_what_is_proposed_is_kept_to_the_letter(submissions: Submissions) -> None:
    offered = proposal(text="Ünïcode “quoted”\nline \U0001f30d \\")
    made, _ = submissions.create(offered, MEMBER)
    assert submissions.proposal(made.id) == offered


def test_violations_keep_it_a_draft(submissions: Submissions) -> None:
    made, _ = submissions.create(proposal(report=BAD), MEMBER)
    with pytest.raises(NotReady):
        submissions.submit(made.id, MEMBER)
    assert submissions.get(made.id).state is State.DRAFT
    submissions.revise(made.id, proposal(text="Mended"), MEMBER)
    assert submissions.submit(made.id, MEMBER).title == "Mended"


def test_changes_are_asked_for_and_every_revision_stays_readable(submissions: Submissions) -> None:
    id_ = submitted(submissions)
    asked = submissions.ask(id_, CURATOR, "Which year?")
    assert (asked.state, asked.next, asked.curator) == (State.CHANGES_REQUESTED, Party.SUBMITTER, CURATOR.account)
    submissions.revise(id_, proposal(text="Second"), MEMBER)
    submissions.comment(id_, MEMBER, "Of 2019.")
    again = submissions.submit(id_, MEMBER)
    assert (again.state, again.revision, again.curator) == (State.SUBMITTED, 2, CURATOR.account)
    assert [r.proposal.added[0].object.value for r in submissions.revisions(id_)] == ["A title", "Second"]
    thread = submissions.comments(id_, internal=False)
    assert [(c.party, c.text) for c in thread] == [(Party.CURATOR, "Which year?"), (Party.SUBMITTER, "Of 2019.")]


def test_curators_talk_among_themselves(submissions: Submissions) -> None:
    id_ = submitted(submissions)
    submissions.comment(id_, CURATOR, "I know her.", internal=True)
    submissions.comment(id_, MEMBER, "Not internal", internal=True)
    assert [c.text for c in submissions.comments(id_, internal=False)] == ["Not internal"]
    assert len(submissions.comments(id_, internal=True)) == 2


def test_a_decision_needs_a_reason(submissions: Submissions) -> None:
    id_ = submitted(submissions)
    for decide in (submissions.ask, submissions.reject):
        with pytest.raises(NotReady):
            decide(id_, CURATOR, "  \n ")
    assert submissions.get(id_).state is State.SUBMITTED
    assert submissions.reject(id_, CURATOR, "It is no resource.").state is State.REJECTED


def test_nobody_else_may(submissions: Submissions) -> None:
    id_ = submitted(submissions)
    for stranger in (OTHER, VISITOR, Actor(key="guess")):
        with pytest.raises(NoSuchSubmission):
            submissions.withdraw(id_, stranger)
        with pytest.raises(NoSuchSubmission):
            submissions.seen_by(id_, stranger)
    with pytest.raises(NotYours, match="curator"):
        submissions.take(id_, MEMBER)
    with pytest.raises(NotYours):
        submissions.withdraw(id_, CURATOR)
    with pytest.raises(NotNow), submissions.acting(id_, Step.PUBLISH, MACHINE, None):
        pass


def test_a_draft_is_for_its_author_alone(submissions: Submissions) -> None:
    draft, _ = submissions.create(proposal(), MEMBER)
    with pytest.raises(NoSuchSubmission):
        submissions.seen_by(draft.id, CURATOR)
    assert submissions.seen_by(draft.id, MEMBER).id == draft.id


def test_somebody_without_an_account_is_held_until_they_confirm(submissions: Submissions) -> None:
    held, key = submissions.create(proposal(), VISITOR, contact="a@example.org")
    assert (held.state, held.verified, held.contact) == (State.HELD, False, "a@example.org")
    assert key not in repr(held)
    with pytest.raises(NoSuchSubmission):
        submissions.seen_by(held.id, CURATOR)
    with pytest.raises(NoSuchSubmission):
        submissions.confirm(held.id, Actor(key=key[:-1] + "x"))
    confirmed = submissions.confirm(held.id, Actor(key=key))
    assert (confirmed.state, confirmed.verified) == (State.SUBMITTED, False)
    assert submissions.withdraw(held.id, Actor(key=key)).state is State.WITHDRAWN


def test_a_request_is_private_and_says_what_it_asks(submissions: Submissions) -> None:
    with pytest.raises(NotReady):
        submissions.create(proposal(purpose=Purpose.REQUEST), VISITOR)
    asked, _ = submissions.create(proposal(purpose=Purpose.REQUEST), MEMBER)
    assert asked.private


def test_who_looked_at_an_older_step_is_told(submissions: Submissions) -> None:
    id_ = submitted(submissions)
    seen = submissions.get(id_).turn
    submissions.take(id_, SECOND)
    with pytest.raises(NotNow, match="after you opened it"):
        submissions.reject(id_, CURATOR, "No.", turn=seen)


def test_of_many_at_once_one_decides(submissions: Submissions, database: Database) -> None:
    ids = [submitted(submissions, record=f"resource/r{n}") for n in range(6)]
    outcomes: list[str] = []

    def decide(actor: Actor) -> None:
        mine = Submissions(database)
        for id_ in ids:
            try:
                mine.reject(id_, actor, "No.")
                outcomes.append(id_)
            except NotNow:
                pass

    people = [threading.Thread(target=decide, args=(Actor(f"c{n}", CURATOR.role),)) for n in range(6)]
    for person in people:
        person.start()
    for person in people:
        person.join()
    assert sorted(outcomes) == sorted(ids)
    assert verify(database) == 18


def test_the_queue_has_the_longest_waiting_first(submissions: Submissions) -> None:
    ids = [submitted(submissions, record=f"resource/r{n}") for n in range(3)]
    submitted(submissions, OTHER, "finding/f")
    submissions.create(proposal(), MEMBER)
    wanted = Filter(states=OPEN, type="resource")
    assert {s.id for s in submissions.find(wanted)} == set(ids)
    assert submissions.count(wanted) == 3
    assert submissions.count(Filter(account=OTHER.account)) == 1
    assert len(submissions.find(Filter(), limit=2, offset=4)) == 1


def test_tampering_with_events_shows(submissions: Submissions, database: Database) -> None:
    id_ = submitted(submissions)
    submissions.take(id_, CURATOR)
    assert verify(database) == 3
    with database.writing() as connection:
        connection.execute(update(event_table).where(event_table.c.number == 2).values(actor="another"))
    with pytest.raises(BrokenLog, match="Event 2"):
        verify(database)


def test_events_that_are_cut_off_show(submissions: Submissions, database: Database) -> None:
    submitted(submissions)
    with database.writing() as connection:
        connection.execute(delete(event_table).where(event_table.c.number == 2))
    with pytest.raises(BrokenLog, match="after number 1"):
        verify(database)


def test_a_redacted_record_is_taken_out_of_what_was_submitted(submissions: Submissions, database: Database) -> None:
    id_ = submitted(submissions, record="finding/secret")
    submissions.comment(id_, CURATOR, "the secret")
    assert submissions.erase_record("finding/secret", BASE.record_iri("finding/secret")) == 1
    found = submissions.get(id_)
    assert (found.record, found.title, submissions.proposal(id_).added) == ("", "", ())
    assert submissions.comments(id_, internal=True) == []
    assert verify(database) == 4
