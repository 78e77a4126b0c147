"""Room on the disk: asked for before anything is written, because RocksDB on a full disk waits instead of failing."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from escrgraph.repository.errors import Unavailable
from escrgraph.repository.exchange import CURRENT

RESERVE = 64 << 20
"""Bytes of disk that stay free whatever is written."""

_SHARE = 4  # of a store's size RocksDB may need a part this small while it compacts, …
_MOST = 2 << 30  # … and no more than this, because a compaction has a limit
_GROWTH = 8  # a quad is in the log, in up to nine indexes and in RocksDB's own log


class Room:
    """The disk that holds a store. reserve: bytes that stay free, beside what RocksDB needs for itself."""

    def __init__(self, directory: Path, reserve: int = RESERVE) -> None:
        self._directory = directory
        self._reserve = reserve

    def demand(self, size: int = 0) -> None:
        """See that `size` bytes of quads may be written. Raises Unavailable when the disk is nearly full."""
        needed = self._reserve + min(_size(self._directory / CURRENT) // _SHARE, _MOST) + _GROWTH * size
        free = self._free()
        if free < needed:
            raise Unavailable(
                f"The disk that holds {self._directory} is nearly full: {free >> 20:,} MiB are free and "
                f"{needed >> 20:,} MiB needed. Nothing was changed. Make room, then ask again."
            )

    def left(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        """The chunks again, for as long as there is room for the next. Raises Unavailable when there is not."""
        for chunk in chunks:
            if self._free() < self._reserve + _GROWTH * len(chunk):
                raise Unavailable(
                    f"The disk that holds {self._directory} became full. Nothing was loaded. Make room, then ask again."
                )
            yield chunk

    @contextmanager
    def watched(self, seconds: float, stuck: Callable[[], object]) -> Iterator[None]:
        """Call `stuck` on another thread when the block takes longer than so many seconds and the disk is nearly full.

        A machine that is merely slow, with room to spare, gets ten times as long.
        """
        done = threading.Event()

        def watch() -> None:
            if done.wait(seconds) or (self._free() >= self._reserve and done.wait(9 * seconds)):
                return
            stuck()

        threading.Thread(target=watch, daemon=True).start()
        try:
            yield
        finally:
            done.set()

    def _free(self) -> int:
        disk = os.statvfs(self._directory)
        return disk.f_bavail * disk.f_frsize


def _size(directory: Path) -> int:
    """Bytes in the files of a directory."""
    found = 0
    for entry in os.scandir(directory):
        try:
            found += entry.stat().st_size
        except FileNotFoundError:
            continue  # compacted away meanwhile
    return found
