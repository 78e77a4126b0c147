"""Documents about things: `/id/…` leads to `/doc/…`, which is a page or RDF (Cool URIs for the Semantic Web, 4.2)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from flask import Blueprint, Response, request, url_for
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, serialize

from escrgraph.repository.changes import Action
from escrgraph.repository.readers import Formats
from escrgraph.vocabulary.iris import TYPES, is_slug
from escrgraph.vocabulary.namespaces import PREFIXES
from escrgraph.web import caching, citation
from escrgraph.web.context import here
from escrgraph.web.describing import LANG, Parameter, described
from escrgraph.web.entity_page import cited, entity_page, incoming_page, missing
from escrgraph.web.formats import GRAPHS, HTML, Chosen, choose, named
from escrgraph.web.page_queries import Solution, ask, page_query
from escrgraph.web.pages import page, redirected
from escrgraph.web.problems import Refusal
from escrgraph.web.records import History
from escrgraph.web.signposts import signposts
from escrgraph.web.streaming import stream

blueprint = Blueprint("documents", __name__)

EXTENSIONS = {"ttl": "Turtle", "jsonld": "JSON-LD", "nt": "N-Triples", "rdf": "RDF/XML", "trig": "TriG"}
"""The RDF formats of a document by the ending of its address, with their names."""

OFFERS = tuple(
    # In TriG every triple stands in its named graph; who also takes a format of one graph mostly looks at the default
    # graph, and would find nothing there.
    replace(format_, worth=0.5) if format_.name == "trig" else format_
    for format_ in GRAPHS
    if format_.name in EXTENSIONS
)
LICENCE = "https://creativecommons.org/licenses/by/4.0/"

_ENDING = re.compile(r"(?P<slug>.*?)(?:\.(?P<ending>[a-z]+))?")
_ENDINGS = (*EXTENSIONS, HTML.name)


@blueprint.get("/id/<type_>/<slug>")
@blueprint.get("/id/<type_>/<slug>/<path:below>")
@described("Documents", status=303)
def thing(type_: str, slug: str, below: str = "") -> Response:
    """A thing cannot be sent; 303 leads to the document about it, or about the record it is a part of."""
    record, generation = _record(type_, slug), here().service.pages.generation()
    history = _history(record, generation)
    if history is not None and history.action is Action.WITHDRAWN:
        return _tombstone(record, history, choose(request.headers.get("Accept"), (HTML, *OFFERS)), generation)
    if history is not None and history.successor:
        target = f"/id/{history.successor}" + (f"/{below}" if below else "")
        return redirected(target, 301)
    response = redirected(url_for("documents.document", type_=type_, name=slug), 303, below)
    response.vary.add("Accept")
    return response


@blueprint.get("/doc/<type_>/<name>")
@described("Documents", *(each.media_type for each in (HTML, *OFFERS)), parameters=(LANG,))
def document(type_: str, name: str) -> Response:
    """The document about a record, in the format of its ending or the one the client prefers."""
    found = _ENDING.fullmatch(name)
    slug, ending = (found["slug"], found["ending"]) if found else (name, None)
    record = _record(type_, slug)
    if ending is not None and ending not in _ENDINGS:
        endings = ", ".join(f".{known}" for known in _ENDINGS)
        raise Refusal(404, "Not found", f"There is no .{ending} of a document. There is {endings}.")
    chosen = named(ending, (HTML, *OFFERS)) if ending else choose(request.headers.get("Accept"), (HTML, *OFFERS))
    generation = here().service.pages.generation()
    history = _history(record, generation)
    if history is not None and history.action is Action.WITHDRAWN:
        return _tombstone(record, history, chosen, generation)
    if history is not None and history.successor:
        return redirected(f"/doc/{history.successor}" + (f".{ending}" if ending else ""), 301)
    if chosen.html:
        response = entity_page(record, generation, history, [(format_, EXTENSIONS[format_.name]) for format_ in OFFERS])
    else:
        response = _data(record, chosen, generation, history)
    response.vary.add("Accept")
    return _linked(response, record)


@blueprint.get("/doc/<type_>/<slug>/in/<source>")
@described(
    "Documents",
    HTML.media_type,
    parameters=(
        Parameter("property", "IRI of the property by which they do.", "http://purl.org/dc/terms/subject", True),
        Parameter("after", "Address after which the page begins."),
        LANG,
    ),
)
def incoming(type_: str, slug: str, source: str) -> Response:
    """The records of one type that name this one by one property, fifty a page in the order of their addresses."""
    record = _record(type_, slug)
    path, after = request.args.get("property", ""), request.args.get("after", "")
    if not re.fullmatch(r"https?://[^\s<>\"{}|\\^`]+", path) or source not in TYPES:
        raise Refusal(400, "Malformed", "Follow the links of a document: they name a type of record and a property.")
    return incoming_page(record, (source, path), after, here().service.pages.generation())


@blueprint.get("/doc/<type_>/<slug>/cite.<ending>")
@described("Documents", *citation.MEDIA_TYPES.values(), parameters=(LANG,), place={"ending": "bib"})
def cite(type_: str, slug: str, ending: str) -> Response:
    """The record as a reference: BibTeX, RIS, CSL-JSON (json), or plain text in the reader's language (txt)."""
    record, generation = _record(type_, slug), here().service.pages.generation()
    if ending not in citation.MEDIA_TYPES:
        endings = ", ".join(f"cite.{known}" for known in citation.MEDIA_TYPES)
        raise Refusal(404, "Not found", f"There is no cite.{ending} of a document. There is {endings}.")
    history = _history(record, generation)
    if history is not None and history.action is Action.WITHDRAWN:
        return _tombstone(record, history, choose(None, (HTML, *OFFERS)), generation)
    if history is not None and history.successor:
        return redirected(f"/doc/{history.successor}/cite.{ending}", 301)
    return _linked(cited(record, ending, generation, history), record)


