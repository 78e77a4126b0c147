"""A running service as somebody who means it ill sees it: its processes by what they do, and what it says."""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
from tests.repository.serving import until
from tests.running import Running

from escrgraph.repository.writing import Writer

ROLES = ("writer", "dispatcher", "nursery", "worker", "deriver", "web", "web process", "supervisor")

PATIENCE = 120.0
"""Seconds after which a service that has not come back is taken not to come back."""

_MODULES = {
    "writer": "escrgraph.repository.writer",
    "dispatcher": "escrgraph.repository.dispatcher",
    "nursery": "escrgraph.repository.nursery",
    "deriver": "escrgraph.deriver",
    "web": "escrgraph.web.server",
}
_FORKED = {"nursery": "worker", "web": "web process"}
"""What those are that a process forks: they share its command line."""


def processes(running: Running) -> dict[str, list[psutil.Process]]:
    """The processes of a service by role; one that ends meanwhile is left out."""
    found: dict[str, list[psutil.Process]] = {role: [] for role in ROLES}
    found["supervisor"] = [psutil.Process(running.process.pid)]
    for process in found["supervisor"][0].children(recursive=True):
        try:
            role = _role(process.cmdline())
            if role and role == _role(process.parent().cmdline()):
                role = _FORKED.get(role)
        except (psutil.Error, AttributeError):
            continue
        if role:
            found[role].append(process)
    return found


def _role(command: list[str]) -> str | None:
    return next((role for role, module in _MODULES.items() if module in command), None)


def writer(running: Running) -> Writer:
    """The writer of the service that runs now."""
    return Writer(runtime(running))


def runtime(running: Running) -> Path:
    """The directory with the sockets of the service that runs now."""
    return Path((running.store / "runtime").read_text(encoding="utf-8").strip())


def get(url: str, accept: str = "*/*", timeout: float = 60) -> tuple[int, bytes]:
    """Status and body of an answer. Raises OSError when there is none, or no whole one."""
    return _answered(urllib.request.Request(url, headers={"Accept": accept}), timeout)


def post(url: str, form: dict[str, str], timeout: float = 60) -> tuple[int, bytes]:
    """The same for a form."""
    data = urllib.parse.urlencode(form).encode()
    return _answered(urllib.request.Request(url, data, {"Accept": "application/problem+json"}), timeout)


def _answered(asked: urllib.request.Request, timeout: float) -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(asked, timeout=timeout) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def health(running: Running) -> dict[str, Any] | None:
    """What the service says of itself; None when it says nothing or is not well."""
    try:
        status, body = get(running.url + "health", timeout=5)
        return dict(json.loads(body)) if status == 200 else None
    except (OSError, ValueError):
        return None


def shows(running: Running, number: int) -> bool:
    """Whether it is well, and readers and search show change `number` or a later one."""
    told = health(running)
    return told is not None and told["generation"] >= number and (told["search"] or 0) >= number


def counted(running: Running, *graphs: str) -> int:
    """How many statements some graphs have, asked over HTTP."""
    values = " ".join(f"<{graph}>" for graph in graphs)
    query = f"SELECT (COUNT(*) AS ?n) WHERE {{ VALUES ?g {{ {values} }} GRAPH ?g {{ ?s ?p ?o }} }}"
    address = running.url + "sparql?" + urllib.parse.urlencode({"query": query})

    def answer() -> bytes:
        status, body = get(address, "text/csv")
        assert status in {200, 503}, body
        return body if status == 200 else b""  # declined for the moment: the last of a kill may still be felt

    return int(until(answer, PATIENCE).split()[1])


def back(running: Running) -> None:
    """Wait until the service is well and all its parts are there."""

    def there() -> bool:
        return health(running) is not None and all(processes(running).values())

    until(there, PATIENCE)


@contextmanager
def ending(pids: list[psutil.Process]) -> Iterator[None]:
    """See that processes that the block ends, or whose parent it ends, are gone after it."""
    yield
    _, alive = psutil.wait_procs(pids, PATIENCE)
    assert not alive, f"still there: {alive}"


def open_files(process: psutil.Process) -> int:
    """How many descriptors a process holds."""
    return len(os.listdir(f"/proc/{process.pid}/fd"))  # noqa: PTH208 - names alone are counted
