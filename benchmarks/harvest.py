"""Bar 7: harvesting everything by OAI-PMH, and streaming a graph, each beside the same without anything around it."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import psutil  # type: ignore[import-untyped,unused-ignore]

from benchmarks.client import Connection
from benchmarks.figures import middle, ratio
from benchmarks.outcome import Outcome
from benchmarks.processes import NotStarted
from benchmarks.raw import Raw
from benchmarks.service import DISK, Service
from benchmarks.setting import Setting, milliseconds
from benchmarks.speed import snapshot_of

_WAITING = 1_800
_EDGE = 10
"""Pages at the beginning and at the end whose cost is compared."""

_RECORD = "CONSTRUCT { ?record ?property ?value } WHERE { ?record ?property ?value }"
_GRAPH = "/store?default&format=nt"


def outcomes(setting: Setting) -> Iterator[Outcome]:
    """Measure it."""
    store = setting.store(setting.triples)
    with setting.serving(store, "harvest", {**DISK, "ESCRGRAPH_QUERY_TIMEOUT": "3600"}) as service, Raw() as raw:
        setting.told("Waiting for the register and the dumps …")
        _made(service, "/oai?verb=Identify")
        _made(service, "/dumps/SHA256SUMS")  # while they are made they take a core
        setting.told("Harvesting everything …")
        names, seconds, largest = _harvested(service)
        total = sum(seconds)
        setting.told("Serialising records alone …")
        calls = raw.documents(snapshot_of(store), _RECORD, names[:5_000], max(5.0, setting.seconds))
        rate, alone = len(names) / total, 1 / middle(calls)
        note = f"{rate:,.0f} and {alone:,.0f} records a second; {len(names):,} records in {total:.0f} s"
        yield Outcome(7, "records by OAI-PMH to serialising them raw", rate / alone, "x", 0.25, True, note)
        # The last page may be short, and the first one finds nothing warm.
        first, last = seconds[1 : _EDGE + 1], seconds[-_EDGE - 1 : -1]
        note = f"{milliseconds(middle(last))} and {milliseconds(middle(first))}, {len(seconds)} pages"
        yield Outcome(7, "last pages to first pages", ratio(last, first), "x", 1.5, note=note)
        yield Outcome(7, "largest web process while it harvests", largest / 1e6, "MB", 250)
        setting.told("Streaming a graph …")
        streamed = [_streamed(service) for _ in range(setting.rounds)]
        dumped = [raw.dump(snapshot_of(store)) for _ in range(setting.rounds)]
        own, plain = middle([size / seconds for size, seconds in streamed]), middle([s / t for s, t in dumped])
        note = f"{own / 1e6:.0f} and {plain / 1e6:.0f} MB a second, {streamed[0][0] / 1e6:.0f} MB"
        yield Outcome(7, "a graph streamed to raw Store.dump", own / plain, "x", 0.8, True, note)


def _made(service: Service, path: str) -> None:
    """Wait until what is derived is there. Raises NotStarted."""
    request = service.endpoint.page(path)
    until = time.monotonic() + _WAITING
    while True:
        with Connection(request.host, request.port) as connection:
            if connection.ask(request).status == 200:
                return
        if time.monotonic() > until:
            raise NotStarted(f"{path} was not made within {_WAITING} s")
        time.sleep(0.5)


def _harvested(service: Service) -> tuple[list[str], list[float], int]:
    """The addresses of all records, the seconds of each page, and the most memory of a web process meanwhile."""
    names: list[str] = []
    seconds: list[float] = []
    largest, path = 0, "/oai?verb=ListRecords&metadataPrefix=rdf"
    processes = service.processes("escrgraph.web")
    while path:
        request = service.endpoint.page(path)
        began = time.perf_counter()
        with Connection(request.host, request.port) as connection:
            answer = connection.ask(request)
        seconds.append(time.perf_counter() - began)
        names += re.findall(r"<identifier>([^<]+)", answer.body.decode())
        token = re.search(rb"<resumptionToken[^>]*>([^<]+)<", answer.body)
        path = f"/oai?verb=ListRecords&resumptionToken={token[1].decode()}" if token else ""
        largest = max(largest, *(_resident(process) for process in processes))
    return names, seconds, largest


def _streamed(service: Service) -> tuple[int, float]:
    """The bytes of the merge as N-Triples and the seconds that they took."""
    request = service.endpoint.page(_GRAPH)
    began = time.perf_counter()
    with Connection(request.host, request.port) as connection:
        received = sum(len(part) for part in connection.stream(request))
    return received, time.perf_counter() - began


def _resident(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.Error:
        return 0
