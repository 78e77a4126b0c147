"""Files that are not what was written: the store is made again from the log, and a broken log is never built on."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from pyoxigraph import Store
from tests.faults.services import counted, get, health, writer
from tests.faults.stories import Story
from tests.repository.serving import until
from tests.repository.worlds import BASE
from tests.running import COMMAND, PROJECT, environment, serving

from escrgraph.repository.errors import Damaged, RepositoryError
from escrgraph.repository.formats import Mode
from escrgraph.repository.writing import own_writer


def tables(store: Path) -> list[Path]:
    return list(store.glob("*.sst"))


def spoil(path: Path) -> None:
    """Turn over bytes all over a file, as a failing disk does."""
    content = bytearray(path.read_bytes())
    for place in range(0, len(content), 61):
        content[place] ^= 0xFF
    path.write_bytes(content)


def shorten(path: Path, share: int = 2) -> None:
    os.truncate(path, path.stat().st_size // share)


def _each(files: Callable[[Path], list[Path]], does: Callable[[Path], object]) -> Callable[[Path], None]:
    def damage(store: Path) -> None:
        found = files(store)
        assert found
        for path in found:
            does(path)

    return damage


DAMAGE: dict[str, Callable[[Path], object]] = {
    "the directory is gone": shutil.rmtree,
    "tables are gone": _each(tables, Path.unlink),
    "tables are cut": _each(tables, shorten),
    "tables are spoiled": _each(tables, spoil),
    "the manifest is gone": _each(lambda store: list(store.glob("MANIFEST*")), Path.unlink),
    "the manifest is empty": _each(lambda store: list(store.glob("MANIFEST*")), lambda path: os.truncate(path, 0)),
    "the manifest is spoiled": _each(lambda store: list(store.glob("MANIFEST*")), spoil),
    "the name of the manifest is gone": _each(lambda store: [store / "CURRENT"], Path.unlink),
    "the name of the manifest is spoiled": _each(lambda store: [store / "CURRENT"], spoil),
    "the log of the store is cut": _each(lambda store: list(store.glob("*.log")), lambda path: os.truncate(path, 7)),
}


def stored(directory: Path) -> Story:
    """A store whose tables hold something, and what must be in it."""
    story = Story(directory, seed=5)
    with own_writer(story.store, BASE.iri, Mode.MERGE) as first:
        assert not story.go_on(first, 3)
    opened = Store(str(story.store / "current"))
    opened.flush()
    opened.optimize()
    del opened
    return story


def test_a_damaged_store_is_made_again(tmp_path: Path) -> None:
    damaged(tmp_path, "tables are spoiled")


@pytest.mark.drill
@pytest.mark.parametrize("what", DAMAGE)
def test_a_store_damaged_in_any_way_is_made_again(tmp_path: Path, what: str) -> None:
    damaged(tmp_path, what)


def damaged(directory: Path, what: str) -> None:
    """Damage a store and see that it is whole again by itself."""
    story = stored(directory)
    DAMAGE[what](story.store / "current")
    with own_writer(story.store, BASE.iri, Mode.MERGE) as second:
        story.check(second)
        assert not story.go_on(second, 1)
        story.check(second)


@pytest.mark.drill
def test_a_service_on_a_damaged_store_comes_up_by_itself_and_says_what_it_did(tmp_path: Path) -> None:
    story = stored(tmp_path)
    DAMAGE["tables are spoiled"](story.store / "current")
    with serving(story.store, "--empty") as running:
        assert counted(running, BASE.graph("resource"), BASE.graph("finding")) == len(story.sure)
        assert "is damaged and is made again from the change log" in running.log.read_text(encoding="utf-8")


@pytest.mark.drill
def test_tables_that_go_bad_under_a_running_service_are_replaced_by_rebuild(tmp_path: Path) -> None:
    story = stored(tmp_path)
    with serving(story.store, "--empty", ESCRGRAPH_REPLICA_TRIPLES="0") as running:
        for path in tables(story.store / "current"):
            spoil(path)  # snapshots are links to the same files
        told = get(running.url + "sparql?query=SELECT%20*%20%7B%3Fs%20%3Fp%20%3Fo%7D", "text/csv")
        assert told[0] in (200, 503)
        assert str(story.store).encode() not in told[1]
        done = escrgraph(story.store, "rebuild")
        assert done.returncode == 0, done.stderr
        until(lambda: health(running), 60)
        assert counted(running, BASE.graph("resource"), BASE.graph("finding")) == len(story.sure)
        story.check(writer(running))


@pytest.mark.drill
def test_a_last_entry_that_was_changed_is_named_and_no_store_is_made_from_it(tmp_path: Path) -> None:
    story = stored(tmp_path)
    with serving(story.store, "--empty") as running:
        with sqlite3.connect(story.store / "log.sqlite") as log:
            log.execute("UPDATE chunk SET data = zeroblob(10) WHERE number = (SELECT max(number) FROM entry)")
        log.close()
        for command in (["stats", "--verify"], ["rebuild"]):
            done = escrgraph(story.store, *command)
            assert (done.returncode, "Traceback" in done.stderr) == (3, False)
            assert f"Entry {story.acknowledged} of the change log" in done.stderr
        assert counted(running, BASE.graph("resource"), BASE.graph("finding")) == len(story.sure)
    DAMAGE["tables are gone"](story.store / "current")
    with (
        pytest.raises(RepositoryError, match=f"Entry {story.acknowledged} of the change log"),
        own_writer(story.store, BASE.iri, Mode.MERGE) as second,
    ):
        second.status()


def test_a_log_that_lost_its_end_is_not_written_on(tmp_path: Path) -> None:
    story = stored(tmp_path)
    with sqlite3.connect(story.store / "log.sqlite") as log:
        for table in ("chunk", "record_change", "decision", "entry"):
            log.execute(f"DELETE FROM {table} WHERE number = 3")
    log.close()
    with (
        pytest.raises(Damaged, match="holds change 3, and its log ends with 2"),
        own_writer(story.store, BASE.iri, Mode.MERGE) as second,
    ):
        second.status()


@pytest.mark.parametrize("share", [1, 2])
def test_a_log_that_is_no_database_any_more_is_said_so(tmp_path: Path, share: int) -> None:
    """share: which part of the file stays; 1 for all of it, with bytes turned over."""
    story = stored(tmp_path)
    log = story.store / "log.sqlite"
    for path in story.store.glob("log.sqlite-*"):
        path.unlink()
    if share == 1:
        spoil(log)
    else:
        shorten(log, share)
    with (
        pytest.raises(Damaged, match=r"The change log cannot be read: .* Restore the last backup"),
        own_writer(story.store, BASE.iri, Mode.MERGE) as second,
    ):
        second.verify()


def escrgraph(store: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """A command beside the running service."""
    return subprocess.run(
        [*COMMAND, *words, "--store", str(store)],
        env=environment(), cwd=PROJECT, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
