"""The parent of query workers: single-threaded, so that forking it is safe.

Started by exec before any store is opened. It never opens RocksDB, because forking a process that ever did ends badly:
for a store on disk each worker opens the snapshot itself; for the memory replica a feeder, a process of its own, opens
the snapshot and sends its quads through a pipe, and workers share the replica's pages until someone writes to them.

Requests from the dispatcher (`do`): `fork` {generation, snapshot or null for the replica, niceness, pool}, with the
listening socket where clients come to the workers themselves, answered by {born, pool, generation} with the worker's
socket and its board; `load` {generation, snapshot, most} answered by {loaded, quads} or {failed}; `delta`
{generation, removed} with a memfd of N-Quads, the removed ones first, answered by {applied, quads}.
It also tells {dead, status} with the worker's last words as body.
"""

from __future__ import annotations

import argparse
import gc
import os
import selectors
import signal
import socket
import sys
from collections.abc import Callable, Iterable
from itertools import islice
from pathlib import Path
from typing import Any, cast

from pyoxigraph import DefaultGraph, RdfFormat, Store, parse

from escrgraph.repository import sandbox, spawn, wire, worker
from escrgraph.repository.deaths import LAST_WORDS, reaped
from escrgraph.repository.evaluation import Embedded, Engine
from escrgraph.repository.spawn import REMOTE as VARIABLE
from escrgraph.repository.trimming import LARGE, trim

COPIED = 4096
"""Pages, of 4 KiB each, that a worker may have made its own, or half of those of the replica where that is more.

Then one in some hundred requests ends a worker, whatever the size: one that ends soon costs more than its answers.
"""

ALONE = 100_000
"""Quads from which on the default graph is held a second time, alone: there a term has half as many to go through."""

TOO_LARGE = 9
"""Exit status of a feeder whose snapshot has more quads than may be served from memory."""


_MERGED = DefaultGraph()


