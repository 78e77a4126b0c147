"""What curators decide becomes one change of the log, or none, whatever ends when."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pyoxigraph import Literal, Quad
from tests.curation.publishing import RECORD, World, changing, named, opened
from tests.repository.worlds import BASE, RESOURCE, TITLE, node
from tests.running import PROJECT, environment

from escrgraph.curation import differences
from escrgraph.curation.actors import Actor
from escrgraph.curation.database import METADATA, verify
from escrgraph.curation.decisions import Failed
from escrgraph.curation.errors import NotNow, NotReady, NotYours
from escrgraph.curation.proposals import Proposal, Purpose
from escrgraph.curation.states import State, Step
from escrgraph.repository import faults
from escrgraph.repository.addresses import VARIABLE
from escrgraph.repository.backups import restore
from escrgraph.repository.changes import Cause, Change
from escrgraph.repository.errors import Moved, RepositoryError
from escrgraph.repository.formats import Mode
from escrgraph.repository.writing import Writer, own_writer
from escrgraph.vocabulary.kinds import shipped_kinds


def _runtime(writer: Writer) -> Path:
    return writer._socket.parent


@pytest.fixture
def store(shipped_store: Path, tmp_path: Path, address: str) -> Path:
    restore(shipped_store, tmp_path / "store", address, METADATA)
    return tmp_path / "store"


@pytest.fixture
def world(store: Path, address: str) -> Iterator[World]:
    with own_writer(store, BASE.iri, Mode.MERGE, address) as writer:
        yield opened(store, _runtime(writer), address)


def submitted(world: World, proposal: Proposal, actor: Actor | None = None) -> str:
    made, _ = world.submissions.create(proposal, actor or world.member)
    return world.submissions.submit(made.id, actor or world.member).id


def entries(world: World) -> list[tuple[Cause, str, str]]:
    with world.versions() as versions:
        return [(e.cause, e.agent, e.reason) for e in versions._log.entries(after=1)]


def test_an_accepted_change_is_published_with_who_decided_by_pseudonym(world: World) -> None:
    id_ = submitted(world, changing(RECORD, 1, [named(RECORD, "The OPERA way")]))
    done = world.decisions.accept(id_, world.curator)
    assert (done.state, done.change) == (State.PUBLISHED, 2)
    assert named(RECORD, "The OPERA way") in world.now(RECORD)
    assert entries(world) == [
        (Cause.SUBMISSION, f"{BASE.iri}account/{world.curator.account}", "A change, submitted and accepted.")
    ]
    with world.versions() as versions:
        decision = versions.of(RECORD)[0].decision
    assert decision is not None
    assert (decision.submission, decision.alone, len(decision.shapes) > 5) == (id_, False, True)
    assert [event.step for event in world.submissions.events(id_)][-2:] == [Step.ACCEPT, Step.PUBLISH]


def test_what_no_longer_fits_stays_in_review_with_its_report(world: World) -> None:
    offered = changing(RECORD, 1, [named(RECORD, "Fits")])
    foreign = Quad(node("resource/none"), TITLE, Literal("Nobody's", language="en"), RESOURCE)
    id_ = submitted(world, replace(offered, added=(foreign,)))  # as if its form had been checked against another world
    with pytest.raises(Failed) as raised:
        world.decisions.accept(id_, world.curator)
    assert not raised.value.report.conforms
    assert world.submissions.get(id_).state is State.SUBMITTED
    assert entries(world) == []


def test_only_what_is_chosen_is_accepted(world: World) -> None:
    there = next(q for q in world.now(RECORD) if q.predicate == TITLE and q.subject == node(RECORD))
    other = Quad(there.subject, TITLE, Literal("Another title", language="en"), RESOURCE)
    offered = changing(RECORD, 1, [named(RECORD, "Good"), other], [there])
    id_ = submitted(world, offered)
    before = world.now(RECORD)
    after = differences.applied(before, offered.added, offered.removed)
    listed = differences.compare(RECORD, before, after, shipped_kinds(), BASE)
    assert {d.field.name for d in listed if d.field} == {"title", "alternative"}
    key = next(d.key for d in listed if d.path.endswith("alternative"))
    done = world.decisions.accept(id_, world.curator, keys=[key])
    assert (done.state, done.revision) == (State.PUBLISHED, 2)
    assert world.now(RECORD) == before | {named(RECORD, "Good")}
    first = world.submissions.revisions(id_)[0].proposal
    assert (first.added, first.removed, first.base) == (offered.added, offered.removed, 1)
    with pytest.raises(NotReady, match="Nothing is left"):
        world.decisions.accept(submitted(world, changing(RECORD, 2, [named(RECORD, "B")])), world.curator, keys=[])


def test_nobody_accepts_what_is_their_own_unless_alone_and_that_is_marked(world: World) -> None:
    id_ = submitted(world, changing(RECORD, 1, [named(RECORD, "Mine")]), world.curator)
    with pytest.raises(NotYours, match="themselves"):
        world.decisions.accept(id_, world.curator)
    assert world.submissions.get(id_).state is State.SUBMITTED
    world.people.close(world.people.named("second").id)
    world.decisions.accept(id_, world.curator)
    with world.versions() as versions:
        decision = versions.of(RECORD)[0].decision
    assert decision is not None
    assert decision.alone


def test_nobody_accepts_their_own_changes_to_what_others_sent(world: World) -> None:
    id_ = submitted(world, changing(RECORD, 1, [named(RECORD, "Theirs")]))
    world.submissions.take(id_, world.curator)
    world.submissions.revise(id_, changing(RECORD, 1, [named(RECORD, "Mine")]), world.curator)
    with pytest.raises(NotYours, match="themselves"):
        world.decisions.accept(id_, world.curator)
    assert world.decisions.accept(id_, world.people.named("second").actor).state is State.PUBLISHED


def test_members_decide_nothing(world: World) -> None:
    id_ = submitted(world, changing(RECORD, 1, [named(RECORD, "Mine")]))
    with pytest.raises(NotYours):
        world.decisions.accept(id_, world.member)
    with pytest.raises(NotYours):
        world.decisions.undo(1, RECORD, world.member, "no")


def test_a_record_that_moved_needs_a_second_look(world: World) -> None:
    first = submitted(world, changing(RECORD, 1, [named(RECORD, "First")]))
    second = submitted(world, changing(RECORD, 1, [named(RECORD, "Second")]))
    world.decisions.accept(first, world.curator)
    with pytest.raises(Moved, match="side by side"):
        world.decisions.accept(second, world.curator)
    assert world.submissions.get(second).state is State.SUBMITTED
    done = world.decisions.accept(second, world.curator, seen=2)
    assert (done.change, done.base) == (3, 2)
    assert {named(RECORD, "First"), named(RECORD, "Second")} <= world.now(RECORD)
    assert world.submissions.get(first).state is State.SUPERSEDED


def test_a_change_between_decision_and_publication_returns_it(
    world: World, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    id_ = submitted(world, changing(RECORD, 1, [named(RECORD, "First")]))
    other = Change(Cause.IMPORT, "tester", "meanwhile", added=[named(RECORD, "Meanwhile")])
    writer = Writer(world.runtime)
    monkeypatch.setattr(faults, "point", lambda name: writer.commit(other) if name == "after-decision" else None)
    with pytest.raises(Moved):
        world.decisions.accept(id_, world.curator)
    found = world.submissions.get(id_)
    assert (found.state, found.change) == (State.IN_REVIEW, None)
    assert world.submissions.events(id_)[-1].detail == {"why": "Moved"}
    assert world.decisions.accept(id_, world.curator, seen=2).state is State.PUBLISHED


def test_undo_restores_and_says_what_it_took_back(world: World) -> None:
    before = world.now(RECORD)
    first = submitted(world, changing(RECORD, 1, [named(RECORD, "First")]))
    world.decisions.accept(first, world.curator)
    second = submitted(world, changing(RECORD, 2, [named(RECORD, "Second")], [named(RECORD, "First")]))
    world.decisions.accept(second, world.curator)
    assert world.submissions.get(first).state is State.SUPERSEDED
    with pytest.raises(NotReady, match="Say why"):
        world.decisions.undo(3, RECORD, world.curator, " ")
    done = world.decisions.undo(3, RECORD, world.curator, "It was wrong.")
    assert (done.purpose, done.state, done.change) == (Purpose.UNDO, State.PUBLISHED, 4)
    assert world.now(RECORD) == before | {named(RECORD, "First")}
    assert world.submissions.get(second).state is State.UNPUBLISHED
    assert world.submissions.get(first).state is State.PUBLISHED
    assert entries(world)[-1][::2] == (Cause.UNDO, "It was wrong.")
    with world.versions() as versions:
        decision = versions.of(RECORD)[0].decision
    assert decision is not None
    assert decision.undoes == 3
    with pytest.raises(NotReady, match="Nothing of change 3"):
        world.decisions.undo(3, RECORD, world.curator, "again")


def test_a_withdrawal_leaves_nothing_of_the_record(world: World) -> None:
    record = "resource/to-go"
    title = Quad(node(record), TITLE, Literal("To go", language="en"), RESOURCE)
    Writer(world.runtime).commit(Change(Cause.IMPORT, "tester", "a start", added=[title]))
    report = {"conforms": True}
    offered = Proposal(Purpose.WITHDRAWAL, "resource", record, "To go", base=2, report=report, note="Out of date.")
    done = world.decisions.accept(submitted(world, offered), world.curator)
    assert (done.state, world.now(record)) == (State.PUBLISHED, frozenset())
    assert entries(world)[-1][::2] == (Cause.WITHDRAWAL, "Out of date.")


def test_a_new_record_does_not_write_over_one_that_is_there(world: World) -> None:
    offered = replace(changing(RECORD, None, [named(RECORD, "Mine now")]), purpose=Purpose.NEW)
    with pytest.raises(NotNow, match="already"):
        world.decisions.accept(submitted(world, offered), world.curator)


STEPS = (*((name, False) for name in ("before-decision", "after-decision", "after-commit", "after-closing")),)
WRITER = ("before-log", "after-log", "in-transaction", "before-answer")


def accept_in_a_process(world: World, id_: str, fault: str) -> int:
    command = [sys.executable, "-m", "tests.curation.publishing", str(world.store), str(world.runtime), id_]
    where = {VARIABLE: world.log} if isinstance(world.log, str) else {}
    variables = {**where, faults.VARIABLE: fault, "PYTHONPATH": f"{PROJECT / 'src'}{os.pathsep}{PROJECT}"}
    done = subprocess.run(command, env=environment(**variables), cwd=PROJECT, check=False, capture_output=True)
    return done.returncode


def whole_or_not_at_all(world: World, id_: str, acknowledged: bool) -> None:
    """After whatever ended: taken up again, the submission and the log tell one story, and it is told once."""
    world.decisions.resume()
    found = world.submissions.get(id_)
    there = named(RECORD, "Killed") in world.now(RECORD)
    causes = [cause for cause, _, _ in entries(world)]
    assert (found.state, found.change, there, causes) in (
        (State.PUBLISHED, 2, True, [Cause.SUBMISSION]),
        (State.SUBMITTED, None, False, []),
    )
    assert not acknowledged or there
    assert world.decisions.resume() == []
    assert verify(world.database) == len(world.submissions.events(id_))
    if not there:
        assert world.decisions.accept(id_, world.curator).state is State.PUBLISHED


@pytest.mark.parametrize(
    ("point", "acknowledged"),
    [("before-decision", False), ("after-decision", True), ("after-commit", True), ("after-closing", True)],
)
def test_killed_at_a_step_of_a_decision_it_is_whole_or_not_there(world: World, point: str, acknowledged: bool) -> None:
    id_ = submitted(world, changing(RECORD, 1, [named(RECORD, "Killed")]))
    assert accept_in_a_process(world, id_, point) == -9
    whole_or_not_at_all(world, id_, acknowledged)


@pytest.mark.parametrize("point", WRITER)
def test_when_the_writer_is_killed_the_decision_is_finished_later(
    store: Path, address: str, point: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setenv(faults.VARIABLE, point)
        with own_writer(store, BASE.iri, Mode.MERGE, address) as writer:
            world = opened(store, _runtime(writer), address)
            id_ = submitted(world, changing(RECORD, 1, [named(RECORD, "Killed")]))
            patched.delenv(faults.VARIABLE)
            with pytest.raises(RepositoryError):
                world.decisions.accept(id_, world.curator)
            assert world.submissions.get(id_).state is State.ACCEPTED
            with pytest.raises(RepositoryError):
                world.decisions.resume()
    with own_writer(store, BASE.iri, Mode.MERGE, address) as writer:
        whole_or_not_at_all(opened(store, _runtime(writer), address), id_, acknowledged=True)


def test_two_who_resume_at_once_publish_once(world: World, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    id_ = submitted(world, changing(RECORD, 1, [named(RECORD, "Killed")]))
    assert accept_in_a_process(world, id_, "after-decision") == -9
    other = opened(world.store, world.runtime, address)
    monkeypatch.setattr(faults, "point", lambda name: other.decisions.resume() if name == "after-commit" else None)
    monkeypatch.setattr(other.decisions, "_close", other.decisions._close)
    with monkeypatch.context() as inner:
        inner.setattr(faults, "point", lambda name: None)
        other.decisions.resume()
    world.decisions.resume()
    whole_or_not_at_all(world, id_, acknowledged=True)


@pytest.mark.usefixtures("sqlite_alone")
def test_a_backup_holds_submissions_too(world: World) -> None:
    id_ = submitted(world, changing(RECORD, 1, [named(RECORD, "Kept")]))
    with tempfile.TemporaryDirectory() as scratch:
        Writer(world.runtime).backup(Path(scratch) / "backup")
        restore(Path(scratch) / "backup", Path(scratch) / "store")
        assert opened(Path(scratch) / "store", world.runtime).submissions.get(id_).state is State.SUBMITTED
        shutil.rmtree(Path(scratch) / "store")
