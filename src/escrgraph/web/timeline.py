"""The timeline: how many records each year has, as bars and as a list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

WIDTH, HEIGHT, FOOT, HEAD = 600, 190, 26, 14
LONGEST_SPAN = 150
"""Years that a record may cover to count for each of them; of a longer span only both ends count, as in lists."""


@dataclass(frozen=True, slots=True)
class Span:
    """Records that begin and end in the same years."""

    first: int
    last: int
    count: int


@dataclass(frozen=True, slots=True)
class Bar:
    """A year. x, y, width, height: its bar on the sheet; labelled: whether its number stands under it."""

    year: int
    count: int
    x: float
    y: float
    width: float
    height: float
    labelled: bool

    @property
    def middle(self) -> float:
        """Where its number stands."""
        return self.x + self.width / 2


@dataclass(frozen=True, slots=True)
class Timeline:
    """Bars from the first year to the last, years without records among them. most: the count of the highest."""

    bars: tuple[Bar, ...]
    most: int
    width: int = WIDTH
    height: int = HEIGHT


def count_years(spans: Iterable[Span]) -> Counter[int]:
    """Records by year; one that covers several years counts for each."""
    years: Counter[int] = Counter()
    for span in spans:
        covered = range(span.first, span.last + 1)
        for year in covered if len(covered) <= LONGEST_SPAN else (span.first, span.last):
            years[year] += span.count
    return years


def draw_years(years: Counter[int], since: int | None = None) -> Timeline | None:
    """The bars of some years, from `since` on; None when there is none."""
    shown = {year: count for year, count in years.items() if since is None or year >= since}
    if not shown:
        return None
    first, last, most = min(shown), max(shown), max(shown.values())
    slot = WIDTH / (last - first + 1)
    every = next(step for step in (1, 2, 5, 10, 20, 50, 100, 1000) if slot * step >= 45)
    room = HEIGHT - FOOT - HEAD
    bars = []
    for year in range(first, last + 1):
        height = round(room * shown.get(year, 0) / most, 1)
        bars.append(
            Bar(
                year,
                shown.get(year, 0),
                round((year - first) * slot + slot * 0.1, 1),
                round(HEIGHT - FOOT - height, 1),
                round(slot * 0.8, 1),
                height,
                labelled=year % every == 0 and 16 <= (year - first + 0.5) * slot <= WIDTH - 16,
            )
        )
    return Timeline(tuple(bars), most)
