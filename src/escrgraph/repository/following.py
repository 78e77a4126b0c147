"""What follows the change log: things derived from it, each kept in a directory of its own and made again at will."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from escrgraph.repository import faults

if TYPE_CHECKING:
    from escrgraph.repository.log import ChangeLog

DERIVED = "derived"
"""The directory in a store with everything that is derived from the log and not from the store. It can be removed."""

_GONE = f"{DERIVED}.gone"


class Follower(Protocol):
    """Something derived from the log, such as the search index, a dump, a feed.

    It keeps all its files in the directory it was made with, knows itself up to which entry it goes, and after a crash
    at any step goes on from what is there. It never keeps anything read from the log anywhere else.
    """

    name: str

    def catch_up(self, log: ChangeLog, generation: int) -> float | None:
        """Bring it to a generation, which the log has. A redaction among the entries means: make all of it anew.

        Returns in how many seconds it wants to be asked again, None when nothing is left to do. What it raises is told
        to the operator, and it is asked again later; the others are asked meanwhile.
        """

    def close(self) -> None:
        """Let go of its files; they may be gone already."""


def take_away(store: Path) -> None:
    """Remove everything derived, as after a redaction; whoever follows the log makes it anew.

    Call it once what must not be seen any more is out of the log. What still writes there writes into nothing: the
    directory is renamed first, only the deriver makes it again, and it reads the log after that and not before.
    """
    tidy(store)
    try:
        (store / DERIVED).rename(store / _GONE)
    except FileNotFoundError:
        return
    faults.point("in-taking-away")
    shutil.rmtree(store / _GONE)


def tidy(store: Path) -> None:
    """Remove what a crash left of something that was taken away."""
    if (store / _GONE).exists():
        shutil.rmtree(store / _GONE)


class Place:
    """The directory of everything derived, made when missing, and whether it is still the one that was made."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.directory = directory
        self._inode = directory.stat().st_ino
        self._held = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)  # no other gets its number

    @property
    def taken_away(self) -> bool:
        """Whether it was removed since."""
        try:
            return self.directory.stat().st_ino != self._inode
        except FileNotFoundError:
            return True

    def close(self) -> None:
        """Let go of it."""
        os.close(self._held)
