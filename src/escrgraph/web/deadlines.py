"""Deadlines: how many days are left, counted from a day that the caller names."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Deadline:
    """The last day of a call. left: days until then, 0 on the day itself, negative once it is over."""

    day: date
    left: int

    @property
    def open(self) -> bool:
        """Whether there is still time."""
        return self.left >= 0

    @classmethod
    def of(cls, text: str, day: date) -> Deadline | None:
        """The deadline that a date (xsd:date) is on some day; None for what is no date."""
        try:
            last = date.fromisoformat(text)
        except ValueError:
            return None
        return cls(last, (last - day).days)
