"""The graph store: graphs read and written whole (SPARQL 1.1 Graph Store HTTP Protocol).

A graph is named by `/store?graph=IRI`, the default graph by `/store?default`. Directly, `/graph/{name}` and
`/store/{name}` are the graphs whose IRIs are these paths on the base (section 4.1). `/store` alone is all of them.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from urllib.parse import quote

from flask import Blueprint, Response, request, url_for

from escrgraph.repository.errors import Malformed
from escrgraph.repository.formats import Mode
from escrgraph.web import caching
from escrgraph.web.admin import is_admin, require_admin
from escrgraph.web.bodies import GRAPH_BYTES, spooled_body
from escrgraph.web.context import asker, here
from escrgraph.web.describing import Parameter, described
from escrgraph.web.formats import DATASETS, GRAPHS, Chosen, Format, choose, named
from escrgraph.web.negotiation import MediaType
from escrgraph.web.problems import Refusal
from escrgraph.web.protocol import Parameters, absolute
from escrgraph.web.streaming import stream

blueprint = Blueprint("graph_store", __name__)

METHODS = ["GET", "PUT", "POST", "DELETE"]

SENT = tuple(format_ for format_ in GRAPHS if format_.name not in {"nq", "trig"})
"""The formats in which a graph is sent; one of quads could name other graphs than the request does."""


_MEDIA = tuple(format_.media_type for format_ in GRAPHS)
_SENT = tuple(format_.media_type for format_ in SENT)
_NAMED = (
    Parameter("graph", "IRI of the graph; without it, and without default, all graphs."),
    Parameter("default", "There, with whatever value, for the default graph.", ""),
    Parameter("format", "Format of the answer, instead of Accept.", choices=tuple(each.name for each in GRAPHS)),
)


@blueprint.route("/store", methods=METHODS)
@described("Graph store", *_MEDIA, method="GET", parameters=_NAMED)
@described("Graph store", method="PUT", status=204, bodies=_SENT, parameters=_NAMED)
@described("Graph store", method="POST", status=201, bodies=_SENT, parameters=_NAMED)
@described("Graph store", method="DELETE", status=204, parameters=_NAMED)
def store() -> Response:
    """A graph named by parameter; without one, the whole store to read, or a new graph to make."""
    parameters = Parameters.of(request.query_string)
    iri, default = parameters.once("graph"), parameters.once("default")
    if iri is not None and default is not None:
        raise Malformed("The request names a graph and the default graph. Name one of them.")
    if default is not None:
        return _handled(None)
    if iri is not None:
        return _handled(absolute(iri, "graph"))
    if request.method in {"GET", "HEAD"}:
        return _read(None, DATASETS)
    if request.method == "POST":
        return _made()
    raise Malformed("The request names no graph. Name one by ?graph=IRI, or ?default.")


@blueprint.route("/store/<path:name>", methods=METHODS)
@described("Graph store", *_MEDIA, method="GET", place={"name": "x"})
@described("Graph store", method="PUT", status=204, bodies=_SENT, place={"name": "x"})
@described("Graph store", method="POST", status=204, bodies=_SENT, place={"name": "x"})
@described("Graph store", method="DELETE", status=204, place={"name": "x"})
def below(name: str) -> Response:
    """The graph whose IRI is this path on the base."""
    return _handled(_on_base("store", name))


@blueprint.route("/graph/<path:name>", methods=METHODS)
@described("Graph store", *_MEDIA, method="GET", place={"name": "right"})
@described("Graph store", method="PUT", status=204, bodies=_SENT, place={"name": "right"})
@described("Graph store", method="POST", status=204, bodies=_SENT, place={"name": "right"})
@described("Graph store", method="DELETE", status=204, place={"name": "right"})
def graph(name: str) -> Response:
    """One of the repository's graphs, at its own address."""
    return _handled(_on_base("graph", name))


