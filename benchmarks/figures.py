"""Statistics of what was measured: medians, percentiles, ratios, and the table people read."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` (0 to 1) of the values do not exceed (nearest rank); nan of nothing."""
    if not values:
        return math.nan
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def middle(values: Sequence[float]) -> float:
    """The median; nan of nothing."""
    return median(values) if values else math.nan


def ratio(values: Sequence[float], to: Sequence[float]) -> float:
    """The median of the ratios round by round: what slows a whole round down counts in neither. Raises ValueError."""
    pairs = [(value, base) for value, base in zip(values, to, strict=True) if base]
    return middle([value / base for value, base in pairs])


def shown(value: float) -> str:
    """A figure with three significant digits, as people write it."""
    if math.isnan(value):
        return "-"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def table(head: Sequence[str], rows: Sequence[Sequence[str]], left: Sequence[int] = (0,)) -> str:
    """Columns of equal width. left: the columns whose text begins at their left edge; the others end at the right."""
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    lines = [
        "  ".join(c.ljust(width) if place in left else c.rjust(width) for place, (c, width) in enumerate(pairs))
        for pairs in (list(zip(row, widths, strict=True)) for row in (head, ["-" * width for width in widths], *rows))
    ]
    return "\n".join(line.rstrip() for line in lines)
