"""Feeds at `/feeds/…`: everything, a kind of record, what names a right, a country or a method, open calls."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

from flask import Blueprint, Response, request
from flask_babel import gettext

from escrgraph.harvesting.feed import Feed, write
from escrgraph.harvesting.oai import set_titles
from escrgraph.harvesting.register import EVERYTHING, View
from escrgraph.harvesting.sets import LANGUAGE, NAMED, OPPORTUNITY
from escrgraph.repository.errors import Malformed
from escrgraph.vocabulary.iris import is_slug
from escrgraph.web import caching
from escrgraph.web.context import here
from escrgraph.web.describing import LANG, Parameter, described
from escrgraph.web.links import chosen_language
from escrgraph.web.origin import absolute
from escrgraph.web.outlet import stamped
from escrgraph.web.pages import language
from escrgraph.web.problems import Refusal

blueprint = Blueprint("feeds", __name__)

ATOM = "application/atom+xml"
OPEN_CALLS = "open-calls"
_PARAMETERS = (LANG, Parameter("before", "Position after which older entries are given.", type="integer"))
_LARGEST = 1 << 62


@blueprint.get("/feeds/<name>.atom")
@described("Harvesting", ATOM, parameters=_PARAMETERS, place={"name": "all"})
def feed(name: str) -> Response:
    """What is new in the whole library, in one kind of record, or among open calls (Atom)."""
    if name == OPEN_CALLS:
        return _answer(OPPORTUNITY, gettext("Open calls"), open_on=datetime.now(UTC).date())
    if name == "all":
        return _answer(EVERYTHING, gettext("What is new"))
    if name not in here().service.kinds.by_type:
        raise _missing(name)
    return _answer(f"type:{name}")


@blueprint.get("/feeds/<family>/<slug>.atom")
@described("Harvesting", ATOM, parameters=_PARAMETERS, place={"family": "right", "slug": "food"})
def feed_of_set(family: str, slug: str) -> Response:
    """What is new about a right, a country, a method or in a language (Atom)."""
    if family not in (*NAMED, LANGUAGE) or not is_slug(slug):
        raise _missing(f"{family}/{slug}")
    return _answer(f"{family}:{slug}")


def _answer(name: str, title: str | None = None, open_on: date | None = None) -> Response:
    outlet, identity, before = here().outlet, here().service.identity, _before()
    with outlet.view() as view:
        if title is None and not _known(view, name):
            raise _missing(name.replace(":", "/").removeprefix("type/"))
        address = absolute(request.path)
        tag = caching.validator(view.generation, identity, address, before, language(), open_on)
        changed = view.changed(name)
        if caching.fresh(tag):
            return _localized(stamped(Response(status=304), view.generation, tag, changed))
        if title is None:
            title = set_titles([name], outlet.library, here().service.kinds, language())[name]
        parameters = f"lang={chosen}" if (chosen := chosen_language()) else ""
        asked = Feed(name, address, absolute("/"), f"escrgraph: {title}", language(), open_on, parameters)
        body = write(asked, view, outlet.library, before)
    return _localized(stamped(Response(body, content_type=ATOM), view.generation, tag, changed))


def _known(view: View, name: str) -> bool:
    """Whether there is such a set: somebody is in it, or what it is named after is there."""
    record = name.replace(":", "/")
    return name.startswith("type:") or bool(view.newest(name, limit=1)) or view.state(record) is not None


def _before() -> int | None:
    given = request.args.get("before")
    if given is None:
        return None
    if not re.fullmatch(r"[0-9]{1,18}", given) or int(given) > _LARGEST:
        raise Malformed(f"before is “{given}”. Follow the links of the feed: they carry it.")
    return int(given)


def _localized(response: Response) -> Response:
    response.headers["Content-Language"] = language()
    response.vary.add("Accept-Language")
    return response


def _missing(name: str) -> Refusal:
    return Refusal(
        404,
        "Not found",
        f"There is no feed {name}. There are /feeds/all.atom, /feeds/{OPEN_CALLS}.atom, one for each type of record "
        "such as /feeds/finding.atom, and one for each right, country, method and language such as "
        "/feeds/right/food.atom.",
    )
