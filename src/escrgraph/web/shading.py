"""Shading: into which of a few steps a count falls, so that a map or table shows at a glance where there is more."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

STEPS = 4


@dataclass(frozen=True, slots=True)
class Step:
    """One shade. number: 1 is the lightest; low, high: the least and the greatest count that has it."""

    number: int
    low: int
    high: int

    @property
    def range(self) -> str:
        """The counts as a legend names them."""
        return str(self.low) if self.low == self.high else f"{self.low}–{self.high}"


def steps(counts: Iterable[int]) -> tuple[Step, ...]:
    """At most four steps, each with as many different counts as the others, as nearly as can be. Zero has none."""
    found = sorted({count for count in counts if count > 0})
    size = min(STEPS, len(found))
    cuts = [round(index * len(found) / size) for index in range(size + 1)] if size else []
    parts = [found[start:end] for start, end in pairwise(cuts)]
    return tuple(Step(number, part[0], part[-1]) for number, part in enumerate(parts, start=1))


def step_of(count: int, scale: Sequence[Step]) -> int:
    """The number of the step of a count; 0 for a count of zero."""
    return bisect_right([step.low for step in scale], count)
