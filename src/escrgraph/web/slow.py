"""Slow queries of the public, noted for operators: how long, how it ended, its shape; never by whom or about what."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager

from escrgraph.repository.errors import OutOfMemory, OutOfTime
from escrgraph.repository.query_shapes import shape

log = logging.getLogger("escrgraph.queries")


class Watch:
    """Looks at one query. limit: from how many seconds on it is noted."""

    def __init__(self, text: str, limit: float) -> None:
        self.started = time.monotonic()
        self._text = text
        self._limit = limit

    def note(self, end: str) -> None:
        """Note it if it was slow. end: how it ended."""
        seconds = time.monotonic() - self.started
        if seconds >= self._limit:
            log.warning("slow query, %.1f s, %s: %s", seconds, end, shape(self._text))

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Note it when it ends by one of its limits. What was never evaluated may be no query, and hold anything."""
        try:
            yield
        except (OutOfTime, OutOfMemory) as error:
            self.note(error.title.lower())
            raise