def _handled(iri: str | None) -> Response:
    """What the method asks of a graph; None is the default graph."""
    if request.method in {"GET", "HEAD"}:
        return _read(iri or "default", GRAPHS)
    require_admin(here().service.settings)
    if request.method == "DELETE":
        return _deleted(iri)
    existed, number = _written(iri, replace=request.method == "PUT")
    # The default graph is always there (section 5.3).
    return caching.stamp(Response(status=204 if existed or iri is None else 201), number)


def _read(source: str | None, formats: Sequence[Format]) -> Response:
    """A graph, or all of them, as it is in the newest generation."""
    service = here().service
    chosen = _chosen(formats)
    generation = service.public.generation()
    if caching.fresh(tag := _tag(generation, source, chosen)):
        response = caching.not_modified(generation, tag)
        response.vary.add("Accept")
        return response
    # Of a merge the named graphs are all there is, and the state of the store is nobody's data.
    merged = service.settings.default_graph is Mode.MERGE
    answer = service.public.dump(
        chosen.format.media_type,
        source,
        without=[service.base.graph("state")] if merged else (),
        default=not merged,
        timeout=_patience(),
        client=asker(),
    )
    if answer.kind == "absent":
        answer.close()
        raise Refusal(404, "Not found", f"There is no graph {source} in this store.")
    response = stream(answer.chunks, answer.close, chosen.content_type, whole=answer.whole)
    response.vary.add("Accept")
    return caching.stamp(response, answer.generation, _tag(answer.generation, source, chosen))


def _made() -> Response:
    """A new graph of the data sent, and where it is (section 5.5)."""
    require_admin(here().service.settings)
    name = str(uuid.uuid4())
    iri = _on_base("store", name)
    _, number = _written(iri, replace=True)
    response = Response(status=201)
    response.headers["Location"] = url_for("graph_store.below", name=name)
    response.headers["Link"] = f'<{iri}>; rel="canonical"'
    return caching.stamp(response, number)


def _written(iri: str | None, replace: bool) -> tuple[bool, int]:
    """Write the body to a graph. Returns whether the graph was there before, and the generation that shows it."""
    service = here().service
    media_type = _body_type()
    write = service.writer.put_graph if replace else service.writer.post_graph
    with spooled_body(GRAPH_BYTES, service.runtime) as body:
        done = write(iri, body, media_type, base=iri or service.settings.base)
    return done.existed, done.number


def _deleted(iri: str | None) -> Response:
    done = here().service.writer.delete_graph(iri)
    if not done.existed and iri is not None:
        raise Refusal(404, "Not found", f"There is no graph {iri} in this store, so nothing was deleted.")
    return caching.stamp(Response(status=204), done.number)


def _chosen(formats: Sequence[Format]) -> Chosen:
    name = Parameters.of(request.query_string).once("format")
    if name is None:
        return choose(request.headers.get("Accept"), formats)
    try:
        return named(name, formats)
    except KeyError:
        raise Malformed(
            f"There is no format “{name}” here. Formats: {', '.join(format_.name for format_ in formats)}."
        ) from None


def _body_type() -> str:
    """The canonical media type of the body. Raises Refusal (415) for what holds no graph."""
    sent = request.headers.get("Content-Type", "")
    try:
        essence = MediaType.parse(sent).essence
    except ValueError:
        essence = ""
    for format_ in SENT:
        if essence == format_.media_type or essence in format_.aliases:
            return format_.media_type
    known = ", ".join(format_.media_type for format_ in SENT)
    what = f"The body is {sent}" if sent else "The body has no Content-Type"
    raise Refusal(415, "Unsupported media type", f"{what}. A graph is sent as one of: {known}.")


def _tag(generation: int, source: str | None, chosen: Chosen) -> str:
    return caching.validator(generation, here().service.identity, source, chosen)


def _patience() -> float:
    """Seconds that a reader may take: the public as long as for a query, an admin as long as a large graph needs."""
    settings = here().service.settings
    return 3600.0 if is_admin(settings) else settings.query_timeout


def _on_base(path: str, name: str) -> str:
    """The IRI of a path, percent-encoded as it arrived in the address."""
    safe = quote(name, safe="/:@!$&'()*+,;=~-._")
    return absolute(f"{here().service.settings.base}{path}/{safe}", "The address")
