"""The writer process: the only one that changes a store. One request at a time, one answer each."""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import traceback
from collections.abc import Callable
from contextlib import nullcontext, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from pyoxigraph import Quad, RdfFormat, parse

from escrgraph.repository import addresses, databases, faults, sandbox, wire
from escrgraph.repository.backups import backup
from escrgraph.repository.changes import Cause, Change, Decision
from escrgraph.repository.errors import Declined, Malformed, NotApplied, RepositoryError, Unavailable
from escrgraph.repository.formats import Mode, follow, locked, open_format
from escrgraph.repository.generations import GENERATIONS, Generations
from escrgraph.repository.loop import Loop
from escrgraph.repository.own import OwnStore
from escrgraph.repository.publishing import STUCK, Outcome, Publisher
from escrgraph.repository.room import RESERVE, Room
from escrgraph.repository.store import Delta
from escrgraph.repository.subscriptions import Subscriber, Subscriptions
from escrgraph.repository.trimming import LARGE, trim
from escrgraph.vocabulary.iris import Base

LOOK = 0.3
"""Seconds between two looks at a log that other machines write to."""

REST = 0.15
"""Seconds after a change until its snapshot, where readers wait for none: the next change may be about to come."""

RESTART = 4
"""Exit status of a writer that must be started again: its replay brings log and store together."""

WRONG = 3
"""Exit status when the store cannot be used at all; starting again would not help."""


@dataclass(frozen=True, slots=True)
class Config:
    """What the process is started with, as JSON in its first argument.

    runtime: directory for the socket; ready_seconds: how long an answer waits for readers to show the change, and
    ready_each: how much longer for each quad of it;
    memory: bytes of address space; reserve: bytes of disk that stay free; stuck_seconds: how long the store may take
    for a change; parent: pid with which this process ends; database: the address of a PostgreSQL that has the log;
    it comes by the environment, because arguments can be read by everybody on the machine.
    """

    store: str
    base: str
    mode: str
    runtime: str
    ready_seconds: float = 10.0
    ready_each: float = 0.0
    memory: int = 16 << 30
    reserve: int = RESERVE
    stuck_seconds: float = STUCK
    parent: int = 0
    database: str = ""


