"""Load: clients that ask one request after the other for a while, in processes of their own."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain

from benchmarks.child import Child
from benchmarks.client import Connection
from benchmarks.endpoint import Request
from benchmarks.figures import percentile

_STRIDE = 37  # how far apart clients begin in the list of requests


@dataclass(frozen=True, slots=True)
class Cell:
    """What was seen in one stretch of load.

    latencies: seconds of each answer. wall: seconds of the whole. cpu: processor seconds of the clients.
    failures: what came instead of an answer.
    """

    latencies: Sequence[float]
    wall: float
    cpu: float
    failures: Sequence[str] = field(default=())

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.latencies) / self.wall

    @property
    def p50(self) -> float:
        """Half of the answers came within so many seconds."""
        return percentile(self.latencies, 0.5)

    @property
    def p95(self) -> float:
        """Nineteen of twenty answers came within so many seconds."""
        return percentile(self.latencies, 0.95)

    @property
    def busy(self) -> float:
        """How much of one processor the clients used: near 1 a process, the clients are what was measured."""
        return self.cpu / self.wall


class Drivers:
    """Client processes, started once and used for every cell."""

    def __init__(self, processes: int = 1) -> None:
        self._children = [Child() for _ in range(processes)]

    def __enter__(self) -> Drivers:
        return self

    def __exit__(self, *_: object) -> None:
        for child in self._children:
            child.close()

    def run(self, requests: Sequence[Request], clients: int, seconds: float, expected: int = 200) -> Cell:
        """Let `clients` ask for `seconds`, each from its own place in `requests`, shared out over the processes."""
        processes = min(len(self._children), clients)
        shares = [clients // processes + (place < clients % processes) for place in range(processes)]
        places = [sum(shares[:place]) for place in range(processes)]
        runs = [
            child.tell(drive, requests, share, seconds, expected, place)
            for child, share, place in zip(self._children, shares, places, strict=False)
        ]
        cells = [run.result() for run in runs]
        return Cell(
            list(chain.from_iterable(cell.latencies for cell in cells)),
            max(cell.wall for cell in cells),
            sum(cell.cpu for cell in cells),
            list(chain.from_iterable(cell.failures for cell in cells)),
        )


def drive(requests: Sequence[Request], clients: int, seconds: float, expected: int = 200, first: int = 0) -> Cell:
    """The same in this process, one thread a client. first: how many clients are numbered before these."""
    seen = [_Client(requests, first + number, seconds, expected) for number in range(clients)]
    began, cpu = time.perf_counter(), time.process_time()
    for client in seen:
        client.start()
    for client in seen:
        client.join()
    wall, cpu = time.perf_counter() - began, time.process_time() - cpu
    latencies = list(chain.from_iterable(client.latencies for client in seen))
    return Cell(latencies, wall, cpu, list(chain.from_iterable(client.failures for client in seen)))


class _Client(threading.Thread):
    def __init__(self, requests: Sequence[Request], number: int, seconds: float, expected: int) -> None:
        super().__init__()
        self._requests, self._number, self._seconds, self._expected = requests, number, seconds, expected
        self.latencies: list[float] = []
        self.failures: list[str] = []

    def run(self) -> None:
        requests, place = self._requests, self._number * _STRIDE
        with Connection(requests[0].host, requests[0].port, number=self._number + 1) as connection:
            end = time.perf_counter() + self._seconds
            while (began := time.perf_counter()) < end:
                try:
                    answer = connection.ask(requests[place % len(requests)])
                except OSError as error:
                    self.failures.append(f"{type(error).__name__}: {error}")
                    connection.close()
                    continue
                if answer.status == self._expected:
                    self.latencies.append(time.perf_counter() - began)
                else:
                    said = " ".join(answer.body[:200].decode(errors="replace").split())
                    self.failures.append(f"{answer.status} {said}")
                place += 1


@contextmanager
def canned(body: bytes) -> Iterator[Request]:
    """A server that answers everything with the same bytes at once: what the clients can do at most."""
    with Child() as child:
        port = child.call(serve_canned, body)
        yield Request.to(f"http://127.0.0.1:{port}/", "GET", "")


def serve_canned(body: bytes) -> int:
    """Serve it in threads of this process, for as long as it lives. Returns the port."""
    server = socket.create_server(("127.0.0.1", 0))
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    threading.Thread(target=_accept, args=(server, answer), daemon=True).start()
    return int(server.getsockname()[1])


def _accept(server: socket.socket, answer: bytes) -> None:
    while True:
        connection, _ = server.accept()
        threading.Thread(target=_answer, args=(connection, answer), daemon=True).start()


def _answer(connection: socket.socket, answer: bytes) -> None:
    with connection:
        while connection.recv(1 << 16):
            connection.sendall(answer)
