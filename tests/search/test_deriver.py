"""The deriver brings what is derived up to the log, after a crash and after a redaction as well."""

from __future__ import annotations

import json
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.repository.worlds import holding
from tests.search.worlds import BASE, World, records, resource, text

from escrgraph.deriver import FIRST_PAUSE, Config, Deriver, Maker
from escrgraph.repository import faults, spawn
from escrgraph.repository.errors import Declined, Unavailable
from escrgraph.repository.following import DERIVED, Follower, take_away
from escrgraph.repository.log import ChangeLog
from escrgraph.search import builds
from escrgraph.search.asking import Selection
from escrgraph.search.indexing import Indexer
from escrgraph.search.searcher import Searcher
from escrgraph.vocabulary.kinds import shipped_kinds

SECRET = "Xicotencatl of the third house"


def config(store: Path, at: int | None = None) -> Config:
    return Config(BASE.iri, str(store / "log.sqlite"), str(store / DERIVED), None, at)


def indexing() -> list[Maker]:
    """The search index alone."""
    return [lambda directory: Indexer(directory / Indexer.name, shipped_kinds(), BASE)]


@pytest.fixture
def alone(small: World) -> Iterator[tuple[World, Deriver]]:
    """A store whose index the deriver keeps."""
    small.indexer.close()
    deriver = Deriver(config(small.store), indexing())
    yield small, deriver
    deriver.close()


def found(world: World, words: str = "") -> list[str]:
    return sorted(records(world.searcher.search(Selection(words), size=100)))


def test_it_follows_the_log(alone: tuple[World, Deriver]) -> None:
    world, deriver = alone
    assert deriver.derive() is None
    assert (found(world), world.searcher.generation) == ([], 0)
    world.publish(resource("a", "Wells"))
    world.publish(resource("b", "Taps"))
    assert deriver.derive() is None
    assert (found(world), world.searcher.generation) == (["resource/a", "resource/b"], 2)


class Failing:
    """A follower that fails as often as told, and counts how often it was asked."""

    name = "failing"

    def __init__(self, times: int) -> None:
        self.left = times
        self.seen: list[int] = []

    def catch_up(self, log: ChangeLog, generation: int) -> None:
        self.seen.append(generation)
        if self.left:
            self.left -= 1
            raise RuntimeError("no room")

    def close(self) -> None: ...


def test_a_follower_that_fails_is_asked_again_and_keeps_nobody_waiting(small: World) -> None:
    small.indexer.close()
    failing = Failing(2)
    making = [lambda _: failing, *indexing()]
    deriver = Deriver(config(small.store), making)
    small.publish(resource("a", "Wells"))
    assert [deriver.derive() for _ in range(3)] == [FIRST_PAUSE, FIRST_PAUSE * 2, None]
    assert (failing.seen, found(small)) == ([1, 1, 1], ["resource/a"])
    deriver.close()


def test_an_earlier_version_is_indexed_as_it_was(small: World, tmp_path: Path) -> None:
    small.publish(resource("a", "Wells"))
    small.publish(withdrawn=["resource/a"])
    wanted = Config(BASE.iri, str(small.store / "log.sqlite"), str(tmp_path / "scratch"), None, 1)
    deriver = Deriver(wanted, indexing())
    assert deriver.derive() is None
    searcher = Searcher(tmp_path / "scratch" / "search", small.kinds, BASE)
    assert (records(searcher.search(Selection("wells"))), searcher.generation) == (["resource/a"], 1)
    deriver.close()


def test_a_redacted_text_is_in_no_file_as_soon_as_the_redaction_is_done(alone: tuple[World, Deriver]) -> None:
    world, deriver = alone
    world.publish(resource("a", f"The case of {SECRET}"))
    world.publish(resource("b", "Taps"))
    deriver.derive()
    assert found(world, "Xicotencatl") == ["resource/a"]
    assert holding(world.store / DERIVED, "xicotencatl")
    world.publisher.redact("resource/a", "curator", "asked for")
    with pytest.raises(Unavailable):
        world.searcher.search(Selection())
    assert not (world.store / DERIVED).exists()
    assert deriver.derive() is None
    assert (found(world), found(world, "Xicotencatl"), world.searcher.generation) == (["resource/b"], [], 3)
    assert holding(world.store, "icotencatl") == []


