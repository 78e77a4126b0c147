"""Result tables on a terminal, aligned for every script."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence

_LEAST = 12


def layout(columns: Sequence[str], rows: Sequence[Sequence[str]], width: int | None = None) -> Iterator[str]:
    """The lines of a table: heads, a rule, the rows.

    width: of the terminal, into which the columns are fitted, with “…” where text is left out; None fits nothing.
    """
    cells = [[_one_line(cell) for cell in row] for row in (columns, *rows)]
    widths = [max((_width(row[column]) for row in cells), default=0) for column in range(len(columns))]
    if width is not None:
        widths = _fitted(widths, width - 2 * (len(widths) - 1))
    head, *body = cells
    yield _line(head, widths)
    yield "  ".join("─" * size for size in widths)
    for row in body:
        yield _line(row, widths)


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(_padded(cell, size) for cell, size in zip(row, widths, strict=True)).rstrip()


def _fitted(widths: list[int], room: int) -> list[int]:
    """Take from the widest column until all fit, but from none more than down to a least width."""
    fitted = list(widths)
    while sum(fitted) > room and max(fitted) > _LEAST:
        widest = fitted.index(max(fitted))
        second = max((size for size in fitted if size < fitted[widest]), default=_LEAST)
        fitted[widest] = max(second, _LEAST, fitted[widest] - (sum(fitted) - room))
        if fitted.count(fitted[widest]) > 1 and sum(fitted) > room:
            fitted[widest] -= 1
    return fitted


def _padded(text: str, size: int) -> str:
    if _width(text) > size:
        kept = ""
        for character in text:
            if _width(kept + character) >= size:
                break
            kept += character
        text = kept + "…"
    return text + " " * (size - _width(text))


def _width(text: str) -> int:
    """Columns that a terminal takes: two for wide East Asian characters, none for combining marks."""
    return sum(
        0 if unicodedata.combining(character) else 2 if unicodedata.east_asian_width(character) in "WF" else 1
        for character in text
    )


def _one_line(text: str) -> str:
    """Line breaks and control characters (a terminal would obey them) shown as spaces."""
    return "".join(" " if unicodedata.category(character)[0] == "C" else character for character in text)
