"""Putting another RocksDB directory in the place of the current one, so that a crash leaves one of the two whole."""

from __future__ import annotations

import shutil
from pathlib import Path

from escrgraph.repository.formats import sync_directory

CURRENT, STAGING, _OLD = "current", "staging", "old"


def fresh_staging(directory: Path) -> Path:
    """Where the next store of `directory` may be made; nothing is there yet."""
    shutil.rmtree(directory / STAGING, ignore_errors=True)
    return directory / STAGING


def exchange(directory: Path) -> None:
    """Make the store in `staging` the current one. Neither may be open."""
    current, staging, old = (directory / name for name in (CURRENT, STAGING, _OLD))
    shutil.rmtree(old, ignore_errors=True)
    if current.is_dir():
        current.rename(old)
    staging.rename(current)
    sync_directory(directory)
    shutil.rmtree(old, ignore_errors=True)


def settle(directory: Path) -> None:
    """Finish an exchange that a crash cut short between its two steps, and clear what else it left behind."""
    if not (directory / CURRENT).is_dir() and (directory / STAGING).is_dir():
        exchange(directory)
    for left in (STAGING, _OLD):
        shutil.rmtree(directory / left, ignore_errors=True)
