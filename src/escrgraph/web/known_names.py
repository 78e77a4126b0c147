"""The names of things that lists mention again and again, remembered for as long as one generation is shown."""

from __future__ import annotations

from collections.abc import Iterable

from escrgraph.web.page_queries import Solution, text

MOST = 20_000
"""Things whose names are remembered."""


class KnownNames:
    """Rows of `names.rq` by thing. What a generation says of a thing never changes."""

    def __init__(self) -> None:
        self._kept: tuple[int, dict[str, list[Solution]]] = (-1, {})

    def of(self, generation: int, things: Iterable[str]) -> dict[str, list[Solution]]:
        """What is known of things in a generation; a thing that is not among them has to be asked for."""
        of, rows = self._kept
        return {thing: rows[thing] for thing in things if thing in rows} if of == generation else {}

    def keep(self, generation: int, things: Iterable[str], rows: Iterable[Solution]) -> None:
        """Remember what was answered for things that were asked for, even where that was nothing."""
        of, kept = self._kept
        if of != generation or len(kept) > MOST:
            kept = {}
        found: dict[str, list[Solution]] = {thing: [] for thing in things}
        for row in rows:
            found.setdefault(text(row, "thing"), []).append(row)
        self._kept = generation, {**kept, **found}
