"""What commands read: files by name, or standard input for “-”."""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import click

from escrgraph.cli.failures import USAGE, Failure
from escrgraph.repository.errors import Malformed

STDIN = "-"

FILES = click.argument("files", nargs=-1, metavar="FILE…", type=click.Path(path_type=Path))

_PLACED = re.compile(r"(?P<path>.*?): Line (?P<line>\d+), column (?P<column>\d+): (?P<why>.*)", re.DOTALL)
_QUAD = re.compile(rb"(?:<[^>]*>|_:\S+) <[^>]*> .+ (?:<[^>]*>|_:\S+) \.\s*")


@contextmanager
def opened(files: Sequence[Path]) -> Iterator[list[Path]]:
    """The files to read, what stands on standard input among them. Raises Failure for one that cannot be read."""
    with tempfile.TemporaryDirectory(prefix="escrgraph-input-") as spool:
        yield [_spooled(Path(spool)) if str(path) == STDIN else _readable(path) for path in files]


@contextmanager
def told(outcome: str) -> Iterator[None]:
    """Word what is wrong with a file as “file, line, column: why.”, with what that means for the command."""
    try:
        yield
    except Malformed as error:
        match = _PLACED.fullmatch(str(error))
        text = str(error)
        if match:
            name = "standard input" if Path(match["path"]).stem == _SPOOLED else match["path"]
            text = f"{name}, line {match['line']}, column {match['column']}: {match['why']}"
        raise Failure(f"{text} {outcome}", USAGE) from error


_SPOOLED = "escrgraph-standard-input"


def _spooled(folder: Path) -> Path:
    data = sys.stdin.buffer.read()
    path = folder / f"{_SPOOLED}.{_guessed(data)}"
    path.write_bytes(data)
    return path


def _guessed(data: bytes) -> str:
    """The extension of the RDF syntax in which data seem to be written; TriG reads Turtle and N-Triples too."""
    start = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith((b"{", b"[")) and b'"@' in data[:65536]:
        return "jsonld"
    if start.startswith((b"<?xml", b"<rdf:", b"<!--", b"<!DOCTYPE")):
        return "rdf"
    lines = (line for line in start.splitlines() if line.strip() and not line.startswith(b"#"))
    return "nq" if _QUAD.fullmatch(next(lines, b"")) else "trig"


def _readable(path: Path) -> Path:
    if path.is_dir():
        raise Failure(f"{path} is a directory; name the files in it.", USAGE)
    try:
        with path.open("rb"):
            return path
    except OSError as error:
        raise Failure(f"{path} cannot be read: {error.strerror}.", USAGE) from error


def progress(what: str) -> Callable[[int], None]:
    """A counter on stderr: rewritten in place on a terminal, a line each million otherwise."""
    return partial(_count, what, {"next": 1_000_000}, sys.stderr.isatty())


def _count(what: str, state: dict[str, Any], terminal: bool, number: int) -> None:
    if terminal:
        click.echo(f"\r{number:,} {what}", nl=False, err=True)
    elif number >= state["next"]:
        state["next"] += 1_000_000
        click.echo(f"{number:,} {what}", err=True)
