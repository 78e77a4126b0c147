"""Memory that a process has done with, given back to the system: the C library keeps it for later otherwise."""

from __future__ import annotations

import contextlib
import ctypes
import threading
from collections.abc import Mapping

FEW_ARENAS: Mapping[str, str] = {"MALLOC_ARENA_MAX": "1"}
"""Environment of a process with many threads that wait for each other anyway, as Python's do.

Each thread would else get memory of its own from the GNU C library, and keep what it once needed.
"""


LARGE = 10_000
"""Quads of a change that leaves memory worth being given back."""


def trim() -> None:
    """Give back what is free. Does nothing where the C library does not know how."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(ctypes.c_size_t(0))


def keep_trimmed(seconds: float) -> None:
    """Do so again and again for as long as the process lives, on a thread of its own."""

    def work() -> None:
        never = threading.Event()
        while not never.wait(seconds):
            trim()

    threading.Thread(target=work, name="trimming", daemon=True).start()
