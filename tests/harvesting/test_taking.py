"""One repository takes in another, by every protocol: nothing is lost, nothing comes twice, curators decide."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pyoxigraph import NamedNode, Quad
from tests.harvesting.clients import settle, settled_dump
from tests.harvesting.taking import HOME, JOURNAL, SOURCE, Journals, Taker, journal
from tests.places import variables_of
from tests.repository.worlds import node
from tests.running import COMMAND, environment, serving

from escrgraph.curation.errors import NotNow
from escrgraph.curation.proposals import Purpose
from escrgraph.curation.states import State
from escrgraph.harvesting.oai import PAGE

PLACES = {"oai-pmh": "oai", "ldes": "ldes", "sparql": "sparql", "dump": "dumps/escrgraph.nq.gz"}
REVISED = "changed: the submission that waits was revised"


@pytest.fixture(scope="module")
def journals(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Journals]:
    """A repository with more journals than any interface gives on one page."""
    with serving(tmp_path_factory.mktemp("source") / "store", "--empty") as running:
        made = Journals(running)
        made.add(PAGE + 10)  # so that OAI-PMH has a second page
        yield made


def shown(journals: Journals, protocol: str) -> str:
    """Wait until an interface shows what was published; its address."""
    if protocol == "dump":
        settled_dump(journals.running, "escrgraph.nq.gz")
    else:
        settle(journals.running)
    return journals.running.url + PLACES[protocol]


def killed(here: Taker, address: str, page: int) -> None:
    """Harvest, and die while a page is taken in."""
    command = [*COMMAND, "harvest", address, "--store", str(here.store), "--pause", "0"]
    done = subprocess.run(
        command,
        env=environment(ESCRGRAPH_FAULT=f"in-harvest:{page}", **variables_of(here.store)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr


@pytest.mark.parametrize(
    "protocol", ["oai-pmh", "ldes", *(pytest.param(p, marks=pytest.mark.drill) for p in ("sparql", "dump"))]
)
def test_nothing_is_lost_and_nothing_comes_twice(journals: Journals, here: Taker, protocol: str) -> None:
    address = shown(journals, protocol)
    if protocol == "oai-pmh":
        killed(here, address, 2)
    else:
        assert "There is more: the same command goes on." in here.harvest(address, "--most", "60").out
    assert 0 < len(here.found(address)) < len(journals.there)
    second = here.harvest(address)
    assert (second.code, "going on where it was interrupted" in second.err) == (0, True), second.err
    assert here.records(address) == dict.fromkeys(journals.there, 1)
    assert {submission.state for submission in here.found(address)} == {State.SUBMITTED}

    first = list(PLACES).index(protocol) * 10 + 1
    changed, parting, waiting, lost = (f"journal/j-{number:04}" for number in range(first, first + 4))
    assert here.accept(address, changed).state is here.accept(address, parting).state is State.PUBLISHED
    with here.desk.versions() as versions:
        assert versions.of(changed)[0].reason == f"Harvested as {HOME}{changed}, submitted and accepted."
    journals.rename(changed, f"Changed for {protocol}")
    journals.rename(waiting, f"Changed for {protocol} too")
    journals.withdraw(parting)
    journals.withdraw(lost)
    new = journals.add(3)
    shown(journals, protocol)
    third = here.harvest(address)
    told = ("new: submitted", "changed: submitted", REVISED, "gone: a withdrawal was proposed", "gone: noted")
    assert [third.count(what) for what in told] == [len(new), 1, 1, 1, 1], third.out

    (change,) = [one for one in here.found(address, changed) if one.state is State.SUBMITTED]
    assert (change.purpose, here.titles(change)[0]) == (Purpose.CHANGE, {f"Changed for {protocol}"})
    (revised,) = here.found(address, waiting)
    assert (revised.revision, here.titles(revised)[0]) == (2, {f"Changed for {protocol} too"})
    (withdrawal,) = [one for one in here.found(address, parting) if one.state is State.SUBMITTED]
    assert withdrawal.purpose is Purpose.WITHDRAWAL
    with here.desk.versions() as versions:
        assert versions.at(parting), "nothing goes without a curator"
    (noted,) = here.found(address, lost)
    assert "no longer" in here.desk.submissions.comments(noted.id, internal=False)[0].text
    assert all(here.records(address)[record] == 1 for record in new)

    before = here.records(address)
    again = here.harvest(address)
    assert (again.code, here.records(address)) == (0, before), again.out
    assert not any(again.count(what) for what in told)


def test_whoever_reads_everything_again_changes_nothing(journals: Journals, here: Taker) -> None:
    shown(journals, "dump")
    address = f"{journals.running.url}dumps/escrgraph.trig.gz"
    here.harvest(address)
    before = here.records(address)
    assert before == dict.fromkeys(journals.there, 1)
    assert here.harvest(address).count("records read.") == 0, "the same file is not read twice"
    assert here.harvest(address, "--whole").count("unchanged") == len(journals.there)
    assert here.records(address) == before
    assert f"{address} (dump): last whole" in here.harvest().out
    submission = here.found(address)[-1]
    origin = here.desk.harvests.origin(submission.id, submission.revision)
    assert origin is not None
    assert origin.identifier.endswith(submission.record)
    assert (origin.source, bool(origin.datestamp)) == (f"{address} (dump)", True)


def test_what_curators_changed_stays_when_the_source_changes(here: Taker, tmp_path: Path) -> None:
    file = tmp_path / "journals.ttl"
    file.write_text(journal(1000), encoding="utf-8")
    here.harvest(file)
    (waiting,) = here.found(str(file))
    submissions = here.desk.submissions
    seen = submissions.take(waiting.id, here.curator)
    before = submissions.proposal(waiting.id)
    extra = Quad(node(waiting.record), SOURCE, NamedNode("https://example.org/curators"), JOURNAL)
    seen = submissions.revise(waiting.id, replace(before, added=(*before.added, extra)), here.curator)
    file.write_text(journal(1000).replace("Title", "New title"), encoding="utf-8")
    assert here.harvest(file).count(REVISED) == 1
    now = submissions.proposal(waiting.id)
    assert extra in now.added
    assert here.titles(waiting) == ({"New title 1000"}, set())
    assert (submissions.get(waiting.id).state, submissions.get(waiting.id).revision) == (State.IN_REVIEW, 3)
    with pytest.raises(NotNow, match="after you opened it"):
        submissions.reject(waiting.id, here.curator, "Not as I saw it.", seen.turn)


def test_what_was_rejected_comes_again_only_when_it_changes(here: Taker, tmp_path: Path) -> None:
    file = tmp_path / "journals.ttl"
    file.write_text(journal(1001), encoding="utf-8")
    here.harvest(file)
    (waiting,) = here.found(str(file))
    here.desk.submissions.reject(waiting.id, here.curator, "No.")
    file.write_text(journal(1001) + "# the same\n", encoding="utf-8")
    assert here.harvest(file).count("unchanged") == 1
    file.write_text(journal(1001).replace("Title", "New title"), encoding="utf-8")
    assert here.harvest(file).count("new: submitted") == 1
    assert [one.state for one in here.found(str(file))] == [State.REJECTED, State.SUBMITTED]


def test_a_record_that_is_back_at_its_source_is_told_where_its_withdrawal_waits(here: Taker, tmp_path: Path) -> None:
    file = tmp_path / "journals.ttl"
    both = journal(1002) + journal(1003)
    file.write_text(both, encoding="utf-8")
    here.harvest(file)
    here.accept(str(file), "journal/j-1002")
    file.write_text(journal(1003), encoding="utf-8")
    assert here.harvest(file).count("gone: a withdrawal was proposed") == 1
    file.write_text(both, encoding="utf-8")
    assert here.harvest(file).count("published here just so") == 1
    withdrawal = here.found(str(file), "journal/j-1002")[-1]
    assert (withdrawal.purpose, withdrawal.state) == (Purpose.WITHDRAWAL, State.SUBMITTED)
    assert "again" in here.desk.submissions.comments(withdrawal.id, internal=False)[0].text
