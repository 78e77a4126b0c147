"""Servers that a benchmark starts: on 127.0.0.1, on free ports, watched until they answer, ended whole."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil  # type: ignore[import-untyped,unused-ignore]

from benchmarks.client import BrokenAnswer, fetch
from benchmarks.endpoint import Request

_PATIENCE = 0.05

_QUIET, _IDLE = 4, 0.05
"""For how many seconds in a row at most how many seconds may be computed in each by what is at rest."""


class NotStarted(RuntimeError):
    """A server did not come up; the text holds the end of what it said."""


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@contextmanager
def running(
    command: Sequence[str | Path],
    log: Path,
    environment: Mapping[str, str] | None = None,
    directory: Path | None = None,
) -> Iterator[subprocess.Popen[bytes]]:
    """A program in the background, its output in `log`; at the end it is asked to stop, then killed."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            [str(word) for word in command], stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
            env={**os.environ, **(environment or {})}, cwd=directory, start_new_session=True,
        )  # fmt: skip
    try:
        yield process
    finally:
        stop(process)


def stop(process: subprocess.Popen[bytes], patience: float = 20) -> None:
    """End a process and all that it started."""
    below = family(process.pid)
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    for child in below:
        try:
            child.kill()
        except psutil.NoSuchProcess:
            continue


def family(pid: int) -> list[psutil.Process]:
    """The processes below one, and itself first; none when it is gone."""
    try:
        parent = psutil.Process(pid)
        return [parent, *parent.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def rest(pid: int, longest: float) -> None:
    """Wait until a process and all below it have hardly computed for some seconds, or `longest` seconds are over."""
    deadline, quiet, before = time.monotonic() + longest, 0, -1.0
    while quiet < _QUIET and time.monotonic() < deadline:
        taken = sum(map(_computed, family(pid)))
        quiet = quiet + 1 if abs(taken - before) < _IDLE else 0
        before = taken
        time.sleep(1)


def _computed(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(times.user + times.system)


def wait_for(request: Request, process: subprocess.Popen[bytes], log: Path, seconds: float) -> None:
    """Wait until a server answers a request with 200. Raises NotStarted when it ends or takes too long."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            if fetch(request, timeout=10).status == 200:
                return
        except (OSError, BrokenAnswer, ValueError):
            pass
        time.sleep(_PATIENCE)
    tail = log.read_text(encoding="utf-8", errors="replace")[-1500:]
    raise NotStarted(f"{process.args!r} did not answer within {seconds:g} s. It said:\n{tail}")


def run(command: Sequence[str | Path], log: Path, environment: Mapping[str, str] | None = None) -> None:
    """Run a program to its end, its output in `log`. Raises NotStarted when it fails."""
    with running(command, log, environment) as process:
        if process.wait() != 0:
            tail = log.read_text(encoding="utf-8", errors="replace")[-1500:]
            raise NotStarted(f"{process.args!r} failed with status {process.returncode}. It said:\n{tail}")
