"""The query endpoint: SPARQL 1.1 Protocol, section 2.1, with its page for people and its description for programs."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Blueprint, Response, g, render_template, request, url_for

from escrgraph.repository.errors import Malformed, RepositoryError
from escrgraph.repository.formats import Mode
from escrgraph.repository.readers import Answer, Query
from escrgraph.web import caching, problems
from escrgraph.web.answers import (
    WHOLE,
    choices_for,
    is_volatile,
    neighbours,
    read_page,
    unknown_format,
    written_as,
)
from escrgraph.web.bodies import TEXT_BYTES, read_body
from escrgraph.web.context import asker, here
from escrgraph.web.describing import LANG, Parameter, described
from escrgraph.web.formats import (
    GRAPHS,
    HTML,
    NAMES,
    RESULTS,
    Choices,
    Chosen,
    Kind,
    choose,
    named,
)
from escrgraph.web.origin import absolute
from escrgraph.web.pages import localized
from escrgraph.web.policy import POLICY
from escrgraph.web.protocol import FORM, QUERY, Request, read_request
from escrgraph.web.samples import samples
from escrgraph.web.service_description import WRITABLE, Description, write
from escrgraph.web.slow import Watch
from escrgraph.web.streaming import stream

blueprint = Blueprint("sparql", __name__)

METHODS = ["GET", "POST", "QUERY"]

_MEDIA = tuple(format_.media_type for format_ in (*RESULTS, *GRAPHS, HTML))
_ASKED = (
    Parameter("query", "The query; without one a page, or the description of the service.", "ASK {}"),
    Parameter("default-graph-uri", "Graph that is part of the default graph.", many=True),
    Parameter("named-graph-uri", "Graph that can be named.", many=True),
    Parameter("format", "Format of the answer, instead of Accept.", choices=NAMES),
)


@blueprint.route("/sparql", methods=METHODS)
@described("SPARQL", *_MEDIA, parameters=(*_ASKED, LANG))
@described("SPARQL", *_MEDIA, method="POST", parameters=_ASKED[1:], bodies=(FORM, QUERY))
def sparql() -> Response:
    """Answer a query; without one, a page with a form, or the service description."""
    body = read_body(TEXT_BYTES) if request.method in {"POST", "QUERY"} else None
    asked = read_request("query", request.query_string, request.headers.get("Content-Type"), body)
    if asked.text is None:
        if body is not None:
            raise Malformed("There is no query. Send it as query=… in a form, or alone as application/sparql-query.")
        return _without_query(asked)
    g.query = asked.text
    return _answered(asked, asked.text)


@blueprint.errorhandler(RepositoryError)
def _told(error: RepositoryError) -> Response:
    """A refusal; on the page for people it stands above their query, which is kept."""
    told = problems.of_repository(
        error, template="sparql.html", query=g.get("query", ""), limits=_limits(), nonce=_nonce()
    )
    return _with_policy(told)


def _without_query(asked: Request) -> Response:
    try:
        chosen = named(asked.format, (*WRITABLE, HTML)) if asked.format else None
    except KeyError:
        raise unknown_format(asked.format) from None
    chosen = chosen or choose(request.headers.get("Accept"), (*WRITABLE, HTML))
    if chosen.html:
        return form("")
    return _description(chosen)


def _description(chosen: Chosen) -> Response:
    """What the endpoint can do, said at the address under which it was asked."""
    service = here().service
    census = here().censuses.take(service.public, asker())
    own = service.settings.default_graph is Mode.OWN
    update = absolute("/update") if own and service.settings.admin_token else None
    endpoint = absolute("/sparql")
    further = () if own else (absolute("/.well-known/void"), absolute("/catalog"))
    description = Description(endpoint, update, census.default_triples, census.graphs, not own, further)
    body = write(description, chosen.format)
    response = Response(body, content_type=chosen.content_type)
    response.vary.add("Accept")
    tag = caching.validator(census.generation, here().service.identity, endpoint, chosen)
    caching.stamp(response, census.generation, tag)
    return caching.not_modified(census.generation, tag) if caching.fresh(tag) else response


def _answered(asked: Request, text: str) -> Response:
    service = here().service
    choices = choices_for(asked.format)
    cached = _cached(asked, text, choices)
    if cached is not None:
        return cached
    searched = service.with_search(text)
    watch = Watch(text, service.settings.slow_query)
    with watch.asking():
        answer = service.public.ask(_query(asked, searched, choices), asker())
    chosen = choices.by_kind[Kind(answer.kind)]
    if chosen.html:
        return _page(answer, asked, text, watch)

    def close() -> None:
        answer.close()
        watch.note("answered" if answer.whole else "not read to its end")

    response = stream(answer.chunks, close, chosen.content_type, whole=answer.whole)
    response.vary.add("Accept")
    # What was searched follows the index, which may be behind: no validator of a generation says whether it changed.
    tag = _tag(asked, text, choices, answer.generation) if searched == text else None
    return caching.stamp(response, answer.generation, tag)


def _query(asked: Request, text: str, choices: Choices) -> Query:
    """What goes to the worker. A dataset that the request names is all there is (SPARQL 1.1 Protocol, 2.1.4)."""
    default, named_graphs = asked.default_graphs, asked.named_graphs
    if default is not None or named_graphs is not None:
        default, named_graphs = default or (), named_graphs or ()
    formats = written_as(choices)
    base = here().service.settings.base + "sparql"
    return Query(text, formats=formats, base=base, default_graphs=default, named_graphs=named_graphs)


def _tag(asked: Request, text: str, choices: Choices, generation: int) -> str | None:
    """None for what must not be kept: pages, and queries that answer differently each time."""
    if any(chosen.html for chosen in choices.by_kind.values()) or is_volatile(text):
        return None
    return caching.validator(generation, here().service.identity, asked, choices.name)


def _cached(asked: Request, text: str, choices: Choices) -> Response | None:
    if not request.if_none_match:
        return None
    generation = here().service.public.generation()
    tag = _tag(asked, text, choices, generation)
    if tag is None or not caching.fresh(tag):
        return None
    response = caching.not_modified(generation, tag)
    response.vary.add("Accept")
    return response


def _page(answer: Answer, asked: Request, text: str, watch: Watch) -> Response:
    """One page of the rows, with links to the others and to the whole."""
    found = read_page(answer, asked.page, watch.started)
    watch.note("answered")
    kind = Kind(answer.kind)
    sent: dict[str, Any] = {"query": text} | ({"lang": language} if (language := request.args.get("lang")) else {})
    page = form(
        text,
        found=found,
        pages=neighbours(found, asked.page, lambda number: url_for("sparql.sparql", **sent, page=number)),
        formats={name: url_for("sparql.sparql", query=text, format=name) for name in WHOLE[kind]},
        samples=samples(url_for("sparql.sparql", _external=True), {"query": text}, kind),
        address=url_for("sparql.sparql", query=text, _external=True),
    )
    return caching.stamp(page, answer.generation)


def form(query: str, **values: object) -> Response:
    """The page with the editor. It alone may have a style written by script: the editor's, known by its nonce."""
    page = render_template("sparql.html", query=query, limits=_limits(), nonce=_nonce(), **values)
    return localized(_with_policy(Response(page)))


def _nonce() -> str:
    if "nonce" not in g:
        g.nonce = secrets.token_urlsafe(16)
    return str(g.nonce)


def _with_policy(response: Response) -> Response:
    if response.mimetype == "text/html":
        response.headers["Content-Security-Policy"] = f"{POLICY}; style-src 'self' 'nonce-{_nonce()}'"
        response.headers["Cache-Control"] = "no-store"  # a nonce is for one answer
    return response


def _limits() -> dict[str, object]:
    settings = here().service.settings
    return {"seconds": settings.query_timeout, "bytes": settings.query_memory, "budget": settings.rate_limit}
