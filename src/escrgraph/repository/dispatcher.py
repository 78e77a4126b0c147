"""The dispatcher: takes requests on two sockets, hands each to a worker, keeps the workers at the newest generation."""

from __future__ import annotations

import argparse
import json
import logging
import os
import signal
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from escrgraph.repository import wire
from escrgraph.repository.budgets import Budgets
from escrgraph.repository.formats import Mode
from escrgraph.repository.loop import Loop
from escrgraph.repository.pools import Job, Pool, Terms
from escrgraph.repository.sources import News, Sources
from escrgraph.repository.subscription import Subscription

GENERATION = "generation"
"""The file in the runtime directory that holds the number of the generation that new queries see."""

PUBLIC_NICENESS = 5
TICK, TICK_WHEN_BUSY = 0.25, 0.05

log = logging.getLogger("escrgraph.dispatcher")


@dataclass(frozen=True, slots=True)
class Options:
    """What the dispatcher is told. snapshot: serve this directory for good, as `generation`, without a writer.

    news: the socket in the runtime directory where generations are told of.
    """

    runtime: Path
    workers: int
    memory: int
    replica_triples: int
    rate_limit: float
    mode: Mode = Mode.MERGE
    snapshot: Path | None = None
    generation: int = 0
    news: str = wire.WRITER


class Dispatcher:
    """Everything it does happens in one loop; it waits for nothing else."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._loop = Loop()
        self._started = time.monotonic()
        self._pools = (
            Pool(
                self._loop,
                Terms("pages", options.workers, options.memory, door=options.runtime / "pages.sock"),
                Budgets(0),
                self._reached,
            ),
            Pool(
                self._loop,
                Terms(
                    "public",
                    options.workers,
                    options.memory,
                    PUBLIC_NICENESS,
                    spare=options.workers,
                    per_client=max(1, options.workers - 1),
                    queue_per_client=16,
                ),
                Budgets(options.rate_limit),
                self._reached,
            ),
        )
        self._subscription = Subscription(self._loop, options.runtime / options.news, self._heard)
        self._sources = Sources(
            self._loop,
            self._pools,
            options.memory,
            self._most(options.mode),
            shown=self._shown,
            behind=self._subscription.again,
        )
        self._servers: list[socket.socket] = []
        self._shown_generation = -1

    def run(self) -> None:
        """Serve until told to stop."""
        self._listen(self._pools[1])
        if self._options.snapshot is not None:
            self._sources.announce(News(self._options.generation, str(self._options.snapshot)))
        else:
            self._subscription.connect()
        self._tick()
        try:
            self._loop.run()
        finally:
            self._close()

    def stop(self) -> None:
        """Let run() return."""
        self._loop.stop()

    def wake_on_signals(self) -> None:
        """Stop on SIGTERM and SIGINT."""
        woken, self._waker = socket.socketpair()
        self._waker.setblocking(False)
        self._servers.append(woken)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.stop())
        signal.set_wakeup_fd(self._waker.fileno(), warn_on_full_buffer=False)
        self._loop.watch(woken, lambda: None)

    # Clients

    def _listen(self, pool: Pool) -> None:
        server = wire.listen(self._options.runtime / f"{pool.terms.name}.sock", backlog=256)
        server.setblocking(False)
        self._servers.append(server)
        self._loop.watch(server, lambda: self._accept(server, pool))

    def _accept(self, server: socket.socket, pool: Pool) -> None:
        try:
            connection, _ = server.accept()
        except OSError:  # gone again, or no descriptors left; either way the loop goes on
            return
        self._asked(connection, pool)

    def _asked(self, connection: socket.socket, pool: Pool) -> None:
        try:
            packet = wire.receive(connection, wire.NOW)  # clients send at once, so it is mostly there already
        except BlockingIOError:
            self._loop.watch(connection, lambda: self._asked_late(connection, pool))
            return
        except OSError:
            packet = None
        if packet is not None and packet.header.get("do") == "status":
            self._tell_status(connection)
        elif packet is not None:
            header = packet.header
            pool.admit(Job(connection, packet.body, str(header.get("client", "")), float(header["timeout"])))
            return
        connection.close()

    def _asked_late(self, connection: socket.socket, pool: Pool) -> None:
        self._loop.forget(connection)
        self._asked(connection, pool)

    def _tell_status(self, connection: socket.socket) -> None:
        head = b"H" + json.dumps(self.status()).encode()
        for data in (head, b"E{}"):
            try:
                connection.send(data, socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL)
            except OSError:
                return

    def status(self) -> dict[str, Any]:
        """Figures for operators."""
        return {
            "generation": self._shown_generation,
            "replica": self._sources.in_memory,
            "seconds": round(time.monotonic() - self._started, 1),
            "pools": {pool.terms.name: pool.status() for pool in self._pools},
        }

    def _tick(self) -> None:
        busy = [pool.tick() for pool in self._pools]
        self._sources.release()
        self._loop.later(TICK_WHEN_BUSY if any(busy) else TICK, self._tick)

    # Generations

    def _heard(self, header: dict[str, Any], news: News, first: bool) -> None:
        if first and "mode" in header:
            self._sources.most = self._most(Mode(header["mode"]))
        self._sources.announce(news)
        if news.generation <= self._shown_generation:
            self._tell_writer()

    def _most(self, mode: Mode) -> int:
        # In merge mode each triple stands in the default graph as well.
        return self._options.replica_triples * (2 if mode is Mode.MERGE else 1)

    def _reached(self) -> None:
        self._sources.reached()

    def _shown(self) -> None:
        generation = self._sources.generation
        if generation > self._shown_generation:
            self._shown_generation = generation
            path = self._options.runtime / GENERATION
            fresh = path.with_suffix(".new")
            fresh.write_text(str(generation), encoding="ascii")
            fresh.replace(path)
        self._tell_writer()

    def _tell_writer(self) -> None:
        self._subscription.shows(self._shown_generation, self._sources.using(), self._sources.in_memory)

    def _close(self) -> None:
        signal.set_wakeup_fd(-1)
        self._subscription.close()
        for pool in self._pools:
            pool.close()
        self._sources.close()
        for server in self._servers:
            self._loop.forget(server)
            server.close()
        self._loop.close()


def read_options(arguments: Sequence[str] | None = None) -> Options:
    """Options from the command line."""
    parser = argparse.ArgumentParser(prog="escrgraph-dispatcher", description=__doc__)
    parser.add_argument("--runtime", type=Path, required=True, help="directory of the sockets")
    parser.add_argument("--workers", type=int, default=(os.cpu_count() or 1) + 1, help="of each pool")
    parser.add_argument("--memory", type=int, default=2 << 30, help="bytes that a worker may take")
    parser.add_argument("--replica-triples", type=int, default=500_000)
    parser.add_argument("--rate-limit", type=float, default=0, help="query seconds of a client each minute")
    parser.add_argument("--mode", type=Mode, default=Mode.MERGE)
    parser.add_argument("--snapshot", type=Path, help="serve this directory, without a writer")
    parser.add_argument("--generation", type=int, default=0, help="the number of that snapshot")
    parser.add_argument("--news", default=wire.WRITER, help="the socket where generations are told of")
    return Options(**vars(parser.parse_args(arguments)))


def main() -> None:
    """Run the dispatcher until SIGTERM."""
    logging.basicConfig(format="escrgraph: %(message)s", level=logging.WARNING)
    dispatcher = Dispatcher(read_options())
    dispatcher.wake_on_signals()
    dispatcher.run()


if __name__ == "__main__":
    main()
