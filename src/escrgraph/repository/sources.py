"""Which generation is served and from where: snapshots on disk, or the replica in memory while it is small enough."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from escrgraph.repository import wire
from escrgraph.repository.loop import Loop
from escrgraph.repository.nurseries import Nursery
from escrgraph.repository.pools import Pool, Source, Worker

QUIET = 1.0
"""Seconds without a newer generation before a replica that had to be dropped is loaded again."""

log = logging.getLogger("escrgraph.dispatcher")


@dataclass(frozen=True, slots=True)
class News:
    """A generation that is there. snapshot: its directory; None when only its difference to the last one is known.

    delta: memfd of that difference as N-Quads, the first `removed` of which are to remove; None when unknown.
    """

    generation: int
    snapshot: str | None
    removed: int = 0
    delta: int | None = None


class Sources:
    """Aims the pools at the newest generation. most: quads that may be served from memory; 0 for none.

    shown: called when all new jobs see a newer generation, and when what is in use changes.
    behind: called when a snapshot of the newest generation is needed and none is known; it is announced later.
    """

    def __init__(
        self,
        loop: Loop,
        pools: Sequence[Pool],
        memory: int,
        most: int,
        *,
        shown: Callable[[], None],
        behind: Callable[[], None],
    ) -> None:
        self.generation = -1  # what all new jobs see
        self.most = most
        self._loop = loop
        self._pools = pools
        self._memory = memory
        self._shown = shown
        self._behind = behind
        self._wants_snapshot = False
        self._disk: Nursery | None = None  # there as long as anybody reads from disk
        self._replica: Nursery | None = None
        self._loaded = False
        self._outgrown = False  # there are more quads than may be in memory, or they did not go in
        self._leaving: list[Nursery] = []
        self._loading: int | None = None  # generation of the snapshot that is being loaded
        self._waiting: list[News] = []  # deltas that came meanwhile
        self._newest: tuple[int, str] | None = None  # newest snapshot known
        self._next: Source | None = None
        self._used: set[int] = set()

    @property
    def in_memory(self) -> bool:
        """Whether workers come from a replica."""
        return self._loaded

    def announce(self, news: News) -> None:
        """Take note of a generation, and serve it as soon as may be. Owns the delta from here on."""
        if news.snapshot and (self._newest is None or news.generation >= self._newest[0]):
            self._newest = (news.generation, news.snapshot)
        if news.delta is not None and self._loaded and self._replica:
            self._replica.delta(news.generation, news.removed, news.delta)
            os.close(news.delta)
            self._aim(Source(news.generation, self._replica, None))
            return
        if news.delta is not None and self._replica:
            self._waiting.append(news)
        elif news.delta is not None:
            os.close(news.delta)
        newer = news.generation > self._target_generation()
        if newer and news.delta is None:
            self._drop_replica()  # it cannot follow
        if newer or (news.snapshot and self._wants_snapshot):
            self._serve_snapshot()
        self._loop.later(QUIET if self.generation >= 0 else 0, lambda: self._consider_replica(news.generation))

    def reached(self) -> None:
        """A pool shows its target."""
        if not all(pool.arrived for pool in self._pools):
            return
        self.generation = max(self.generation, min(pool.generation for pool in self._pools))
        following, self._next = self._next, None
        if following is not None:
            self._aim(following)
        self._shown()
        self.release()
        self._leave_memory()

    def release(self) -> None:
        """Let go of nurseries whose last worker is gone, and say when another set of snapshots is in use."""
        if self._loaded and self._disk is not None and not self._has_workers(self._disk):
            self._leaving.append(self._disk)
            self._disk = None
        for nursery in [n for n in self._leaving if not self._has_workers(n)]:
            self._leaving.remove(nursery)
            nursery.stop()
        if self.using() != self._used:
            self._used = self.using()
            self._shown()

    def using(self) -> set[int]:
        """The generations whose snapshots must stay."""
        used = {generation for pool in self._pools for generation in pool.using()}
        if self._next is not None and self._next.snapshot:
            used.add(self._next.generation)
        return used | ({self._loading} if self._loading is not None else set())

    # What nurseries say

    def born(self, nursery: Nursery, packet: wire.Packet) -> None:
        """Give a new worker to its pool."""
        header = packet.header
        pool = next(pool for pool in self._pools if pool.terms.name == header["pool"])
        board, control = packet.files.pop(), socket.socket(fileno=packet.files.pop())
        pool.born(Worker(header["born"], control, board, header["generation"], nursery, nursery is self._disk))

    def dead(self, nursery: Nursery, packet: wire.Packet) -> None:
        """Tell the pool whose worker ended."""
        pid = packet.header["dead"]
        for pool in self._pools:
            if (nursery, pid) in pool.workers:
                pool.dead(nursery, pid, packet.header["status"], packet.body)
                break
        self.release()

    def loaded(self, nursery: Nursery, packet: wire.Packet) -> None:
        """Go on from the snapshot that the replica has, or do without it."""
        if nursery is not self._replica:
            return
        if "failed" in packet.header:
            if not packet.header.get("too_large"):
                log.warning("the memory replica could not be loaded: %s", packet.header["failed"])
            self._outgrown = True
            self._drop_replica()
        elif packet.header["quads"] > self.most:
            # It still shows the generation that outgrew it: the writer waits for that before it acknowledges.
            self._outgrown = True
            self._leave_memory()
        elif "loaded" in packet.header:
            self._loading = None
            self._catch_up(nursery, packet.header["loaded"])

    def gone(self, nursery: Nursery) -> None:
        """Start a nursery in place of one that died."""
        log.warning("a nursery died; its workers are replaced")
        if nursery is self._disk:
            self._disk = None
        elif nursery is self._replica:
            self._forget_replica()
        elif nursery in self._leaving:
            self._leaving.remove(nursery)
        for pool in self._pools:
            pool.orphaned(nursery)
        if any(pool.target is not None and pool.target.nursery is nursery for pool in self._pools):
            self._next = None
            self._serve_snapshot()
        self._consider_replica(self._target_generation())

    def close(self) -> None:
        """End all nurseries, and so all workers."""
        for nursery in (self._disk, self._replica, *self._leaving):
            if nursery is not None:
                nursery.stop()
        for news in self._waiting:
            _close(news)

    def _aim(self, source: Source) -> None:
        # One change of generation at a time: what comes meanwhile is remembered, and only the newest of it.
        if all(pool.target is None or pool.arrived for pool in self._pools) or not self._alive(self._pools[0].target):
            for pool in self._pools:
                pool.aim(source)
        else:
            self._next = source

    def _alive(self, source: Source | None) -> bool:
        return source is not None and source.nursery in (self._disk, self._replica, *self._leaving)

    def _target_generation(self) -> int:
        return max((pool.target.generation for pool in self._pools if pool.target), default=-1)

    def _serve_snapshot(self) -> None:
        self._wants_snapshot = self._newest is None or self._newest[0] < self._target_generation()
        if self._wants_snapshot:
            self._behind()
        elif self._newest is not None:
            if self._outgrown:
                self._drop_replica()
            if self._disk is None:
                self._disk = Nursery(self._loop, self, self._memory)
            self._aim(Source(self._newest[0], self._disk, self._newest[1]))

    def _consider_replica(self, generation: int) -> None:
        # While one generation follows the other without deltas, a replica would be loaded in vain.
        if generation < self._target_generation():
            return
        if self.most and not self._outgrown and self._replica is None and self._newest is not None:
            self._replica = Nursery(self._loop, self, self._memory, replica=True)
            self._loading = self._newest[0]
            self._replica.load(*self._newest, self.most)

    def _catch_up(self, nursery: Nursery, generation: int) -> None:
        self._loaded = True
        for news in self._waiting:
            if news.generation > generation and news.delta is not None:
                nursery.delta(news.generation, news.removed, news.delta)
                generation = news.generation
            _close(news)
        self._waiting.clear()
        self._aim(Source(generation, nursery, None))

    def _leave_memory(self) -> None:
        """Go back to the disk for good, as soon as all jobs see what the replica shows."""
        if self._outgrown and self._loaded and all(pool.arrived for pool in self._pools):
            self._serve_snapshot()

    def _drop_replica(self) -> None:
        if self._replica is not None:
            self._leaving.append(self._replica)
        self._forget_replica()

    def _forget_replica(self) -> None:
        self._replica, self._loaded, self._loading = None, False, None
        for news in self._waiting:
            _close(news)
        self._waiting.clear()

    def _has_workers(self, nursery: Nursery) -> bool:
        targets = (self._next, *(pool.target for pool in self._pools))
        return any(worker.nursery is nursery for pool in self._pools for worker in pool.workers.values()) or any(
            target is not None and target.nursery is nursery for target in targets
        )


def _close(news: News) -> None:
    if news.delta is not None:
        os.close(news.delta)
