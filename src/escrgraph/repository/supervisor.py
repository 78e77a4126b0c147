"""The supervisor: starts the parts of the service, starts again what dies, stops all of it in order; holds nothing."""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import selectors
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from escrgraph.repository import sandbox, wire
from escrgraph.repository.deaths import reaped

POINTER = "runtime"
"""The file in a store's directory that names the runtime directory of the service that runs on it."""

FIRST_PAUSE, LONGEST_PAUSE, SETTLED = 0.1, 5.0, 30.0
"""Seconds before a part is started again, doubled each time it dies within the last of these."""

_LOCK = "supervisor.lock"
_LOOK = 0.01

log = logging.getLogger("escrgraph.supervisor")


@dataclass(slots=True)
class Part:
    """One process of the service.

    ready: whether it does its work; asked again and again after its start. patience: seconds for that, and to stop.
    environment: what it gets beside the supervisor's own. files: descriptors that it inherits under the same numbers.
    last: at first it is started once the others are ready, so that it does not take their time.
    successor: makes, on SIGHUP, the part that takes the place of this one while it still works, or None when that
    cannot be; its `ready` is asked for itself. None for a part that always stays.
    """

    name: str
    command: Sequence[str]
    ready: Callable[[], bool] = lambda: True
    patience: float = 60.0
    farewell: float = 10.0
    environment: Mapping[str, str] = field(default_factory=dict)
    files: Sequence[int] = ()
    last: bool = False
    successor: Callable[[], Part | None] | None = None
    process: subprocess.Popen[bytes] | None = None
    since: float = 0.0
    pause: float = FIRST_PAUSE
    due: float | None = None


class Supervisor:
    """Runs parts until told to stop.

    They start together, but for those that come last, and stop in the order opposite to that of `parts`. On SIGHUP
    parts with a successor are replaced by it: the old one ends once the new one does its work, so that no request is
    refused meanwhile.
    """

    def __init__(self, parts: Sequence[Part]) -> None:
        self._parts = list(parts)
        self._stopping = False
        self._renewing = False
        self._coming: list[tuple[Part, Part]] = []  # which part, and which is to take its place
        self._leaving: list[tuple[Part, float]] = []  # parts that were told to stop, and until when they may take

    def run(self, started: Callable[[], None] = lambda: None) -> int:
        """Start the parts, call `started` when all are ready, keep them running; returns the exit status.

        0 after SIGTERM or SIGINT; the status of a part that ended before all were ready.
        """
        woken, waker = socket.socketpair()
        woken.setblocking(False)
        waker.setblocking(False)
        earlier = {number: signal.signal(number, self._stop) for number in (signal.SIGTERM, signal.SIGINT)}
        earlier[signal.SIGHUP] = signal.signal(signal.SIGHUP, self._renew)
        earlier[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, lambda *_: None)
        before = signal.set_wakeup_fd(waker.fileno(), warn_on_full_buffer=False)
        try:
            with woken, waker, selectors.DefaultSelector() as selector:
                selector.register(woken, selectors.EVENT_READ)
                status = self._start_all(woken, selector)
                if status is None:
                    started()
                    status = self._keep(woken, selector)
                self._stop_all()
                return status
        finally:
            signal.set_wakeup_fd(before)
            for number, handler in earlier.items():
                signal.signal(number, handler)

    def _stop(self, *_: object) -> None:
        self._stopping = True

    def _renew(self, *_: object) -> None:
        self._renewing = True

    def _start_all(self, woken: socket.socket, selector: selectors.BaseSelector) -> int | None:
        """Start the parts and wait until each is ready; returns a status when that did not work out."""
        for last in (False, True):
            parts = [part for part in self._parts if part.last is last]
            for part in parts:
                self._start(part)
            for part in parts:
                if (status := self._await(part, woken, selector)) is not None:
                    return status
        return 0 if self._stopping else None

    def _await(self, part: Part, woken: socket.socket, selector: selectors.BaseSelector) -> int | None:
        until = time.monotonic() + part.patience
        while not part.ready():
            _wait(woken, selector, _LOOK)
            if self._stopping:
                return 0
            if (ended := self._ended()) is not None:
                return ended or 1
            if time.monotonic() > until:
                log.error("the %s was not ready after %g s", part.name, part.patience)
                return 3
        return None

    def _ended(self) -> int | None:
        """The exit status of a part that ended while the others start."""
        statuses = (part.process.poll() for part in self._parts if part.process is not None)
        return next((status for status in statuses if status is not None), None)

    def _keep(self, woken: socket.socket, selector: selectors.BaseSelector) -> int:
        while not self._stopping:
            dues = [part.due for part in self._parts if part.due is not None]
            if self._coming or self._leaving:
                dues.append(time.monotonic() + _LOOK)
            _wait(woken, selector, max(0.0, min(dues) - time.monotonic()) if dues else None)
            self._bury()
            self._replace()
            for part in self._parts:
                if part.due is not None and part.due <= time.monotonic() and not self._stopping:
                    self._start(part)
        return 0

    def _bury(self) -> None:
        for part in self._parts:
            if part.process is not None and part.process.poll() is not None:
                status, part.process = part.process.returncode, None
                now = time.monotonic()
                part.pause = FIRST_PAUSE if now - part.since > SETTLED else min(part.pause * 2, LONGEST_PAUSE)
                part.due = now + part.pause
                log.warning("the %s ended (%s) and is started again", part.name, _described(status))

    def _replace(self) -> None:
        """Go on with the replacing of parts, without waiting for anything."""
        if self._renewing and not self._stopping:
            self._renewing = False
            for part in self._parts:
                if part.successor is not None and all(part is not old for old, _ in self._coming):
                    fresh = part.successor()
                    if fresh is None:
                        continue
                    self._start(fresh)
                    self._coming.append((part, fresh))
                    log.info("the %s is being replaced", part.name)
        for pair in list(self._coming):
            old, fresh = pair
            assert fresh.process is not None  # noqa: S101 - it was started
            if fresh.process.poll() is not None or time.monotonic() > fresh.since + fresh.patience:
                log.error("the new %s did not start, and the old one goes on", old.name)
                self._coming.remove(pair)
                self._let_go(fresh)
            elif fresh.ready():
                self._coming.remove(pair)
                self._parts[self._parts.index(old)] = fresh
                self._let_go(old)
                log.info("the %s is replaced", old.name)
        for part, until in list(self._leaving):
            assert part.process is not None  # noqa: S101 - it was told to stop
            if part.process.poll() is None and time.monotonic() > until:
                part.process.kill()
                part.process.wait()
            if part.process.poll() is not None:
                self._leaving.remove((part, until))

    def _let_go(self, part: Part) -> None:
        """Tell a part to stop, and look later whether it did."""
        if part.process is not None:
            with contextlib.suppress(ProcessLookupError):
                part.process.terminate()
            self._leaving.append((part, time.monotonic() + part.farewell))

    def _start(self, part: Part) -> None:
        part.due, part.since = None, time.monotonic()
        part.process = launch(part)

    def _stop_all(self) -> None:
        gone = [part for part, _ in self._leaving]
        for part in (*gone, *(fresh for _, fresh in self._coming), *reversed(self._parts)):
            process, part.process = part.process, None
            if process is None:
                continue
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            try:
                process.wait(part.farewell)
            except subprocess.TimeoutExpired:
                log.warning("the %s did not stop within %g s and was killed", part.name, part.farewell)
                process.kill()
                process.wait()
        reaped()


