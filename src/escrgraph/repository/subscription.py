"""The dispatcher's line to the writer: hears of generations, says which one is shown. Connects again for ever."""

from __future__ import annotations

import socket
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

from escrgraph.repository import wire
from escrgraph.repository.loop import Loop
from escrgraph.repository.sources import News

AGAIN = 0.05
"""Seconds until the next attempt to reach the writer."""


class Subscription:
    """heard: called with the writer's first answer (True) and with each generation after it (False)."""

    def __init__(self, loop: Loop, path: Path, heard: Callable[[dict[str, Any], News, bool], None]) -> None:
        self._loop = loop
        self._path = path
        self._heard = heard
        self._connection: socket.socket | None = None
        self._first = True

    def again(self) -> None:
        """Subscribe anew, which makes the writer name a snapshot of the newest generation."""
        if self._connection is not None:
            self._lost()

    def connect(self) -> None:
        """Reach the writer now, or keep trying."""
        try:
            self._connection = wire.connect(self._path)
            wire.send(self._connection, {"do": "subscribe", "replica": False})
        except OSError:
            self._lost()
            return
        self._first = True
        self._loop.watch(self._connection, self._readable)

    def shows(self, generation: int, using: Collection[int], in_memory: bool) -> None:
        """Tell the writer which generation new queries see, which snapshots must stay, and whether a replica serves."""
        if self._connection is None:
            return
        try:
            wire.send(self._connection, {"ready": generation, "using": sorted(using), "replica": in_memory})
        except OSError:
            return  # the loop hears of it too

    def close(self) -> None:
        """Hang up for good."""
        if self._connection is not None:
            self._loop.forget(self._connection)
            self._connection.close()
            self._connection = None

    def _readable(self) -> None:
        if self._connection is None:
            return
        try:
            packet = wire.receive(self._connection)
        except OSError:
            packet = None
        if packet is None:
            self._lost()
            return
        header = packet.header
        delta = packet.files.pop() if packet.files else None
        first, self._first = self._first, False
        if "generation" not in header:
            packet.close()
            return
        news = News(header["generation"], header.get("snapshot"), header.get("removed") or 0, delta)
        self._heard(header, news, first)

    def _lost(self) -> None:
        self.close()
        self._loop.later(AGAIN, self.connect)
