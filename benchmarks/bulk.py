"""Bar 6: ten million triples: loading, memory, entities, and an answer of a gigabyte."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil  # type: ignore[import-untyped,unused-ignore]

from benchmarks.client import Connection
from benchmarks.figures import middle, ratio
from benchmarks.generator import DATA
from benchmarks.outcome import Outcome
from benchmarks.processes import NotStarted, family, running
from benchmarks.raw import Loaded, Raw
from benchmarks.runner import Turn, measure
from benchmarks.service import COMMAND, DISK, Service, command_line
from benchmarks.setting import Setting, milliseconds
from benchmarks.workload import workload

GIGABYTE = 1_000_000_000
_EVERYTHING = "SELECT ?subject ?property ?value WHERE { ?subject ?property ?value }"
_PATIENT = {**DISK, "ESCRGRAPH_QUERY_TIMEOUT": "3600"}
_TICK = 0.1


def outcomes(setting: Setting) -> Iterator[Outcome]:
    """Measure it. The loaded store is then used for the rest."""
    yield from loading(setting)
    yield from entities(setting)
    yield from stream(setting)


def loading(setting: Setting) -> Iterator[Outcome]:
    """`escrgraph load --unchecked` between two raw bulk loads of the same file."""
    library = setting.library(setting.large)
    before = _raw(setting, library)
    store = setting.work / f"store-{setting.large}"
    setting.told("Loading with escrgraph …")
    began = time.perf_counter()
    peak = _load(library / DATA, store, setting.work / "load.log")
    own = Loaded(before.quads, time.perf_counter() - began, peak)
    setting.adopt(setting.large, store)
    after = _raw(setting, library)
    raw = middle([before.rate, after.rate])
    note = f"{own.rate:,.0f} and {raw:,.0f} quads a second; {own.quads:,} quads in {own.seconds:.0f} s"
    yield Outcome(6, "load --unchecked to raw bulk_load", own.rate / raw, "x", 0.4, True, note)
    note = f"raw {max(before.peak, after.peak) / 1e9:.2f} GB"
    yield Outcome(6, "peak memory of the writer while it loads", own.peak / 1e9, "GB", 3, note=note)


def entities(setting: Setting) -> Iterator[Outcome]:
    """The entity query at both sizes, each with its own records."""
    sizes = (setting.triples, setting.large)
    with (
        setting.serving(setting.store(sizes[0]), "smaller", DISK) as small,
        setting.serving(setting.store(sizes[1]), "larger", DISK) as large,
        setting.drivers() as drivers,
    ):
        turns = []
        for triples, service in zip(sizes, (small, large), strict=True):
            texts = workload("entity", setting.manifest(triples), setting.seed).texts
            turns.append(Turn("entity", str(triples), 1, [service.endpoint.query(text) for text in texts]))
        measure(turns, drivers, 1, setting.seconds)
        less, more = measure(turns, drivers, setting.rounds, setting.seconds, setting.told)
    note = f"{milliseconds(middle(more.p50))} at {sizes[1]:,}, {milliseconds(middle(less.p50))} at {sizes[0]:,}"
    yield Outcome(6, "entity p50 to that of the smaller store", ratio(more.p50, less.p50), "x", 1.5, note=note)


def stream(setting: Setting) -> Iterator[Outcome]:
    """One answer of at least a gigabyte, read to its end."""
    with setting.serving(setting.store(setting.large), "stream", _PATIENT) as service:
        setting.told("Streaming everything …")
        with _watching(lambda: service.processes("escrgraph.web")) as seen:
            began = time.perf_counter()
            received = _read(service)
            seconds = time.perf_counter() - began
    rate = f"{received / seconds / 1e6:.0f} MB a second"
    yield Outcome(6, "size of the answer streamed", received / 1e9, "GB", 1, True, rate)
    yield Outcome(
        6, "largest web process while it streams", max(seen.values()) / 1e6, "MB", 150, note=f"{len(seen)} processes"
    )


def _raw(setting: Setting, library: Path) -> Loaded:
    setting.told("Loading with pyoxigraph alone …")
    directory = setting.work / "raw"
    with Raw() as raw:
        found = raw.bulk_load(library / DATA, directory)
    shutil.rmtree(directory)
    return found


def _load(file: Path, store: Path, log: Path) -> int:
    """Run `escrgraph load`; returns the most memory that its writer held. Raises NotStarted."""
    command: list[str | Path] = [*COMMAND, "load", file, "--store", store, "--unchecked"]
    with running(command, log) as process:
        with _watching(lambda: [p for p in family(process.pid) if "repository.writer" in command_line(p)]) as seen:
            status = process.wait()
        if status:
            raise NotStarted(f"escrgraph load failed with status {status}: {log.read_text(encoding='utf-8')[-1500:]}")
    return max(seen.values(), default=0)


def _read(service: Service) -> int:
    request = service.endpoint.query(_EVERYTHING)
    received = 0
    with Connection(request.host, request.port) as connection:
        for part in connection.stream(request):
            received += len(part)
    return received


@contextmanager
def _watching(which: Callable[[], list[psutil.Process]]) -> Iterator[dict[int, int]]:
    """The most memory (resident bytes) that each of some processes held, looked at ten times a second."""
    seen: dict[int, int] = {}
    stop = threading.Event()

    def watch() -> None:
        while not stop.wait(_TICK):
            for process in which():
                try:
                    seen[process.pid] = max(seen.get(process.pid, 0), process.memory_info().rss)
                except psutil.Error:
                    continue

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield seen
    finally:
        stop.set()
        watcher.join()
