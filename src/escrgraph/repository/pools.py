"""A pool: a queue of jobs, and the workers that do them. Pages and the public have one each."""

from __future__ import annotations

import enum
import json
import logging
import os
import select
import signal
import socket
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from escrgraph.repository import wire
from escrgraph.repository.budgets import Budgets
from escrgraph.repository.deaths import cause
from escrgraph.repository.errors import Busy, OutOfMemory, OutOfTime, RepositoryError
from escrgraph.repository.loop import Loop
from escrgraph.repository.nurseries import Nursery
from escrgraph.repository.worker import NOTED, read_board

LONG = 1.0
"""Seconds after which a query steps back behind the short ones; its worker is replaced when it ends."""

MANY = 20
"""Notes of workers in one look after which the next one comes sooner: a socket holds some hundreds."""

PATIENCE = 10.0
"""Seconds that a job may wait in the queue."""

GOODBYE = 0.05
"""Seconds between a client's leaving and the end of its worker, which may just be done."""

_LEAST_IMPORTANT = 19

log = logging.getLogger("escrgraph.dispatcher")


@dataclass(eq=False, slots=True)
class Job:
    """One request of a client, waiting or being answered. request: a memfd."""

    connection: socket.socket
    request: bytes
    client: str
    timeout: float
    arrived: float = field(default_factory=time.monotonic)
    started: float = 0.0
    left: bool = False  # the client closed its end


@dataclass(frozen=True, slots=True)
class Source:
    """Where workers come from. snapshot: the directory that they open; None for the nursery's replica."""

    generation: int
    nursery: Nursery
    snapshot: str | None


class State(enum.Enum):
    """What a worker is doing. GONE: it ends, and its nursery has not said how yet."""

    STARTING = "starting"
    READY = "ready"
    BUSY = "busy"
    GONE = "gone"


@dataclass(eq=False, slots=True)
class Worker:
    """One worker process. tired: it ran long, and is replaced after its job. board: memfd, see `worker.Door`."""

    pid: int
    control: socket.socket
    board: int
    generation: int
    nursery: Nursery
    snapshot: bool
    state: State = State.STARTING
    job: Job | None = None
    tired: bool = False
    served: int = 0


@dataclass(frozen=True, slots=True)
class Terms:
    """What a pool allows. per_client: jobs of one client that may run at once, 0 for any number.

    spare: workers more than `workers`, while as many run long.
    door: path of a socket where clients come to the workers themselves, past the queue and its rules.
    """

    name: str
    workers: int
    memory: int
    niceness: int = 0
    spare: int = 0
    per_client: int = 0
    queue: int = 256
    queue_per_client: int = 256
    door: Path | None = None


