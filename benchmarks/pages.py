"""Bar of pages: what a page costs beside the same record's Turtle, and how that grows with the library."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from random import Random

from pyoxigraph import NamedNode, RdfFormat, parse

from benchmarks import service
from benchmarks.figures import middle, ratio
from benchmarks.outcome import Outcome
from benchmarks.runner import Row, Turn, measure
from benchmarks.service import DISK, Service
from benchmarks.setting import Setting, milliseconds
from benchmarks.templates import BASE
from benchmarks.workload import ENTITIES, documents
from escrgraph.vocabulary import shipped

BAR = 4

_COUNT = 400
_HUBS = ("right", "method", "country")


def outcomes(setting: Setting) -> Iterator[Outcome]:
    """Pages and Turtle of the same records, of the real library and of a generated one, on disk readers, in turns."""
    records = _real_records()
    with ExitStack() as stack:
        small = stack.enter_context(setting.serving(service.real_store(setting.work), "real", DISK))
        large = stack.enter_context(setting.serving(setting.store(setting.triples), "generated", DISK))
        manifest = setting.manifest(setting.triples)
        real = _drawn(records, ENTITIES, setting.seed)
        hubs = [f"/doc/{record}" for type_ in _HUBS for record in records[type_]]
        generated = documents(manifest, setting.seed, "", _COUNT)
        turns = [
            *_turns(small, "real", real), *_turns(large, "generated", generated),
            *_turns(small, "real hubs", hubs), *_turns(large, "generated hubs", hubs),
        ]  # fmt: skip
        with setting.drivers() as drivers:
            rows = measure(turns, drivers, setting.rounds, setting.seconds, setting.told)
    html, turtle, large_html, large_turtle, hub, _, large_hub, _ = rows
    size = f"{setting.triples:,}"
    yield _beside("page p50 to Turtle p50, real library", html, turtle, 4)
    yield _beside(f"page p50 to Turtle p50, {size}", large_html, large_turtle, 4)
    yield _beside(f"page p50, {size} to real library", large_html, html, 1.3)
    yield _beside(f"page p50 of rights, methods and countries, {size} to real library", large_hub, hub, None)


def _beside(name: str, row: Row, to: Row, limit: float | None) -> Outcome:
    failed = [*row.failures, *to.failures]
    note = f"{milliseconds(middle(row.p50))} and {milliseconds(middle(to.p50))}" + (f"; {failed[0]}" if failed else "")
    return Outcome(BAR, name, ratio(row.p50, to.p50), "x", limit, note=note)


def _turns(served: Service, name: str, paths: Sequence[str]) -> list[Turn]:
    return [
        Turn(f"{name} {ending}", "service", 1, [served.endpoint.page(f"{path}.{ending}") for path in paths])
        for ending in ("html", "ttl")
    ]


def _real_records() -> dict[str, list[str]]:
    """The records of the shipped library, by type."""
    found: dict[str, dict[str, None]] = {}
    for file in shipped.data_files():
        for quad in parse(file.read_bytes(), RdfFormat.TURTLE):
            record = BASE.record_of(quad.subject.value) if isinstance(quad.subject, NamedNode) else None
            if record:
                found.setdefault(record.partition("/")[0], {})[record] = None
    return {type_: list(records) for type_, records in found.items()}


def _drawn(records: dict[str, list[str]], types: Sequence[str], seed: int) -> list[str]:
    """The paths of some records, types mixed as in the workload."""
    random = Random(f"{seed} real")
    return [f"/doc/{random.choice(records[random.choice(types)])}" for _ in range(_COUNT)]
