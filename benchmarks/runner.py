"""Comparing endpoints: interleaved rounds of the same queries, medians of rounds, ratios round by round."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from benchmarks import agreement
from benchmarks.endpoint import Endpoint, Request
from benchmarks.figures import middle, ratio, shown, table
from benchmarks.load import Cell, Drivers, canned
from benchmarks.workload import Workload

CHECKED = 20
"""Queries of each kind whose answers are compared before anything is timed."""


@dataclass(frozen=True, slots=True)
class Row:
    """One kind of query at one endpoint with so many clients; figures are one a round."""

    query: str
    endpoint: str
    clients: int
    rates: Sequence[float]
    p50: Sequence[float]
    p95: Sequence[float]
    busy: float
    failures: Sequence[str]


@dataclass(frozen=True, slots=True)
class Comparison:
    """All that was measured. ceiling: requests a second that the clients reach against a server that does nothing."""

    endpoints: Mapping[str, str]
    rounds: int
    seconds: float
    ceiling: Mapping[int, float]
    rows: Sequence[Row]
    disagreements: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def row(self, query: str, endpoint: str, clients: int) -> Row:
        """One row. Raises KeyError."""
        for row in self.rows:
            if (row.query, row.endpoint, row.clients) == (query, endpoint, clients):
                return row
        raise KeyError((query, endpoint, clients))

    def write(self, path: Path) -> None:
        """Write everything as JSON. Raises OSError."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(self), indent=1) + "\n", encoding="utf-8")

    def text(self) -> str:
        """The table that people read; ratios are to the first endpoint, above 1 is more answers a second."""
        first = next(iter(self.endpoints))
        head = ["query", "clients", "endpoint", "p50 ms", "p95 ms", "req/s", f"x {first}", "client cpu", "failures"]
        rows = [
            [
                row.query, str(row.clients), row.endpoint, shown(1e3 * middle(row.p50)), shown(1e3 * middle(row.p95)),
                shown(middle(row.rates)), shown(ratio(row.rates, self.row(row.query, first, row.clients).rates)),
                f"{row.busy:.0%}", str(len(row.failures)),
            ]
            for row in self.rows
        ]  # fmt: skip
        ceilings = ", ".join(f"{count} clients {shown(rate)}/s" for count, rate in self.ceiling.items())
        notes = [f"! {query}: {text}" for query, texts in self.disagreements.items() for text in texts]
        failed = [f"! {row.query} at {row.endpoint}: {row.failures[0]}" for row in self.rows if row.failures]
        return "\n".join([table(head, rows), f"Clients alone reach: {ceilings}.", *notes, *failed])


@dataclass(frozen=True, slots=True)
class Turn:
    """What is measured once a round. expected: the status that counts as an answer."""

    query: str
    endpoint: str
    clients: int
    requests: Sequence[Request]
    expected: int = 200


def measure(
    turns: Sequence[Turn], drivers: Drivers, rounds: int, seconds: float, told: Callable[[str], None] = lambda _: None
) -> list[Row]:
    """Measure each turn for some seconds, one after the other, and that `rounds` times. Returns a row a turn."""
    cells: list[list[Cell]] = [[] for _ in turns]
    for number in range(1, rounds + 1):
        told(f"Round {number} of {rounds} …")
        for turn, found in zip(turns, cells, strict=True):
            found.append(drivers.run(turn.requests, turn.clients, seconds, turn.expected))
    return [_row(turn.query, turn.endpoint, turn.clients, found) for turn, found in zip(turns, cells, strict=True)]


def compare(
    endpoints: Sequence[Endpoint],
    works: Sequence[Workload],
    clients: Sequence[int],
    *,
    rounds: int = 5,
    seconds: float = 1,
    processes: int = 1,
    told: Callable[[str], None] = lambda _: None,
) -> Comparison:
    """Measure: for each query and number of clients, each endpoint in turn, and that `rounds` times.

    A kind of query that an endpoint refuses is not measured there; answers that differ are noted, and measured.
    told: hears what is being done. Raises OSError when an endpoint cannot be reached.
    """
    willing, disagreements = _checked(endpoints, works, told)
    turns = [
        Turn(work.name, endpoint.name, count, [endpoint.query(text) for text in work.texts])
        for work in works
        for count in clients
        for endpoint in willing.get(work.name, ())
    ]
    with Drivers(processes) as drivers:
        ceiling = _ceiling(drivers, clients, seconds)
        rows = measure(turns, drivers, rounds, seconds, told)
    return Comparison({e.name: e.url for e in endpoints}, rounds, seconds, ceiling, rows, disagreements)


def _checked(
    endpoints: Sequence[Endpoint], works: Sequence[Workload], told: Callable[[str], None]
) -> tuple[Mapping[str, Sequence[Endpoint]], Mapping[str, Sequence[str]]]:
    willing: dict[str, list[Endpoint]] = {}
    notes: dict[str, Sequence[str]] = {}
    for work in works:
        told(f"Comparing answers to {work.name} …")
        seen: dict[str, agreement.Seen] = {}
        refusals: list[str] = []
        for endpoint in endpoints:
            try:
                seen[endpoint.name] = agreement.look(endpoint, work, CHECKED)
                willing.setdefault(work.name, []).append(endpoint)
            except agreement.Refused as error:
                refusals.append(str(error))
        if found := [*refusals, *(agreement.differences(seen) if seen else ())]:
            notes[work.name] = found
    return willing, notes


def _ceiling(drivers: Drivers, clients: Sequence[int], seconds: float) -> dict[int, float]:
    with canned(b"x" * 3000) as request:
        return {count: drivers.run([request], count, seconds).rate for count in clients}


def _row(query: str, endpoint: str, clients: int, cells: Sequence[Cell]) -> Row:
    return Row(
        query, endpoint, clients,
        [cell.rate for cell in cells], [cell.p50 for cell in cells], [cell.p95 for cell in cells],
        middle([cell.busy for cell in cells]), [text for cell in cells for text in cell.failures][:5],
    )  # fmt: skip
