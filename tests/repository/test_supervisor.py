"""Parts are started, started again when they die, and stopped in the opposite order."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from tests.repository.serving import snapshot, until

from escrgraph.repository import spawn
from escrgraph.repository.readers import Query, Readers
from escrgraph.repository.supervisor import listening, point, running, runtime_directory

PART = """
import pathlib, signal, sys, time
name, directory = sys.argv[1], pathlib.Path(sys.argv[2])
def note(what):
    with (directory / "events").open("a") as file:
        file.write(f"{what} {name}\\n")
def stop(*_):
    note("stop")
    sys.exit(0)
signal.signal(signal.SIGTERM, signal.SIG_IGN if "deaf" in name else stop)
note("start")
if "failing" in name:
    sys.exit(5)
(directory / name).write_text("ready")
while True:
    signal.pause()
"""

SUPERVISED = """
import logging, pathlib, sys
from escrgraph.repository.supervisor import Part, Supervisor
logging.basicConfig(format="%(message)s")
directory = pathlib.Path(sys.argv[1])
part = (directory / "part.py").read_text()
parts = [
    Part(
        name,
        [sys.executable, "-c", part, name, str(directory)],
        (directory / name).exists,
        farewell=0.5,
        last="last" in name,
    )
    for name in sys.argv[2:]
]
sys.exit(Supervisor(parts).run(lambda: (directory / "started").write_text("all")))
"""


@contextmanager
def supervised(directory: Path, *names: str) -> Iterator[subprocess.Popen[str]]:
    """A supervisor process with parts of these names."""
    (directory / "part.py").write_text(PART)
    command = [sys.executable, "-P", "-c", SUPERVISED, str(directory), *names]
    process = subprocess.Popen(command, env=spawn.environment(), stderr=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.terminate()
        process.communicate(timeout=20)


def events(directory: Path) -> list[str]:
    """What the parts noted."""
    path = directory / "events"
    return path.read_text().splitlines() if path.exists() else []


def test_parts_start_and_stop_in_the_opposite_order(tmp_path: Path) -> None:
    with supervised(tmp_path, "writer", "dispatcher", "web") as process:
        until((tmp_path / "started").exists)
        process.terminate()
        assert process.wait(20) == 0
    started, stopped = events(tmp_path)[:3], events(tmp_path)[3:]
    assert sorted(started) == ["start dispatcher", "start web", "start writer"]
    assert stopped == ["stop web", "stop dispatcher", "stop writer"]


def test_a_part_that_comes_last_waits_for_the_others(tmp_path: Path) -> None:
    with supervised(tmp_path, "writer", "last", "web") as process:
        until((tmp_path / "started").exists)
        process.terminate()
        assert process.wait(20) == 0
    assert events(tmp_path)[2:] == ["start last", "stop web", "stop last", "stop writer"]


def test_a_part_that_dies_is_started_again_and_said_so(tmp_path: Path) -> None:
    with supervised(tmp_path, "writer", "web") as process:
        until((tmp_path / "started").exists)
        for child in psutil.Process(process.pid).children():
            child.kill()
        until(lambda: events(tmp_path).count("start web") == 2)
        until(lambda: events(tmp_path).count("start writer") == 2)
        process.terminate()
        _, said = process.communicate(timeout=20)
    assert "the web ended (signal SIGKILL) and is started again" in said


def test_a_part_that_cannot_start_ends_everything_with_its_status(tmp_path: Path) -> None:
    with supervised(tmp_path, "writer", "failing web") as process:
        assert process.wait(20) == 5
    assert not (tmp_path / "started").exists()


def test_a_part_that_does_not_listen_is_killed(tmp_path: Path) -> None:
    with supervised(tmp_path, "writer", "deaf web") as process:
        until((tmp_path / "started").exists)
        process.terminate()
        assert process.wait(20) == 0
    assert events(tmp_path)[-1] == "stop writer"


def test_when_the_supervisor_is_killed_its_parts_stop(tmp_path: Path) -> None:
    with supervised(tmp_path, "writer", "web") as process:
        until((tmp_path / "started").exists)
        children = psutil.Process(process.pid).children()
        process.kill()
        _, alive = psutil.wait_procs(children, 10)
        assert not alive
    assert sorted(events(tmp_path)[2:]) == ["stop web", "stop writer"]


def test_a_dispatcher_killed_under_a_supervisor_comes_back(tmp_path: Path) -> None:
    store = snapshot(tmp_path, 10)
    with tempfile.TemporaryDirectory(prefix="run-") as runtime:
        program = (
            "import sys\n"
            "from escrgraph.repository.supervisor import Part, Supervisor\n"
            "sys.exit(Supervisor([Part('dispatcher', sys.argv[1:])]).run())"
        )
        dispatcher = spawn.command(
            "escrgraph.repository.dispatcher",
            *("--runtime", runtime, "--snapshot", str(store), "--workers", "1", "--replica-triples", "0"),
        )
        process = subprocess.Popen([sys.executable, "-P", "-c", program, *dispatcher], env=spawn.environment())
        try:
            readers = Readers(Path(runtime))
            until(lambda: listening(Path(runtime) / "pages.sock"))
            assert readers.ask(Query("ASK { ?s ?p ?o }")).read()
            children = psutil.Process(process.pid).children(recursive=True)
            os.kill(psutil.Process(process.pid).children()[0].pid, signal.SIGKILL)
            assert readers.ask(Query("ASK { ?s ?p ?o }")).read()  # waits for the restart
            _, alive = psutil.wait_procs(children, 5)
            assert not alive  # nursery and workers went with their dispatcher
        finally:
            process.terminate()
            assert process.wait(20) == 0


def test_the_runtime_directory_is_private_and_goes_away(tmp_path: Path) -> None:
    with runtime_directory(tmp_path) as directory:
        assert directory.stat().st_mode & 0o777 == 0o700
        assert len(str(directory / "dispatcher.sock")) < 100
        assert running(tmp_path) is None
        point(tmp_path, directory)
        assert running(tmp_path) == directory
    assert not directory.exists()
    assert running(tmp_path) is None
    assert not (tmp_path / "runtime").exists()


def test_what_a_killed_service_left_is_removed(tmp_path: Path) -> None:
    with runtime_directory() as left:
        (left / "supervisor.lock").rename(tmp_path / "lock")
        stale = tmp_path / "stale"
        stale.mkdir()
        (stale / "supervisor.lock").touch()
        (stale / "pages.sock").touch()
        point(tmp_path, stale)
        assert running(tmp_path) is None
        with runtime_directory(tmp_path) as fresh:
            assert not stale.exists()
            assert fresh.is_dir()


def test_a_second_service_leaves_the_first_one_alone(tmp_path: Path) -> None:
    with runtime_directory(tmp_path) as first:
        point(tmp_path, first)
        with runtime_directory(tmp_path):
            pass
        assert running(tmp_path) == first


def test_the_pointer_of_another_machine_is_not_followed(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "file").touch()
    point(tmp_path, elsewhere)
    with runtime_directory(tmp_path), pytest.MonkeyPatch.context():
        assert (elsewhere / "file").exists()
    assert not listening(elsewhere / "none.sock")
