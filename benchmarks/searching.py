"""Bar 5 of the site, and what the search index costs: ranked search with every facet count, beside GROUP BY."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import urlencode

import psutil  # type: ignore[import-untyped,unused-ignore]
from pyoxigraph import Literal, NamedNode, Quad, QuerySolutions, Store

from benchmarks import peers
from benchmarks.child import Child
from benchmarks.client import Connection
from benchmarks.endpoint import Endpoint
from benchmarks.figures import middle, percentile
from benchmarks.outcome import Outcome
from benchmarks.processes import NotStarted
from benchmarks.service import DISK
from benchmarks.setting import Setting, milliseconds
from escrgraph.repository.changes import Cause, Change
from escrgraph.repository.errors import Unavailable
from escrgraph.repository.formats import Mode
from escrgraph.repository.log import ChangeLog
from escrgraph.repository.writing import own_writer
from escrgraph.search.asking import Selection
from escrgraph.search.indexing import Indexer
from escrgraph.search.searcher import Searcher
from escrgraph.vocabulary.iris import Base
from escrgraph.vocabulary.kinds import shipped_kinds
from escrgraph.vocabulary.namespaces import prologue

RESOURCES = 100_000
"""Records of the kind that is searched."""

CHANGES = 15

_BASE = Base()
_RIGHTS = {"food": "food", "health": "health", "housing": "housing", "education": "education", "water": "water"}
_PATHS = {
    "right": "dcterms:subject/skos:broader*",
    "method": "escr:usesMethod/skos:broader*",
    "country": "escr:country",
    "region": "(escr:region/skos:broader*)|(escr:country/skos:broader+)",
    "language": "dcterms:language",
    "organization": "dcterms:publisher",
    "resource-type": "dcterms:type",
}

Counts = Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Case:
    """A search whose words select no less than its right does, so that GROUP BY can count the same records."""

    words: str
    right: str

    @property
    def selection(self) -> Selection:
        """What the index is asked."""
        return Selection(self.words, ("resource",), {"right": (_BASE.id("right", self.right),)})

    def queries(self) -> dict[str, str]:
        """Facet -> the query that counts it."""
        chosen = f"?r a escr:Resource ; dcterms:subject/skos:broader* <{_BASE.id('right', self.right)}> ."
        made = {name: f"{chosen} ?r {path} ?term ." for name, path in _PATHS.items()}
        made["year"] = f"{chosen} ?r dcterms:issued ?day . BIND(SUBSTR(STR(?day), 1, 4) AS ?term)"
        head = f"{prologue()}SELECT ?term (COUNT(DISTINCT ?r) AS ?count) WHERE"
        return {name: f"{head} {{ {where} }} GROUP BY ?term" for name, where in made.items()}


CASES = tuple(Case(words, right) for words, right in _RIGHTS.items())


def outcomes(setting: Setting) -> Iterator[Outcome]:
    """Measure all of it."""
    triples = _triples(setting)
    setting.told(f"A library with about {RESOURCES:,} resources has {triples:,} triples.")
    store = setting.store(triples)
    index = setting.work / "index"
    with Child() as child:
        setting.told("Making the index …")
        built = child.call(_build, store, index)
    records = _searcher(index).search(Selection()).total
    size = sum(path.stat().st_size for path in index.rglob("*") if path.is_file())
    note = f"{records:,} records, {built.busy:.0f} s of the processor, {built.memory >> 20} MiB of memory at the end"
    yield Outcome(5, "search: index made anew", built.seconds, "s", note=note)
    yield Outcome(5, "search: size of the index", size / 2**20, "MiB", note=f"{size // records:,} bytes a record")
    yield from _compared(setting, triples, store, index)
    yield from _changed(setting, triples)
    yield from _over_http(setting, triples)


@dataclass(frozen=True, slots=True)
class Built:
    """What making an index took. busy: seconds of the processor; memory: bytes at its end."""

    seconds: float
    busy: float
    memory: int


def _triples(setting: Setting) -> int:
    """How large a library is that has so many resources."""
    small = setting.manifest(setting.triples)
    return round(setting.triples * RESOURCES / small.counts["resource"] / 10_000) * 10_000


def _build(store: Path, index: Path) -> Built:
    index.mkdir()
    began, busy = time.perf_counter(), time.process_time()
    with ChangeLog(store / "log.sqlite") as log:
        head = log.head()
        assert head is not None
        indexer = Indexer(index, shipped_kinds(), _BASE)
        indexer.catch_up(log, head.number)
    seconds, busy = time.perf_counter() - began, time.process_time() - busy
    indexer.close()
    return Built(seconds, busy, psutil.Process(os.getpid()).memory_info().rss)


@cache
def _searcher(index: Path) -> Searcher:
    return Searcher(index, shipped_kinds(), _BASE)


@dataclass(frozen=True, slots=True)
class Searched:
    """One ranked search with its snippets and all facets. busy: seconds of the processor, whoever else had it."""

    seconds: float
    busy: float
    total: int
    counts: Counts


def _search(index: Path, case: Case) -> Searched:
    began, busy = time.perf_counter(), time.thread_time()
    found = _searcher(index).search(case.selection)
    seconds, busy = time.perf_counter() - began, time.thread_time() - busy
    counts = {facet.name: {count.term: count.count for count in facet.counts} for facet in found.facets}
    return Searched(seconds, busy, found.total, {name: counts.get(name, {}) for name in (*_PATHS, "year")})


@cache
def _opened(store: Path) -> Store:
    return Store.read_only(str(store / "current"))


def _grouped(store: Path, case: Case) -> tuple[float, Counts]:
    """Seconds of the same counts by GROUP BY in this process, and the counts."""
    seconds, counts = 0.0, {}
    for name, query in case.queries().items():
        began = time.perf_counter()
        rows = _opened(store).query(query)
        assert isinstance(rows, QuerySolutions)
        counts[name] = {row["term"].value: int(row["count"].value) for row in rows}
        seconds += time.perf_counter() - began
    return seconds, counts


def _compared(setting: Setting, triples: int, store: Path, index: Path) -> Iterator[Outcome]:
    """Turn by turn: the index, GROUP BY in pyoxigraph, GROUP BY in Virtuoso. Their counts must be the same."""
    ours: list[Searched] = []
    raw: list[float] = []
    other: list[float] = []
    with ExitStack() as stack:
        child = stack.enter_context(Child())
        virtuoso: Endpoint | None = None
        try:
            virtuoso = stack.enter_context(peers.virtuoso(setting.library(triples), setting.work))
        except NotStarted as error:
            setting.told(str(error))
        setting.told("Counting …")
        for case in CASES:
            counts = _search(index, case).counts
            _, grouped = child.call(_grouped, store, case)
            if counts != grouped:
                wrong = next(name for name in counts if counts[name] != grouped[name])
                raise ValueError(f"The counts of {wrong} differ for “{case.words}”: {counts[wrong]} {grouped[wrong]}")
        for _ in range(setting.rounds):
            for case in CASES:
                turns = [_search(index, case) for _ in range(20)]
                ours += turns
                raw.append(child.call(_grouped, store, case)[0])
                if virtuoso is not None:
                    other.append(_asked(virtuoso, stack.enter_context(_connection(virtuoso)), case))
    taken, busy = [turn.seconds for turn in ours], [turn.busy for turn in ours]
    found = sorted(turn.total for turn in ours)
    note = f"median {milliseconds(middle(taken))}, {found[0]:,} to {found[-1]:,} found"
    yield Outcome(5, "search: ranked, all facets, p95", 1e3 * percentile(taken, 0.95), "ms", 10, note=note)
    note = "what a machine with nothing else to do would take"
    yield Outcome(5, "search: the same, processor time, p95", 1e3 * percentile(busy, 0.95), "ms", note=note)
    for name, times, limit in (("pyoxigraph in process", raw, 20), ("Virtuoso", other, 2)):
        if times:
            yield Outcome(
                5, f"search: GROUP BY in {name} ÷ search", middle(times) / middle(taken), "×", limit, least=True,
                note=f"median {milliseconds(middle(times))}",
            )  # fmt: skip


def _asked(endpoint: Endpoint, connection: Connection, case: Case) -> float:
    began = time.perf_counter()
    for query in case.queries().values():
        answer = connection.ask(endpoint.query(query))
        if answer.status != 200:
            raise ValueError(f"{endpoint.name} answered {answer.status} to: {query}")
    return time.perf_counter() - began


def _over_http(setting: Setting, triples: int) -> Iterator[Outcome]:
    """The same searches by HTTP, as JSON, beside those in process, turn by turn."""
    raw: list[float] = []
    served: list[float] = []
    with setting.serving(setting.copy(triples), "search", DISK) as service:
        index = service.store / "derived" / "search"
        while not _shows(index):
            time.sleep(0.5)
        endpoint = service.endpoint
        with _connection(endpoint) as connection:
            for turn in range(setting.rounds * 20):
                case = CASES[turn % len(CASES)]
                raw.append(_search(index, case).seconds)
                fields = {"q": case.words, "type": "resource", "right": case.selection.chosen["right"][0]}
                began = time.perf_counter()
                answer = connection.ask(endpoint.page(f"/search.json?{urlencode(fields)}"))
                served.append(time.perf_counter() - began)
                if answer.status != 200:
                    setting.told(f"/search.json answered {answer.status}: {answer.body[:200]!r}")
                    return
    note = f"median {milliseconds(middle(served))}, in process {milliseconds(middle(raw))}"
    yield Outcome(5, "search: over HTTP ÷ in process", middle(served) / middle(raw), "×", 4, note=note)


def _connection(endpoint: Endpoint) -> Connection:
    request = endpoint.page("/")
    return Connection(request.host, request.port)


def _shows(index: Path) -> bool:
    try:
        return _searcher(index).generation > 0
    except Unavailable:
        return False


def _changed(setting: Setting, triples: int) -> Iterator[Outcome]:
    """What the index costs for each change of one record."""
    store = setting.copy(triples)
    title, graph = NamedNode("http://purl.org/dc/terms/title"), NamedNode(_BASE.graph("resource"))
    with Child() as child:
        child.call(_build, store, store / "index")
        taken = []
        for number in range(CHANGES):
            text = Literal(f"A synthetic title, number {number}", language="es")
            quad = Quad(NamedNode(_BASE.id("resource", f"synthetic-{number + 1}")), title, text, graph)
            with own_writer(store, _BASE.iri, Mode.MERGE) as writer:
                writer.commit(Change(Cause.IMPORT, "benchmark", "one title more", (quad,)))
            taken.append(child.call(_caught_up, store, store / "index"))
    yield Outcome(
        5,
        "search: index after a change, median",
        1e3 * middle(taken[1:]),
        "ms",
        note=f"largest {milliseconds(max(taken[1:]))}",
    )


@cache
def _indexer(index: Path) -> Indexer:
    return Indexer(index, shipped_kinds(), _BASE)


def _caught_up(store: Path, index: Path) -> float:
    with ChangeLog(store / "log.sqlite") as log:
        head = log.head()
        assert head is not None
        began = time.perf_counter()
        _indexer(index).catch_up(log, head.number)
        return time.perf_counter() - began
