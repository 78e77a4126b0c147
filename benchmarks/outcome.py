"""What a bar is held against: a figure, the limit, and whether it holds."""

from __future__ import annotations

import json
import platform
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import psutil  # type: ignore[import-untyped,unused-ignore]

from benchmarks.figures import shown, table


@dataclass(frozen=True, slots=True)
class Outcome:
    """One figure. limit: None for a figure that is only told. least: the figure must reach it, else not pass it."""

    bar: int
    name: str
    figure: float
    unit: str
    limit: float | None = None
    least: bool = False
    note: str = ""

    @property
    def holds(self) -> bool | None:
        """Whether the bar holds; None where there is none. A figure that could not be had does not hold."""
        if self.limit is None:
            return None
        return self.figure >= self.limit if self.least else self.figure <= self.limit


def this_machine() -> str:
    """A line about where the figures come from: without it they mean little."""
    memory = psutil.virtual_memory().total / 2**30
    load = " ".join(f"{value:.1f}" for value in psutil.getloadavg())
    python = platform.python_version()
    cores = psutil.cpu_count()
    return f"{cores} cores, {memory:.0f} GiB, Python {python}, load {load}, {time.strftime('%Y-%m-%d %H:%M')}"


@dataclass(frozen=True, slots=True)
class Report:
    """All outcomes of a run, with what the machine was like."""

    outcomes: Sequence[Outcome]
    machine: str = field(default_factory=this_machine)

    def text(self) -> str:
        """The table that people read."""
        rows = [
            [
                f"({outcome.bar}) {outcome.name}",
                f"{shown(outcome.figure)} {outcome.unit}",
                "" if outcome.limit is None else f"{'≥' if outcome.least else '≤'} {shown(outcome.limit)}",
                {True: "yes", False: "NO", None: ""}[outcome.holds],
                outcome.note,
            ]
            for outcome in self.outcomes
        ]
        return f"{table(['what', 'figure', 'bar', 'holds', 'seen'], rows, (0, 4))}\n{self.machine}"

    def write(self, path: Path) -> None:
        """Write everything as JSON. Raises OSError."""
        path.parent.mkdir(parents=True, exist_ok=True)
        outcomes = [{**asdict(outcome), "holds": outcome.holds} for outcome in self.outcomes]
        text = json.dumps({"machine": self.machine, "outcomes": outcomes}, indent=1, ensure_ascii=False)
        path.write_text(text + "\n", encoding="utf-8")
