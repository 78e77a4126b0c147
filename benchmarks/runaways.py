"""Bar 2: queries that never end, beside light queries and pages that go on."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from benchmarks.client import Connection, fetch
from benchmarks.endpoint import Endpoint, Request
from benchmarks.figures import middle, ratio
from benchmarks.outcome import Outcome
from benchmarks.runner import Row, Turn, measure
from benchmarks.setting import Setting, milliseconds
from benchmarks.workload import documents, workload

CROSS = "SELECT (COUNT(*) AS ?count) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
PATH = "SELECT (COUNT(*) AS ?count) WHERE { ?a (!<urn:x:none>)* ?b }"
TIMES = 20
"""Runaways whose end is timed."""

_TIMEOUT = {"ESCRGRAPH_QUERY_TIMEOUT": "2"}
_ONE_WORKER = {"ESCRGRAPH_QUERY_TIMEOUT": "1", "ESCRGRAPH_QUERY_WORKERS": "1"}
_FIRST = 5_000  # runaways come from other addresses than the light clients


def outcomes(setting: Setting) -> Iterator[Outcome]:
    """Measure it, on disk readers."""
    yield from _beside(setting)
    yield from _deadlines(setting)


def _beside(setting: Setting) -> Iterator[Outcome]:
    manifest = setting.manifest(setting.triples)
    with setting.serving(setting.store(setting.triples), "runaways", _TIMEOUT) as service, setting.drivers() as drivers:
        endpoint = service.endpoint
        light = [endpoint.query(text) for text in workload("entity", manifest, setting.seed).texts]
        pages = [endpoint.page(path) for path in documents(manifest, setting.seed, ".html")]
        turns = [Turn("light query", "service", 1, light), Turn("page", "service", 1, pages)]
        idle: list[list[Row]] = []
        busy: list[list[Row]] = []
        measure(turns, drivers, 1, setting.seconds)  # what the first requests of a service cost is another matter
        for number in range(1, setting.rounds + 1):
            setting.told(f"Round {number} of {setting.rounds}, idle and with two runaways …")
            idle.append(measure(turns, drivers, 1, setting.seconds))
            with running_away(endpoint):
                busy.append(measure(turns, drivers, 1, setting.seconds))
    for place, (turn, limit) in enumerate(zip(turns, (2.0, 1.5), strict=True)):
        calm, hard = ([rows[place].p50[0] for rows in found] for found in (idle, busy))
        failures = [text for rows in (*idle, *busy) for text in rows[place].failures]
        note = f"p50 {milliseconds(middle(calm))} idle, {milliseconds(middle(hard))} beside" + _failed(failures)
        yield Outcome(2, f"{turn.query} beside two runaways, p50 to idle", ratio(hard, calm), "x", limit, note=note)


def _deadlines(setting: Setting) -> Iterator[Outcome]:
    """With one worker in all, what is asked right after a runaway tells when a worker is back."""
    manifest = setting.manifest(setting.triples)
    seconds = float(_ONE_WORKER["ESCRGRAPH_QUERY_TIMEOUT"])
    over: list[float] = []
    back: list[float] = []
    wrong: list[str] = []
    store = setting.store(setting.triples)
    with setting.serving(store, "deadlines", _ONE_WORKER) as service:
        endpoint = service.endpoint
        light = endpoint.query(workload("entity", manifest, setting.seed, 1).texts[0])
        setting.told(f"Timing the end of {TIMES} runaways …")
        with Connection(light.host, light.port, number=_FIRST) as client:
            usual = middle([_timed(client, light) for _ in range(TIMES)])
            for number in range(TIMES):
                began = time.perf_counter()
                answer = fetch(endpoint.query((CROSS, PATH)[number % 2]), number=_FIRST + 1 + number)
                over.append(time.perf_counter() - began - seconds)
                if answer.status != 503 or b"ESCRGRAPH_QUERY_TIMEOUT" not in answer.body:
                    wrong.append(f"{answer.status} {answer.body[:100]!r}")
                back.append(max(0.0, _timed(client, light) - usual))
    note = f"largest {milliseconds(max(over))}" + _failed(wrong)
    yield Outcome(2, "a runaway ends after its deadline, median", 1e3 * middle(over), "ms", 50, note=note)
    yield Outcome(2, "answers that are 503 and name the limit", TIMES - len(wrong), f"of {TIMES}", TIMES, least=True)
    note = f"largest {milliseconds(max(back))}; beyond the usual {milliseconds(usual)}"
    yield Outcome(2, "a worker is back, median", 1e3 * middle(back), "ms", 100, note=note)


@contextmanager
def running_away(endpoint: Endpoint, number: int = 2) -> Iterator[None]:
    """So many clients whose queries never end; each asks again when its query was ended."""
    stop = threading.Event()
    clients = [
        threading.Thread(target=_run_away, args=(endpoint, (CROSS, PATH)[n % 2], stop, n)) for n in range(number)
    ]
    for client in clients:
        client.start()
    time.sleep(0.2)  # until both have a worker
    try:
        yield
    finally:
        stop.set()
        for client in clients:
            client.join()


def _run_away(endpoint: Endpoint, text: str, stop: threading.Event, number: int) -> None:
    while not stop.is_set():
        fetch(endpoint.query(text), number=_FIRST + number)


def _timed(client: Connection, request: Request) -> float:
    began = time.perf_counter()
    answer = client.ask(request)
    if answer.status != 200:
        raise RuntimeError(f"A light query was answered {answer.status}: {answer.body[:300].decode(errors='replace')}")
    return time.perf_counter() - began


def _failed(failures: Sequence[str]) -> str:
    return f"; {len(failures)} failed: {failures[0]}" if failures else ""
