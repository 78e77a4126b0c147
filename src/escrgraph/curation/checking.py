"""Checks: what somebody sent, read by the gate and held against what is published, in processes that may be killed.

A check opens a store of its own: the newest snapshot, hard-linked. The change is put into that and thrown away with it.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pyoxigraph import Literal, Quad, RdfFormat, Store, parse, serialize

from escrgraph.repository.checkers import Checker
from escrgraph.repository.errors import Unavailable
from escrgraph.validation import SUBMISSION, Limits, Parsed, Problem, Referee, Report, gate
from escrgraph.validation.referee import read_term
from escrgraph.validation.results import Result
from escrgraph.vocabulary.iris import Base

DEADLINE = 2.5
"""Seconds that one submission may take; a table gets more, see `patience`."""

A_FEW = 50
"""Nodes that the check of one entry may touch; a table has more, and more time."""

MEMORY = 2 << 30

SNAPSHOT = 5.0
"""Seconds to wait for the snapshot of what readers see already."""

_STALE = 600.0
_GENERATIONS, _CLONES = "generations", "checks"


@dataclass(frozen=True, slots=True)
class Checked:
    """A report, and the generation that it is about."""

    report: Report
    generation: int


class Checks:
    """Checks against the service whose store is in a directory. May be used by many threads; to be closed.

    shown: tells which generation readers see; no check is made against an older one, though snapshots come later.
    """

    def __init__(self, directory: Path, base: Base, shown: Callable[[], int] = lambda: 0) -> None:
        self._directory, self._shown = directory, shown
        self._referee = Referee(base=base)
        self._checker = Checker(MEMORY, DEADLINE, ["escrgraph.curation.warm"])

    def close(self) -> None:
        """End the process from which checks are forked."""
        self._checker.close()

    def read(self, data: bytes, name: str, *, limits: Limits = SUBMISSION, **options: Any) -> Parsed:
        """`gate.read` in a process of its own. Raises what that raises, OutOfTime and OutOfMemory."""
        payload = gate.request(data, name, limits=limits, **options)
        return gate.response(self._checker.run("escrgraph.validation.gate:parse", payload))

    def check(
        self,
        added: Collection[Quad],
        removed: Collection[Quad] = (),
        problems: Iterable[Problem] = (),
        seconds: float | None = None,
    ) -> Checked:
        """Whether a change may be published on top of what is. seconds: that it may take, where nobody waits for it.

        Raises OutOfTime, OutOfMemory, Unavailable.
        """
        with self._clone() as (clone, generation):
            head = {
                "store": str(clone),
                "base": self._referee.base.iri,
                "problems": [asdict(problem) for problem in problems],
                "added": len(added),
            }
            body = serialize([*added, *removed], format=RdfFormat.N_QUADS) or b""
            payload = json.dumps(head).encode() + b"\n" + body
            given = seconds or patience(len({quad.subject for quad in (*added, *removed)}))
            answer = json.loads(self._checker.run("escrgraph.curation.checking:judge", payload, given, files=True))
        results = [_result(fields) for fields in answer["results"]]
        return Checked(self._referee.report(results, answer["records"]), generation)

    @contextmanager
    def _clone(self) -> Iterator[tuple[Path, int]]:
        """The newest snapshot as a store that takes writes, and its number; gone when the block ends."""
        clones = self._directory / _CLONES
        clones.mkdir(exist_ok=True)
        _sweep(clones)
        clone = clones / secrets.token_hex(8)
        try:
            yield clone, self._link(clone)
        finally:
            shutil.rmtree(clone, ignore_errors=True)

    def _link(self, clone: Path) -> int:
        least, until = self._shown(), time.monotonic() + SNAPSHOT
        while True:
            newest = max((int(e.name) for e in self._generations() if e.name.isdigit()), default=None)
            if newest is not None and newest >= least and self._linked(newest, clone):
                return newest
            if time.monotonic() > until:
                raise Unavailable(
                    "There is no snapshot of the library yet to check against. Nothing was kept; try again in a moment."
                )
            time.sleep(0.02)

    def _generations(self) -> Iterator[Path]:
        return (self._directory / _GENERATIONS).iterdir()

    def _linked(self, number: int, clone: Path) -> bool:
        """Whether a snapshot was linked; not when a newer one took its place meanwhile."""
        try:
            _link_all(self._directory / _GENERATIONS / f"{number:06}", clone)
        except FileNotFoundError:
            shutil.rmtree(clone, ignore_errors=True)
            return False
        return True


def patience(nodes: int) -> float:
    """Seconds that the check of so many nodes may take: one node is an entry or a part of one."""
    return DEADLINE + (nodes - A_FEW) / 50 if nodes > A_FEW else DEADLINE


def judge(payload: bytes) -> bytes:
    """`Referee.check` in another process: the payload of `Checks.check` goes in, results as JSON come out."""
    head, _, body = payload.partition(b"\n")
    asked = json.loads(head)
    quads = list(parse(body, RdfFormat.N_QUADS))
    problems = [Problem(**fields) for fields in asked["problems"]]
    world = Store(asked["store"])
    referee = Referee(base=Base(asked["base"]))
    report = referee.check(quads[: asked["added"]], world, quads[asked["added"] :], problems)
    results = [_fields(result) for result in report.results]
    return json.dumps({"results": results, "records": report.records}).encode()


def _fields(result: Result) -> dict[str, object]:
    value = None if result.value is None else str(result.value)
    messages = [(message.value, message.language) for message in result.messages]
    return asdict(result) | {"value": value, "messages": messages}


def _result(fields: dict[str, Any]) -> Result:
    messages = tuple(Literal(text, language=language) for text, language in fields["messages"])
    return Result(**(fields | {"value": read_term(fields["value"]), "messages": messages}))


def _link_all(snapshot: Path, clone: Path) -> None:
    """Link the tables, which never change, and copy the rest."""
    clone.mkdir()
    for entry in snapshot.iterdir():
        if entry.suffix == ".sst":
            os.link(entry, clone / entry.name)
        elif entry.name != "LOCK":
            shutil.copyfile(entry, clone / entry.name)


def _sweep(clones: Path) -> None:
    """Remove what a check left whose process was killed."""
    for left in clones.iterdir():
        if time.time() - left.stat().st_mtime > _STALE:
            shutil.rmtree(left, ignore_errors=True)
