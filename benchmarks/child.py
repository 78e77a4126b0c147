"""A process that does what it is told: functions of this package, one after the other, their results sent back.

Not multiprocessing: that keeps a process of its own until the end of the program, and may fork.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, Generic, ParamSpec, TypeVar

_ROOT = Path(__file__).resolve().parent.parent
_P = ParamSpec("_P")
_T = TypeVar("_T")


class ChildFailed(RuntimeError):
    """The function raised, or the process ended; the text says which."""


class Pending(Generic[_T]):
    """What a child was told to do."""

    def __init__(self, output: BinaryIO) -> None:
        self._output = output

    def result(self) -> _T:
        """Wait for it. Raises ChildFailed."""
        try:
            done, value = pickle.load(self._output)
        except EOFError:
            raise ChildFailed("The process ended before its result came; its messages are above.") from None
        if not done:
            raise ChildFailed(value)
        found: _T = value
        return found


class Child:
    """One process, started when made, ended by `close` or with its block."""

    def __init__(self) -> None:
        paths = [str(_ROOT), *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        )

    def __enter__(self) -> Child:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.terminate()
        self._process.wait()

    def tell(self, function: Callable[_P, _T], *arguments: _P.args, **options: _P.kwargs) -> Pending[_T]:
        """Let it call a function of a module; ask for the result before telling it more."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        pickle.dump((function, arguments, options), self._process.stdin)
        self._process.stdin.flush()
        return Pending(self._process.stdout)  # type: ignore[arg-type]  # a buffered reader, as asked for

    def call(self, function: Callable[_P, _T], *arguments: _P.args, **options: _P.kwargs) -> _T:
        """The same, and wait. Raises ChildFailed."""
        return self.tell(function, *arguments, **options).result()


def _serve(source: BinaryIO, target: BinaryIO) -> None:
    while True:
        try:
            function, arguments, options = pickle.load(source)
        except EOFError:
            return
        answer: tuple[bool, Any]
        try:
            answer = (True, function(*arguments, **options))
        except Exception:
            answer = (False, traceback.format_exc())
        pickle.dump(answer, target)
        target.flush()


def main() -> None:
    """Do what comes on stdin until it ends; what functions print goes to stderr."""
    with os.fdopen(os.dup(sys.stdout.fileno()), "wb") as target:
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        _serve(sys.stdin.buffer, target)
    os._exit(0)  # threads that serve something may still run


if __name__ == "__main__":
    main()
