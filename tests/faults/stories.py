"""A store with a history, what must be in it whatever happens to those who keep it, and somebody who follows it."""

from __future__ import annotations

import random
import shutil
import socket
import threading
from contextlib import suppress
from pathlib import Path

from pyoxigraph import Quad, Store
from tests.repository.worlds import by_the_log, change, finding, merge_is_right, named, title

from escrgraph.repository import wire
from escrgraph.repository.errors import RepositoryError
from escrgraph.repository.log import ChangeLog
from escrgraph.repository.writing import Writer


class Follower(threading.Thread):
    """Says at once that it shows what it hears of, so that the writer takes a snapshot of every change."""

    def __init__(self, writer: Writer) -> None:
        super().__init__(daemon=True)
        self._connection = wire.connect(writer._socket, timeout=30)
        wire.send(self._connection, {"do": "subscribe"})
        self.start()

    def run(self) -> None:
        with suppress(OSError):
            while (packet := wire.receive(self._connection)) is not None:
                packet.close()
                number = packet.header.get("generation", 0)
                wire.send(self._connection, {"ready": number, "using": [number]})

    def end(self) -> None:
        with suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)
        self.join(10)
        self._connection.close()


class Story:
    """A store, and what must be in it: `sure` was acknowledged; `asked` was asked for and never answered."""

    def __init__(self, directory: Path, seed: int) -> None:
        self.store = directory / "store"
        self.sure: set[Quad] = set()
        self.asked: set[Quad] | None = None
        self.acknowledged = 0
        self.copies = directory
        self._random = random.Random(seed)
        self._step = 0

    def next_change(self) -> tuple[set[Quad], set[Quad]]:
        """Some 200 quads to add, and most of the last change's to remove, so that a half of it would show."""
        self._step += 1
        record = f"resource/r{self._random.randrange(5)}"
        added = {title(record, f"{self._step}-{number}") for number in range(200)} | {*finding(f"f{self._step}")[:3]}
        return added, set(self._random.sample(sorted(self.sure, key=str), len(self.sure) * 3 // 4))

    def go_on(self, writer: Writer, steps: int) -> bool:
        """Make changes until the writer dies; returns whether it did."""
        for _ in range(steps):
            added, removed = self.next_change()
            self.asked = (self.sure - removed) | added
            try:
                receipt = writer.commit(change(added, removed))
            except RepositoryError:
                return True
            self.acknowledged, self.sure, self.asked = receipt.number, self.asked, None
        return False

    def check(self, writer: Writer) -> None:
        """See that the store is what was acknowledged, or that and the whole of what was not answered."""
        number = writer.status()["generation"]
        target = self.copies / f"copy-{self._step}"
        shutil.rmtree(target, ignore_errors=True)  # of a check that the writer did not survive
        writer.backup(target)
        store = Store.read_only(str(target / "current"))
        with ChangeLog(target / "log.sqlite") as log:
            assert log.verify() == number >= self.acknowledged
            assert by_the_log(log) == named(store)
        assert merge_is_right(store)
        public = {quad for quad in named(store) if "/graph/inferred" not in str(quad.graph_name)}
        assert public in (self.sure, self.asked)
        assert (number == self.acknowledged) == (public == self.sure)
        self.sure, self.asked, self.acknowledged = public, None, number
        del store
        shutil.rmtree(target)

    def check_snapshots(self) -> None:
        """See that nothing half made is left among the snapshots, once nobody makes one."""
        snapshots = [path.name for path in (self.store / "generations").iterdir()]
        assert not [name for name in snapshots if not name.isdigit()]