class Service:
    """Requests, answers and followers of one store."""

    def __init__(self, config: Config, server: socket.socket) -> None:
        self._config = config
        self._directory = Path(config.store)
        self._base = Base(config.base)
        self._mode = Mode(config.mode)
        self._server = server
        self._loop = Loop()
        self._subscriptions = Subscriptions(self._loop.forget)
        self._generations = Generations(self._directory / GENERATIONS)
        self._followers: list[socket.socket] = []
        self._repository: Publisher | OwnStore | None = None
        self._status = 0
        self._late = False  # whether a snapshot is still to be taken
        self._trouble = ""  # what last kept it from following the log
        self._asking: socket.socket | None = None  # whose request is being done
        self._doing: dict[str, Callable[[wire.Packet], dict[str, Any]]] = {
            "commit": self._commit,
            "load": self._load,
            "update": self._update,
            "graph-put": self._graph,
            "graph-post": self._graph,
            "graph-delete": self._graph,
            "status": self._tell_status,
            "backup": self._backup,
            "redact": self._redact,
            "rebuild": self._rebuild,
            "verify": self._verify,
        }

    def run(self) -> int:
        """Serve until told to stop. Returns the exit status."""
        self._server.setblocking(False)
        self._loop.watch(self._server, self._accept)
        stopping, wakeup = socket.socketpair()
        with stopping, wakeup:
            wakeup.setblocking(False)
            signal.set_wakeup_fd(wakeup.fileno())
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda *_: None)
            self._loop.watch(stopping, self._loop.stop)
            self._open()
            self._loop.run()
            signal.set_wakeup_fd(-1)
        for subscriber in self._subscriptions:
            self._subscriptions.remove(subscriber)
        for connection in list(self._followers):
            self._unfollow(connection)
        if self._repository:
            self._repository.close()
        return self._status

    def _open(self) -> None:
        """Open the store; when the disk does not let it, try again until it does."""
        try:
            self._opened()
        except (RepositoryError, OSError) as error:
            sys.stderr.write(f"escrgraph writer: {error}\n")
            self._loop.later(5, self._open)

    def _opened(self) -> Publisher | OwnStore:
        if self._repository is None:
            room = Room(self._directory, self._config.reserve)
            if self._mode is Mode.MERGE:
                self._repository = Publisher(
                    self._directory,
                    self._base,
                    room,
                    self._give_up,
                    self._config.stuck_seconds,
                    self._config.database,
                )
            else:
                self._repository = OwnStore(self._directory, room)
            if self._config.database:
                follow(self._directory, databases.claimed(self._config.database, self._base.iri))
                self._loop.later(LOOK, self._look)
            if self._subscriptions.need_snapshots:
                self._show(None)
            trim()  # what a replay took
        return self._repository

    def _look(self) -> None:
        """Look whether other machines published something, and show it; then again in a while, whatever happens."""
        trouble = ""
        try:
            outcome = self._publisher("following").follow()
            if outcome is not None:
                self._show(outcome.delta)
        except (RepositoryError, OSError) as error:
            trouble = str(error)
        if trouble != self._trouble:
            said = trouble or "the change log is followed again"
            sys.stderr.write(f"escrgraph writer: {said}\n")
            self._trouble = trouble
        self._loop.later(LOOK, self._look)

    def _accept(self) -> None:
        connection, _ = self._server.accept()
        connection.settimeout(5)
        self._loop.watch(connection, lambda: self._answer(connection))

    def _answer(self, connection: socket.socket) -> None:
        try:
            packet = wire.receive(connection)
        except (wire.Broken, TimeoutError):
            packet = None
        if packet is None:
            self._loop.forget(connection)
            connection.close()
            return
        try:
            if packet.header.get("do") == "subscribe":
                self._subscribe(connection, packet)
                return
            if packet.header.get("do") == "follow":
                self._follow(connection)
                return
            self._asking = connection
            answer = self._done(packet)
        finally:
            self._asking = None
            packet.close()
        try:
            wire.send(connection, answer)
        except (wire.Broken, TimeoutError):
            self._loop.forget(connection)
            connection.close()

    def _done(self, packet: wire.Packet) -> dict[str, Any]:
        """The answer to a request. What nobody foresaw ends the process after it: a replay makes all well."""
        try:
            what = packet.header.get("do")
            if what not in self._doing:
                known = ", ".join((*self._doing, "subscribe", "follow"))
                raise Malformed(f"The writer does not know “{what}”. It does: {known}.")
            answer = self._doing[what](packet)
        except NotApplied as error:
            if self._opened().number < error.number:
                self._restart()
            return wire.failure(error)
        except RepositoryError as error:
            return wire.failure(error)
        except Exception as error:
            traceback.print_exc()
            self._restart()
            return wire.failure(
                Unavailable(
                    f"The writer failed and starts again ({type(error).__name__}: {error}). Look, then ask again."
                )
            )
        return answer

    def _give_up(self, error: NotApplied) -> None:
        """On another thread: the store waits for ever, so the answer goes out from here and the process ends."""
        sys.stderr.write(f"escrgraph writer: {error}\n")
        if self._asking:
            with suppress(OSError):
                wire.send(self._asking, wire.failure(error))
        os._exit(RESTART)

    def _restart(self) -> None:
        self._status = RESTART
        self._loop.later(0, self._loop.stop)

    def _commit(self, packet: wire.Packet) -> dict[str, Any]:
        """added: bytes of the body that are N-Quads to add; the others are to be removed."""
        asked, cut = packet.header, int(packet.header["added"])
        change = Change(
            cause=Cause(asked["cause"]),
            agent=asked["agent"],
            reason=asked["reason"],
            added=_quads(packet.body[:cut]),
            removed=_quads(packet.body[cut:]),
            withdrawn=asked.get("withdrawn", ()),
            renamed=asked.get("renamed", {}),
            unchecked=asked.get("unchecked", False),
            decision=Decision.from_dict(asked["decision"]) if asked.get("decision") else None,
            expected=asked.get("expected", {}),
        )
        return self._published(self._publisher("commit").commit(change))

    def _load(self, packet: wire.Packet) -> dict[str, Any]:
        """The file is the read end of a pipe."""
        header = {name: packet.header[name] for name in ("cause", "agent", "reason")}
        return self._published(self._publisher("load").load(packet.files[0], {**header, "unchecked": True}))

    def _redact(self, packet: wire.Packet) -> dict[str, Any]:
        asked = packet.header
        outcome, redaction = self._publisher("redact").redact(asked["record"], asked["agent"], asked["reason"])
        self._generations.keep([])
        answer = self._published(outcome)
        return {**answer, "entries": redaction.entries, "remaining": redaction.remaining}

    def _rebuild(self, _: wire.Packet) -> dict[str, Any]:
        publisher = self._publisher("rebuild")
        publisher.verify()  # a store is never made from a log that does not hold
        publisher.rebuild()
        self._generations.keep([])
        self._show(None)
        return {"number": self._opened().number}

    def _verify(self, _: wire.Packet) -> dict[str, Any]:
        return {"entries": self._publisher("verify").verify()}

    def _update(self, packet: wire.Packet) -> dict[str, Any]:
        asked = packet.header
        number = self._own("update").update(
            packet.body.decode(),
            base=asked.get("base"),
            timeout=float(asked["timeout"]),
            using=asked.get("using", ()),
            using_named=asked.get("using_named", ()),
        )
        self._show(None)
        return {"number": number}

    def _graph(self, packet: wire.Packet) -> dict[str, Any]:
        asked = packet.header
        store = self._own(asked["do"])
        if asked["do"] == "graph-delete":
            existed = store.delete(asked["graph"])
        else:
            change = store.put if asked["do"] == "graph-put" else store.post
            existed = change(asked["graph"], packet.body, asked["type"], asked.get("base"))
        self._show(None)
        return {"number": store.number, "existed": existed}

    def _tell_status(self, _: wire.Packet) -> dict[str, Any]:
        number = self._opened().number
        return {
            "generation": number,
            "mode": self._mode.value,
            "base": self._base.iri,
            "pid": os.getpid(),
            "subscribers": len(self._subscriptions),
            "ready": all(subscriber.ready >= number for subscriber in self._subscriptions),
        }

    def _backup(self, packet: wire.Packet) -> dict[str, Any]:
        repository = self._opened()
        target = Path(packet.header["directory"])
        with repository.turn() if isinstance(repository, Publisher) else nullcontext():
            curation = packet.header.get("curation")
            backup(
                self._directory, repository.store, target, self._config.database, Path(curation) if curation else None
            )
            return {"number": repository.number, "directory": str(target)}

    def _subscribe(self, connection: socket.socket, packet: wire.Packet) -> None:
        subscriber = Subscriber(connection, bool(packet.header.get("replica")))
        try:
            repository = self._opened()
            snapshot = self._snapshot()
        except (RepositoryError, OSError) as error:
            self._loop.forget(connection)
            with suppress(wire.Broken, TimeoutError):
                wire.send(connection, wire.failure(Unavailable(f"There is nothing to follow yet: {error}")))
            connection.close()
            return
        answer = {"generation": repository.number, "snapshot": str(snapshot), "mode": self._mode.value}
        try:
            wire.send(connection, answer)
        except (wire.Broken, TimeoutError):
            self._loop.forget(connection)
            connection.close()
            return
        self._subscriptions.add(subscriber)
        self._loop.watch(connection, lambda: self._hear(subscriber))

    def _follow(self, connection: socket.socket) -> None:
        """Tell of each change once it is in the log, from now on. Nobody waits for who follows."""
        connection.setblocking(False)
        self._followers.append(connection)
        self._loop.watch_end(connection, lambda: self._unfollow(connection))
        self._tell_followers()

    def _unfollow(self, connection: socket.socket) -> None:
        self._loop.forget(connection)
        self._followers.remove(connection)
        connection.close()

    def _tell_followers(self) -> None:
        number = self._opened().number
        for connection in list(self._followers):
            # One that has news left unread will find this change with it; one that is gone is heard of by the loop.
            with suppress(OSError):
                wire.send(connection, {"generation": number})

    def _hear(self, subscriber: Subscriber) -> None:
        # Forgotten first: once the connection is closed the loop cannot find it any more.
        self._loop.forget(subscriber.connection)
        if self._subscriptions.heard(subscriber):
            self._loop.watch(subscriber.connection, lambda: self._hear(subscriber))
            self._tidy()

    def _published(self, outcome: Outcome) -> dict[str, Any]:
        if outcome.changed:
            size = outcome.receipt.added + outcome.receipt.removed
            self._show(outcome.delta, size)
            if size > LARGE:
                self._loop.later(REST, trim)  # once the quads of the request are gone too
        faults.point("before-answer")
        return {"receipt": asdict(outcome.receipt)}

    def _show(self, delta: Delta | None, size: int = 0) -> None:
        """Take a snapshot, tell the subscribers, and wait until they show it. Raises NotApplied when they do not.

        size: quads of the change.
        """
        patience = self._config.ready_seconds + size * self._config.ready_each
        self._loop.later(0, self._tell_followers)  # after the answer
        repository = self._opened()
        number = repository.number
        if not len(self._subscriptions):
            return
        snapshot = None
        if delta is None or self._subscriptions.need_snapshots:
            try:
                snapshot = self._snapshot()
            except OSError as error:
                raise NotApplied(
                    f"Change {number} is made, but readers cannot see it yet: the disk took no snapshot ({error}). "
                    "Make room; they will see it with the next change or after a restart.",
                    number,
                ) from error
        elif not self._late:
            self._late = True
            self._loop.later(REST, self._snapshot_late)
        self._subscriptions.tell(number, snapshot, delta)
        shown = self._subscriptions.wait(number, patience)
        self._tidy()
        if not shown:
            raise NotApplied(
                f"Change {number} is made, but readers did not show it within {patience:g} s. "
                "They will in a while: look for it, do not ask again.",
                number,
            )

    def _snapshot(self) -> Path:
        """Take a snapshot of the store as it is. Raises OSError and NotApplied when the disk does not take it."""
        repository = self._opened()
        if isinstance(repository, Publisher):
            repository.settle()
        return self._generations.make(repository.store, repository.number)

    def _snapshot_late(self) -> None:
        self._late = False
        try:
            self._snapshot()
        except (OSError, NotApplied) as error:
            sys.stderr.write(f"escrgraph writer: no snapshot of change {self._opened().number}: {error}\n")
        self._tidy()

    def _tidy(self) -> None:
        self._generations.keep({self._opened().number, *self._subscriptions.using})

    def _publisher(self, what: str) -> Publisher:
        repository = self._opened()
        if isinstance(repository, OwnStore):
            raise Declined(f"{what} needs the change log, which a store in own mode does not have.")
        return repository

    def _own(self, what: str) -> OwnStore:
        repository = self._opened()
        if isinstance(repository, Publisher):
            raise Declined(
                f"{what} writes past the change log, which this repository does not allow. Publish with `escrgraph "
                "load` or a submission; a plain SPARQL store needs ESCRGRAPH_DEFAULT_GRAPH=own."
            )
        return repository


