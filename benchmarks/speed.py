"""Bar 5: how soon a commit shows, what caching saves, what HTTP and the pool cost, how other engines compare."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

from pyoxigraph import Quad, RdfFormat, parse

from benchmarks import peers
from benchmarks.client import Connection, fetch
from benchmarks.endpoint import Endpoint
from benchmarks.figures import middle, ratio
from benchmarks.generator import DATA
from benchmarks.outcome import Outcome
from benchmarks.processes import NotStarted
from benchmarks.raw import Raw
from benchmarks.runner import Comparison, Turn, compare, measure
from benchmarks.service import DISK, REPLICA, Service
from benchmarks.setting import Setting, milliseconds
from benchmarks.templates import BASE
from benchmarks.workload import documents, workload
from escrgraph.repository.changes import Cause, Change
from escrgraph.repository.writing import Writer
from escrgraph.vocabulary import shipped

SMALL = 10_000
COMMITS = 15

APART = 1.0
"""Seconds between two commits: what one sets off behind the answer takes as long, and is measured apart."""

_CLIENTS = 8
_PAGES = 50


def outcomes(setting: Setting) -> Iterator[Outcome]:
    """Measure all of it."""
    yield from visibility(setting)
    yield from serving(setting)
    yield from against_small(setting)
    yield from against_large(setting)


def visibility(setting: Setting) -> Iterator[Outcome]:
    """From the beginning of a commit of one record until a query over HTTP sees it."""
    record = a_record(setting.library(setting.triples))
    for name, settings, limit in (("disk", DISK, 0.5), ("replica", REPLICA, 0.1)):
        with setting.serving(setting.copy(setting.triples), name, settings) as service:
            setting.told(f"Committing {COMMITS} times, each {APART:g} s after the one before was seen …")
            taken = []
            for number in range(COMMITS + 2):
                time.sleep(APART)
                taken.append(until_visible(service, record, number))
            setting.told(f"Committing {COMMITS} times, one right after the other …")
            crowded = [until_visible(service, record, COMMITS + 2 + number) for number in range(COMMITS)]
        del taken[:2]
        note = f"largest {milliseconds(max(taken))}, {len(record.splitlines())} quads"
        yield Outcome(5, f"commit to visible, {name}, median", middle(taken), "s", limit, note=note)
        note = "with the snapshot and the index of the one before"
        yield Outcome(5, f"the same, one right after the other, {name}", middle(crowded), "s", note=note)


def serving(setting: Setting) -> Iterator[Outcome]:
    """304 beside pages, documents beside the raw call, the pool beside the raw call: on disk readers."""
    manifest = setting.manifest(setting.triples)
    store = setting.store(setting.triples)
    with ExitStack() as stack:
        service = stack.enter_context(setting.serving(store, "serving", DISK))
        drivers, raw = stack.enter_context(setting.drivers()), stack.enter_context(Raw())
        yield from _not_modified(setting, service)
        paths = documents(manifest, setting.seed)
        records = [BASE.iri + "id/" + path.removeprefix("/doc/").removesuffix(".ttl") for path in paths]
        query = shipped.path("queries/pages/entity.rq").read_text(encoding="utf-8")
        turn = Turn("document", "service", 1, [service.endpoint.page(path) for path in paths])
        served: list[float] = []
        called: list[float] = []
        texts = workload("entity", manifest, setting.seed).texts
        pooled: list[float] = []
        for number in range(1, setting.rounds + 1):
            setting.told(f"Round {number} of {setting.rounds}, documents and raw calls …")
            served.append(measure([turn], drivers, 1, setting.seconds)[0].p50[0])
            called.append(middle(raw.documents(snapshot_of(store), query, records, setting.seconds)))
            plain, asked = raw.overhead(snapshot_of(store), service.runtime, texts, setting.seconds)
            pooled.append(1e3 * (middle(asked) - middle(plain)))
    note = f"{milliseconds(middle(served))} over HTTP, {milliseconds(middle(called))} raw"
    yield Outcome(5, "entity document p50 to the raw call", ratio(served, called), "x", 5, note=note)
    yield Outcome(5, "pool overhead beyond the raw call", middle(pooled), "ms", 0.25)


def _not_modified(setting: Setting, service: Service) -> Iterator[Outcome]:
    endpoint = service.endpoint
    paths = documents(setting.manifest(setting.triples), setting.seed, ".html", _PAGES)
    tags = [fetch(endpoint.page(path)).field("etag") for path in paths]
    if not all(tags):
        yield Outcome(5, "304 to page, answers a second", float("nan"), "x", 4, True, "a page came without ETag")
        return
    fresh = [
        endpoint.page(path, f"Accept: */*\r\nIf-None-Match: {tag}\r\n") for path, tag in zip(paths, tags, strict=True)
    ]
    turns = [
        Turn("page", "service", _CLIENTS, [endpoint.page(path) for path in paths]),
        Turn("304", "service", _CLIENTS, fresh, 304),
    ]
    with setting.drivers() as drivers:
        page, short = measure(turns, drivers, setting.rounds, setting.seconds, setting.told)
    note = f"{middle(short.rates):,.0f} and {middle(page.rates):,.0f} a second" + _failed(
        [*page.failures, *short.failures]
    )
    yield Outcome(5, "304 to page, answers a second", ratio(short.rates, page.rates), "x", 4, True, note)


def against_small(setting: Setting) -> Iterator[Outcome]:
    """Beside rdflib-endpoint over rdflib's memory, both as they come, at 10,000 triples."""
    with ExitStack() as stack:
        service = stack.enter_context(setting.serving(setting.store(SMALL), "escrgraph", {}))
        try:
            peer = stack.enter_context(peers.rdflib_endpoint(setting.library(SMALL), setting.work))
        except NotStarted as error:
            yield _absent("entity, 8 clients, to rdflib-endpoint, 10k", 5, error)
            return
        found = _compared(setting, [service.endpoint, peer], SMALL, ["entity"])
        yield _against(found, "entity", "escrgraph", peer.name, 5, "10k")


