"""Values and labels as HTML, with their language and direction: written here, since pages hold hundreds of them."""

from __future__ import annotations

from flask_babel import gettext
from markupsafe import Markup

from escrgraph.vocabulary.labels import Label
from escrgraph.web.entity import Value
from escrgraph.web.links import link

# What is added to Markup is escaped, unless it is Markup itself.
_TIME, _DATA, _DATUM, _END_TIME, _END_DATA = map(
    Markup, ('<time datetime="', '<data value="', '"><bdi>', "</bdi></time>", "</bdi></data>")
)
_LANG, _LANG_DIR, _DIR, _PLAIN, _OPENED, _END = map(
    Markup, ('<bdi lang="', '" dir="', '<bdi dir="', "<bdi>", '">', "</bdi>")
)
_TAG, _END_TAG = Markup(' <span class="tag" title="'), Markup("</span>")
_LINK, _OUTSIDE, _END_LINK = Markup('<a href="'), Markup('" rel="external noopener">'), Markup("</a>")


def name(value: Value | Label) -> Markup:
    """The text alone: a date or number with what a program reads of it, any other in its language and direction."""
    if isinstance(value, Value) and value.datum is not None:
        start, end = (_TIME, _END_TIME) if value.timed else (_DATA, _END_DATA)
        return start + value.datum + _DATUM + value.text + end
    if value.language:
        return _LANG + value.language + _LANG_DIR + (value.direction or "") + _OPENED + value.text + _END
    if value.direction:
        return _DIR + value.direction + _OPENED + value.text + _END
    return _PLAIN + value.text + _END


def text(value: Value | Label) -> Markup:
    """The text, and the tag of its language where that is not the reader's."""
    return name(value) + tag(value)


def show(value: Value) -> Markup:
    """The text, leading to where the value leads."""
    if not value.href:
        return text(value)
    start = _LINK + value.href + _OUTSIDE if value.external else _LINK + link(value.href) + _OPENED
    return start + name(value) + _END_LINK + tag(value)


def tag(value: Value | Label) -> Markup:
    """The tag of the language of a text, where that is not the reader's."""
    if value.fallback and value.language:
        told = str(gettext("This text is in another language"))
        return _TAG + told + _OPENED + value.language + _END_TAG
    return Markup()
