"""What operators watch: /health says which part is well, /metrics counts (Prometheus text format)."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

from flask import Blueprint, Flask, Response, g, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client import multiprocess as shared

from escrgraph.repository.errors import RepositoryError
from escrgraph.web import caching
from escrgraph.web.context import here

blueprint = Blueprint("health", __name__)

SHARED_DIRECTORY = "PROMETHEUS_MULTIPROC_DIR"
"""The environment variable of the directory through which the web processes add up their counts."""

_REGISTRY = CollectorRegistry()
_REQUESTS = Counter(
    "escrgraph_requests", "Requests answered.", ["endpoint", "method", "status"], registry=_REGISTRY
)  # fmt: skip
_SECONDS = Histogram(
    "escrgraph_request_seconds", "Time until an answer begins.", ["endpoint"], registry=_REGISTRY,
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)  # fmt: skip
_METHODS = {"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "QUERY"}