def against_large(setting: Setting) -> Iterator[Outcome]:
    """Beside rdflib-endpoint over Oxigraph and Virtuoso: entities on disk readers, the join with the replica."""
    store, library = setting.store(setting.triples), setting.library(setting.triples)
    size = f"{setting.triples:,}"
    with ExitStack() as stack:
        disk = stack.enter_context(setting.serving(store, "disk", DISK)).endpoint
        yield from _beside_oxrdflib(setting, disk, library, size)
        try:
            virtuoso = stack.enter_context(peers.virtuoso(library, setting.work))
        except NotStarted as error:
            yield _absent(f"entity, 8 clients, to virtuoso, {size}", 1.5, error)
            yield _absent(f"join, 8 clients, replica to virtuoso, {size}", 1, error)
            return
        found = _compared(setting, [disk, virtuoso], setting.triples, ["entity", "join"])
        yield _against(found, "entity", "disk", virtuoso.name, 1.5, size)
        yield _against(found, "join", "disk", virtuoso.name, None, size)
    with ExitStack() as stack:
        replica = stack.enter_context(setting.serving(store, "replica", REPLICA)).endpoint
        virtuoso = stack.enter_context(peers.virtuoso(library, setting.work / "again"))
        found = _compared(setting, [replica, virtuoso], setting.triples, ["entity", "join", "chain"])
        for query, limit in (("join", 1.0), ("entity", None), ("chain", None)):
            yield _against(found, query, "replica", virtuoso.name, limit, size)


def _beside_oxrdflib(setting: Setting, disk: Endpoint, library: Path, size: str) -> Iterator[Outcome]:
    try:
        with peers.rdflib_endpoint(library, setting.work, "Oxigraph") as peer:
            found = _compared(setting, [disk, peer], setting.triples, ["entity"])
            yield _against(found, "entity", "disk", peer.name, 8, size)
    except NotStarted as error:
        yield _absent(f"entity, 8 clients, to rdflib-endpoint+oxigraph, {size}", 8, error)


def _compared(setting: Setting, endpoints: Sequence[Endpoint], triples: int, queries: Sequence[str]) -> Comparison:
    works = [workload(name, setting.manifest(triples), setting.seed) for name in queries]
    return compare(
        endpoints, works, [_CLIENTS], rounds=setting.rounds, seconds=setting.seconds,
        processes=setting.processes, told=setting.told,
    )  # fmt: skip


def _against(
    found: Comparison, query: str, ours: str, theirs: str, limit: float | None, size: str
) -> Outcome:  # fmt: skip
    own, other = found.row(query, ours, _CLIENTS), found.row(query, theirs, _CLIENTS)
    note = f"{middle(own.rates):,.0f} and {middle(other.rates):,.0f} a second" + _failed(
        [*own.failures, *other.failures]
    )
    note += "".join(f"; {text}" for text in found.disagreements.get(query, ()))
    name = f"{query}, {_CLIENTS} clients, {ours} to {theirs}, {size}"
    return Outcome(5, name, ratio(own.rates, other.rates), "x", limit, True, note)


def _absent(name: str, limit: float, error: NotStarted) -> Outcome:
    return Outcome(5, name, float("nan"), "x", limit, True, str(error).splitlines()[0])


def snapshot_of(store: Path) -> Path:
    """The newest snapshot of a store, which nobody changes."""
    return max(path for path in (store / "generations").iterdir() if path.name.isdigit())


def a_record(library: Path) -> str:
    """The lines of the first invented resource."""
    own = f"<{BASE.id('resource', 'synthetic-1')}"
    with (library / DATA).open(encoding="utf-8") as lines:
        return "".join(line for line in lines if line.startswith((own + ">", own + "/")))


def until_visible(service: Service, record: str, number: int) -> float:
    """Seconds from the beginning of a commit of a copy of a record until a query over HTTP sees it."""
    slug = f"visible-{number}"
    quads: list[Quad] = list(parse(re.sub(r"\bsynthetic-1\b", slug, record).encode(), RdfFormat.N_QUADS))
    change = Change(Cause.IMPORT, "benchmark", "How soon a commit shows.", added=quads, unchecked=True)
    request = service.endpoint.query(f"ASK {{ <{BASE.id('resource', slug)}> ?property ?value }}")
    writer = Writer(service.runtime)
    with Connection(request.host, request.port) as connection:
        connection.ask(request)
        began = time.perf_counter()
        writer.commit(change)
        while b"true" not in connection.ask(request).body:
            if time.perf_counter() - began > 60:
                raise TimeoutError(f"{slug} was committed and is not seen after a minute.")
        return time.perf_counter() - began


def _failed(failures: Sequence[str]) -> str:
    return f"; {len(failures)} failed: {failures[0]}" if failures else ""
