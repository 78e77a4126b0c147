"""Starting a part of this package as a process of its own, by exec, with nothing inherited but what is handed over."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import IO

_PACKAGES = Path(__file__).resolve().parents[2]


def command(module: str, *arguments: str) -> list[str]:
    """The command that runs `module` of this package with this interpreter; the working directory is not searched."""
    return [sys.executable, "-P", "-m", module, *arguments]


def environment() -> dict[str, str]:
    """The environment of this process, in which the command finds this package wherever it was imported from."""
    paths = [str(_PACKAGES), *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(dict.fromkeys(paths))}


def start(
    module: str, *arguments: str, files: Sequence[int] = (), stdout: int | IO[bytes] | None = None
) -> subprocess.Popen[bytes]:
    """Start `module`. files: descriptors that it inherits under the same numbers."""
    return subprocess.Popen(
        command(module, *arguments), env=environment(), pass_fds=files, stdin=subprocess.DEVNULL, stdout=stdout
    )
