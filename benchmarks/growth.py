"""How each cost grows with the library: one service after the other over ever larger ones, measured alike."""

from __future__ import annotations

import json
import math
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from urllib.parse import urlencode

from pyoxigraph import Store

from benchmarks.child import Child
from benchmarks.client import Connection, fetch
from benchmarks.endpoint import Endpoint, Request
from benchmarks.figures import middle, shown
from benchmarks.memory import total
from benchmarks.outcome import this_machine
from benchmarks.processes import NotStarted, free_port, running, wait_for
from benchmarks.runner import Turn, measure
from benchmarks.service import COMMAND, DISK, Service
from benchmarks.setting import Setting
from benchmarks.speed import a_record, snapshot_of, until_visible
from benchmarks.workload import documents, workload
from escrgraph.validation import Referee

BEGIN, END = "<!-- growth: written by `python -m benchmarks growth` -->", "<!-- growth ends -->"
"""Between these lines of a document the table stands."""

BILLION = 1_000_000_000
REQUESTS = 1_000
"""For how many triples, and how many requests a second, an estimate is made."""

COMMITS = 7
CLIENTS = 8

_PATIENT = {**DISK, "ESCRGRAPH_QUERY_TIMEOUT": "3600"}
_SEARCHES = ("right to food", "health budget", "education", "housing rights method", "water")
_STARTING = 3600


@dataclass(frozen=True, slots=True)
class Cost:
    """One line of the table. lasting: whether it follows from the size at all, so that its growth is worked out."""

    name: str
    unit: str
    lasting: bool = True


COSTS = (
    Cost("load", "s"),
    Cost("store on disk", "MB"),
    Cost("start to first page", "s"),
    Cost("search index made", "s"),
    Cost("memory of the whole service", "MB"),
    Cost("entity", "ms"),
    Cost("front page", "ms"),
    Cost("page of a record", "ms"),
    Cost("search with facets", "ms"),
    Cost("facet counts by SPARQL", "ms"),
    Cost("3-hop join", "ms"),
    Cost("dump of everything", "s"),
    Cost("commit to visible", "s"),
    Cost("whole validation", "s"),
    Cost("pages a second, 8 clients", "/s", lasting=False),
)


@dataclass(slots=True)
class Measured:
    """The costs at one size, by name."""

    triples: int
    machine: str
    cores: int
    costs: dict[str, float] = field(default_factory=dict)


def measured(setting: Setting, triples: int) -> Measured:
    """Measure a library of about so many triples. Raises NotStarted."""
    found = Measured(setting.manifest(triples).triples, this_machine(), len(os.sched_getaffinity(0)))
    library = setting.library(triples)
    began = time.perf_counter()
    store = setting.store(triples)
    found.costs["load"] = time.perf_counter() - began
    found.costs["store on disk"] = _size(store / "current") / 1e6
    store = setting.copy(triples)
    found.costs["start to first page"] = _first_page(store, setting.work / f"start-{triples}.log")
    began = time.perf_counter()
    with setting.serving(store, f"growth-{triples}", _PATIENT) as served:
        _derived(served.endpoint)
        found.costs["search index made"] = time.perf_counter() - began
        _asked(setting, served, triples, found.costs)
        found.costs["memory of the whole service"] = total(served.process.pid) / 1e6
        found.costs["dump of everything"] = _dumped(served.endpoint)
        record = a_record(library)
        setting.told(f"Committing {COMMITS} times …")
        taken = [until_visible(served, record, number) for number in range(COMMITS + 1)][1:]
        found.costs["commit to visible"] = middle(taken)
    setting.told("Checking all of it …")
    with Child() as child:
        found.costs["whole validation"] = child.call(whole, snapshot_of(store))
    return found


def _first_page(store: Path, log: Path) -> float:
    """Seconds from the command until the front page was read."""
    port = free_port()
    endpoint = Endpoint("start", f"http://127.0.0.1:{port}/sparql")
    began = time.perf_counter()
    command: list[str | Path] = [*COMMAND, "serve", "--port", str(port), "--store", store, "--empty"]
    page = endpoint.page("/", "Accept: text/html\r\n")
    with running(command, log, _PATIENT) as process:
        wait_for(endpoint.page("/health"), process, log, _STARTING)
        answer = fetch(page, timeout=_STARTING)  # the first time it is made for a large library
        if answer.status != 200:
            raise NotStarted(f"The front page was answered {answer.status}.")
        return time.perf_counter() - began


def _derived(endpoint: Endpoint) -> None:
    """Wait until search shows what queries see; on a busy machine what makes it may seem to rest."""
    end = time.monotonic() + _STARTING
    while time.monotonic() < end:
        told = json.loads(fetch(endpoint.page("/health")).body)
        if (told["search"] or 0) >= told["generation"]:
            return
        time.sleep(0.5)
    raise NotStarted(f"Search was not made within {_STARTING} s.")


def _asked(setting: Setting, served: Service, triples: int, costs: dict[str, float]) -> None:
    """The median times of what readers ask."""
    endpoint, manifest = served.endpoint, setting.manifest(triples)
    asked: Mapping[str, Sequence[Request]] = {
        "entity": _queries(endpoint, setting, triples, "entity"),
        "front page": [endpoint.page("/", "Accept: text/html\r\n")],
        "page of a record": [endpoint.page(path) for path in documents(manifest, setting.seed, ".html")],
        "search with facets": [
            endpoint.page("/search.json?" + urlencode({"q": words, "type": "resource"})) for words in _SEARCHES
        ],
        "facet counts by SPARQL": _queries(endpoint, setting, triples, "facets"),
        "3-hop join": _queries(endpoint, setting, triples, "join"),
    }
    turns = [Turn(name, "service", 1, requests) for name, requests in asked.items()]
    pages = Turn("pages", "service", CLIENTS, asked["page of a record"])
    with setting.drivers() as drivers:
        measure(turns, drivers, 1, setting.seconds)
        rows = measure(turns, drivers, setting.rounds, setting.seconds, setting.told)
        (crowd,) = measure([pages], drivers, setting.rounds, setting.seconds, setting.told)
    for row in (*rows, crowd):
        if row.failures:
            raise RuntimeError(f"{row.query} at {triples:,} triples failed: {row.failures[0]}")
    costs.update({row.query: 1e3 * middle(row.p50) for row in rows})
    costs["pages a second, 8 clients"] = middle(crowd.rates)