def main(argument: str) -> int:
    """Run the process; `argument` is the configuration as JSON.

    The first line on standard output is {"ready": pid}, or {"error": …, "text": …} before it ends with WRONG.
    """
    config = replace(Config(**json.loads(argument)), database=os.environ.get(addresses.VARIABLE, ""))
    if config.parent:
        sandbox.die_with(config.parent, signal.SIGTERM)
    sandbox.deepen_stack()
    try:
        with locked(Path(config.store)):
            open_format(Path(config.store), config.base, Mode(config.mode))
            with wire.listen(Path(config.runtime) / wire.WRITER) as server:
                _confine(config.memory, network=bool(config.database))
                service = Service(config, server)
                _say({"ready": os.getpid()})
                return service.run()
    except RepositoryError as error:
        _say(wire.failure(error))
        sys.stderr.write(f"escrgraph writer: {error}\n")
        return WRONG


def _confine(memory: int, network: bool) -> None:
    """No programs, and no network but where the log is in PostgreSQL.

    Unlike a query, the writer is the last to go when the machine runs out of memory.
    """
    sandbox.confine(memory, files=True, network=network)
    Path("/proc/self/oom_score_adj").write_text("0", encoding="ascii")


def _say(line: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def _quads(lines: bytes) -> list[Quad]:
    try:
        return list(parse(lines, RdfFormat.N_QUADS))
    except SyntaxError as error:
        raise Malformed(f"The quads of the change cannot be read: {error}", error.lineno, error.offset) from error


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
