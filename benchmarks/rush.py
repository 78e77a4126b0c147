"""Many readers, some queries that never end and a curator who publishes, all at once: what each of them feels."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

from pyoxigraph import Literal, NamedNode, Quad

from benchmarks.child import Child
from benchmarks.client import Answer, Connection
from benchmarks.endpoint import Request
from benchmarks.figures import middle, percentile
from benchmarks.memory import total
from benchmarks.outcome import Outcome
from benchmarks.runaways import running_away
from benchmarks.service import Service
from benchmarks.setting import Setting, milliseconds
from benchmarks.templates import BASE
from benchmarks.workload import documents, workload
from escrgraph.repository.changes import Cause, Change
from escrgraph.repository.errors import RepositoryError
from escrgraph.repository.writing import Writer

READERS, RUNAWAYS = 50, 4

PAUSE = 0.5
"""Seconds that a reader looks at an answer before the next request, about."""

SLOWER, GROWN = 5.0, 1.1
"""What the 99th percentile of pages may be beside runaways, to that without; and memory in the end to that before."""

_BAR = 2
_DECLARED = {429, 503}
_TICK = 2.0
_TITLE = NamedNode("http://purl.org/dc/terms/title")


@dataclass(slots=True)
class Seen:
    """What readers were answered.

    pages, queries: seconds of each; refused: declared refusals; wrong: everything else.
    """

    pages: list[float] = field(default_factory=list)
    queries: list[float] = field(default_factory=list)
    refused: int = 0
    wrong: list[str] = field(default_factory=list)

    def take(self, other: Seen) -> None:
        """Add what another saw."""
        self.pages += other.pages
        self.queries += other.queries
        self.refused += other.refused
        self.wrong += other.wrong


@dataclass(slots=True)
class Stretch:
    """One stretch of load. commits: seconds of each; memory: bytes of the whole service, every two seconds."""

    seen: Seen
    commits: list[float]
    failed: list[str]
    memory: list[float]


def outcomes(setting: Setting, readers: int = READERS, runaways: int = RUNAWAYS) -> Iterator[Outcome]:
    """`setting.seconds` of readers and a curator, then as many with runaways besides, on a service as it comes."""
    manifest = setting.manifest(setting.triples)
    with ExitStack() as stack:
        served = stack.enter_context(setting.serving(setting.copy(setting.triples), "rush", {}))
        child = stack.enter_context(Child())
        endpoint = served.endpoint
        requests = [
            *(endpoint.page(path) for path in documents(manifest, setting.seed, ".html")[:200]),
            *(endpoint.query(text) for text in workload("entity", manifest, setting.seed).texts[:100]),
            *(
                endpoint.page(path, "Accept: text/html\r\n")
                for path in ("/", "/search?q=right", "/browse/resource") * 20
            ),
        ]
        setting.told("Warming up …")
        _stretch(served, child, requests, readers, min(10, setting.seconds))
        setting.told(f"{readers} readers and a curator, {setting.seconds:g} s …")
        calm = _stretch(served, child, requests, readers, setting.seconds)
        setting.told(f"The same and {runaways} runaways, {setting.seconds:g} s …")
        with running_away(endpoint, runaways):
            hard = _stretch(served, child, requests, readers, setting.seconds)
    yield from _told(calm, hard)


def _told(calm: Stretch, hard: Stretch) -> Iterator[Outcome]:
    slow, usual = (percentile(found.seen.pages, 0.99) for found in (hard, calm))
    note = (
        f"p99 {milliseconds(usual)} without, {milliseconds(slow)} with; p50 {milliseconds(middle(calm.seen.pages))} "
        f"and {milliseconds(middle(hard.seen.pages))}; {len(calm.seen.pages):,} and {len(hard.seen.pages):,} answers"
    )
    yield Outcome(_BAR, "p99 of pages beside runaways to that without", slow / usual, "x", SLOWER, note=note)
    slow, usual = (percentile(found.seen.queries, 0.99) for found in (hard, calm))
    note = (
        f"p99 {milliseconds(usual)} without, {milliseconds(slow)} with; p50 {milliseconds(middle(calm.seen.queries))} "
        f"and {milliseconds(middle(hard.seen.queries))}: runaways and light queries share the workers for the public"
    )
    yield Outcome(_BAR, "the same of light queries", slow / usual, "x", note=note)
    wrong = [*calm.seen.wrong, *hard.seen.wrong]
    refused = f"{len(calm.seen.wrong)} without and {len(hard.seen.wrong)} with runaways, beside "
    refused += f"{calm.seen.refused} and {hard.seen.refused} declared refusals"
    yield Outcome(_BAR, "answers that are wrong", len(wrong), "", 0, note="; ".join([refused, *wrong[:6]]))
    failed = [*calm.failed, *hard.failed]
    took = f"{len(calm.commits)} and {len(hard.commits)} changes, median {milliseconds(middle(hard.commits))}"
    yield Outcome(_BAR, "changes of the curator that failed", len(failed), "", 0, note="; ".join([took, *failed[:3]]))
    for name, found in (("readers", calm), ("readers and runaways", hard)):
        third = max(1, len(found.memory) // 3)
        before, after = middle(found.memory[:third]), middle(found.memory[-third:])
        note = f"{before / 1e6:.0f} and {after / 1e6:.0f} MB"
        yield Outcome(_BAR, f"memory with {name}, last third to first", after / before, "x", GROWN, note=note)


def _stretch(served: Service, child: Child, requests: Sequence[Request], readers: int, seconds: float) -> Stretch:
    reading = child.tell(read, requests, readers, seconds)
    memory: list[float] = []
    commits: list[float] = []
    failed: list[str] = []
    end = time.monotonic() + seconds
    curator = threading.Thread(target=_publish, args=(Writer(served.runtime), end, commits, failed))
    curator.start()
    while time.monotonic() < end:
        memory.append(total(served.process.pid))
        time.sleep(_TICK)
    curator.join()
    return Stretch(reading.result(), commits, failed, memory)


def _publish(writer: Writer, end: float, commits: list[float], failed: list[str]) -> None:
    """One change after the other, each of one title in the place of the one before."""
    record, graph = NamedNode(BASE.id("resource", "rush")), NamedNode(BASE.graph("resource"))
    before: list[Quad] = []
    while time.monotonic() < end:
        after = [Quad(record, _TITLE, Literal(f"Change at {time.time_ns()}", language="en"), graph)]
        began = time.perf_counter()
        try:
            writer.commit(Change(Cause.IMPORT, "benchmark", "Load.", added=after, removed=before, unchecked=True))
        except RepositoryError as error:
            failed.append(f"{type(error).__name__}: {error}")
        else:
            before = after
            commits.append(time.perf_counter() - began)
        time.sleep(1)


def read(requests: Sequence[Request], readers: int, seconds: float) -> Seen:
    """Let so many readers ask, each over a connection that it keeps."""
    seen, lock = Seen(), threading.Lock()

    def go_on(number: int) -> None:
        own, place = Seen(), number * 37
        with Connection(requests[0].host, requests[0].port, 60, number + 1) as connection:
            end = time.monotonic() + seconds
            time.sleep(PAUSE * number / readers)
            while time.monotonic() < end:
                began = time.perf_counter()
                try:
                    answer = connection.ask(requests[place % len(requests)])
                    kind = own.queries if b" /sparql" in requests[place % len(requests)].data[:20] else own.pages
                    _note(own, kind, answer, time.perf_counter() - began)
                except OSError as error:
                    asked = requests[place % len(requests)].data.split(b"\r\n")[0][:60].decode()
                    own.wrong.append(f"{type(error).__name__} after {time.perf_counter() - began:.0f} s: {asked}")
                    connection.close()
                place += 1
                time.sleep(PAUSE)
        with lock:
            seen.take(own)

    threads = [threading.Thread(target=go_on, args=(number,)) for number in range(readers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return seen


def _note(seen: Seen, kind: list[float], answer: Answer, taken: float) -> None:
    if answer.status == 200:
        kind.append(taken)
    elif answer.status in _DECLARED and _says_why(answer):
        seen.refused += 1
    else:
        seen.wrong.append(f"{answer.status} {answer.body[:150]!r}")


def _says_why(answer: Answer) -> bool:
    if "problem+json" in answer.field("content-type"):
        return bool(json.loads(answer.body)["detail"])
    return "text/html" in answer.field("content-type") and b"<h1" in answer.body
