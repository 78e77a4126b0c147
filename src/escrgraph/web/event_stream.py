"""The event stream at `/ldes`: root, shelves and pages in any format that holds named graphs."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, request
from pyoxigraph import RdfFormat, serialize

from escrgraph.harvesting.event_stream import STREAM_PREFIXES, Node, NoSuchNode, Stream
from escrgraph.web import caching
from escrgraph.web.context import here
from escrgraph.web.describing import described
from escrgraph.web.formats import GRAPHS, choose
from escrgraph.web.origin import absolute
from escrgraph.web.outlet import stamped
from escrgraph.web.problems import Refusal

blueprint = Blueprint("event_stream", __name__)

OFFERS = tuple(format_ for name in ("trig", "nq", "jsonld") for format_ in GRAPHS if format_.name == name)
MEDIA = tuple(format_.media_type for format_ in OFFERS)

FULL = 3600
"""Seconds that a full page may be kept without asking: not for ever, since a redaction has to reach it."""

GROWING = 60
"""Seconds that a page to which versions are added may be kept."""


@blueprint.get("/ldes")
@described("Harvesting", *MEDIA)
def root() -> Response:
    """Every version of every record, and its end, as a Linked Data Event Stream: where it begins."""
    return _answer(Stream.root, "root")


@blueprint.get("/ldes/shelf/<int:number>")
@described("Harvesting", *MEDIA, place={"number": "1"})
def shelf(number: int) -> Response:
    """A hundred pages of the event stream."""
    return _answer(lambda stream: stream.shelf(number), "shelf", number)


@blueprint.get("/ldes/page/<int:number>")
@described("Harvesting", *MEDIA, place={"number": "1"})
def page(number: int) -> Response:
    """A hundred versions of records, each in a named graph of its own."""
    return _answer(lambda stream: stream.page(number), "page", number)


def _answer(read: Callable[[Stream], Node], *what: object) -> Response:
    chosen = choose(request.headers.get("Accept"), OFFERS)
    outlet, identity = here().outlet, here().service.identity
    generation = outlet.library.generation()
    redaction = outlet.library.log.last_redaction(generation)
    address = absolute("/ldes")
    # A full page is the same in every generation until something is redacted.
    tags = [caching.validator(number, identity, address, what, chosen, redaction) for number in (0, generation)]
    for tag, seconds in zip(tags, (FULL, GROWING), strict=True):
        if caching.fresh(tag):
            return _varied(stamped(Response(status=304), generation, tag, seconds=seconds))
    try:
        node = read(Stream(address, outlet.library, generation))
    except NoSuchNode as error:
        raise Refusal(404, "Not found", str(error)) from None
    rdf = RdfFormat.from_media_type(chosen.format.media_type)
    body = serialize(node.quads, format=rdf, prefixes=dict(STREAM_PREFIXES))
    tag, seconds = (tags[0], FULL) if node.full else (tags[1], GROWING)
    response = Response(body, content_type=chosen.content_type)
    return _varied(stamped(response, generation, tag, node.changed, seconds))


def _varied(response: Response) -> Response:
    response.vary.add("Accept")
    return response
