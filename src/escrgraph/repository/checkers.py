"""Checkers: disposable processes for what strangers send in, such as parsing an upload or checking it by shapes.

A parent, started by exec and single-threaded, imports what is needed once and forks a process for each task. That
process is confined, has a deadline that the kernel keeps, answers with bytes, and is gone.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import importlib
import os
import selectors
import signal
import socket
import subprocess
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NoReturn, Self

from escrgraph.repository import sandbox, spawn, wire
from escrgraph.repository.deaths import LAST_WORDS, cause, out_of_memory, reaped
from escrgraph.repository.errors import Crashed, RepositoryError, Unavailable

SLACK = 10.0
"""Seconds beyond its deadline after which a task that nobody answered is given up."""


class Checker:
    """Runs functions of this package on untrusted bytes, each in a process of its own. May be used by many threads.

    memory: bytes and deadline: seconds that each task may take. preload: modules to import before the first task.
    """

    def __init__(self, memory: int, deadline: float, preload: Sequence[str] = ()) -> None:
        self.memory = memory
        self.deadline = deadline
        self._preload = tuple(preload)
        self._lock = threading.Lock()
        self._parent: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None

    def run(self, target: str, payload: bytes, deadline: float | None = None, *, files: bool = False) -> bytes:
        """What `target`, "package.module:function" taking and giving bytes, makes of the payload.

        files: whether the task may write files, as one does that opens a store of its own.

        Raises the RepositoryError that the function raised; OutOfTime, OutOfMemory or Crashed when it broke its
        process; Unavailable when the checkers cannot be reached.
        """
        seconds = self.deadline if deadline is None else deadline
        ours, theirs = wire.pair()
        with ours, theirs:
            ours.settimeout(seconds + SLACK)
            task = {"target": target, "deadline": seconds, "memory": self.memory, "files": files}
            self._send(task, payload, theirs)
            theirs.close()
            try:
                packet = wire.receive(ours)
            except OSError as error:
                raise Unavailable("The check was not answered. Try again in a moment.") from error
        if packet is None:
            raise Unavailable("The check was dropped: the checkers are restarting. Try again in a moment.")
        if "error" in packet.header:
            raise wire.raised(packet.header)
        return packet.body

    def close(self) -> None:
        """End the parent, and what it runs."""
        with self._lock:
            if self._control is not None:
                self._control.close()
                self._control = None
            if self._parent is not None:
                self._parent.wait()
                self._parent = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _send(self, task: dict[str, object], payload: bytes, answer_to: socket.socket) -> None:
        with self._lock:
            for attempt in (1, 2):  # a parent that was killed is replaced once
                try:
                    wire.send(self._running(), task, payload, [answer_to.fileno()])
                except OSError as error:
                    self._forget()
                    if attempt == 2:
                        raise Unavailable("The checkers do not start. See the service's messages.") from error
                else:
                    return

    def _running(self) -> socket.socket:
        if self._control is None:
            self._control, theirs = wire.pair()
            with theirs:
                self._parent = spawn.start(
                    "escrgraph.repository.checkers",
                    *("--control", str(theirs.fileno()), *self._preload),
                    files=[theirs.fileno()],
                )
        return self._control

    def _forget(self) -> None:
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._parent is not None:
            self._parent.kill()
            self._parent.wait()
            self._parent = None


@dataclass(slots=True)
class _Task:
    """A task that runs. answer: the client's socket, kept to tell it how the process died."""

    answer: socket.socket
    last_words: int
    deadline: float
    memory: int
    files: bool


class _Parent:
    """Forks a process for each task."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._tasks: dict[int, _Task] = {}

    def run(self) -> None:
        """Serve until the other side closes; tasks end with this process."""
        woken, waker = socket.socketpair()
        woken.setblocking(False)
        waker.setblocking(False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(waker.fileno(), warn_on_full_buffer=False)
        with woken, waker, selectors.DefaultSelector() as selector:
            selector.register(self._control, selectors.EVENT_READ)
            selector.register(woken, selectors.EVENT_READ)
            try:
                while True:
                    for key, _ in selector.select():
                        if key.fileobj is woken:
                            woken.recv(4096)
                            self._bury()
                        elif (packet := wire.receive(self._control)) is None:
                            return
                        else:
                            self._start(packet)
            finally:
                signal.set_wakeup_fd(-1)

    def _start(self, packet: wire.Packet) -> None:
        answer = socket.socket(fileno=packet.files.pop())
        packet.close()
        try:
            function = _found(packet.header["target"])
        except (ImportError, AttributeError, ValueError) as error:
            with answer, contextlib.suppress(OSError):
                wire.send(answer, wire.failure(RepositoryError(f"There is no check of that name: {error}")))
            return
        words = os.memfd_create("last-words", os.MFD_CLOEXEC)
        parent = os.getpid()
        task = _Task(answer, words, packet.header["deadline"], packet.header["memory"], packet.header["files"])
        pid = os.fork()
        if pid == 0:
            _live(parent, task, function, packet.body)
        self._tasks[pid] = task

    def _bury(self) -> None:
        for pid, status in reaped():
            task = self._tasks.pop(pid, None)
            if task is None:
                continue
            said = os.pread(task.last_words, LAST_WORDS, 0)
            os.close(task.last_words)
            with task.answer:
                if status:
                    error = cause(status, said, task.deadline, task.memory, "check")
                    with contextlib.suppress(OSError):
                        wire.send(task.answer, wire.failure(error))


def _found(target: str) -> Callable[[bytes], bytes]:
    module, _, name = target.partition(":")
    function: Callable[[bytes], bytes] = getattr(importlib.import_module(module), name)
    return function


def _live(parent: int, task: _Task, function: Callable[[bytes], bytes], payload: bytes) -> NoReturn:
    """Do the task in this process, just forked, and end."""
    status = 1
    try:
        sandbox.die_with(parent)
        gc.disable()  # it is gone in a moment, with all that it holds
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGCHLD, signal.SIGALRM):
            signal.signal(number, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, task.deadline)
        os.dup2(task.last_words, 2)
        sandbox.close_all_but(task.answer.fileno())
        sandbox.deepen_stack()
        sandbox.confine(task.memory, files=task.files)
        _answer(task, function, payload)
        status = 0
    except BaseException as error:  # whatever it is, the process ends here and says why
        os.write(2, f"{type(error).__name__}: {error}\n".encode()[:2000])
    finally:
        os._exit(status)


def _answer(task: _Task, function: Callable[[bytes], bytes], payload: bytes) -> None:
    try:
        result = function(payload)
    except RepositoryError as error:
        wire.send(task.answer, wire.failure(error))
    except MemoryError:
        wire.send(task.answer, wire.failure(out_of_memory(task.memory, "check")))
    except RecursionError:
        wire.send(task.answer, wire.failure(Crashed("What was sent nests too deep to be checked. Write it flatter.")))
    else:
        wire.send(task.answer, {}, result)


def main() -> None:
    """Run as the parent, on an inherited socket."""
    parser = argparse.ArgumentParser(prog="escrgraph-checkers")
    parser.add_argument("--control", type=int, required=True)
    parser.add_argument("modules", nargs="*")
    options = parser.parse_args()
    # Its end is that of the connection: tied to the thread that started it, it might end too early.
    for number in (signal.SIGINT, signal.SIGTERM):  # whoever started it decides when it is over
        signal.signal(number, signal.SIG_IGN)
    for module in options.modules:
        importlib.import_module(module)
    gc.freeze()
    with socket.socket(fileno=options.control) as control, contextlib.suppress(wire.Broken):
        _Parent(control).run()


if __name__ == "__main__":
    main()
