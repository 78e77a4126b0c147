"""What all pages share: the reader's language, links that carry it, the menu, the stylesheet."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from flask import Blueprint, Flask, Response, g, make_response, render_template, request
from flask_babel import Babel, gettext

from escrgraph import __version__
from escrgraph.repository.errors import Unavailable
from escrgraph.vocabulary.labels import Label
from escrgraph.vocabulary.languages import LANGUAGES, direction, negotiate
from escrgraph.web import caching
from escrgraph.web.asked import asked_address
from escrgraph.web.context import here
from escrgraph.web.entity import plural

blueprint = Blueprint("pages", __name__, static_folder="static", static_url_path="/static")

NAMES = {"en": "English", "es": "Español", "fr": "Français", "ar": "العربية"}
"""The interface languages by their own names."""

MENU = ("resource", "method", "right", "country", "organization", "finding", "discussion", "update")
"""The types of record that the top of each page leads to."""


def register(app: Flask) -> None:
    """Give an application its languages, and its templates what they share."""
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = "translations"
    Babel(app, default_locale="en", locale_selector=language)
    # Globals, since imported macros see no context.
    app.jinja_env.globals.update(
        link=link, here=here_with, direction_of=direction, build=__version__, asked_address=asked_address
    )
    app.context_processor(_shared)
    app.register_blueprint(blueprint)


def language() -> str:
    """The language of the reader: `?lang=`, else Accept-Language, else English."""
    if "language" not in g:
        g.language = negotiate(request.args.get("lang"), request.headers.get("Accept-Language"))
    return str(g.language)


def link(path: str) -> str:
    """A path of this site that keeps the language a reader has chosen."""
    chosen = request.args.get("lang")
    if not chosen or chosen not in LANGUAGES:
        return path
    parts = urlsplit(path)
    query = f"{parts.query}&lang={chosen}" if parts.query else f"lang={chosen}"
    return parts._replace(query=query).geturl()


def here_with(**changes: str) -> str:
    """The address of this page with some parameters changed."""
    parameters = {**request.args.to_dict(), **changes}
    return f"{request.path}?{urlencode(parameters)}"


def page(template: str, generation: int, status: int = 200, **values: object) -> Response:
    """A page, marked with its generation and language; it may be kept and asked about, not shown unasked."""
    tag = page_tag(generation)
    if status == 200 and caching.fresh(tag):
        return localized(caching.not_modified(generation, tag))
    response = make_response(render_template(template, generation=generation, **values), status)
    return localized(caching.stamp(response, generation, tag if status == 200 else None))


def page_tag(generation: int) -> str:
    """The validator of the page at this address: its generation, the build, the language."""
    return caching.validator(generation, here().service.identity, request.full_path, language())


def kept(generation: int) -> Response | None:
    """The answer to a reader who has this page already, before any query; None when they have not."""
    tag = page_tag(generation)
    return localized(caching.not_modified(generation, tag)) if caching.fresh(tag) else None


def localized(response: Response) -> Response:
    """Say which language an answer is in, and what it was chosen by."""
    response.headers["Content-Language"] = language()
    response.vary.update(("Accept", "Accept-Language"))
    return response


def redirected(path: str, status: int, anchor: str = "") -> Response:
    """Send the client to another address of this site, with the parameters that came. anchor: the place on its page."""
    query = request.query_string.decode("ascii", "replace")
    location = path + (f"?{query}" if query else "") + (f"#{quote(anchor)}" if anchor else "")
    return Response(status=status, headers={"Location": location})


def _shared() -> dict[str, Any]:
    kinds = here().service.kinds
    return {
        "language": language(),
        "direction": direction(language()),
        "interface_languages": [(tag, NAMES[tag]) for tag in LANGUAGES],
        "menu": [(type_, plural(kinds, type_, language()).text) for type_ in MENU if type_ in kinds.by_type],
        "generation": _generation(),
    }


def other_section() -> Label:
    """The heading of what no shape describes."""
    return Label(gettext("Further facts"), language(), fallback=False)


def _generation() -> int | None:
    try:
        return here().service.pages.generation()
    except Unavailable:
        return None
