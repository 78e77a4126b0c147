"""A matrix of counts: what stands in its rows and columns, and where each cell leads."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from escrgraph.web.shading import Step, step_of, steps
from escrgraph.web.trees import Branch


@dataclass(frozen=True, slots=True)
class Cell:
    """A count and where it leads: to the list behind it or, when it is zero, to where one may contribute."""

    count: int
    step: int
    href: str


@dataclass(frozen=True, slots=True)
class Line:
    """A row with its cells, one for each column."""

    head: Branch
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """Counts by row and column, shaded in a few steps. gaps: how many cells are empty."""

    columns: tuple[Branch, ...]
    lines: tuple[Line, ...]
    legend: tuple[Step, ...]
    gaps: int


def lay_out(
    rows: Sequence[Branch],
    columns: Sequence[Branch],
    counts: Mapping[tuple[str, str], int],
    list_of: Callable[[Branch, Branch], str],
    gap_of: Callable[[Branch, Branch], str],
) -> Matrix:
    """The matrix of counts by (IRI of the row, IRI of the column); what is not counted is an empty cell.

    list_of, gap_of: where a full and an empty cell lead.
    """
    scale = steps(counts.values())

    def cell(row: Branch, column: Branch) -> Cell:
        count = counts.get((row.iri, column.iri), 0)
        return Cell(count, step_of(count, scale), (list_of if count else gap_of)(row, column))

    lines = tuple(Line(row, tuple(cell(row, column) for column in columns)) for row in rows)
    gaps = sum(not found.count for line in lines for found in line.cells)
    return Matrix(tuple(columns), lines, scale, gaps)
