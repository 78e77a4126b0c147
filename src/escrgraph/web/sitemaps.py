"""What crawlers ask for: `/robots.txt` and the sitemap."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, request

from escrgraph.harvesting import sitemap
from escrgraph.harvesting.register import View
from escrgraph.web import caching
from escrgraph.web.context import here
from escrgraph.web.describing import described
from escrgraph.web.origin import absolute
from escrgraph.web.outlet import stamped
from escrgraph.web.problems import Refusal

blueprint = Blueprint("sitemaps", __name__)

XML = "application/xml"


@blueprint.get("/robots.txt")
@described("Harvesting", "text/plain")
def robots() -> Response:
    """What crawlers may follow, and where the sitemap is."""
    body = sitemap.ROBOTS.format(site=absolute("/"))
    generation = here().service.pages.generation()
    tag = caching.validator(0, body)
    if caching.fresh(tag):
        return caching.not_modified(generation, tag)
    return caching.stamp(Response(body, content_type="text/plain; charset=utf-8"), generation, tag)


@blueprint.get("/sitemap.xml")
@described("Harvesting", XML)
def index() -> Response:
    """The index of the sitemap."""
    return _answer(lambda view: sitemap.index(absolute("/"), view))


@blueprint.get("/sitemap/pages.xml")
@described("Harvesting", XML)
def pages() -> Response:
    """The pages that lead to records."""
    types = here().service.kinds.by_type
    paths = ["/", *(f"/browse/{type_}" for type_ in types), "/sparql", "/def/", "/shapes/", "/catalog"]
    return _answer(lambda _: sitemap.pages(absolute("/"), paths))


@blueprint.get("/sitemap/<int:number>.xml")
@described("Harvesting", XML, place={"number": "1"})
def part(number: int) -> Response:
    """The addresses of some of the records."""
    return _answer(lambda view: sitemap.part(absolute("/"), view, number))


def _answer(write: Callable[[View], bytes]) -> Response:
    with here().outlet.view() as view:
        tag = caching.validator(view.generation, here().service.identity, absolute(request.path))
        changed = view.changed()
        if caching.fresh(tag):
            return stamped(Response(status=304), view.generation, tag, changed)
        try:
            body = write(view)
        except sitemap.NoSuchPart as error:
            raise Refusal(404, "Not found", str(error)) from None
    return stamped(Response(body, content_type=XML), view.generation, tag, changed)
