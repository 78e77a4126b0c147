"""What tantivy does when its files are not what it wrote: it panics, which no `except Exception` sees."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class BrokenIndex(ValueError):
    """The files of an index cannot be read; it has to be made anew."""


@contextmanager
def told() -> Iterator[None]:
    """Raise BrokenIndex where tantivy panics."""
    try:
        yield
    except BaseException as error:
        if type(error).__name__ == "PanicException":
            raise BrokenIndex(f"tantivy panicked: {error}") from error
        raise