def launch(part: Part) -> subprocess.Popen[bytes]:
    """Start a part's process, which ends with this one. This one must have no other threads."""
    parent = os.getpid()
    return subprocess.Popen(
        part.command,
        env={**os.environ, **part.environment},
        pass_fds=part.files,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,  # parts speak to operators on stderr; stdout is for what a command prints
        # Ctrl-C reaches the supervisor alone, which stops the parts in their order; if it is killed they stop too.
        process_group=0,
        preexec_fn=lambda: sandbox.die_with(parent, signal.SIGTERM),  # noqa: PLW1509 - there are no threads
    )


def listening(path: Path) -> bool:
    """Whether somebody accepts connections on the UNIX socket at `path`."""
    try:
        wire.connect(path, timeout=0.2).close()
    except OSError:
        return False
    return True


@contextmanager
def runtime_directory(store: Path | None = None) -> Iterator[Path]:
    """A private directory with a short path for the service's sockets, removed at the end.

    What a killed service left is removed first. store: where `point` will name it for others.
    """
    if store is not None:
        _clean(store)
    directory = Path(tempfile.mkdtemp(prefix="escrgraph-"))
    lock = os.open(directory / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield directory
    finally:
        os.close(lock)
        shutil.rmtree(directory, ignore_errors=True)
        if store is not None and running(store) is None:
            (store / POINTER).unlink(missing_ok=True)


def point(store: Path, directory: Path) -> None:
    """Name the runtime directory in the store, for commands that want to go through the running service."""
    fresh = store / f"{POINTER}.new"
    fresh.write_text(f"{directory}\n", encoding="utf-8")
    fresh.replace(store / POINTER)


def running(store: Path) -> Path | None:
    """The runtime directory of the service that runs on this store, None when none does."""
    directory = _pointed(store)
    return directory if directory is not None and _alive(directory) else None


def _pointed(store: Path) -> Path | None:
    try:
        return Path((store / POINTER).read_text(encoding="utf-8").strip())
    except OSError:
        return None


def _alive(directory: Path) -> bool:
    try:
        lock = os.open(directory / _LOCK, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    else:
        return False
    finally:
        os.close(lock)


def _clean(store: Path) -> None:
    directory = _pointed(store)
    # Only what looks like ours is removed: the file may be from another machine's backup.
    if directory is not None and (directory / _LOCK).is_file() and not _alive(directory):
        shutil.rmtree(directory, ignore_errors=True)
        (store / POINTER).unlink(missing_ok=True)


def _wait(woken: socket.socket, selector: selectors.BaseSelector, seconds: float | None) -> None:
    if selector.select(seconds):
        with contextlib.suppress(BlockingIOError):
            woken.recv(4096)


def _described(status: int) -> str:
    return f"signal {signal.Signals(-status).name}" if status < 0 else f"exit status {status}"
