"""The command line of the benchmarks."""

from __future__ import annotations

import re
import time
from pathlib import Path

import click

from benchmarks import generator

_SIZE = re.compile(r"(\d+(?:\.\d+)?)([kM]?)")


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
