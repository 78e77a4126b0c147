"""The deriver process: follows the change log and keeps everything that is derived from it, the search index first."""

from __future__ import annotations

import json
import logging
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from sqlalchemy.exc import SQLAlchemyError

from escrgraph.harvesting.dumps import Dumper
from escrgraph.harvesting.freezing import Freezer
from escrgraph.harvesting.registering import Registrar
from escrgraph.repository import addresses, wire
from escrgraph.repository.errors import RepositoryError
from escrgraph.repository.following import Follower, Place
from escrgraph.repository.log import ChangeLog
from escrgraph.repository.readers import Readers
from escrgraph.repository.trimming import trim
from escrgraph.search.indexing import Indexer
from escrgraph.vocabulary.iris import Base
from escrgraph.vocabulary.kinds import shipped_kinds

AGAIN = 0.1
"""Seconds until the next attempt to reach the writer."""

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
"""Seconds until a follower that failed is asked again, doubled each time."""

PROMPT, NICENESS = 20.0, 10
"""After how many seconds of computing the process steps back behind those that readers wait for, and how far.

A library of usual size is derived before that, and the service waits for it.
"""

log = logging.getLogger("escrgraph.deriver")


@dataclass(frozen=True, slots=True)
class Config:
    """What the process is started with, as JSON in its first argument.

    log: the change log's file, "" when it is in PostgreSQL; directory: where what is derived is kept; runtime:
    directory of the writer's socket, None when nothing changes any more. at: the entry to stop at; None for the newest,
    whichever that is.
    """

    base: str
    log: str
    directory: str
    runtime: str | None = None
    at: int | None = None


Maker = Callable[[Path], Follower]


def makers(config: Config) -> Sequence[Maker]:
    """What makes each follower, in the order in which they are asked: the fast ones first."""
    base = Base(config.base)
    made: list[Maker] = [
        lambda directory: Registrar(directory / Registrar.name, base),
        lambda directory: Indexer(directory / Indexer.name, shipped_kinds(), base),
    ]
    if config.runtime is not None:
        readers = Readers(Path(config.runtime), "public")
        made.append(lambda directory: Dumper(directory / Dumper.name, readers, base))
        changes = addresses.taken(config.log)
        made.append(lambda directory: Freezer(directory / Freezer.name, directory / Dumper.name, changes, base))
    return made


class Deriver:
    """Asks each follower to catch up whenever the log has gone on."""

    def __init__(self, config: Config, making: Sequence[Maker]) -> None:
        self._config = config
        self._making = making
        self._place: Place | None = None
        self._followers: list[Follower] = []
        self._pauses: dict[str, float] = {}

    def derive(self) -> float | None:
        """Let every follower catch up with the log as it is. Returns in how many seconds to try again, if need be."""
        self._settle()
        try:
            with ChangeLog(addresses.taken(self._config.log)) as changes:
                head = changes.head()
                newest = head.number if head else 0
                generation = newest if self._config.at is None else min(self._config.at, newest)
                due = [self._ask(follower, changes, generation) for follower in self._followers]
        except (OSError, RepositoryError, SQLAlchemyError) as error:
            log.error("the change log cannot be read: %s", error)
            due = [FIRST_PAUSE]
        if self._place is not None and self._place.taken_away:
            return 0.0
        return min((pause for pause in due if pause is not None), default=None)

    def close(self) -> None:
        """Let go of everything."""
        for follower in self._followers:
            with suppress(Exception):
                follower.close()
        if self._place is not None:
            self._place.close()
        self._followers, self._place = [], None

    def _settle(self) -> None:
        """Make the directory and the followers, anew after it was taken away; before anything is read from the log."""
        if self._place is not None and not self._place.taken_away:
            return
        self.close()
        self._place = Place(Path(self._config.directory))
        self._followers = [make(self._place.directory) for make in self._making]

    def _ask(self, follower: Follower, changes: ChangeLog, generation: int) -> float | None:
        try:
            (Path(self._config.directory) / follower.name).mkdir(exist_ok=True)
            wish = follower.catch_up(changes, generation)
        except Exception as error:  # a follower that fails must not keep the others from their work
            with suppress(Exception):
                follower.close()
            if self._place is not None and self._place.taken_away:
                return 0.0
            log.exception("the %s could not be brought to generation %d: %s", follower.name, generation, error)
            pause = min(self._pauses.get(follower.name, FIRST_PAUSE / 2) * 2, LONGEST_PAUSE)
            self._pauses[follower.name] = pause
            return pause
        self._pauses.pop(follower.name, None)
        return wish


class News:
    """The line to the writer, which says when the log has gone on. Connects again for ever."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: socket.socket | None = None

    def wait(self, seconds: float | None) -> bool:
        """Wait until there may be something new, at most so long. Returns whether the log is there to be read.

        The writer speaks once it has opened the log, and a store that is new has none before.
        """
        if self._connection is None:
            return self._connect()
        if seconds == 0 or self._heard(seconds):
            return True
        self.close()
        return False

    def close(self) -> None:
        """Hang up."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _connect(self) -> bool:
        try:
            self._connection = wire.connect(self._path)
            wire.send(self._connection, {"do": "follow"})
        except OSError:
            self.close()
            time.sleep(AGAIN)
            return False
        return self._heard(None)

    def _heard(self, seconds: float | None) -> bool:
        """Take in one piece of news, or none in time. Returns whether the writer is still there."""
        assert self._connection is not None  # noqa: S101 - told to mypy
        self._connection.settimeout(seconds)
        try:
            packet = wire.receive(self._connection)
        except TimeoutError:
            return True
        except OSError:
            return False
        if packet is not None:
            packet.close()
        return packet is not None


def main(argument: str) -> NoReturn:
    """Run the process for ever; `argument` is the configuration as JSON. Wherever it is killed, it goes on later."""
    logging.basicConfig(format="%(name)s: %(message)s", level=logging.WARNING)
    signal.signal(signal.SIGPROF, _step_back)
    signal.setitimer(signal.ITIMER_PROF, PROMPT)
    config = Config(**json.loads(argument))
    deriver = Deriver(config, makers(config))
    if config.runtime is None:
        _derive_once(deriver)
    news = News(Path(config.runtime or "") / wire.WRITER)
    pause = None
    while True:
        if news.wait(pause):
            pause = deriver.derive()
            trim()


def _step_back(*_: object) -> None:
    for thread in Path("/proc/self/task").iterdir():  # a thread at a time, for Linux knows no niceness of processes
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, int(thread.name), NICENESS)


def _derive_once(deriver: Deriver) -> NoReturn:
    """What does not change any more: derive from it, then only be there."""
    while (pause := deriver.derive()) is not None:
        time.sleep(pause)
    trim()
    while True:
        signal.pause()


if __name__ == "__main__":
    main(sys.argv[1])
