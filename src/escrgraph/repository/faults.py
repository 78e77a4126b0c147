"""Named points at which a process can be told to die, so that tests see what a crash there leaves behind."""

from __future__ import annotations

import os
import signal
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

VARIABLE = "ESCRGRAPH_FAULT"
"""The environment variable that arms a point: "after-log" dies there the first time, "after-log:3" the third."""

POINTS = (
    "before-log",
    "after-log",
    "in-transaction",
    "before-snapshot",
    "before-answer",
    "in-bulk",
    "in-redaction",
    "in-taking-away",
    "in-index",
    "after-index",
    "in-build",
    "after-build",
    "stuck",
    "before-decision",
    "after-decision",
    "after-commit",
    "after-closing",
    "in-harvest",
    "between-remote-updates",
    "before-remote-number",
)

_passed: Counter[str] = Counter()


def point(name: str) -> None:
    """Die here, as by kill -9, when this point is armed and its time has come."""
    if _due(name):
        signal.raise_signal(signal.SIGKILL)


def stall(name: str) -> None:
    """Wait for ever, as RocksDB does on a full disk, when this point is armed and its time has come."""
    if _due(name):
        threading.Event().wait()


@contextmanager
def during(name: str, after: float = 0.0002) -> Iterator[None]:
    """Die `after` seconds into the block, from a thread, when this point is armed and its time has come."""
    if not _due(name):
        yield
        return
    threading.Timer(after, signal.raise_signal, (signal.SIGKILL,)).start()
    yield
    threading.Event().wait()  # the block was faster: it dies at its end


def _due(name: str) -> bool:
    armed = os.environ.get(VARIABLE)
    if not armed:
        return False
    wanted, _, count = armed.partition(":")
    if wanted != name:
        return False
    _passed[name] += 1
    return _passed[name] == int(count or 1)
