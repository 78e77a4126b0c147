"""Pages of a list: how many there are, and which of them a reader is offered."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pages:
    """The pages of a list. page: the one shown, from 1; size: entries a page; total: entries of the list."""

    page: int
    size: int
    total: int

    @property
    def last(self) -> int:
        """The number of the last page; an empty list has one page too."""
        return max(1, -(-self.total // self.size))

    @property
    def previous(self) -> int | None:
        """The page before, None before the first."""
        return min(self.page - 1, self.last) if self.page > 1 else None

    @property
    def next(self) -> int | None:
        """The page after, None after the last."""
        return self.page + 1 if self.page < self.last else None

    @property
    def first_entry(self) -> int:
        """The number of the first entry shown, from 1; 0 in an empty list."""
        return (self.page - 1) * self.size + 1 if self.total else 0

    @property
    def last_entry(self) -> int:
        """The number of the last entry shown."""
        return min(self.page * self.size, self.total)

    @property
    def there(self) -> bool:
        """Whether the page exists."""
        return self.page <= self.last

    def offered(self) -> list[int | None]:
        """The pages to name: the first, the last, and those around the one shown; None where some are left out."""
        near = {1, self.last, *range(self.page - 2, self.page + 3)}
        shown = sorted(number for number in near if 1 <= number <= self.last)
        found: list[int | None] = []
        for number in shown:
            if found and found[-1] is not None and number - found[-1] == 2:
                found.append(number - 1)
            elif found and found[-1] is not None and number - found[-1] > 2:
                found.append(None)
            found.append(number)
        return found
