"""What all pages share: the reader's language, links that carry it, the menu, the stylesheet."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from flask import Blueprint, Flask, Response, current_app, g, make_response, render_template, request
from flask_babel import Babel, get_domain, gettext
from markupsafe import Markup

from escrgraph import __version__
from escrgraph.repository.errors import Unavailable
from escrgraph.vocabulary.labels import Label
from escrgraph.vocabulary.languages import LANGUAGES, direction, negotiate
from escrgraph.vocabulary.readable import readable_date
from escrgraph.web import caching, writing
from escrgraph.web.asked import asked_address
from escrgraph.web.context import here
from escrgraph.web.entity import plural
from escrgraph.web.links import chosen_language, link
from escrgraph.web.problems import Refusal

blueprint = Blueprint("pages", __name__, static_folder="static", static_url_path="/static")

NAMES = {"en": "English", "es": "Español", "fr": "Français", "ar": "العربية"}
"""The interface languages by their own names."""

MENU = ("resource", "method", "right", "country", "organization", "finding", "discussion", "update")
"""The types of record that the top of each page leads to."""


_FRAGMENTS = "escrgraph fragments"

_BUILT = Path(__file__).parent / "static" / "dist"


def register(app: Flask) -> None:
    """Give an application its languages, and its templates what they share."""
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = "translations"
    Babel(app, default_locale="en", locale_selector=language)
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        lambda message: _translations().ugettext(message),
        lambda one, many, number: _translations().ungettext(one, many, number),
        newstyle=True,
    )
    app.extensions[_FRAGMENTS] = {}
    # Globals, since imported macros see no context.
    app.jinja_env.globals.update(
        link=link, here=here_with, direction_of=direction, build=__version__, script=script,
        asked_address=asked_address, date_of=readable_date, language_of=language,
        fragment=fragment, writing=writing, facts=writing.facts, name=writing.name, text=writing.text,
        show=writing.show,
    )  # fmt: skip
    app.context_processor(_shared)
    app.register_blueprint(blueprint)


def language() -> str:
    """The language of the reader: `?lang=`, else Accept-Language, else English."""
    if "language" not in g:
        g.language = negotiate(request.args.get("lang"), request.headers.get("Accept-Language"))
    return str(g.language)


@cache
def script(name: str) -> str | None:
    """The path of a script that the build made; None where it was left out, for pages work without."""
    if not (_BUILT / name).is_file():
        return None
    made = _BUILT / "fingerprint"
    version = made.read_text(encoding="ascii")[:12] if made.is_file() else __version__
    return f"/static/dist/{name}?v={version}"


def fragment(template: str) -> Markup:
    """A piece of every page that depends on the reader's language alone: made once for each."""
    made: dict[tuple[str, str, str | None], Markup] = current_app.extensions[_FRAGMENTS]
    key = template, language(), chosen_language()
    if key not in made:
        kinds = here().service.kinds
        menu = [(type_, plural(kinds, type_, language()).text) for type_ in MENU if type_ in kinds.by_type]
        further = [(path, name) for path, name in _further() if _there(path)]
        written = current_app.jinja_env.get_template(template).render(menu=menu, further=further)
        made[key] = Markup(written)  # noqa: S704 - a template escapes what it is given
    return made[key]


def here_with(**changes: str) -> str:
    """The address of this page with some parameters changed."""
    parameters = {**request.args.to_dict(), **changes}
    return f"{request.path}?{urlencode(parameters)}"


def page(
    template: str, generation: int, status: int = 200, *, day: date | None = None, beside: str = "", **values: object
) -> Response:
    """A page, marked with its generation and language; it may be kept and asked about, not shown unasked.

    day: the day that it counts from, where it tells open deadlines from past ones. beside: what else it was made from.
    """
    tag = page_tag(generation, day, beside)
    if status == 200 and caching.fresh(tag):
        return localized(caching.not_modified(generation, tag))
    g.generation = generation
    response = make_response(render_template(template, generation=generation, day=day, **values), status)
    return localized(caching.stamp(response, generation, tag if status == 200 else None))


def page_tag(generation: int, day: date | None = None, beside: str = "") -> str:
    """The validator of the page at this address: its generation, the build, the language, the day it counts from."""
    dated = (day.isoformat(),) if day else ()
    further = (beside,) if beside else ()
    return caching.validator(generation, here().service.identity, request.full_path, language(), *dated, *further)


def kept(generation: int, day: date | None = None, beside: str = "") -> Response | None:
    """The answer to a reader who has this page already, before any query; None when they have not."""
    tag = page_tag(generation, day, beside)
    return localized(caching.not_modified(generation, tag)) if caching.fresh(tag) else None


def counting_day() -> date:
    """The day from which deadlines are counted: `?on=2016-01-31`, else today (UTC). Raises Refusal for what is none."""
    asked = request.args.get("on")
    if asked is None:
        return datetime.now(UTC).date()
    try:
        return date.fromisoformat(asked)
    except ValueError:
        raise Refusal(400, "Malformed", f"“{asked}” is no day. Write it as 2016-01-31.") from None


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


def _translations() -> Any:
    """The catalogue of the reader's language, looked up once a request."""
    if "translations" not in g:
        g.translations = get_domain().get_translations()
    return g.translations


def _shared() -> dict[str, Any]:
    return {
        "language": language(),
        "chosen_language": chosen_language(),
        "direction": direction(language()),
        "interface_tags": LANGUAGES,
        "interface_languages": [(tag, NAMES[tag]) for tag in LANGUAGES],
        "generation": _generation(),
    }


def _further() -> list[tuple[str, str]]:
    """What else the top of each page leads to, where it is there."""
    return [("/queries", gettext("Questions"))]


def _there(path: str) -> bool:
    return bool(current_app.url_map.bind("").test(path))


def other_section() -> Label:
    """The heading of what no shape describes."""
    return Label(gettext("Further facts"), language(), fallback=False)


def _generation() -> int | None:
    """The generation that a page shows; the newest for what shows none, such as a form or a refusal."""
    if "generation" not in g:
        try:
            g.generation = here().service.pages.generation()
        except Unavailable:
            g.generation = None
    return g.generation if g.generation is None else int(g.generation)
