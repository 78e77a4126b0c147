"""The command line of the benchmarks."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from benchmarks import (
    bulk,
    crowd,
    curation,
    generator,
    growth,
    harvest,
    memory,
    pages,
    peers,
    runaways,
    runner,
    rush,
    searching,
    service,
    speed,
)
from benchmarks.endpoint import Endpoint, named
from benchmarks.outcome import Outcome, Report
from benchmarks.setting import Setting
from benchmarks.workload import QUERIES, workload

RESULTS = Path(__file__).with_name("results")

DOCUMENT = RESULTS.parent.parent / "docs" / "operating.md"
"""Where the table of growth stands."""

_SIZE = re.compile(r"(\d+(?:\.\d+)?)([kM]?)")


@contextmanager
def _own(library: Path, work: Path, name: str, settings: Mapping[str, str]) -> Iterator[Endpoint]:
    store = service.loaded(library, work, name)
    with service.serving(store, name, work / f"{name}.log", settings) as found:
        yield found.endpoint


STARTED: Mapping[str, Callable[[Path, Path], AbstractContextManager[Endpoint]]] = {
    "escrgraph": lambda library, work: _own(library, work, "escrgraph", service.DISK),
    "escrgraph-replica": lambda library, work: _own(library, work, "escrgraph-replica", service.REPLICA),
    "rdflib-endpoint": peers.rdflib_endpoint,
    "rdflib-endpoint-oxigraph": lambda library, work: peers.rdflib_endpoint(library, work, "Oxigraph"),
    "virtuoso": peers.virtuoso,
}


BARS: Mapping[str, Callable[[Setting], Iterator[Outcome]]] = {
    "2": runaways.outcomes,
    "5": speed.outcomes,
    "6": bulk.outcomes,
    "search": searching.outcomes,
    "harvest": harvest.outcomes,
}
PARTS: Mapping[str, Callable[[Setting], Iterator[Outcome]]] = {
    **BARS,
    "visibility": speed.visibility,
    "serving": speed.serving,
    "page": pages.outcomes,
    "small": speed.against_small,
    "peers": speed.against_large,
    "loading": bulk.loading,
    "entities": bulk.entities,
    "stream": bulk.stream,
    "curation": curation.outcomes,
    "memory": memory.outcomes,
    "crowd": crowd.outcomes,
}


class Size(click.ParamType[int]):
    """A number of triples: 10000, 10k, 1M."""

    name = "size"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The number; click reports what is none."""
        match = _SIZE.fullmatch(str(value))
        if match is None:
            self.fail(f"{value} is no number of triples: write 10000, 10k or 1M.", param, ctx)
        return int(float(match[1]) * {"": 1, "k": 1_000, "M": 1_000_000}[match[2]])


@click.group(context_settings={"max_content_width": 120})
def main() -> None:
    """Measure escrgraph, beside other engines where they are installed."""


