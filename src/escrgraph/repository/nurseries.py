"""A nursery process as the dispatcher sees it: asked for workers, heard about births and deaths."""

from __future__ import annotations

import os
import subprocess
from typing import Protocol

from escrgraph.repository import spawn, wire
from escrgraph.repository.loop import Loop

FAREWELL = 0.5
"""Seconds that a nursery has to end when it is let go."""


class Family(Protocol):
    """Who wants to hear from a nursery."""

    def born(self, nursery: Nursery, packet: wire.Packet) -> None:
        """A worker was forked; its socket came along."""

    def dead(self, nursery: Nursery, packet: wire.Packet) -> None:
        """A worker ended."""

    def loaded(self, nursery: Nursery, packet: wire.Packet) -> None:
        """The replica is whole, has taken a delta, or could not be loaded."""

    def gone(self, nursery: Nursery) -> None:
        """The nursery itself ended, and its workers with it."""


class Nursery:
    """Starts the process; everything later comes through the loop."""

    def __init__(self, loop: Loop, family: Family, memory: int, *, replica: bool = False) -> None:
        """memory: bytes that a worker may take; replica: whether it is to hold one."""
        self._loop = loop
        self._family = family
        self._control, theirs = wire.pair()
        with theirs:
            self._process: subprocess.Popen[bytes] = spawn.start(
                "escrgraph.repository.nursery",
                *("--control", str(theirs.fileno()), "--parent", str(os.getpid()), "--memory", str(memory)),
                files=[theirs.fileno()],
                huge_pages=replica,
            )
        loop.watch(self._control, self._heard)

    def fork(self, pool: str, generation: int, snapshot: str | None, niceness: int, *listener: int) -> None:
        """Ask for a worker. listener: the socket to which clients come directly, if they may."""
        asked = {"do": "fork", "pool": pool, "generation": generation, "snapshot": snapshot, "niceness": niceness}
        self._ask(asked, *listener)

    def load(self, generation: int, snapshot: str, most: int) -> None:
        """Fill the replica from a snapshot unless it has more quads than `most`."""
        self._ask({"do": "load", "generation": generation, "snapshot": snapshot, "most": most})

    def delta(self, generation: int, removed: int, quads: int) -> None:
        """Bring the replica to the next generation. quads: memfd of N-Quads, `removed` of them to remove first."""
        self._ask({"do": "delta", "generation": generation, "removed": removed}, quads)

    def stop(self) -> None:
        """Let the process end, and its workers with it; one that is filling its replica does not hear that."""
        self._loop.forget(self._control)
        self._control.close()
        try:
            self._process.wait(FAREWELL)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _ask(self, header: dict[str, object], *files: int) -> None:
        try:
            wire.send(self._control, header, files=files)
        except (wire.Broken, OSError):
            return  # its end is heard of through the loop

    def _heard(self) -> None:
        packet: wire.Packet | None
        try:
            packet = wire.receive(self._control)
        except wire.Broken:
            packet = None
        if packet is None:
            self.stop()
            self._family.gone(self)
        elif "born" in packet.header:
            self._family.born(self, packet)
        elif "dead" in packet.header:
            self._family.dead(self, packet)
        else:
            self._family.loaded(self, packet)
