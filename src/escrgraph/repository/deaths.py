"""Why a disposable process died, as the error for whoever waits for its answer."""

from __future__ import annotations

import os
import signal

from escrgraph.repository.errors import Crashed, OutOfMemory, OutOfTime, RepositoryError

_OUT_OF_MEMORY = (
    b"memory allocation of",
    b"bad_alloc",
    b"MemoryError",
    b"Cannot allocate memory",
)

LAST_WORDS = 4096
"""Bytes of a dead process's standard error that are read."""


def reaped() -> list[tuple[int, int]]:
    """Pid and status of every child that has ended since the last time."""
    ended: list[tuple[int, int]] = []
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return ended
        if pid == 0:
            return ended
        ended.append((pid, status))


def cause(status: int, last_words: bytes, timeout: float, memory: int, what: str = "query") -> RepositoryError:
    """The error that fits the end of a process.

    status: as waitpid gives it. last_words: what it wrote to its standard error.
    timeout, memory: the limits it ran under, seconds and bytes. what: "query" or "check", for the sentence.
    """
    ended_by = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
    if ended_by == signal.SIGALRM:
        return out_of_time(timeout, what)
    if ended_by == signal.SIGKILL or any(words in last_words for words in _OUT_OF_MEMORY):
        return out_of_memory(memory, what)
    return Crashed(
        f"The {what} broke the process that ran it ({_described(status)}); nothing else was harmed. "
        f"Very deep nesting and very long chains do that: write it flatter or shorter."
    )


def out_of_time(timeout: float, what: str = "query") -> OutOfTime:
    """The error for a deadline that passed."""
    return OutOfTime(f"The {what} ran out of time: {timeout:g} s{_setting(what, 'TIMEOUT')}.")


def out_of_memory(memory: int, what: str = "query") -> OutOfMemory:
    """The error for a memory limit that was reached."""
    return OutOfMemory(
        f"The {what} ran out of memory: {memory / (1 << 20):,.0f} MiB{_setting(what, 'MEMORY')}. "
        "Ask for less at once: fewer rows to sort, group or keep apart, or a part of the data."
    )


def _setting(what: str, name: str) -> str:
    return f" (ESCRGRAPH_QUERY_{name})" if what == "query" else ""


def _described(status: int) -> str:
    if os.WIFSIGNALED(status):
        return f"signal {signal.Signals(os.WTERMSIG(status)).name}"
    return f"exit status {os.waitstatus_to_exitcode(status)}"
