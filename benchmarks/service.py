"""escrgraph itself, from the tree in which the benchmarks stand: loaded by its command, served on a free port."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen

import psutil  # type: ignore[import-untyped,unused-ignore]

from benchmarks.endpoint import Endpoint, Request
from benchmarks.generator import DATA
from benchmarks.processes import family, free_port, rest, run, running, wait_for
from escrgraph.vocabulary import shipped

COMMAND = (sys.executable, "-m", "escrgraph.cli")
DISK = {"ESCRGRAPH_REPLICA_TRIPLES": "0"}
REPLICA = {"ESCRGRAPH_REPLICA_TRIPLES": "1000000000"}

_STARTING = 600

_RESTING = 600
"""Seconds that a service may take to derive the search index and the dumps before it is measured as it is."""


@dataclass(frozen=True, slots=True)
class Service:
    """A running service."""

    endpoint: Endpoint
    process: Popen[bytes]
    store: Path
    log: Path
    settings: Mapping[str, str]

    @property
    def runtime(self) -> Path:
        """The directory with the sockets of its parts."""
        return Path((self.store / "runtime").read_text(encoding="utf-8").strip())

    def processes(self, role: str) -> list[psutil.Process]:
        """The processes whose command line mentions a role."""
        return [process for process in family(self.process.pid) if role in command_line(process)]


def load(store: Path, file: Path, log: Path, *options: str, settings: Mapping[str, str] | None = None) -> None:
    """`escrgraph load FILE`: into the store, or through the service that has it. Raises NotStarted when it fails."""
    run([*COMMAND, "load", file, "--store", store, *options], log, settings)


def loaded(library: Path, work: Path, name: str = "store") -> Path:
    """A store with the library in it, checked by nobody: `escrgraph load --unchecked`. Raises NotStarted."""
    store = work / name
    load(store, library / DATA, work / f"{name}-load.log", "--unchecked")
    return store


def real_store(work: Path) -> Path:
    """A store with the shipped library, checked by nobody. Raises NotStarted."""
    store = work / "store-real"
    if not store.is_dir():
        first, *others = shipped.data_files()
        load(store, first, work / "store-real-load.log", "--unchecked", *map(str, others))
    return store


@contextmanager
def serving(store: Path, name: str, log: Path, settings: Mapping[str, str]) -> Iterator[Service]:
    """`escrgraph serve` over a store, given once it has nothing left to do. Raises NotStarted."""
    port = free_port()
    command: list[str | Path] = [
        *COMMAND,
        "serve",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
        "--store",
        store,
        "--empty",
    ]
    unlimited = {"ESCRGRAPH_RATE_LIMIT": "0", **settings}  # a benchmark is one client, which never rests
    with running(command, log, unlimited) as process:
        endpoint = Endpoint(name, f"http://127.0.0.1:{port}/sparql")
        wait_for(endpoint.query("ASK {}"), process, log, _STARTING)
        rest(process.pid, _RESTING)
        yield Service(endpoint, process, store, log, settings)


def health(endpoint: Endpoint) -> Request:
    """The request that asks whether the service is well."""
    return endpoint.page("/health")


def command_line(process: psutil.Process) -> str:
    """The words of a process's command; empty when it is gone."""
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""
