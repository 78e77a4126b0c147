"""A small disk of its own for a test: a tmpfs that can be filled to the last byte, and made read-only."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

_STEP = 1 << 20


class Disk:
    """A mounted disk. path: where."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._ballast = path / "ballast"

    def fill(self, leave: int = 0) -> None:
        """Leave so many bytes, also where others write meanwhile."""
        self.empty()
        with self._ballast.open("wb") as file:
            size = 0
            while (free := self._free() - leave) > 0:
                try:
                    os.posix_fallocate(file.fileno(), size, min(free, _STEP))
                    size += min(free, _STEP)
                except OSError:
                    continue  # somebody else took it in this moment

    def empty(self) -> None:
        """Give back what was taken."""
        self._ballast.unlink(missing_ok=True)

    @contextmanager
    def read_only(self) -> Iterator[None]:
        """Nobody may have a file open for writing at the beginning of the block."""
        _run("mount", "-o", "remount,ro", str(self.path))
        try:
            yield
        finally:
            _run("mount", "-o", "remount,rw", str(self.path))

    def _free(self) -> int:
        found = os.statvfs(self.path)
        return found.f_bavail * found.f_frsize


@contextmanager
def mounted(path: Path, megabytes: int) -> Iterator[Disk]:
    """A disk of that size; the test is skipped where this user may mount none."""
    path.mkdir()
    try:
        _run("mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(path))
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"no disk can be mounted here: {error}")
    try:
        yield Disk(path)
    finally:
        _run("umount", str(path))


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)
