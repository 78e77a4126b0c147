"""Links of this site, which carry the language that a reader has chosen."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import g, request

from escrgraph.vocabulary.languages import LANGUAGES


def chosen_language() -> str | None:
    """The language of the interface that the reader chose in the address; None where it follows their browser."""
    if "chosen_language" not in g:
        asked = request.args.get("lang")
        g.chosen_language = asked if asked in LANGUAGES else None
    return None if g.chosen_language is None else str(g.chosen_language)


def link(path: str) -> str:
    """A path of this site that keeps the language a reader has chosen."""
    chosen = chosen_language()
    if chosen is None:
        return path
    parts = urlsplit(path)
    query = f"{parts.query}&lang={chosen}" if parts.query else f"lang={chosen}"
    return parts._replace(query=query).geturl()
