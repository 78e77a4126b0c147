"""The mirror process: hears of each generation from the writer, brings the server to it, then tells the dispatcher.

To the writer it is a subscriber like any other, to the dispatcher it is the writer: so a change is acknowledged once
the server was seen to hold it, and nothing else knows that there is a server. Killed anywhere, it goes on from there.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import socket
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pyoxigraph import Store

from escrgraph.repository import addresses, sandbox, wire
from escrgraph.repository.errors import RepositoryError, WrongStore
from escrgraph.repository.log import ChangeLog
from escrgraph.repository.loop import Loop
from escrgraph.repository.remote.client import Address, Server
from escrgraph.repository.remote.mirror import Mirror
from escrgraph.repository.sources import News
from escrgraph.repository.subscription import Subscription
from escrgraph.vocabulary.iris import Base

SOCKET = "mirror.sock"
"""Where the dispatcher subscribes, in a service's runtime directory."""

SHOWN = "mirrored"
"""The file there with the number of the generation that the server holds."""

FIRST_PAUSE, LONGEST_PAUSE = 0.25, 10.0
"""Seconds until a server that failed is asked again, doubled each time."""

WRONG = 3
"""Exit status when the server holds what is not to be overwritten."""

log = logging.getLogger("escrgraph.mirror")


@dataclass(frozen=True, slots=True)
class Config:
    """What the process is started with, as JSON in its first argument. log: as addresses.handed tells it."""

    runtime: str
    log: str
    parent: int = 0


class Mirroring:
    """One loop: it waits for the server while it brings a change there, and for nothing else."""

    def __init__(self, config: Config, address: Address) -> None:
        self._config = config
        self._runtime = Path(config.runtime)
        self._base = Base(address.base)
        self._server = Server(address)
        self._mirror = Mirror(self._server, self._base)
        self._loop = Loop()
        self._subscription = Subscription(self._loop, self._runtime / wire.WRITER, self._heard)
        self._door = wire.listen(self._runtime / SOCKET)
        self._followers: list[socket.socket] = []
        self._mode = "merge"
        self._newest: News | None = None  # what the writer told of last
        self._here: tuple[News, Store] | None = None  # what the server holds, and the same on this machine
        self._pause = FIRST_PAUSE
        self._trying = False

    def run(self) -> None:
        """Serve for ever."""
        self._door.setblocking(False)
        self._loop.watch(self._door, self._accept)
        self._subscription.connect()
        self._loop.run()

    # From the writer

    def _heard(self, header: dict[str, Any], news: News, first: bool) -> None:
        if news.delta is not None:
            os.close(news.delta)
        self._mode = header.get("mode", self._mode)
        if news.snapshot is None:
            self._subscription.again()  # it then names one
            return
        self._newest = news
        if first:
            self._tell_writer(-1, set())  # its snapshot must stay until the server has it
        self._bring()

    def _bring(self) -> None:
        """Bring the server to the newest generation; what fails is tried again, until a newer one comes."""
        news = self._newest
        if news is None or news.snapshot is None:
            return
        try:
            store = Store.read_only(news.snapshot)
            # One machine at a time: one that is behind would take back what another has just brought.
            with ChangeLog(addresses.taken(self._config.log)) as changes, changes.turn("server"):
                self._mirror.bring(store, news.generation, changes, self._here[1] if self._here else None)
        except WrongStore as error:
            sys.stderr.write(f"escrgraph mirror: {error}\n")
            os._exit(WRONG)
        except (RepositoryError, OSError) as error:
            log.warning("the SPARQL server could not be brought to change %d: %s", news.generation, error)
            self._later()
            return
        self._pause = FIRST_PAUSE
        self._here = (News(news.generation, news.snapshot), store)
        fresh = (self._runtime / SHOWN).with_suffix(".new")
        fresh.write_text(str(news.generation), encoding="ascii")
        fresh.replace(self._runtime / SHOWN)
        for follower in list(self._followers):
            self._tell(follower, {"added": None, "removed": None})

    def _later(self) -> None:
        if self._trying:
            return
        self._trying = True

        def again() -> None:
            self._trying = False
            self._bring()

        self._loop.later(self._pause, again)
        self._pause = min(self._pause * 2, LONGEST_PAUSE)

    # To the dispatcher

    def _accept(self) -> None:
        with suppress(OSError):
            connection, _ = self._door.accept()
            connection.settimeout(5)
            self._loop.watch(connection, lambda: self._answer(connection))

    def _answer(self, connection: socket.socket) -> None:
        try:
            packet = wire.receive(connection)
        except OSError:
            packet = None
        if packet is None:
            self._drop(connection)
            return
        packet.close()
        if packet.header.get("do") == "subscribe":
            self._followers.append(connection)
            if self._here is not None:
                self._tell(connection, {"mode": self._mode})
        elif "ready" in packet.header:
            self._tell_writer(int(packet.header["ready"]), set(packet.header["using"]))

    def _tell(self, follower: socket.socket, more: dict[str, Any]) -> None:
        if self._here is None:
            return
        news = self._here[0]
        try:
            wire.send(follower, {"generation": news.generation, "snapshot": news.snapshot, **more})
        except OSError:
            self._drop(follower)

    def _drop(self, connection: socket.socket) -> None:
        self._loop.forget(connection)
        if connection in self._followers:
            self._followers.remove(connection)
        connection.close()

    def _tell_writer(self, ready: int, using: set[int]) -> None:
        """Say what queries see, and which snapshots must stay: those of the dispatcher, and those compared here."""
        mine = {news.generation for news in (self._newest, self._here and self._here[0]) if news is not None}
        self._subscription.shows(ready, using | mine, in_memory=False)


def main(argument: str) -> None:
    """Run the process until it is ended; `argument` is the configuration as JSON."""
    logging.basicConfig(format="escrgraph: %(message)s", level=logging.WARNING)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    config = Config(**json.loads(argument))
    if config.parent:
        sandbox.die_with(config.parent)
    address = Address.given()
    if address is None:
        raise SystemExit("escrgraph mirror: it was told of no SPARQL server.")
    Mirroring(config, address).run()


if __name__ == "__main__":
    main(sys.argv[1])
