"""Values and labels as HTML, with their language and direction: written here, since pages hold hundreds of them."""

from __future__ import annotations

from flask_babel import gettext
from markupsafe import Markup, escape

from escrgraph.vocabulary.labels import Label
from escrgraph.web.entity import Value
from escrgraph.web.links import link

# Each text is escaped where it is put into the markup; the pieces around it are our own.


def name(value: Value | Label) -> Markup:
    """The text alone: a date or number with what a program reads of it, any other in its language and direction."""
    return Markup(_name(value))  # noqa: S704 - made of escaped pieces


def text(value: Value | Label) -> Markup:
    """The text, and the tag of its language where that is not the reader's."""
    return Markup(_name(value) + _tag(value))  # noqa: S704 - made of escaped pieces


def show(value: Value) -> Markup:
    """The text, leading to where the value leads."""
    if not value.href:
        return text(value)
    outside = ' rel="external noopener"' if value.external else ""
    href = value.href if value.external else link(value.href)
    return Markup(f'<a href="{escape(href)}"{outside}>{_name(value)}</a>{_tag(value)}')  # noqa: S704 - as above


def tag(value: Value | Label) -> Markup:
    """The tag of the language of a text, where that is not the reader's."""
    return Markup(_tag(value))  # noqa: S704 - made of escaped pieces


def _name(value: Value | Label) -> str:
    if isinstance(value, Value) and value.datum is not None:
        element, attribute = ("time", "datetime") if value.timed else ("data", "value")
        return f'<{element} {attribute}="{escape(value.datum)}"><bdi>{escape(value.text)}</bdi></{element}>'
    language = f' lang="{escape(value.language)}"' if value.language else ""
    direction = f' dir="{value.direction}"' if value.direction else ""
    return f"<bdi{language}{direction}>{escape(value.text)}</bdi>"


def _tag(value: Value | Label) -> str:
    if not value.fallback or not value.language:
        return ""
    told = gettext("This text is in another language")
    return f' <span class="tag" title="{escape(told)}">{escape(value.language)}</span>'
