"""Asking the writer: what the web and the command line call to change the repository."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from pyoxigraph import Quad

from escrgraph.repository import spawn, wire
from escrgraph.repository.addresses import VARIABLE
from escrgraph.repository.changes import Cause, Change, Receipt, Redaction
from escrgraph.repository.errors import OutOfTime, Unavailable
from escrgraph.repository.formats import Mode
from escrgraph.repository.store import n_quads

BATCH = 20_000
"""Quads that travel together in a bulk load."""


@dataclass(frozen=True, slots=True)
class GraphChange:
    """What the Graph Store Protocol asks: the generation that shows the change, and whether the graph was there."""

    number: int
    existed: bool


class Writer:
    """The writer behind the socket in a runtime directory. Each call is a connection of its own; threads may share one.

    Every method raises what the writer answers (Malformed, Declined, NotApplied, …), and Unavailable when it is gone.
    """

    def __init__(self, runtime: Path) -> None:
        self._socket = runtime / wire.WRITER

    def commit(self, change: Change) -> Receipt:
        """Publish a change; when this returns, readers show it. Without effect the number is the current one."""
        added = n_quads(change.added)
        header = {
            "do": "commit",
            "cause": change.cause.value,
            "agent": change.agent,
            "reason": change.reason,
            "unchecked": change.unchecked,
            "withdrawn": list(change.withdrawn),
            "renamed": change.renamed,
            "decision": change.decision.to_dict() if change.decision else None,
            "expected": change.expected,
            "added": len(added),
        }
        return Receipt(**self._ask(header, added + n_quads(change.removed))["receipt"])

    def load(
        self,
        quads: Iterable[Quad],
        agent: str,
        reason: str,
        cause: Cause = Cause.IMPORT,
        progress: Callable[[int], None] | None = None,
    ) -> Receipt:
        """Publish any number of quads of named graphs, not validated, as one entry.

        progress: called with the number of quads sent so far. What the quads' iterator raises is raised here.
        """
        header = {"do": "load", "cause": cause.value, "agent": agent, "reason": reason}
        reading, writing = os.pipe2(os.O_CLOEXEC)
        feed = _Feed(writing, quads, progress)
        feed.start()
        try:
            answer = self._answer(header, files=[reading])
        finally:
            feed.join()
        if feed.failure:
            raise feed.failure
        return Receipt(**_checked(answer)["receipt"])

    def update(
        self,
        text: str,
        timeout: float,
        *,
        base: str | None = None,
        using: Sequence[str] = (),
        using_named: Sequence[str] = (),
    ) -> int:
        """Run a SPARQL 1.1 Update (own mode). Returns the number of the generation that shows it.

        Raises OutOfTime after `timeout` seconds; nothing of the update is applied then.
        """
        header = {"do": "update", "timeout": timeout, "base": base, "using": using, "using_named": using_named}
        began = time.monotonic()
        try:
            return int(self._ask(header, text.encode())["number"])
        except _Gone as error:
            if time.monotonic() - began < timeout:
                raise
            raise OutOfTime(
                f"The update ran out of time: {timeout:g} s (ESCRGRAPH_QUERY_TIMEOUT). Nothing of it was applied. "
                "Do it in several smaller updates."
            ) from error

    def put_graph(self, graph: str | None, data: bytes, media_type: str, base: str | None = None) -> GraphChange:
        """Make the data the content of a graph (own mode). None: the default graph."""
        return self._graph("graph-put", graph, data, media_type, base)

    def post_graph(self, graph: str | None, data: bytes, media_type: str, base: str | None = None) -> GraphChange:
        """Add the data to a graph (own mode)."""
        return self._graph("graph-post", graph, data, media_type, base)

    def delete_graph(self, graph: str | None) -> GraphChange:
        """Remove a graph (own mode)."""
        return self._graph("graph-delete", graph, b"", "", None)

    def status(self) -> dict[str, Any]:
        """generation, mode, base, pid, subscribers, and ready: whether they all show the generation."""
        return self._ask({"do": "status"}, timeout=10)

    def backup(self, directory: Path, curation: Path | None = None) -> int:
        """Copy the store to a directory that is new or empty. Returns the number of the newest change in it.

        curation: a copy of the curation database, where it is not in the store's directory; it is moved there.
        """
        asked = {"do": "backup", "directory": str(directory.absolute())}
        if curation is not None:
            asked["curation"] = str(curation.absolute())
        return int(self._ask(asked)["number"])

    def redact(self, record: str, agent: str, reason: str) -> Redaction:
        """Erase a record from the log, the store and every generation."""
        answer = self._ask({"do": "redact", "record": record, "agent": agent, "reason": reason})
        return Redaction(Receipt(**answer["receipt"]), tuple(answer["entries"]), answer["remaining"])

    def rebuild(self) -> int:
        """Make the store again from the log. Returns its number."""
        return int(self._ask({"do": "rebuild"})["number"])

    def verify(self) -> int:
        """See that the log is what was written. Returns how many entries it has."""
        return int(self._ask({"do": "verify"})["entries"])

    def _graph(self, do: str, graph: str | None, data: bytes, media_type: str, base: str | None) -> GraphChange:
        answer = self._ask({"do": do, "graph": graph, "type": media_type, "base": base}, data)
        return GraphChange(int(answer["number"]), bool(answer["existed"]))

    def _ask(self, header: dict[str, Any], body: bytes = b"", timeout: float | None = None) -> dict[str, Any]:
        return _checked(self._answer(header, body, timeout=timeout))

    def _answer(
        self, header: dict[str, Any], body: bytes = b"", *, files: Sequence[int] = (), timeout: float | None = None
    ) -> dict[str, Any]:
        """The answer as it comes. files: handed over, and closed here."""
        try:
            with wire.connect(self._socket, timeout) as connection:
                wire.send(connection, header, body, files)
                packet = wire.receive(connection)
        except TimeoutError as error:
            raise Unavailable("The writer is busy with a long change, such as a load. Ask again later.") from error
        except wire.Broken as error:
            raise _Gone(_GONE) from error
        except OSError as error:
            raise Unavailable("The writer is not there: the service is starting, or stopped. Ask again.") from error
        finally:
            _close(files)
        if packet is None:
            raise _Gone(_GONE)
        packet.close()
        return packet.header


@contextmanager
def own_writer(store: Path, base: str, mode: Mode, database: str = "") -> Iterator[Writer]:
    """A writer process of one's own, for a store that no service has open; it ends with the block.

    database: the address of a PostgreSQL that has the change log, when it is not in the store.

    Raises WrongStore when the store is in use, or of another base, mode or newer version.
    """
    runtime = Path(tempfile.mkdtemp(prefix="escrgraph-"))
    config = {"store": str(store.absolute()), "base": base, "mode": mode.value, "runtime": str(runtime)}
    process = spawn.start(
        "escrgraph.repository.writer",
        json.dumps({**config, "parent": os.getpid()}),
        stdout=subprocess.PIPE,
        variables={VARIABLE: database},
    )
    try:
        assert process.stdout is not None  # noqa: S101 - it was asked for
        with process.stdout as output:
            line = output.readline()
            _checked(json.loads(line or '{"error": "Unavailable", "text": "The writer did not start."}'))
            yield Writer(runtime)
    finally:
        process.terminate()
        process.wait()
        shutil.rmtree(runtime, ignore_errors=True)


class _Gone(Unavailable):
    """The writer ended before it answered."""


_GONE = (
    "The writer ended before it answered. The change is either whole or not there: look which, before you ask again."
)


class _Feed(threading.Thread):
    """Writes quads into a pipe while the writer reads them."""

    def __init__(self, pipe: int, quads: Iterable[Quad], progress: Callable[[int], None] | None) -> None:
        super().__init__(name="feed", daemon=True)
        self.failure: BaseException | None = None
        self._pipe = pipe
        self._quads = iter(quads)
        self._progress = progress

    def run(self) -> None:
        """Write everything, and the mark that it was everything."""
        sent = 0
        with suppress(BrokenPipeError), os.fdopen(self._pipe, "wb", buffering=0) as pipe:
            try:
                while batch := list(islice(self._quads, BATCH)):
                    _write(pipe.fileno(), n_quads(batch))
                    sent += len(batch)
                    if self._progress:
                        self._progress(sent)
                _write(pipe.fileno(), wire.END)
            except BrokenPipeError:
                raise
            except BaseException as error:  # it belongs to the thread that waits for the answer
                self.failure = error


def _write(pipe: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(pipe, rest) :]


def _checked(answer: dict[str, Any]) -> dict[str, Any]:
    if "error" in answer:
        raise wire.raised(answer)
    return answer


def _close(files: Sequence[int]) -> None:
    for file in files:
        with suppress(OSError):
            os.close(file)