@main.command()
@click.option("--triples", type=Size(), default=10_000, show_default=True, help="About how many.")
@click.option("--seed", default=1, show_default=True, help="The same seed gives the same bytes.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="Directory to write to.")
def generate(triples: int, seed: int, out: Path) -> None:
    """Write an invented library in the shape of the real one."""
    began = time.perf_counter()
    manifest = generator.generate(triples, seed, out)
    click.echo(f"{manifest.triples:,} triples in {out} ({time.perf_counter() - began:.1f} s)")


@main.command()
@click.option("--endpoint", "endpoints", multiple=True, metavar="NAME=URL", help="An endpoint that runs already.")
@click.option("--post", multiple=True, metavar="NAME", help="An endpoint that takes queries as forms by POST.")
@click.option("--peer", "started", multiple=True, type=click.Choice(sorted(STARTED)), help="An engine to start.")
@click.option("--library", type=click.Path(path_type=Path, exists=True), required=True, help="A generated library.")
@click.option("--queries", default="entity,join,chain,facets", show_default=True, help=f"Of {', '.join(QUERIES)}.")
@click.option("--clients", default="1,8", show_default=True, help="Numbers of clients.")
@click.option("--rounds", default=5, show_default=True)
@click.option("--seconds", default=1.0, show_default=True, help="How long a cell is measured.")
@click.option("--processes", default=1, show_default=True, help="Client processes.")
@click.option("--seed", default=1, show_default=True, help="Of the parameters.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="JSON; else in benchmarks/results/.")
def compare(
    endpoints: tuple[str, ...], post: tuple[str, ...], started: tuple[str, ...], library: Path, queries: str,
    clients: str, rounds: int, seconds: float, processes: int, seed: int, out: Path | None,
) -> None:  # fmt: skip
    """Compare endpoints that hold the same library: the first named is what ratios refer to."""
    manifest = generator.read_manifest(library)
    works = [workload(name, manifest, seed) for name in queries.split(",")]
    with ExitStack() as stack:
        work = Path(stack.enter_context(TemporaryDirectory(prefix="escrgraph-benchmark-")))
        found = [named(text, frozenset(post)) for text in endpoints]
        for name in started:
            _say(f"Starting {name} …")
            found.append(stack.enter_context(STARTED[name](library, work)))
        if not found:
            raise click.UsageError("There is nothing to measure: give --endpoint NAME=URL or --peer.")
        numbers = [int(number) for number in clients.split(",")]
        result = runner.compare(found, works, numbers, rounds=rounds, seconds=seconds, processes=processes, told=_say)
    click.echo(result.text())
    path = out or RESULTS / f"compare-{time.strftime('%Y%m%dT%H%M%S')}.json"
    result.write(path)
    _say(f"Written: {path}")


@main.command()
@click.option("--triples", type=Size(), default=1_000_000, show_default=True, help="For bars 2 and 5.")
@click.option("--large", type=Size(), default=10_000_000, show_default=True, help="For bar 6.")
@click.option("--only", default=",".join(BARS), show_default=True, help="Bars, or parts of them.")
@click.option("--rounds", default=5, show_default=True)
@click.option("--seconds", default=1.0, show_default=True, help="How long a cell is measured.")
@click.option("--processes", default=1, show_default=True, help="Client processes.")
@click.option("--seed", default=1, show_default=True)
@click.option("--work", type=click.Path(path_type=Path, file_okay=False), help="Keeps the libraries for the next run.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="JSON; else in benchmarks/results/.")
@click.pass_context
def bars(
    context: click.Context, triples: int, large: int, only: str, rounds: int, seconds: float, processes: int, seed: int,
    work: Path | None, out: Path | None,
) -> None:  # fmt: skip
    """Hold escrgraph against its bars: the figure, the bar, whether it holds. Exit code 1 when one does not."""
    wanted = only.split(",")
    if unknown := [name for name in wanted if name not in PARTS]:
        raise click.UsageError(f"There is no bar “{unknown[0]}”. Bars and parts: {', '.join(PARTS)}.")
    with TemporaryDirectory(prefix="escrgraph-bars-", dir=work) as made:
        setting = Setting(Path(made), triples, large, seed, rounds, seconds, processes, _say, libraries=work)
        found = []
        for outcome in chain.from_iterable(PARTS[name](setting) for name in wanted):
            _say(Report([outcome], "").text().splitlines()[2])
            found.append(outcome)
    report = Report(found)
    click.echo(report.text())
    path = out or RESULTS / f"bars-{time.strftime('%Y%m%dT%H%M%S')}.json"
    report.write(path)
    _say(f"Written: {path}")
    context.exit(any(outcome.holds is False for outcome in found))


@main.command()
@click.option("--triples", type=Size(), default=10_000, show_default=True, help="Of the library that is served.")
@click.option("--seconds", default=180.0, show_default=True, help="Of each stretch, without and with runaways.")
@click.option("--readers", default=rush.READERS, show_default=True, help="Each over a connection that it keeps.")
@click.option("--runaways", "number", default=rush.RUNAWAYS, show_default=True, help="Clients whose queries never end.")
@click.option("--work", type=click.Path(path_type=Path, file_okay=False), help="Keeps the libraries for the next run.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="JSON; else in benchmarks/results/.")
@click.pass_context
def load(
    context: click.Context, triples: int, seconds: float, readers: int, number: int, work: Path | None, out: Path | None
) -> None:
    """Load a service with readers, runaways and a curator at once. Exit code 1 when something does not hold."""
    with TemporaryDirectory(prefix="escrgraph-load-", dir=work) as made:
        setting = Setting(Path(made), triples, seconds=seconds, told=_say, libraries=work)
        report = Report(list(rush.outcomes(setting, readers, number)))
    click.echo(report.text())
    path = out or RESULTS / f"load-{time.strftime('%Y%m%dT%H%M%S')}.json"
    report.write(path)
    _say(f"Written: {path}")
    context.exit(any(outcome.holds is False for outcome in report.outcomes))


@main.command("growth")
@click.option("--sizes", default="10k,1M", show_default=True, help="Numbers of triples, the smallest first.")
@click.option("--rounds", default=3, show_default=True)
@click.option("--seconds", default=1.0, show_default=True, help="How long a cell is measured.")
@click.option("--seed", default=1, show_default=True)
@click.option("--again", is_flag=True, help="Measure also what an earlier run with the same --work has measured.")
@click.option("--work", type=click.Path(path_type=Path, file_okay=False), required=True, help="Keeps what is made.")
@click.option("--document", type=click.Path(path_type=Path, dir_okay=False), default=DOCUMENT, show_default=True)
def grow(sizes: str, rounds: int, seconds: float, seed: int, again: bool, work: Path, document: Path) -> None:
    """Measure how each cost grows with the library, and write the table into the operators' guide."""
    wanted = [Size().convert(size, None, None) for size in sizes.split(",")]
    work.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="escrgraph-growth-", dir=work) as made:
        setting = Setting(Path(made), seed=seed, rounds=rounds, seconds=seconds, told=_say, libraries=work)
        table = growth.run(setting, wanted, again, work, _say)
    click.echo(table)
    growth.insert(document, table)
    _say(f"Written: {document}")


def _say(text: str) -> None:
    click.echo(text, err=True)
