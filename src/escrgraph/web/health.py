"""What operators watch: /health says which part is well, /metrics counts (Prometheus text format)."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, Response, g, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from escrgraph.repository import wire
from escrgraph.repository.errors import RepositoryError
from escrgraph.search.searcher import Searcher
from escrgraph.web.context import here
from escrgraph.web.describing import JSON, described

blueprint = Blueprint("health", __name__)

SHARED_DIRECTORY = "PROMETHEUS_MULTIPROC_DIR"
"""The environment variable of the directory through which the web processes add up their counts."""

_COUNTED = CollectorRegistry()
_REQUESTS = Counter(
    "escrgraph_requests", "Requests by what answered them.", ["endpoint", "method", "status"], registry=_COUNTED
)
_SECONDS = Histogram(
    "escrgraph_request_seconds", "Time until an answer begins.", ["endpoint"], registry=_COUNTED,
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)  # fmt: skip
_METHODS = {"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "QUERY"}


def measure(app: Flask) -> None:
    """Count and time every request of an application."""
    app.before_request(_start)
    app.after_request(_count)


@blueprint.get("/health")
@described("Operators", JSON)
def health() -> Response:
    """Whether the service answers queries and holds its writer, part by part: 200 or 503.

    generation: the one that queries see; search: the one that search shows, null while there is no index.
    """
    service = here().service
    parts = {"readers": _tried(service.public.status), "writer": _writer(service.runtime / wire.WRITER)}
    well = all(part["well"] for part in parts.values())
    seen = {"generation": parts["readers"].get("generation"), "search": _searched(service.search)}
    body = {"well": well, **seen, "parts": parts}
    response = Response(json.dumps(body, indent=1) + "\n", 200 if well else 503, content_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("/metrics")
@described("Operators", "text/plain")
def metrics() -> Response:
    """The counts of all web processes, and the figures of the other parts."""
    counted = _COUNTED
    if os.environ.get(SHARED_DIRECTORY):
        counted = CollectorRegistry()
        MultiProcessCollector(counted)  # type: ignore[no-untyped-call]
    response = Response(generate_latest(counted) + generate_latest(_gauges()), content_type=CONTENT_TYPE_LATEST)
    response.headers["Cache-Control"] = "no-store"
    return response


def _start() -> None:
    g.started = time.perf_counter()


def _count(response: Response) -> Response:
    endpoint = request.endpoint or "none"
    # Anybody can invent methods, and each would be a series of its own.
    method = request.method if request.method in _METHODS else "other"
    _REQUESTS.labels(endpoint, method, response.status_code).inc()
    _SECONDS.labels(endpoint).observe(time.perf_counter() - g.started)
    return response


def _searched(search: Searcher) -> int | None:
    try:
        return search.generation
    except RepositoryError:
        return None


def _writer(path: Path) -> dict[str, Any]:
    """Whether the writer takes requests. It is not asked for more: it may be busy with a long load, and well."""
    if not path.exists():
        return {"well": True, "why": "An earlier version is served, which nobody writes to."}
    try:
        wire.connect(path, timeout=1).close()
    except OSError:
        return {"well": False, "why": "The writer does not take requests: it is starting again, or stopped."}
    return {"well": True}


def _tried(probe: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    try:
        return {"well": True, **_public(probe())}
    except RepositoryError as error:
        return {"well": False, "why": str(error)}


def _public(figures: Mapping[str, Any]) -> dict[str, Any]:
    """Figures without the numbers of processes, which are nobody's business."""
    return {
        name: _public(value) if isinstance(value, Mapping) else value
        for name, value in figures.items()
        if name not in {"pid", "pids"}
    }


def _gauges() -> CollectorRegistry:
    """The dispatcher's figures as they are now; none of them when it does not answer."""
    registry = CollectorRegistry()
    status = _tried(here().service.public.status)
    Gauge("escrgraph_up", "Whether queries are answered.", registry=registry).set(status["well"])
    if not status["well"]:
        return registry
    Gauge("escrgraph_generation", "The generation that queries see.", registry=registry).set(status["generation"])
    figures = Gauge("escrgraph_pool", "Figures of the query pools.", ["pool", "figure"], registry=registry)
    for pool, values in status["pools"].items():
        for figure, value in _flat(values):
            figures.labels(pool, figure).set(value)
    return registry


def _flat(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, float]]:
    """The numbers of a status, with the names of what they stand in."""
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}_")
        elif isinstance(value, int | float):
            yield f"{prefix}{name}", float(value)
