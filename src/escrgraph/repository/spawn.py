"""Starting a part of this package as a process of its own, by exec, with nothing inherited but what is handed over."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

_PACKAGES = Path(__file__).resolve().parents[2]

REMOTE = "ESCRGRAPH_REMOTE"
"""Tells the parts of a service of the server that holds the triples, in their environment, because arguments can be
read by everybody on a machine. No setting."""

_HUGE_PAGES = "glibc.malloc.hugetlb=1"
"""For the GNU C library's malloc, from 2.35: memory in huge pages where the kernel gives them on request."""


def command(module: str, *arguments: str) -> list[str]:
    """The command that runs `module` of this package with this interpreter; the working directory is not searched."""
    return [sys.executable, "-P", "-m", module, *arguments]


def environment() -> dict[str, str]:
    """The environment of this process, in which the command finds this package wherever it was imported from."""
    paths = [str(_PACKAGES), *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(dict.fromkeys(paths))}


def start(
    module: str,
    *arguments: str,
    files: Sequence[int] = (),
    stdout: int | IO[bytes] | None = None,
    huge_pages: bool = False,
    variables: Mapping[str, str] | None = None,
) -> subprocess.Popen[bytes]:
    """Start `module`. files: descriptors that it inherits under the same numbers.

    huge_pages: for a process that holds much memory and is forked often, which takes as long as it has pages.
    variables: what it has in its environment beside what this process has.
    """
    given = environment() | dict(variables or {})
    if huge_pages:
        given["GLIBC_TUNABLES"] = ":".join(filter(None, (os.environ.get("GLIBC_TUNABLES"), _HUGE_PAGES)))
    return subprocess.Popen(
        command(module, *arguments), env=given, pass_fds=files, stdin=subprocess.DEVNULL, stdout=stdout
    )
