"""Bar 3: thirty-two clients at once who ask for the same records of each engine, in one run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

from benchmarks import peers
from benchmarks.endpoint import Endpoint
from benchmarks.figures import middle, ratio
from benchmarks.outcome import Outcome
from benchmarks.processes import NotStarted
from benchmarks.runner import compare
from benchmarks.setting import Setting
from benchmarks.workload import workload

CLIENTS = 32
QUERY = "entity"
IN_MEMORY = 100_000
"""Triples up to which rdflib-endpoint is given rdflib's own store; above it Oxigraph, or it would load for hours."""

_BAR = 3


def outcomes(setting: Setting) -> Iterator[Outcome]:
    """The service as it comes, beside rdflib-endpoint and Virtuoso where they are installed."""
    library = setting.library(setting.triples)
    with ExitStack() as stack:
        found: list[Endpoint] = [
            stack.enter_context(setting.serving(setting.store(setting.triples), "ours", {})).endpoint
        ]
        missing: dict[str, NotStarted] = {}
        kind = "default" if setting.triples <= IN_MEMORY else "Oxigraph"
        for name, peer in (
            ("rdflib-endpoint", peers.rdflib_endpoint(library, setting.work, kind)),
            ("virtuoso", peers.virtuoso(library, setting.work)),
        ):
            setting.told(f"Starting {name} …")
            try:
                found.append(stack.enter_context(peer))
            except NotStarted as error:
                missing[name] = error
        works = [workload(QUERY, setting.manifest(setting.triples), setting.seed)]
        result = compare(
            found, works, [CLIENTS], rounds=setting.rounds, seconds=setting.seconds, processes=setting.processes,
            told=setting.told,
        )  # fmt: skip
    own = result.row(QUERY, "ours", CLIENTS)
    for name, limit in (("rdflib-endpoint", 10.0), ("virtuoso", 1.5)):
        title = f"{QUERY}, {CLIENTS} clients, to {name}, {setting.triples:,}"
        if name in missing:
            yield Outcome(_BAR, title, float("nan"), "x", limit, True, str(missing[name]).splitlines()[0])
            continue
        other = next(row for row in result.rows if row.endpoint.startswith(name))
        notes = [f"{middle(own.rates):,.0f} and {middle(other.rates):,.0f} a second", *own.failures, *other.failures]
        notes += result.disagreements.get(QUERY, ())
        yield Outcome(_BAR, title, ratio(own.rates, other.rates), "x", limit, True, "; ".join(notes))
