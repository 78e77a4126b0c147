"""kill -9 at each step of a change: what was acknowledged is there afterwards, nothing is there by half."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.faults.stories import Follower, Story
from tests.repository.worlds import BASE, change, holding, title

from escrgraph.repository import faults
from escrgraph.repository.errors import RepositoryError
from escrgraph.repository.formats import Mode
from escrgraph.repository.writing import Writer, own_writer

STEPS = ("before-log", "after-log", "in-transaction", "before-snapshot", "before-answer")


@contextmanager
def restarted(story: Story, fault: str, patch: pytest.MonkeyPatch) -> Iterator[Writer]:
    with patch.context() as inner:
        inner.setenv(faults.VARIABLE, fault)
        with own_writer(story.store, BASE.iri, Mode.MERGE) as writer:
            yield writer


def kill_again_and_again(directory: Path, point: str, kills: int, patch: pytest.MonkeyPatch) -> None:
    story = Story(directory, seed=kills)
    for kill in range(kills):
        with restarted(story, f"{point}:{2 + kill % 3}", patch) as writer:
            if kill:
                story.check(writer)
                story.check_snapshots()
            follower = Follower(writer)
            assert story.go_on(writer, 6), f"the writer survived {point}"
            follower.end()
    with own_writer(story.store, BASE.iri, Mode.MERGE) as writer:
        story.check(writer)
        assert not story.go_on(writer, 2)
        story.check(writer)
        story.check_snapshots()


@pytest.mark.parametrize("point", STEPS)
def test_four_kills_at_a_step_of_a_commit(tmp_path: Path, point: str, monkeypatch: pytest.MonkeyPatch) -> None:
    kill_again_and_again(tmp_path, point, 4, monkeypatch)


@pytest.mark.drill
@pytest.mark.parametrize("point", STEPS)
def test_forty_kills_at_a_step_of_a_commit(tmp_path: Path, point: str, monkeypatch: pytest.MonkeyPatch) -> None:
    kill_again_and_again(tmp_path, point, 40, monkeypatch)


@pytest.mark.parametrize(("point", "there"), [("in-bulk", False), ("before-log", False), ("after-log", True)])
def test_a_load_that_is_killed_is_there_whole_or_not_at_all(
    tmp_path: Path, point: str, there: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = Story(tmp_path, seed=1)
    with restarted(story, f"{point}:{1 if point == 'in-bulk' else 2}", monkeypatch) as writer:
        assert not story.go_on(writer, 1)
        more = [title("resource/bulk", str(number)) for number in range(5000)]
        story.asked = story.sure | set(more)
        with pytest.raises(RepositoryError):
            writer.load(more, "tester", "a load")
    with own_writer(story.store, BASE.iri, Mode.MERGE) as writer:
        assert (writer.status()["generation"] == 2) is there
        story.check(writer)
        assert not (story.store / "staging").exists()


def test_a_redaction_that_is_killed_is_finished_by_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = Story(tmp_path, seed=1)
    with restarted(story, "in-redaction", monkeypatch) as writer:
        writer.commit(change([title("finding/xicotencatl", "a seeded string"), title("resource/a", "One")]))
        follower = Follower(writer)
        with pytest.raises(RepositoryError):
            writer.redact("finding/xicotencatl", "tester", "asked for")
        follower.end()
    with own_writer(story.store, BASE.iri, Mode.MERGE) as writer:
        assert (writer.status()["generation"], writer.verify()) == (2, 2)
        follower = Follower(writer)
        writer.commit(change([title("resource/b", "Two")]))
        follower.end()
        assert holding(story.store, "a seeded string") == holding(story.store, "xicotencatl") == []
