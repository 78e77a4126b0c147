"""Those who follow the writer: each is told of every generation and says when it shows it."""

from __future__ import annotations

import os
import select
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from escrgraph.repository import wire
from escrgraph.repository.store import Delta


@dataclass(eq=False, slots=True)
class Subscriber:
    """One follower. replica: it needs no snapshot to follow; ready: what it shows; using: snapshots it has open."""

    connection: socket.socket
    replica: bool
    ready: int = -1
    using: set[int] = field(default_factory=set)


class Subscriptions:
    """The followers of one writer."""

    def __init__(self, forget: Callable[[socket.socket], None]) -> None:
        """forget: takes a connection out of the loop that watches it, before it is closed."""
        self._forget = forget
        self._all: list[Subscriber] = []

    def __len__(self) -> int:
        return len(self._all)

    def __iter__(self) -> Iterator[Subscriber]:
        return iter(list(self._all))

    @property
    def need_snapshots(self) -> bool:
        """Whether someone can follow only by opening snapshots."""
        return any(not subscriber.replica for subscriber in self._all)

    @property
    def using(self) -> set[int]:
        """The snapshots that someone has open."""
        return set().union(*(subscriber.using for subscriber in self._all))

    def add(self, subscriber: Subscriber) -> None:
        """Follow from now on."""
        self._all.append(subscriber)

    def remove(self, subscriber: Subscriber) -> None:
        """Forget one that is gone."""
        if subscriber in self._all:
            self._all.remove(subscriber)
            self._forget(subscriber.connection)
            subscriber.connection.close()

    def tell(self, generation: int, snapshot: Path | None, delta: Delta | None) -> None:
        """Tell everybody of a generation. delta None: it is not known quad by quad, so take the snapshot."""
        header: dict[str, object] = {
            "generation": generation,
            "snapshot": str(snapshot) if snapshot else None,
            "added": None if delta is None else len(delta.added),
            "removed": None if delta is None else len(delta.removed),
        }
        files = [] if delta is None else [wire.memfd(delta.lines())]
        try:
            for subscriber in self:
                try:
                    wire.send(subscriber.connection, header, files=files)
                except (wire.Broken, TimeoutError):
                    self.remove(subscriber)
        finally:
            for file in files:
                os.close(file)

    def heard(self, subscriber: Subscriber) -> bool:
        """Take in what a follower says. Returns whether it is still there."""
        # Whoever waited for followers may have taken in already what the loop was woken for.
        if not select.select([subscriber.connection], [], [], 0)[0]:
            return True
        try:
            packet = wire.receive(subscriber.connection)
        except (wire.Broken, TimeoutError):
            packet = None
        if packet is None:
            self.remove(subscriber)
            return False
        packet.close()
        subscriber.ready = int(packet.header.get("ready", subscriber.ready))
        subscriber.replica = bool(packet.header.get("replica", subscriber.replica))
        subscriber.replica = bool(packet.header.get("replica", subscriber.replica))
        subscriber.using = {int(number) for number in packet.header.get("using", subscriber.using)}
        return True

    def wait(self, generation: int, seconds: float) -> bool:
        """Wait until everybody shows a generation, at most so long. Returns whether they all do."""
        until = time.monotonic() + seconds
        while waiting := [subscriber for subscriber in self._all if subscriber.ready < generation]:
            poll = select.poll()
            for subscriber in waiting:
                poll.register(subscriber.connection, select.POLLIN)
            answered = {fd for fd, _ in poll.poll(max(0.0, until - time.monotonic()) * 1000)}
            if not answered:
                return False
            for subscriber in waiting:
                if subscriber.connection.fileno() in answered:
                    self.heard(subscriber)
        return True