class Nursery:
    """Forks workers on request and tells of their deaths. memory: bytes that each may take for itself."""

    def __init__(self, control: socket.socket, memory: int, remote: Callable[[str], Engine] | None = None) -> None:
        """remote: makes of a snapshot what hands queries on to another server; None where none is to answer."""
        self._control = control
        self._remote = remote
        self._memory = memory
        self._replica: Store | None = None
        self._merged: Store | None = None  # the replica's default graph alone, where that pays
        self._last_words: dict[int, int] = {}  # pid -> memfd
        self._requests: dict[str, Callable[[wire.Packet], None]] = {
            "fork": self._fork,
            "load": self._load,
            "delta": self._delta,
        }
        self._generation = 0  # of the replica
        self._quads = 0  # in it, counted along: the store itself would go through all of them

    def run(self) -> None:
        """Serve until the dispatcher closes the connection. The workers end with this process."""
        woken, waker = socket.socketpair()
        woken.setblocking(False)
        waker.setblocking(False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(waker.fileno(), warn_on_full_buffer=False)
        with woken, waker, selectors.DefaultSelector() as selector:
            selector.register(self._control, selectors.EVENT_READ)
            selector.register(woken, selectors.EVENT_READ)
            try:
                while True:
                    for key, _ in selector.select():
                        if key.fileobj is woken:
                            woken.recv(4096)
                            self._bury()
                        elif (packet := wire.receive(self._control)) is None:
                            return
                        else:
                            self._requests[packet.header["do"]](packet)
                            packet.close()
            finally:
                signal.set_wakeup_fd(-1)

    def _fork(self, packet: wire.Packet) -> None:
        asked = packet.header
        ours, theirs = wire.pair()
        words = os.memfd_create("last-words", os.MFD_CLOEXEC)
        board = os.memfd_create("board", os.MFD_CLOEXEC)
        os.ftruncate(board, worker.BOARD)
        parent = os.getpid()
        pid = os.fork()
        if pid == 0:
            self._become_worker(parent, theirs, words, board, packet)
        theirs.close()
        self._last_words[pid] = words
        with ours:
            born = {"born": pid, "pool": asked["pool"], "generation": self._generation_of(asked)}
            wire.send(self._control, born, files=[ours.fileno(), board])
        os.close(board)

    def _become_worker(self, parent: int, control: socket.socket, words: int, board: int, packet: wire.Packet) -> None:
        asked = packet.header
        listener = socket.socket(fileno=packet.files[0]) if packet.files else None
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.dup2(words, 2)
        sandbox.close_all_but(control.fileno(), board, *packet.files)
        snapshot = asked["snapshot"]
        worker.live(
            parent,
            control,
            worker.Door(listener, board) if listener else None,
            worker.Duty(
                self._generation_of(asked),
                self._memory,
                asked["niceness"],
                copied=max(COPIED, _resident() // 2) if self._replica is not None and not snapshot else 0,
                network=self._remote is not None,
            ),
            lambda: self._engine(snapshot),
        )

    def _engine(self, snapshot: str | None) -> Engine:
        """What a worker answers from; in the worker itself."""
        if self._remote is not None and snapshot is not None:
            return self._remote(snapshot)
        if self._replica is None or snapshot:
            return Embedded(Store.read_only(snapshot))  # type: ignore[arg-type]  # without a replica there is one
        return Embedded(self._replica, self._merged)

    def _generation_of(self, asked: dict[str, Any]) -> int:
        # A replica may have gone ahead of what was asked for; its workers then say so.
        return int(asked["generation"] if asked["snapshot"] else self._generation)

    def _bury(self) -> None:
        for pid, status in reaped():
            if (words := self._last_words.pop(pid, None)) is not None:
                said = os.pread(words, LAST_WORDS, 0)
                os.close(words)
                wire.send(self._control, {"dead": pid, "status": status}, said)

    def _load(self, packet: wire.Packet) -> None:
        """Fill the replica from a snapshot, by a feeder. A part of it is never served."""
        asked = packet.header
        reading, writing = os.pipe()
        feeder = spawn.start(
            "escrgraph.repository.nursery", "--feed", asked["snapshot"], str(asked["most"]), stdout=writing
        )
        os.close(writing)
        replica = Store()
        with os.fdopen(reading, "rb") as pipe:
            try:
                # Not load(): it gives blank nodes new names, and later deltas use the old ones.
                replica.bulk_extend(cast(Any, parse(pipe, RdfFormat.N_QUADS)))
                complaint = ""
            except (SyntaxError, OSError) as error:
                complaint = str(error)
        status = feeder.wait()
        if status == 0 and not complaint:
            self._replica, self._generation, self._quads = replica, asked["generation"], len(replica)
            self._merged = None
            self._merge()
            gc.freeze()
            self._give_back()  # before there are workers, which would each have what is free as well
            wire.send(self._control, {"loaded": asked["generation"], "quads": self._quads})
        else:
            wire.send(self._control, {"failed": complaint or f"exit status {status}", "too_large": status == TOO_LARGE})

    def _merge(self) -> None:
        """Keep the default graph alone as well, once the replica is so large that it pays."""
        if self._replica is not None and self._merged is None and self._quads >= ALONE:
            self._merged = Store()
            self._merged.bulk_extend(self._replica.quads_for_pattern(None, None, None, _MERGED))

    def _give_back(self) -> None:
        """Give back memory that is free; a large replica would lose its huge pages by it, and forks take longer."""
        if self._quads < ALONE:
            trim()

    def _delta(self, packet: wire.Packet) -> None:
        replica = self._replica
        if replica is None:
            raise RuntimeError("A delta came before the replica was loaded.")
        removed: int = packet.header["removed"]
        quads = parse(wire.content(packet.files[0]), RdfFormat.N_QUADS)
        gone, added = list(islice(quads, removed)), list(quads)
        _apply(replica, gone, added)
        if self._merged is not None:
            _apply(self._merged, *([quad for quad in side if quad.graph_name == _MERGED] for side in (gone, added)))
        self._generation = packet.header["generation"]
        self._quads += len(added) - removed
        self._merge()
        if len(added) > LARGE:
            del added
            self._give_back()
        wire.send(self._control, {"applied": self._generation, "quads": self._quads})


def _apply(store: Store, gone: Iterable[Any], added: Iterable[Any]) -> None:
    for quad in gone:
        store.remove(quad)
    store.extend(added)


def _resident() -> int:
    """Pages of this process that are in memory."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])


def feed(snapshot: str, most: int) -> int:
    """Write the snapshot's quads to standard output as N-Quads; returns the exit status."""
    try:
        store = Store.read_only(snapshot)
    except OSError as error:  # a newer one took its place meanwhile
        sys.stderr.write(f"escrgraph nursery: {error}\n")
        return 1
    if len(store) > most:
        return TOO_LARGE
    try:
        store.dump(sys.stdout.buffer, RdfFormat.N_QUADS)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        return 1  # the nursery was let go meanwhile
    return 0


def remote() -> Callable[[str], Engine] | None:
    """What makes engines that ask another server, where this process was told of one."""
    if VARIABLE not in os.environ:
        return None
    from escrgraph.repository.remote.answering import engine  # noqa: PLC0415 - its imports are for remote servers alone

    return engine


def main() -> None:
    """Run as a nursery on an inherited socket, or as a feeder."""
    parser = argparse.ArgumentParser(prog="escrgraph-nursery")
    parser.add_argument("--control", type=int)
    parser.add_argument("--parent", type=int)
    parser.add_argument("--memory", type=int)
    parser.add_argument("--feed", nargs=2, metavar=("SNAPSHOT", "MOST"))
    options = parser.parse_args()
    if options.feed:
        os.nice(10)
        status = feed(options.feed[0], int(options.feed[1]))
        os._exit(status)
    sandbox.die_with(options.parent)
    for number in (signal.SIGINT, signal.SIGTERM):  # the dispatcher decides when it is over
        signal.signal(number, signal.SIG_IGN)
    gc.freeze()
    with socket.socket(fileno=options.control) as control:
        try:
            Nursery(control, options.memory, remote()).run()
        except wire.Broken:
            return


if __name__ == "__main__":
    main()
