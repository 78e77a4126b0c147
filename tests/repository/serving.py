"""A small store served by a real dispatcher, for tests of everything between a client and a worker."""

from __future__ import annotations

import json
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pyoxigraph import RdfFormat, Store
from tests.places import ON_VIRTUOSO, database_of

from escrgraph.repository import spawn
from escrgraph.repository.addresses import VARIABLE
from escrgraph.repository.formats import Mode
from escrgraph.repository.readers import Formats, Query, Readers
from escrgraph.repository.remote.mirroring import SOCKET
from escrgraph.repository.writing import Writer
from escrgraph.vocabulary.iris import Base

CSV = Formats("text/csv", "text/csv", "application/n-triples")

GRAPH = "https://example.org/graph/things"
COUNT = "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }"


def lines(things: int) -> bytes:
    """N-Quads: each thing has a label and a link to the next, in a named graph and in the default graph."""
    found = []
    for number in range(things):
        thing = f"<https://example.org/id/{number}>"
        following = f"<https://example.org/id/{(number + 1) % things}>"
        for graph in (f"<{GRAPH}> ", ""):
            found.append(f'{thing} <https://example.org/label> "thing number {number}"@en {graph}.\n')
            found.append(f"{thing} <https://example.org/next> {following} {graph}.\n")
    return "".join(found).encode()


def snapshot(directory: Path, things: int) -> Path:
    """A snapshot as the writer makes them."""
    store = Store(str(directory / "live"))
    store.bulk_load(lines(things), RdfFormat.N_QUADS)
    store.backup(str(directory / "snapshot"))
    return directory / "snapshot"


def until(condition: Callable[[], Any], seconds: float = 20.0) -> Any:
    """Wait for a condition, and give what it gave; fail when it does not come."""
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, f"{condition} did not come within {seconds} s"
        time.sleep(0.005)
    return found


@dataclass(frozen=True, slots=True)
class Service:
    """A dispatcher that runs."""

    runtime: Path
    pid: int
    writer: int = 0

    def readers(self, pool: str = "public", timeout: float = 10.0) -> Readers:
        """A client of one pool."""
        return Readers(self.runtime, "pages" if pool == "pages" else "public", timeout)

    def status(self) -> dict[str, Any]:
        """The dispatcher's figures."""
        return self.readers("pages").status()

    def count(self, pool: str = "public") -> int:
        """How many triples the default graph has, asked through the service."""
        return int(self.readers(pool).ask(Query(COUNT, formats=CSV)).read().split()[1])


@contextmanager
def dispatching(*arguments: str) -> Iterator[Service]:
    """A dispatcher with its sockets in a private directory; ends with the block."""
    with tempfile.TemporaryDirectory(prefix="run-") as runtime:
        process = start(Path(runtime), *arguments)
        try:
            yield Service(Path(runtime), process.pid)
        finally:
            stop(process)


def start(runtime: Path, *arguments: str, variables: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
    """A dispatcher process with two workers in each pool, without a replica unless asked for."""
    command = ["--runtime", str(runtime), "--workers", "2", "--memory", str(256 << 20), *arguments]
    if "--replica-triples" not in arguments:
        command += ["--replica-triples", "0"]
    return spawn.start("escrgraph.repository.dispatcher", *command, variables=variables)


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a process as an operator would."""
    process.terminate()
    process.wait(10)


@contextmanager
def published(store: Path, mode: Mode = Mode.MERGE, *arguments: str) -> Iterator[tuple[Writer, Service]]:
    """A writer and a dispatcher that follows it, or, where the tests are run on one, answers from a Virtuoso."""
    from tests.repository.mirrored import mirrored

    base, database = Base(), database_of(store)
    with tempfile.TemporaryDirectory(prefix="run-") as runtime, ExitStack() as stack:
        config = {"store": str(store), "base": base.iri, "mode": mode.value, "runtime": runtime}
        variables = {VARIABLE: database}
        writer = spawn.start(
            "escrgraph.repository.writer", json.dumps(config), stdout=subprocess.PIPE, variables=variables
        )
        assert writer.stdout is not None
        stack.enter_context(writer.stdout)
        stack.callback(stop, writer)
        if ON_VIRTUOSO:
            variables = stack.enter_context(mirrored(Path(runtime), store, base, database)).variable()
            arguments = ("--news", SOCKET, *arguments)
        dispatcher = start(Path(runtime), *arguments, variables=variables)
        stack.callback(stop, dispatcher)
        service = Service(Path(runtime), dispatcher.pid, writer.pid)
        until((service.runtime / "generation").exists)
        yield Writer(Path(runtime)), service


@contextmanager
def served(directory: Path, things: int = 300, *arguments: str) -> Iterator[Service]:
    """A store of so many things, served without a writer as generation 7."""
    path = snapshot(directory, things)
    with dispatching("--snapshot", str(path), "--generation", "7", *arguments) as service:
        until((service.runtime / "generation").exists)
        yield service
