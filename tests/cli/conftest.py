"""The command line as a function, and stores to use it on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner

from escrgraph.cli import main
from escrgraph.repository.backups import restore


@dataclass(frozen=True, slots=True)
class Done:
    """How a command ended, and what it said where."""

    code: int
    out: str
    err: str


Command = Callable[..., Done]


@pytest.fixture
def escrgraph(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Run a command in a directory of its own."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: object, stdin: str | bytes | None = None) -> Done:
        done = CliRunner().invoke(main, [str(a) for a in arguments], input=stdin, prog_name="escrgraph")
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        return Done(done.exit_code, done.stdout, done.stderr)

    return run


@pytest.fixture
def store(shipped_store: Path, tmp_path: Path) -> Path:
    """A store of one's own that holds the shipped library."""
    directory = tmp_path / "store"
    restore(shipped_store, directory)
    return directory
