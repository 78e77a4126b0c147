"""The application: which addresses there are, and what every answer carries."""

from __future__ import annotations

import os
from collections.abc import MutableMapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, Response
from flask.templating import Environment
from flask_compress import Compress
from jinja2 import FileSystemBytecodeCache

from escrgraph.service import Service
from escrgraph.web import (
    accounts,
    browsing,
    catalogue,
    completions,
    cors,
    coverage,
    curating,
    documents,
    dumps,
    event_stream,
    feeds,
    gallery,
    graph_store,
    health,
    histories,
    lists,
    method_finder,
    oai,
    openapi,
    overview,
    pages,
    problems,
    reconcile,
    sheets,
    sitemaps,
    sparql,
    streams,
    submissions,
    submitting,
    thesaurus,
    translated,
    update,
    validating,
)
from escrgraph.web import vocabulary_pages as vocabulary
from escrgraph.web.census import Censuses
from escrgraph.web.clients import Clients
from escrgraph.web.context import Context, attach
from escrgraph.web.desks import Desks
from escrgraph.web.list_view import make_lists
from escrgraph.web.outlet import Outlet
from escrgraph.web.places import Places
from escrgraph.web.policy import POLICY
from escrgraph.web.reception import Reception
from escrgraph.web.records import Records
from escrgraph.web.usage import Usage

BLUEPRINTS: tuple[Blueprint, ...] = (
    sparql.blueprint,
    gallery.blueprint,
    update.blueprint,
    graph_store.blueprint,
    health.blueprint,
    documents.blueprint,
    overview.blueprint,
    streams.blueprint,
    method_finder.blueprint,
    coverage.blueprint,
    thesaurus.blueprint,
    translated.blueprint,
    browsing.blueprint,
    lists.blueprint,
    vocabulary.blueprint,
    completions.blueprint,
    reconcile.blueprint,
    openapi.blueprint,
    accounts.blueprint,
    curating.blueprint,
    submissions.blueprint,
    histories.blueprint,
    submitting.blueprint,
    sheets.blueprint,
    validating.blueprint,
    oai.blueprint,
    event_stream.blueprint,
    feeds.blueprint,
    sitemaps.blueprint,
    catalogue.blueprint,
    dumps.blueprint,
)

PUBLIC = frozenset(
    {"sparql", "gallery", "update", "graph_store", "sheets", "validating", "oai", "event_stream", "feeds", "dumps"}
)
"""The blueprints whose requests may last, and so take places."""


class Templates(Environment):
    """Jinja's environment as Flask has it; what all templates share is looked up in one step."""

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """What a template sees besides its own; nobody changes it once pages are served."""
        return self.globals if d is None else super().make_globals(d)


class _App(Flask):
    jinja_environment = Templates


_COMPRESSED = (
    "text/html", "text/css", "text/plain", "text/csv", "text/tab-separated-values", "text/turtle", "text/n3",
    "text/xml", "text/javascript", "image/svg+xml", "application/json", "application/ld+json",
    "application/problem+json",
    "application/sparql-results+json", "application/sparql-results+xml", "application/xml", "application/rdf+xml",
    "application/n-triples", "application/n-quads", "application/trig", "application/atom+xml",
)  # fmt: skip

_SECURITY = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}


def create_app(service: Service, clients: Clients | None = None, places: int = 24) -> Flask:
    """The application before a service.

    clients: shared by the processes of one service, made anew when not given; places: how many requests of the public
    this process handles at once, fewer than it has threads.
    """
    app = _App("escrgraph.web", static_folder=None)
    app.url_map.strict_slashes = False
    _keep_templates(app)
    # Gzip for streams: one that breaks lacks its trailer besides its last chunk, so clients see it.
    app.config.update(
        COMPRESS_ALGORITHM=["zstd", "gzip"], COMPRESS_ALGORITHM_STREAMING=["gzip"], COMPRESS_LEVEL=4,
        COMPRESS_MIMETYPES=list(_COMPRESSED), COMPRESS_EVALUATE_CONDITIONAL_REQUEST=False,
    )  # fmt: skip
    desks = Desks(service)
    known = (Censuses(), Records(service), Usage(service), desks, Reception(service, desks), make_lists(service))
    attach(app, Context(service, clients or Clients(), *known, Outlet(service)))
    problems.register(app)
    accounts.register(app)
    # Flask runs what is registered last first: headers, then cross-origin access, then the measure, then compression.
    Compress(app)
    health.measure(app)
    Places(places).register(app, PUBLIC)
    pages.register(app)
    cors.register(app)
    app.after_request(_secure)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    return app


def _keep_templates(app: Flask) -> None:
    """Keep compiled templates beside their sources as Python keeps modules; where nobody may write, do without."""
    kept = Path(app.root_path) / "templates" / "__pycache__"
    with suppress(OSError):
        kept.mkdir(exist_ok=True)
    if os.access(kept, os.W_OK | os.X_OK):
        app.jinja_options["bytecode_cache"] = FileSystemBytecodeCache(str(kept))


def _secure(response: Response) -> Response:
    for name, value in _SECURITY.items():
        response.headers.setdefault(name, value)
    return response
