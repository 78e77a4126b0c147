"""Generations: read-only copies of the store, hard-linked, one directory a change number."""

from __future__ import annotations

import shutil
from collections.abc import Collection
from pathlib import Path

from pyoxigraph import Store

from escrgraph.repository import faults

GENERATIONS = "generations"
"""The directory of snapshots in a store's directory."""

_HALF = ".half"


class Generations:
    """The snapshots in a directory. What has no reader any more is removed; the newest stays."""

    def __init__(self, directory: Path) -> None:
        """Use `directory`, made when missing; snapshots that a crash left half made are removed."""
        self._directory = directory
        directory.mkdir(parents=True, exist_ok=True)
        for half in directory.glob(f"*{_HALF}"):
            _remove(half)

    def path(self, number: int) -> Path:
        """Where the snapshot of that number is, or would be."""
        return self._directory / f"{number:06}"

    def numbers(self) -> list[int]:
        """The snapshots there are, oldest first."""
        return sorted(int(entry.name) for entry in self._directory.iterdir() if entry.name.isdigit())

    def make(self, store: Store, number: int) -> Path:
        """Take a snapshot of the store, unless there is one of that number. Raises OSError when the disk is full."""
        faults.point("before-snapshot")
        path = self.path(number)
        if not path.is_dir():
            half = path.with_name(path.name + _HALF)
            _remove(half)
            try:
                store.backup(str(half))
                half.rename(path)
            except OSError:
                _remove(half)
                raise
        return path

    def keep(self, numbers: Collection[int]) -> None:
        """Remove every snapshot but these. Readers that have one open may finish: their files stay until they close."""
        for number in set(self.numbers()) - set(numbers):
            _remove(self.path(number))


def _remove(path: Path) -> None:
    shutil.rmtree(path, ignore_errors=True)
