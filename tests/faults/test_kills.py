"""kill -9 of any process of a service under load: nothing acknowledged is lost, and it comes back by itself."""

from __future__ import annotations

import random
import threading
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlencode

import psutil
import pytest
from tests.faults.readers import Readers
from tests.faults.services import PATIENCE, ROLES, back, counted, ending, health, processes, shows, writer
from tests.faults.stories import Story
from tests.repository.serving import until
from tests.repository.worlds import BASE
from tests.running import Running, serving

from escrgraph.repository.errors import RepositoryError

COUNT = "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }"
PATHS = (
    "/health",
    "/search?q=r1",
    "/sparql?" + urlencode({"query": COUNT}),
    "/sparql?" + urlencode({"query": "ASK { ?s ?p ?o }"}),
    "/",
    "/doc/resource/r1.ttl",
)


class Curator:
    """Commits one change after the other, and finds out what became of a change that was not answered."""

    def __init__(self, story: Story, running: Running) -> None:
        self.running = running
        self.story = story
        self.turn = threading.Lock()  # held while a change is being made: whoever has it sees none under way
        self.made = 0
        self.failure: BaseException | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Curator:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        try:
            while not self._stop.wait(0.01):
                with self.turn:
                    self._once()
        except BaseException as error:
            self.failure = error

    def _once(self) -> None:
        if self.story.go_on(writer(self.running), 1):
            until(self._told, PATIENCE)
        self.made += 1

    def _told(self) -> bool:
        """Look what became of the last change; False while the writer, or the whole service, is not there."""
        if self._stop.is_set():
            return True
        try:
            self.story.check(writer(self.running))
        except (RepositoryError, OSError):
            return False
        return True


class Siege:
    """A service under load, whose processes are killed one at a time."""

    def __init__(self, directory: Path, seed: int) -> None:
        self.story = Story(directory, seed)
        self.killed: Counter[str] = Counter()
        self._random = random.Random(seed)
        self._service = ExitStack()
        self.running = self._start()
        self.curator = Curator(self.story, self.running)
        self.readers = Readers(PATHS, frozenset({200, 404, 410}))

    def go_on(self, kills: int) -> None:
        """Kill so many; each role has its turn before any has its next."""
        with self._service, self.readers.asking(self.running.url, 3), self.curator:
            order: list[str] = []
            for _ in range(kills):
                order = order or self._random.sample(ROLES, len(ROLES))
                self._kill(order.pop())
                self._look()
            with self.curator.turn:
                self.story.check_snapshots()
        assert self.readers.seen[200] > kills

    def _kill(self, role: str) -> None:
        before, answered = self.curator.made, self.readers.seen[200]
        until(lambda: self._failed() or (self.curator.made > before and self.readers.seen[200] > answered), PATIENCE)
        threading.Event().wait(self._random.random() / 20)  # at any moment of a change or an answer
        found = processes(self.running)
        victim = self._random.choice(found[role])
        if role != "supervisor":
            with ending([victim]):
                victim.kill()
        else:
            with ending([process for of_role in found.values() for process in of_role]):
                victim.kill()
            self._service.close()
            self._start_again()
        self.killed[role] += 1

    def _look(self) -> None:
        """After a kill the service is whole again, and what was acknowledged is there, over HTTP as in the log."""
        back(self.running)
        with self.curator.turn:
            assert not self._failed()
            until(self._checked, PATIENCE)
            until(lambda: shows(self.running, self.story.acknowledged), PATIENCE)
            assert counted(self.running, BASE.graph("resource"), BASE.graph("finding")) == len(self.story.sure)
        assert self.readers.wrong == [], self.running.log.read_text(encoding="utf-8")[-3000:]

    def _checked(self) -> bool:
        try:
            self.story.check(writer(self.running))
        except (RepositoryError, OSError):
            return False
        return True

    def _failed(self) -> bool:
        if self.curator.failure is not None:
            raise self.curator.failure
        return False

    def _start(self) -> Running:
        return self._service.enter_context(serving(self.story.store, "--empty"))

    def _start_again(self) -> None:
        self.running = self._start()
        self.curator.running, self.readers.url = self.running, self.running.url


def test_twenty_kills_of_any_process_lose_nothing(tmp_path: Path) -> None:
    siege = Siege(tmp_path, seed=20)
    siege.go_on(20)
    assert set(siege.killed) == set(ROLES)


@pytest.mark.drill
@pytest.mark.parametrize("part", range(10))
def test_five_hundred_kills_of_any_process_lose_nothing(tmp_path: Path, part: int) -> None:
    Siege(tmp_path, seed=part).go_on(50)


def test_a_service_whose_parts_are_all_killed_at_once_comes_back(tmp_path: Path) -> None:
    story = Story(tmp_path, seed=2)
    with serving(story.store, "--empty") as running:
        assert not story.go_on(writer(running), 1)
        found = processes(running)
        victims = [victim for role in ROLES if role != "supervisor" for victim in found[role]]
        with ending(victims):
            for victim in victims:
                _kill(victim)
        back(running)
        story.check(writer(running))
        assert health(running) is not None


def _kill(victim: psutil.Process) -> None:
    try:
        victim.kill()
    except psutil.NoSuchProcess:
        return  # it went with its parent
