"""What a confined process cannot do any more. Each test looks from inside a process forked for it."""

from __future__ import annotations

import os
import resource
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from escrgraph.repository import sandbox, spawn

MEMORY = 128 << 20

PROGRAM = """
import os, socket, sys
from escrgraph.repository import sandbox
memory, files, what = int(sys.argv[1]), sys.argv[2] == "files", sys.argv[3]
sandbox.confine(memory, files=files)
try:
    exec(what)
except (OSError, MemoryError) as error:
    print(type(error).__name__)
else:
    print("done")
"""


def confined(what: str, *, files: bool = False, memory: int = MEMORY) -> str:
    """What becomes of a statement in a confined process: "done", or the name of the error."""
    command = [sys.executable, "-P", "-c", PROGRAM, str(memory), "files" if files else "-", what]
    done = subprocess.run(command, env=spawn.environment(), capture_output=True, text=True, check=True, timeout=30)
    return done.stdout.strip()


@pytest.mark.parametrize(
    "what",
    [
        "socket.socket(socket.AF_INET, socket.SOCK_STREAM)",
        "socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)",
        "socket.socket(socket.AF_UNIX)",
        "socket.socketpair()[0].connect('/nowhere')",
        "os.execv('/bin/true', ['true'])",
        "os.posix_spawn('/bin/true', ['true'], {})",
        "os.kill(os.getppid(), 0)",
        "os.pidfd_open(os.getppid())",
    ],
)
def test_network_programs_and_other_processes_are_out_of_reach(what: str) -> None:
    assert confined(what) == "PermissionError"


def test_files_can_be_read_but_not_changed(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("before")
    assert confined(f"open({str(path)!r}).read()") == "done"
    for what in (
        "open({!r}, 'w')",
        "open({!r}, 'a')",
        "os.unlink({!r})",
        "os.rename({!r}, '/tmp/x')",
        "os.mkdir({!r})",
    ):
        assert confined(what.format(str(path))) == "PermissionError"
    assert path.read_text() == "before"
    assert confined(f"open({str(path)!r}, 'w')", files=True) == "done"


def test_memory_ends_at_the_limit() -> None:
    assert confined(f"bytearray({MEMORY // 2})") == "done"
    assert confined(f"bytearray({MEMORY * 2})") == "MemoryError"


def test_a_confined_process_can_still_abort() -> None:
    command = [sys.executable, "-P", "-c", PROGRAM, str(MEMORY), "-", "os.abort()"]
    done = subprocess.run(command, env=spawn.environment(), capture_output=True, timeout=30, check=False)
    assert done.returncode == -signal.SIGABRT


def in_child(what: Callable[[], None]) -> int:
    """The exit status of a forked process that does something."""
    pid = os.fork()
    if pid == 0:
        try:
            what()
            os._exit(0)
        finally:
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def test_a_process_ends_with_its_parent() -> None:
    ours, theirs = socket.socketpair()

    def parent() -> None:
        here = os.getpid()
        if os.fork() == 0:
            sandbox.die_with(here)
            theirs.send(b"ready")
            signal.pause()
        assert ours.recv(5) == b"ready"

    with ours, theirs:
        assert in_child(parent) == 0
        theirs.close()
        ours.settimeout(10)
        assert ours.recv(1) == b""  # the last one that held the other end is gone


def test_one_whose_parent_is_gone_already_ends_at_once() -> None:
    def orphan() -> None:
        sandbox.die_with(os.getpid())
        os._exit(1)

    assert in_child(orphan) == 0


def test_only_the_descriptor_named_stays_open() -> None:
    def close() -> None:
        kept, lost = os.pipe()
        sandbox.close_all_but(kept)
        os.fstat(kept)
        try:
            os.fstat(lost)
        except OSError:
            return
        os._exit(1)

    assert in_child(close) == 0


def test_the_stack_may_grow() -> None:
    def deepen() -> None:
        sandbox.deepen_stack(64 << 20)
        assert resource.getrlimit(resource.RLIMIT_STACK)[0] == 64 << 20

    assert in_child(deepen) == 0
