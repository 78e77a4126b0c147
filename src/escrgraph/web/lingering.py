"""gunicorn's worker with threads, whose threads stay with a client for a moment after an answer.

A client that asks one thing after the other would else go through the one thread that watches all connections each
time, and that costs more than answering does.
"""

from __future__ import annotations

import select
from collections import deque
from typing import Any

from escrgraph.web.patience import PatientWorker, whole_head

LINGER = 0.05
"""Seconds that a thread waits for the next request on a connection before it gives that back."""


class LingeringWorker(PatientWorker):
    """At most half of its threads linger, and none while another connection waits for a thread."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        # One for each that may linger: taking one out is a single step for the interpreter, and a semaphore many.
        self._places = deque(range(max(1, self.cfg.threads // 2)))

    def handle(self, conn: Any) -> Any:
        """Answer requests of a connection as long as they follow each other closely; what gunicorn expects is returned.

        True there means that the connection may stay open; everything else is left to gunicorn.
        """
        while (kept := super().handle(conn)) is True and self._follows(conn):
            pass
        return kept

    def _follows(self, conn: Any) -> bool:
        """Whether the next request comes soon. One that was read ahead is left to gunicorn, which looks for it."""
        if not self.alive or conn.parser.unreader.buf.getvalue():
            return False
        try:
            place = self._places.pop()
        except IndexError:
            return False
        try:
            return not self.tpool._work_queue.qsize() and _readable(conn.sock.fileno()) and whole_head(conn)[0]
        finally:
            self._places.append(place)


def _readable(descriptor: int) -> bool:
    waiting = select.poll()
    waiting.register(descriptor, select.POLLIN)
    return bool(waiting.poll(LINGER * 1000))
