"""One event loop: what becomes readable is handed to its callback, what comes due is done."""

from __future__ import annotations

import contextlib
import heapq
import itertools
import select
import selectors
import socket
import time
from collections.abc import Callable
from typing import cast


class Loop:
    """Single-threaded; a callback takes its time from everybody, so none may wait."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._running = True
        self._ends = select.epoll()
        self._at_end: dict[int, Callable[[], None]] = {}
        self._selector.register(self._ends, selectors.EVENT_READ, self._ended)

    def watch(self, source: socket.socket, callback: Callable[[], None]) -> None:
        """Call back whenever `source` can be read or was closed by the other side; replaces an earlier callback."""
        if source.fileno() in self._selector.get_map():
            self._selector.modify(source, selectors.EVENT_READ, callback)
        else:
            self._selector.register(source, selectors.EVENT_READ, callback)

    def watch_end(self, source: socket.socket, callback: Callable[[], None]) -> None:
        """Call back when the other side has closed, and not before, whatever it sends; replaces `watch`."""
        self.forget(source)
        self._at_end[source.fileno()] = callback
        self._ends.register(source, 0)  # the end is reported without being asked for

    def forget(self, source: socket.socket) -> None:
        """Watch it no longer; do this before closing it."""
        if self._at_end.pop(source.fileno(), None) is not None:
            self._ends.unregister(source)
            return
        with contextlib.suppress(KeyError):
            self._selector.unregister(source)

    def later(self, seconds: float, callback: Callable[[], None]) -> None:
        """Call back once, in so many seconds."""
        heapq.heappush(self._due, (time.monotonic() + seconds, next(self._order), callback))

    def stop(self) -> None:
        """Let run() return after this turn."""
        self._running = False

    def run(self) -> None:
        """Work until stopped."""
        while self._running:
            wait = max(0.0, self._due[0][0] - time.monotonic()) if self._due else None
            for key, _ in self._selector.select(wait):
                # A callback of this very turn may have closed it, and another may have got its number since.
                current = self._selector.get_map().get(key.fd)
                if current is not None and current.data is key.data:
                    cast(Callable[[], None], key.data)()
            now = time.monotonic()
            while self._due and self._due[0][0] <= now:
                heapq.heappop(self._due)[2]()

    def close(self) -> None:
        """Give back the selector."""
        self._selector.close()
        self._ends.close()

    def _ended(self) -> None:
        for number, _ in self._ends.poll(0):
            if callback := self._at_end.get(number):
                callback()
