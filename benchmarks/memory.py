"""Bar 4: what the whole service holds in memory, on the real library."""

from __future__ import annotations

import time
from collections.abc import Iterator

import psutil  # type: ignore[import-untyped,unused-ignore]

from benchmarks import service
from benchmarks.client import fetch
from benchmarks.outcome import Outcome
from benchmarks.processes import family
from benchmarks.service import Service, command_line
from benchmarks.setting import Setting
from escrgraph.web.server import TRIMMED

LIMIT = 350
"""MB of all its processes together."""

PATHS = (
    "/", "/search?q=right", "/browse/resource", "/map", "/timeline", "/coverage", "/methods", "/tree/right",
    "/doc/right/food", "/doc/country/mex", "/doc/right/food.ttl", "/sparql", "/def/", "/oai?verb=Identify", "/catalog",
    "/submit/resource", "/queries", "/openapi.json", "/translations", "/updates", "/discussions", "/index/person",
)  # fmt: skip
"""Addresses of every part of the site, asked before anything is measured: what only some use is loaded then."""

_ROUNDS = 4
_ROLES = ("repository.writer", "repository.dispatcher", "repository.nursery", "deriver", "web.server")
_MEGABYTE = 1e6


def outcomes(setting: Setting) -> Iterator[Outcome]:
    """The service as it comes, on the shipped library: once it has come to rest, and after all of the site was used."""
    store = service.real_store(setting.work)
    with setting.serving(store, "memory", {}) as served:
        yield _told("at rest", by_role(served))
        use(served)
        time.sleep(TRIMMED + 5)
        yield _told("after all of the site was used", by_role(served))


def _told(when: str, held: dict[str, float]) -> Outcome:
    note = ", ".join(f"{role} {size / _MEGABYTE:.0f}" for role, size in held.items())
    name = f"memory of the whole service {when}, real library"
    return Outcome(4, name, sum(held.values()) / _MEGABYTE, "MB", LIMIT, note=note)


def use(served: Service) -> None:
    """Ask for pages of every part of the site, so often that each web process answers some of each."""
    for number in range(_ROUNDS * len(PATHS)):
        fetch(served.endpoint.page(PATHS[number % len(PATHS)], "Accept: text/html\r\n"), number=1 + number % 50)


def total(pid: int) -> float:
    """Bytes that a process and all below it hold, what they share counted once (proportional set size)."""
    return sum(map(_held, family(pid)))


def by_role(served: Service) -> dict[str, float]:
    """The same by what the processes do."""
    held: dict[str, float] = {}
    for process in family(served.process.pid):
        words = command_line(process)
        role = next((role.rpartition(".")[2] for role in _ROLES if role in words), "supervisor")
        role = "web" if role == "server" else role
        held[role] = held.get(role, 0) + _held(process)
    return held


def _held(process: psutil.Process) -> float:
    try:
        return float(process.memory_full_info().pss)
    except psutil.Error:
        return 0.0
