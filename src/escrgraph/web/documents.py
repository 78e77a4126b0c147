"""Documents about things: `/id/…` leads to `/doc/…`, which is a page or RDF (Cool URIs for the Semantic Web, 4.2)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from flask import Blueprint, Response, request, url_for
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, serialize

from escrgraph.repository.changes import Action
from escrgraph.repository.readers import Formats, Term
from escrgraph.vocabulary.iris import TYPES, is_slug
from escrgraph.vocabulary.labels import Label
from escrgraph.vocabulary.namespaces import PREFIXES
from escrgraph.web import caching
from escrgraph.web.context import here
from escrgraph.web.describing import LANG, Parameter, described
from escrgraph.web.entity import Entity, Incoming, Reading, collect_labels, plural
from escrgraph.web.formats import GRAPHS, HTML, Chosen, choose, named
from escrgraph.web.page_queries import Asked, Solution, ask, labels_in, page_query, text
from escrgraph.web.pages import kept, language, other_section, page, redirected
from escrgraph.web.problems import Refusal
from escrgraph.web.records import History
from escrgraph.web.streaming import stream
from escrgraph.web.terms import term_label

blueprint = Blueprint("documents", __name__)

EXTENSIONS = {"ttl": "Turtle", "jsonld": "JSON-LD", "nt": "N-Triples", "rdf": "RDF/XML", "trig": "TriG"}
"""The RDF formats of a document by the ending of its address, with their names."""

OFFERS = tuple(format_ for format_ in GRAPHS if format_.name in EXTENSIONS)
LICENCE = "https://creativecommons.org/licenses/by/4.0/"

_ENDING = re.compile(r"(?P<slug>.*?)(?:\.(?P<ending>[a-z]+))?")
_ENDINGS = (*EXTENSIONS, HTML.name)
_PAGE = 50


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
    response = _page(record, generation, history) if chosen.html else _data(record, chosen, generation, history)
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
    record, service = _record(type_, slug), here().service
    iri = NamedNode(service.base.record_iri(record))
    path, after = request.args.get("property", ""), request.args.get("after", "")
    if not re.fullmatch(r"https?://[^\s<>\"{}|\\^`]+", path) or source not in TYPES:
        raise Refusal(400, "Malformed", "Follow the links of a document: they name a type of record and a property.")
    early = kept(service.pages.generation())
    if early is not None:
        return early
    parameters: dict[str, Term] = {"property": NamedNode(path), "type": Literal(source), "after": Literal(after)}
    asked = ask(
        service,
        [
            page_query(service, "entity", {"record": iri}),
            page_query(service, "incoming", {"record": iri}),
            page_query(service, "incoming-page", parameters | {"record": iri}),
        ],
    )
    reading, entity = _read(asked, record, collect_labels(labels_in(asked.solutions(2), "source")))
    counted = [row for row in asked.solutions(1) if (text(row, "type"), text(row, "property")) == (source, path)]
    sources = list(dict.fromkeys(text(row, "source") for row in asked.solutions(2)))
    more = f"{_incoming_path(record, source, path)}&after={sources[-1]}" if len(sources) == _PAGE else None
    group = _group(reading, record, (source, path), int(text(counted[0], "count")) if counted else 0, sources)
    return page("incoming.html", asked.generation, title=entity.title, record=record, group=group, more=more)


def _record(type_: str, slug: str) -> str:
    if type_ not in TYPES or not is_slug(slug):
        raise Refusal(404, "Not found", f"There is no {type_}/{slug} here. Types of record: {', '.join(TYPES)}.")
    return f"{type_}/{slug}"


def _missing(record: str) -> Refusal:
    others = f"/browse/{record.partition('/')[0]}"
    return Refusal(404, "Not found", f"There is no record {record} here, and there never was. See {others}.")


def _history(record: str, generation: int) -> History | None:
    """What became of a record. Raises Refusal (404) for one that the log never saw."""
    records = here().records
    history = records.last_change(record, generation)
    if history is None and records.known:
        raise _missing(record)
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
        response, shown = stream(answer.chunks, answer.close, chosen.content_type), answer.generation
    caching.stamp(response, shown, tag)
    if history is not None:
        response.last_modified = history.time
    return response


def _quads(solutions: Sequence[Solution]) -> bytes:
    names = ("subject", "property", "value", "graph")
    quads = [Quad(*(row[name] for name in names)) for row in solutions]  # type: ignore[arg-type]
    return serialize(quads, format=RdfFormat.TRIG, prefixes=dict(PREFIXES)) or b""


def _page(record: str, generation: int, history: History | None) -> Response:
    """The record for people; four queries, whatever the record."""
    early = kept(generation)
    if early is not None:
        return early
    service = here().service
    iri = {"record": NamedNode(service.base.record_iri(record))}
    names = ("entity", "labels", "incoming", "incoming-first")
    asked = ask(service, [page_query(service, name, iri) for name in names])
    pairs = labels_in(asked.solutions(1)) + labels_in(asked.solutions(3), "source")
    reading, entity = _read(asked, record, collect_labels(pairs))
    groups = _groups(reading, record, asked.solutions(2), asked.solutions(3))
    return page(
        "entity.html",
        asked.generation,
        entity=entity,
        incoming=groups,
        history=history,
        formats=[(format_, EXTENSIONS[format_.name]) for format_ in OFFERS],
    )


def _read(asked: Asked, record: str, labels: dict[str, list[Literal]]) -> tuple[Reading, Entity]:
    service = here().service
    reading = Reading(asked.facts(0), labels, service.kinds, service.base, language())
    entity = reading.entity(record, other_section())
    if entity is None:
        raise _missing(record)
    return reading, entity


def _groups(reading: Reading, record: str, counted: Sequence[Solution], first: Sequence[Solution]) -> list[Incoming]:
    """The records that name this one, by type and property, the first few of each."""
    sources: dict[tuple[str, str], dict[str, None]] = {}
    for row in first:
        sources.setdefault((text(row, "type"), text(row, "property")), {})[text(row, "source")] = None
    groups = []
    for row in counted:
        key = (text(row, "type"), text(row, "property"))
        groups.append(_group(reading, record, key, int(text(row, "count")), list(sources.get(key, ()))))
    return groups


def _group(reading: Reading, record: str, key: tuple[str, str], count: int, sources: Sequence[str]) -> Incoming:
    source, path = key
    return Incoming(
        type=source,
        path=path,
        kind_label=plural(here().service.kinds, source, language()),
        label=_field_label(source, path),
        count=count,
        sources=tuple(reading.thing(iri) for iri in sources),
        more=_incoming_path(record, source, path) if count > len(sources) else None,
    )


def _field_label(source: str, path: str) -> Label:
    """What records of a type call a property, themselves or, after the name of a part, in a part of theirs."""
    kinds = here().service.kinds
    kind = kinds.by_type.get(source)
    field = kind.field(path) if kind else None
    if kind is None or field is not None:
        return field.label(language()) if field else term_label(path, language())
    for part in kinds.values():
        if part.part_of == kind.name and (field := part.field(path)):
            label, inner = part.label(language()), field.label(language())
            return Label(f"{label.text} · {inner.text}", inner.language, inner.fallback or label.fallback)
    return term_label(path, language())


def _incoming_path(record: str, source: str, path: str) -> str:
    type_, slug = record.split("/")
    return url_for("documents.incoming", type_=type_, slug=slug, source=source, property=path)


def _linked(response: Response, record: str) -> Response:
    """Say what the document is about, what else it comes as, and on what terms (RFC 8288)."""
    about = here().service.base.record_iri(record)
    links = [f'<{about}>; rel="describes"', f'<{LICENCE}>; rel="license"', f'</doc/{record}>; rel="canonical"']
    links += [f'</doc/{record}.{f.name}>; rel="alternate"; type="{f.media_type}"' for f in (*OFFERS, HTML)]
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