def _queries(endpoint: Endpoint, setting: Setting, triples: int, name: str) -> list[Request]:
    return [endpoint.query(text) for text in workload(name, setting.manifest(triples), setting.seed).texts]


def _dumped(endpoint: Endpoint) -> float:
    """Seconds in which every named graph was streamed as N-Quads."""
    request = endpoint.page("/store", "Accept: application/n-quads\r\n")
    began = time.perf_counter()
    with Connection(request.host, request.port, timeout=3600) as connection:
        for _ in connection.stream(request):
            pass
    return time.perf_counter() - began


def whole(snapshot: Path) -> float:
    """Seconds of the processor in which everything in a snapshot is checked, rules included."""
    world, referee = Store.read_only(str(snapshot)), Referee()
    began = time.process_time()
    for _ in referee.check_whole(world).results:
        pass
    return time.process_time() - began


def _size(directory: Path) -> int:
    return sum(path.stat().st_size for path in directory.iterdir())


def kept(path: Path) -> Measured | None:
    """What an earlier run wrote; None when it wrote nothing."""
    try:
        return Measured(**json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None


def keep(path: Path, found: Measured) -> None:
    """Write it for a later run. Raises OSError."""
    path.write_text(json.dumps(asdict(found), indent=1) + "\n", encoding="utf-8")


def exponent(less: float, more: float, by: float) -> float:
    """With which power of the size a cost grows, that was `less` and is `more` at `by` times the size."""
    return math.log(more / less) / math.log(by) if less > 0 and more > 0 and by > 1 else math.nan


def grows(power: float) -> str:
    """That power in words."""
    if math.isnan(power):
        return ""
    words: Sequence[tuple[float, str]] = ((0.1, "hardly"), (0.85, f"size^{power:.1f}"), (1.15, "with the size"))
    return next((word for limit, word in words if power < limit), f"faster: size^{power:.1f}")


def markdown(found: Sequence[Measured]) -> str:
    """The table of all sizes, how each cost grows between the two largest, and what that makes of a billion triples.

    An estimate is marked by “≈”, and nobody has seen it.
    """
    found = sorted(found, key=lambda each: each.triples)
    last = found[-1]
    head = ["", *(f"{each.triples:,}" for each in found), "grows", "≈ 1 billion (estimate)"]
    rows = [head, ["---", *["---:"] * len(found), "---", "---:"]]
    for cost in COSTS:
        power, guess = math.nan, ""
        if len(found) > 1 and cost.lasting:
            before = found[-2]
            power = exponent(_cost(before, cost), _cost(last, cost), last.triples / before.triples)
            value = _cost(last, cost) * (BILLION / last.triples) ** max(0.0, power)
            guess = "" if math.isnan(value) else f"≈ {_written(value, cost.unit)}"
        cells = [_written(_cost(each, cost), cost.unit) for each in found]
        rows.append([f"{cost.name}", *cells, grows(power), guess])
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    rate = last.costs["pages a second, 8 clients"] / last.cores
    told = [
        "",
        f"Estimate, seen by nobody: {REQUESTS:,} pages a second at {last.triples:,} triples take about "
        f"{REQUESTS / rate:,.0f} cores like these ({rate:,.0f} pages a second for each, clients included). "
        "What a cache in front answers costs none.",
        "",
        *(f"{each.triples:,}: {each.machine}." for each in found),
    ]
    return "\n".join([*lines, *told])


def _cost(found: Measured, cost: Cost) -> float:
    """What it was; nan where an earlier run did not measure it."""
    return found.costs.get(cost.name, math.nan)


def _written(value: float, unit: str) -> str:
    if math.isnan(value):
        return ""
    for limit, factor, larger in ((7200, 3600, "h"), (300, 60, "min")):
        if unit == "s" and value >= limit:
            return f"{shown(value / factor)} {larger}"
    if unit == "ms" and value >= 10_000:
        return _written(value / 1000, "s")
    if unit == "MB" and value >= 10_000:
        return f"{shown(value / 1000)} GB"
    return f"{shown(value)} {unit}"


def insert(document: Path, table: str) -> None:
    """Put the table between its two lines in a document. Raises OSError, and ValueError where the lines are missing."""
    text = document.read_text(encoding="utf-8")
    before, begun, rest = text.partition(BEGIN)
    _, ended, after = rest.partition(END)
    if not begun or not ended:
        raise ValueError(f"{document} has no lines “{BEGIN}” and “{END}” to write between.")
    document.write_text(f"{before}{BEGIN}\n\n{table}\n\n{END}{after}", encoding="utf-8")


def run(setting: Setting, sizes: Sequence[int], again: bool, results: Path, told: Callable[[str], None]) -> str:
    """Measure every size that no earlier run kept in `results`, or every one `again`; the table of all."""
    found = []
    for triples in sizes:
        path = results / f"growth-{triples}-{setting.seed}.json"
        before = None if again else kept(path)
        if before is None:
            told(f"Measuring {triples:,} triples …")
            before = measured(setting, triples)
            keep(path, before)
        found.append(before)
    return markdown(found)