class Racing(ChangeLog):
    """A log in which a record is redacted right after its text was read."""

    world: World

    def lines(self, number: int, side: str) -> Iterator[bytes]:
        read = list(super().lines(number, side))
        if any(b"icotencatl" in lines for lines in read):
            self.world.publisher.redact("resource/a", "curator", "asked for")
        yield from read


@pytest.mark.parametrize("indexed", [False, True])
def test_what_was_read_before_a_redaction_is_written_nowhere_after_it(small: World, indexed: bool) -> None:
    if indexed:
        small.index()
    small.publish(resource("a", f"The case of {SECRET}"))
    with Racing(small.publisher.log.address) as log:
        log.world = small
        with pytest.raises((OSError, ValueError)):
            small.indexer.catch_up(log, 1)
    assert not (small.store / DERIVED).exists()
    assert holding(small.store, "icotencatl") == []


def test_a_removal_cut_short_is_finished_at_the_next_start(tmp_path: Path) -> None:
    (tmp_path / DERIVED).mkdir()
    (tmp_path / DERIVED / "secret").write_text(SECRET)
    code = f"from pathlib import Path; from escrgraph.repository.following import *; take_away(Path({str(tmp_path)!r}))"
    import subprocess
    import sys

    killed = subprocess.run(
        [sys.executable, "-c", code], env={**spawn.environment(), faults.VARIABLE: "in-taking-away"}, check=False
    )
    assert killed.returncode == -signal.SIGKILL
    assert holding(tmp_path, SECRET)
    take_away(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("step", ["in-build", "after-build", "in-index", "after-index"])
def test_killed_at_any_step_it_goes_on_from_what_is_there(small: World, step: str) -> None:
    small.publish(resource("a", "Wells"))
    small.index()
    if "build" in step:
        small.indexer.close()
        shutil.rmtree(small.store / DERIVED / "search")
    small.indexer.close()
    small.publish(resource("b", "Taps"))
    small.publish(withdrawn=["resource/a"])
    process = _deriving(small.store, step)
    assert process.wait(60) == -signal.SIGKILL
    if "index" in step:  # what was there before, or all of the change
        assert found(small) == (["resource/a"] if step == "in-index" else ["resource/b"])
    deriver = Deriver(config(small.store), indexing())
    assert deriver.derive() is None
    assert (found(small), small.searcher.generation) == (["resource/b"], 3)
    assert [path.name for path in (small.store / DERIVED / "search").iterdir() if path.name.endswith("half")] == []
    deriver.close()


def _deriving(store: Path, step: str):
    import os

    os.environ[faults.VARIABLE] = step
    try:
        wanted = {"base": BASE.iri, "log": str(store / "log.sqlite"), "directory": str(store / DERIVED)}
        return spawn.start("escrgraph.deriver", json.dumps(wanted))
    finally:
        del os.environ[faults.VARIABLE]


def test_a_broken_index_is_made_anew(alone: tuple[World, Deriver]) -> None:
    world, deriver = alone
    world.publish(resource("a", "Wells"))
    deriver.derive()
    deriver.close()
    (build,) = (world.store / DERIVED / "search").iterdir()
    for path in build.glob("*.term"):
        path.write_bytes(b"not a dictionary")
    deriver = Deriver(config(world.store), indexing())
    deriver.derive()
    deriver.close()
    assert found(world, "wells") == ["resource/a"]


def test_an_index_of_another_log_is_made_anew(small: World, tmp_path: Path) -> None:
    small.publish(resource("a", "Wells"))
    small.index()
    small.indexer.close()
    other = tmp_path / "other"
    shutil.copytree(small.store / DERIVED, other)
    small.publish(resource("b", "Taps"))
    with ChangeLog(small.publisher.log.address) as log:
        state = builds.State(1, "of another log")
        indexer = Indexer(other / "search", shipped_kinds(), BASE)
        indexer.catch_up(log, 1)
        assert indexer._writer is not None
        indexer._writer.delete_documents_by_term("record", "#state")
        indexer._writer.add_document(state.document())
        indexer._writer.commit()
        indexer.close()
        indexer.catch_up(log, 2)
        assert indexer.state == builds.State(2, log.entry(2).digest)  # type: ignore[union-attr]
        indexer.close()


def test_where_there_is_no_log_it_is_said(small: World) -> None:
    with pytest.raises(Declined, match="plain SPARQL store"):
        Searcher(None, small.kinds, BASE).search(Selection())


def test_followers_fit_the_protocol(small: World) -> None:
    follower: Follower = small.indexer
    assert follower.name == "search"
    assert text("x").value == "x"