class Pool:
    """Hands jobs to ready workers of the newest generation, and keeps as many workers as its terms say."""

    def __init__(self, loop: Loop, terms: Terms, budgets: Budgets, reached: Callable[[], None]) -> None:
        """reached: called whenever new jobs begin to see a newer generation or another source."""
        self.terms = terms
        self.generation = -1
        self.workers: dict[tuple[Nursery, int], Worker] = {}  # a pid may be used again
        self.target: Source | None = None
        self.counts: Counter[str] = Counter()
        self._loop = loop
        self._budgets = budgets
        self._reached = reached
        self._queue: deque[Job] = deque()
        self._asked = 0  # forks asked for whose workers are not born yet
        self._failures = 0
        self._reached_target = False
        self._listener: socket.socket | None = None  # of the workers that are aimed at
        self._open_listener: socket.socket | None = None  # the one behind the door

    # Jobs

    def admit(self, job: Job) -> None:
        """Take a job, which is answered or refused from here on."""
        try:
            self._check_room(job)
        except RepositoryError as error:
            self._refuse(job, error)
            return
        self._queue.append(job)
        self._dispatch()

    def tick(self) -> bool:
        """What is looked at now and then: long runs step back, long waits end. Returns whether much is going on."""
        now, before = time.monotonic(), self.counts["answered"]
        for worker in list(self.workers.values()):
            self._look_at(worker)
            if worker.job and worker.state is State.BUSY and not worker.tired and now - worker.job.started > LONG:
                worker.tired = True
                if self.terms.niceness:
                    _step_back(worker.pid)
                self.fill()
        self._see_who_left()
        while self._queue and now - self._queue[0].arrived > PATIENCE:
            self._refuse(
                self._queue.popleft(),
                Busy(f"Every query worker was busy for {PATIENCE:g} s. Try again in a moment."),
            )
        return self.counts["answered"] - before > MANY

    def _check_room(self, job: Job) -> None:
        if job.client:
            self._budgets.check(job.client)
            if sum(waiting.client == job.client for waiting in self._queue) >= self.terms.queue_per_client:
                raise Busy("You already have as many queries waiting as one client may. Wait for their answers.")
        if len(self._queue) >= self.terms.queue:
            raise Busy(f"{len(self._queue)} queries are waiting already. Try again in a moment.")

    def _dispatch(self) -> None:
        while self._queue and self._running() < self.terms.workers:
            worker = next((w for w in self.workers.values() if w.state is State.READY), None)
            job = self._next_job()
            if worker is None or job is None:
                return
            self._queue.remove(job)
            self._hand_over(worker, job)

    def _running(self) -> int:
        """How many jobs hold up others: those that run long do not where there are spare workers."""
        return sum(w.state is State.BUSY and not (w.tired and self.terms.spare) for w in self.workers.values())

    def _next_job(self) -> Job | None:
        if not self.terms.per_client:
            return self._queue[0]
        running = Counter(worker.job.client for worker in self.workers.values() if worker.job and worker.job.client)
        free = [job for job in self._queue if running[job.client] < self.terms.per_client]
        return min(free, key=lambda job: running[job.client], default=None)  # of equals, who came first

    def _hand_over(self, worker: Worker, job: Job) -> None:
        worker.state, worker.job = State.BUSY, job
        job.started = time.monotonic()
        try:
            wire.send(worker.control, {"timeout": job.timeout}, job.request, [job.connection.fileno()])
        except wire.Broken:  # it died while it was idle: the job is as it was
            worker.job = None
            self._queue.appendleft(job)
            self._ended(worker)

    def _see_who_left(self) -> None:
        """Find the clients that closed their end, or sent what nobody asked for.

        Most answers are given between two looks: to watch each connection for its end would cost more than the look.
        """
        running = (w.job for w in self.workers.values() if w.job and w.state is State.BUSY and not w.job.left)
        jobs = {job.connection.fileno(): job for job in (*self._queue, *running)}
        looking = select.poll()
        for number in jobs:
            looking.register(number, select.POLLIN)
        for number, _ in looking.poll(0):
            self._left(jobs[number])

    def _left(self, job: Job) -> None:
        job.left = True
        if job in self._queue:
            self._queue.remove(job)
            job.connection.close()
            return
        self._loop.later(GOODBYE, lambda: self._abandon(job))

    def _abandon(self, job: Job) -> None:
        for worker in list(self.workers.values()):
            if worker.job is job:
                self._look_at(worker)  # it may be done, or be busy with another client by now
            if worker.job is job and worker.state is State.BUSY:
                self.counts["abandoned"] += 1
                _kill(worker.pid)

    def _finish(self, job: Job) -> None:
        if job.client:
            self._budgets.charge(job.client, time.monotonic() - job.started)
        job.connection.close()

    def _refuse(self, job: Job, error: RepositoryError) -> None:
        self.counts[type(error).__name__] += 1
        tell(job.connection, error)
        job.connection.close()

    # Workers

    def aim(self, source: Source) -> None:
        """From now on get workers from `source`; those of the earlier one serve until the first new one is ready."""
        self.target = source
        self._reached_target = False
        if self.terms.door:
            self._close_listener()
            self._listener = wire.listen(self.terms.door.with_suffix(".next"), backlog=256)
            self._listener.setblocking(False)
        self._failures = 0
        self._asked = 0
        self.fill()

    @property
    def arrived(self) -> bool:
        """Whether new jobs see the target."""
        return self._reached_target

    def fill(self) -> None:
        """Ask for as many workers as are missing."""
        target = self.target
        if target is None:
            return
        while self._asked < self._missing():
            self._asked += 1
            listener = [] if self._listener is None else [self._listener.fileno()]
            target.nursery.fork(self.terms.name, target.generation, target.snapshot, self.terms.niceness, *listener)

    def _missing(self) -> int:
        """How many workers there are too few; negative when there are too many."""
        wanted = [worker for worker in self.workers.values() if self._wanted(worker)]
        tired = sum(worker.tired for worker in wanted)
        return self.terms.workers + min(tired, self.terms.spare) - len(wanted)

    def born(self, worker: Worker) -> None:
        """A nursery has forked a worker for this pool."""
        self.workers[worker.nursery, worker.pid] = worker
        if self._wanted(worker):
            self._asked = max(0, self._asked - 1)
        self._loop.watch(worker.control, lambda: self._heard(worker))

    def dead(self, nursery: Nursery, pid: int, status: int, last_words: bytes) -> None:
        """A worker's nursery says how it ended."""
        worker = self.workers.pop((nursery, pid))
        if worker.state in (State.READY, State.BUSY) and self.terms.door:
            self._read_notes(worker)
        self._ended(worker)
        job, worker.job = worker.job, None
        if job is not None and status == 0:
            self._finish(job)  # it was answered, and the process left because of what it had to say
        elif job is not None:
            self._explain(job, cause(status, last_words, job.timeout, self.terms.memory), last_words)
            self._finish(job)
        elif status:
            log.warning("a worker died idle, status %s: %s", status, last_words.decode(errors="replace").strip())
        self._fill_soon(failed=job is None and status != 0)
        self._dispatch()

    def _explain(self, job: Job, error: RepositoryError, last_words: bytes) -> None:
        if job.left:
            return
        self.counts[type(error).__name__] += 1
        if not isinstance(error, OutOfTime | OutOfMemory):
            log.warning("a query worker died: %s %s", error, last_words.decode(errors="replace").strip())
        tell(job.connection, error)

    def orphaned(self, nursery: Nursery) -> None:
        """A nursery died, and its workers with it."""
        for worker in [worker for worker in self.workers.values() if worker.nursery is nursery]:
            self.dead(nursery, worker.pid, signal.SIGTERM, b"the nursery ended")

    def _fill_soon(self, failed: bool) -> None:
        """Replace what is missing: at once, or after a growing while when workers die before they are ready."""
        if not failed:
            self.fill()
            return
        self._failures += 1
        self._loop.later(min(0.02 * 2**self._failures, 2.0), self.fill)

    def _wanted(self, worker: Worker) -> bool:
        target = self.target
        return (
            target is not None
            and worker.state is not State.GONE
            and worker.nursery is target.nursery
            and worker.generation >= target.generation
        )

    def _heard(self, worker: Worker) -> None:
        try:
            packet = wire.receive(worker.control)
        except wire.Broken:
            packet = None
        if packet is None:
            self._ended(worker)
        elif "ready" in packet.header:
            self._is_ready(worker)
        else:
            worker.tired |= bool(packet.header.get("unfit"))
            self._is_done(worker)

    def _is_ready(self, worker: Worker) -> None:
        worker.state = State.READY
        self._failures = 0
        if self.terms.door:
            worker.control.setblocking(False)
            self._loop.watch_end(worker.control, lambda: self._look_at(worker))
        if not self._wanted(worker) or self._missing() < 0:
            self._dismiss(worker)
            return
        self.generation = max(self.generation, worker.generation)
        if not self._reached_target:
            self._reached_target = True
            self._open_door()
            for other in list(self.workers.values()):
                self._look_at(other)
                if other.state is State.READY and not self._wanted(other):
                    self._dismiss(other)
            self._reached()
        self._dispatch()

    def _look_at(self, worker: Worker) -> None:
        """See what a worker with a door has been doing."""
        if not self.terms.door or worker.state not in (State.READY, State.BUSY):
            return
        if not self._read_notes(worker):
            return
        doing, served = read_board(worker.board)
        self.counts["answered"] += served - worker.served
        worker.served = served
        if worker.job is None or worker.state is not State.BUSY:
            return
        if doing != NOTED:
            self._is_done(worker)

    def _read_notes(self, worker: Worker) -> bool:
        """Read what a worker with a door noted since the last time; the last counts. Returns whether it is alive."""
        note, ended = b"", False
        files: list[int] = []
        try:
            while not ended:
                data, more = wire.receive_bytes(worker.control)
                ended = not data
                if data:
                    _close(files)
                    note, files = data, more
        except BlockingIOError:
            pass
        except wire.Broken:
            ended = True
        if files:
            self._has_begun(worker, json.loads(note), socket.socket(fileno=files[0]))
        if ended:
            self._ended(worker)
        return not ended

    def _has_begun(self, worker: Worker, asked: dict[str, Any], connection: socket.socket) -> None:
        if worker.job is not None:
            self._finish(worker.job)
        job = Job(connection, b"", str(asked.get("client", "")), asked["timeout"])
        job.started = job.arrived
        worker.state, worker.job = State.BUSY, job

    def _is_done(self, worker: Worker) -> None:
        self._over(worker)
        if worker.tired or (self._reached_target and not self._wanted(worker)):
            self._dismiss(worker)
        self._dispatch()

    def _over(self, worker: Worker) -> None:
        job, worker.job = worker.job, None
        self.counts["answered"] += not self.terms.door  # its board counts them
        worker.state = State.READY
        if job is not None:
            self._finish(job)

    def _dismiss(self, worker: Worker) -> None:
        self._ended(worker)
        if worker.tired:
            self.fill()

    def _ended(self, worker: Worker) -> None:
        """Take a worker out of service: closing its socket ends it, if it has not ended already."""
        if worker.state is State.GONE:
            return
        worker.state = State.GONE
        self._loop.forget(worker.control)
        worker.control.close()
        os.close(worker.board)
        if worker.job is not None:
            self.fill()

    def _open_door(self) -> None:
        """Let clients come to the workers of the new generation: whoever connects from now on sees it."""
        if self.terms.door and self._listener is not None:
            self.terms.door.with_suffix(".next").rename(self.terms.door)
            earlier, self._open_listener = self._open_listener, self._listener
            if earlier is not None:
                earlier.close()  # those who wait there come again, to the new one

    def _close_listener(self) -> None:
        if self._listener is not None and self._listener is not self._open_listener:
            self._listener.close()
        self._listener = None

    # What others want to know

    def using(self) -> set[int]:
        """Generations whose snapshots are open, or about to be."""
        open_now = {worker.generation for worker in self.workers.values() if worker.snapshot}
        return open_now | ({self.target.generation} if self.target and self.target.snapshot else set())

    def status(self) -> dict[str, Any]:
        """Figures for operators."""
        states = Counter(worker.state.value for worker in self.workers.values())
        return {
            "generation": self.generation,
            "workers": len(self.workers),
            **{state.value: states[state.value] for state in State},
            "queued": len(self._queue),
            "counts": dict(self.counts),
            "pids": [worker.pid for worker in self.workers.values() if worker.state is not State.GONE],
        }

    def close(self) -> None:
        """Refuse what waits and let the workers go."""
        while self._queue:
            self._refuse(self._queue.popleft(), Busy("The service is stopping."))
        for worker in list(self.workers.values()):
            self._ended(worker)
        self._close_listener()
        if self._open_listener is not None:
            self._open_listener.close()


def tell(connection: socket.socket, error: RepositoryError) -> None:
    """Send an error to a client if it can take it now; one that has begun to read an answer knows it for broken."""
    packet = b"X" + json.dumps(wire.failure(error)).encode()
    try:
        connection.send(packet, socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL)
    except OSError:
        return


def _close(files: list[int]) -> None:
    for file in files:
        os.close(file)


def _kill(pid: int) -> None:
    # Its nursery has not waited for it, so the pid is still its own.
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def _step_back(pid: int) -> None:
    try:
        os.setpriority(os.PRIO_PROCESS, pid, _LEAST_IMPORTANT)
    except (ProcessLookupError, PermissionError):
        return
