"""Facts, values and labels as HTML, with language and direction: written here, since pages hold hundreds of them."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext as _
from markupsafe import Markup, escape

from escrgraph.vocabulary.labels import Label
from escrgraph.web.entity import Row, Value
from escrgraph.web.links import link

# Each text is escaped where it is put into the markup; the pieces around it are our own.


def name(value: Value | Label) -> Markup:
    """The text alone: a date or number with what a program reads of it, any other in its language and direction."""
    return Markup(_name(value))  # noqa: S704 - made of escaped pieces


def text(value: Value | Label) -> Markup:
    """The text, and the tag of its language where that is not the reader's."""
    return Markup(_text(value))  # noqa: S704 - made of escaped pieces


def tag(value: Value | Label) -> Markup:
    """The tag of the language of a text, where that is not the reader's."""
    return Markup(_tag(value))  # noqa: S704 - made of escaped pieces


def show(value: Value) -> Markup:
    """The text, leading to where the value leads."""
    return Markup(_show(value))  # noqa: S704 - made of escaped pieces


def facts(rows: Sequence[Row], whole: bool = False) -> Markup:
    """The fields of a record or of a part of it, without those that are told elsewhere on the page.

    whole: what the library worked out stands among the others, and is not folded away.
    """
    return Markup(_facts(rows, whole))  # noqa: S704 - made of escaped pieces


def _facts(rows: Sequence[Row], whole: bool) -> str:
    said = [row for row in rows if not row.told]
    written = _list([row for row in said if whole or not row.derived])
    if derived := _list([row for row in said if row.derived and not whole]):
        heading = escape(_("Worked out by the library"))
        written += f'<details class="derived"><summary>{heading}</summary>{derived}</details>'
    return written


def _list(rows: Sequence[Row]) -> str:
    return f'<dl class="facts">\n{"".join(map(_fact, rows))}</dl>' if rows else ""


def _fact(row: Row) -> str:
    ours = ""
    if row.editorial:
        title, told = escape(_("The library’s own words, not those of a source")), escape(_("our words"))
        ours = f' <span class="tag" title="{title}">{told}</span>'
    parts = "".join(
        f'<div class="nested" id="{escape(part.anchor)}">{_facts(part.rows, whole=False)}</div>' for part in row.parts
    )
    shown = [_show(value) for value in row.values]
    values = "".join(shown) if len(shown) < 2 else f"<ul>{''.join(f'<li>{each}</li>' for each in shown)}</ul>"
    return f"<dt>{_text(row.label)}{ours}</dt>\n<dd>{parts}{values}</dd>\n"


def _show(value: Value) -> str:
    if not value.href:
        return _text(value)
    outside = ' rel="external noopener"' if value.external else ""
    href = value.href if value.external else link(value.href)
    return f'<a href="{escape(href)}"{outside}>{_name(value)}</a>{_tag(value)}'


def _text(value: Value | Label) -> str:
    return _name(value) + _tag(value)


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
    told = escape(_("This text is in another language"))
    return f' <span class="tag" title="{told}">{escape(value.language)}</span>'