def _record(type_: str, slug: str) -> str:
    if type_ not in TYPES or not is_slug(slug):
        raise Refusal(404, "Not found", f"There is no {type_}/{slug} here. Types of record: {', '.join(TYPES)}.")
    return f"{type_}/{slug}"


def _history(record: str, generation: int) -> History | None:
    """What became of a record. Raises Refusal (404) for one that the log never saw."""
    records = here().records
    history = records.last_change(record, generation)
    if history is None and records.known:
        raise missing(record)
    return history


def _data(record: str, chosen: Chosen, generation: int, history: History | None) -> Response:
    """The record as RDF; its validator follows from its own last change, so that it stays good for long."""
    service = here().service
    number = history.number if history else generation
    tag = caching.validator(number, service.identity, record, chosen)
    if caching.fresh(tag):
        return caching.not_modified(generation, tag)
    iri = {"record": NamedNode(service.base.record_iri(record))}
    if chosen.format.name == "trig":
        asked = ask(service, [page_query(service, "entity-graphs", iri)])
        body, shown = _quads(asked.solutions(0)), asked.generation
        response = Response(body, content_type=chosen.content_type)
    else:
        answer = service.pages.ask(page_query(service, "entity", iri, Formats(graph=chosen.format.media_type)))
        response = stream(answer.chunks, answer.close, chosen.content_type, whole=answer.whole)
        shown = answer.generation
    caching.stamp(response, shown, tag)
    if history is not None:
        response.last_modified = history.time
    return response


def _quads(solutions: Sequence[Solution]) -> bytes:
    names = ("subject", "property", "value", "graph")
    quads = [Quad(*(row[name] for name in names)) for row in solutions]  # type: ignore[arg-type]
    return serialize(quads, format=RdfFormat.TRIG, prefixes=dict(PREFIXES)) or b""


def _linked(response: Response, record: str) -> Response:
    """Say what the document is about, what else it comes as, and on what terms (RFC 8288)."""
    about = here().service.base.record_iri(record)
    links = [f'<{about}>; rel="describes"', f'<{LICENCE}>; rel="license"', f'</doc/{record}>; rel="canonical"']
    links += [f'</doc/{record}.{f.name}>; rel="alternate"; type="{f.media_type}"' for f in (*OFFERS, HTML)]
    links += signposts(record, OFFERS)
    response.headers["Link"] = ", ".join(links)
    return response


def _tombstone(record: str, history: History, chosen: Chosen, generation: int) -> Response:
    """410 with what may be known of a withdrawn record, in the format asked for."""
    about, document_ = here().service.base.record_iri(record), here().service.base.iri + f"doc/{record}"
    when = history.time.strftime("%Y-%m-%dT%H:%M:%SZ")
    if chosen.html:
        return page("tombstone.html", generation, 410, record=record, iri=about, when=when, reason=history.reason)
    prov = PREFIXES["prov"]
    quads = [
        Quad(NamedNode(document_), NamedNode(PREFIXES["foaf"] + "primaryTopic"), NamedNode(about)),
        Quad(
            NamedNode(document_),
            NamedNode(prov + "invalidatedAtTime"),
            Literal(when, datatype=NamedNode(PREFIXES["xsd"] + "dateTime")),
        ),
        Quad(NamedNode(document_), NamedNode(PREFIXES["rdfs"] + "comment"), Literal(history.reason, language="en")),
    ]
    rdf = RdfFormat.from_media_type(chosen.format.media_type)
    if rdf is None:
        raise LookupError(f"{chosen.media_type} is no RDF format")
    body = serialize(quads, format=rdf, prefixes=dict(PREFIXES))
    response = Response(body, 410, content_type=chosen.content_type)
    response.vary.add("Accept")
    return caching.stamp(response, generation)
