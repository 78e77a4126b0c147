"""A disk without room: each change is refused with a sentence or finished later, and the service stays."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pyoxigraph import Store
from tests.repository.worlds import BASE, change, merge_is_right, named, title

from escrgraph.repository import faults, spawn
from escrgraph.repository.errors import NotApplied, Unavailable
from escrgraph.repository.writer import RESTART
from escrgraph.repository.writing import Writer


@contextmanager
def process(directory: Path, **more: object) -> Iterator[tuple[subprocess.Popen[bytes], Writer]]:
    """A writer process with a configuration of its own."""
    runtime = directory / "run"
    runtime.mkdir(exist_ok=True)
    config = {"store": str(directory / "store"), "base": BASE.iri, "mode": "merge", "runtime": str(runtime), **more}
    started = spawn.start("escrgraph.repository.writer", json.dumps(config), stdout=subprocess.PIPE)
    assert started.stdout is not None
    try:
        with started.stdout as output:
            assert "ready" in json.loads(output.readline())
            yield started, Writer(runtime)
    finally:
        started.terminate()
        started.wait(30)


def test_a_disk_without_room_refuses_changes_and_nothing_else(tmp_path: Path) -> None:
    with process(tmp_path, reserve=0) as (_, writer):
        writer.commit(change([title("resource/a", "One")]))
    with process(tmp_path, reserve=1 << 60) as (_, writer):
        for _ in range(2):
            with pytest.raises(Unavailable, match=r"nearly full.*Nothing was changed"):
                writer.commit(change([title("resource/b", "Two")]))
            with pytest.raises(Unavailable, match="nearly full"):
                writer.load([title("resource/b", "Two")], "tester", "a load")
            with pytest.raises(Unavailable, match="nearly full"):
                writer.redact("resource/a", "tester", "asked for")
        assert (writer.status()["generation"], writer.verify()) == (1, 1)


def test_a_store_that_is_stuck_ends_the_writer_and_the_next_one_finishes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(faults.VARIABLE, "stuck")
    with process(tmp_path, stuck_seconds=0.1) as (first, writer):
        with pytest.raises(NotApplied, match="number 1 of the log") as caught:
            writer.commit(change([title("resource/a", "One")]))
        assert (caught.value.number, first.wait(10)) == (1, RESTART)
    monkeypatch.delenv(faults.VARIABLE)
    with process(tmp_path, reserve=1 << 60) as (_, writer), pytest.raises(Unavailable, match="nearly full"):
        writer.status()
    with process(tmp_path) as (_, writer):
        assert writer.status()["generation"] == 1
        writer.backup(tmp_path / "copy")
    store = Store.read_only(str(tmp_path / "copy" / "current"))
    assert (named(store), merge_is_right(store)) == ({title("resource/a", "One")}, True)
