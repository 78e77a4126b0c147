"""Notices as an Atom feed (RFC 4287)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from lxml import etree

from escrgraph.curation import words
from escrgraph.curation.notices import Notice
from escrgraph.harvesting.feed import ATOM
from escrgraph.harvesting.xml import LANGUAGE, add, document

__all__ = ["ATOM", "feed"]


def feed(notices: Sequence[Notice], language: str, site: str, path: str) -> bytes:
    """The feed of what somebody was told, newest first. site: ends with a slash; path: of the feed below it."""
    root = etree.Element(f"{{{ATOM}}}feed", nsmap={None: ATOM})  # type: ignore[dict-item]
    root.set(LANGUAGE, language)
    newest = max((notice.made for notice in notices), default=datetime(1970, 1, 1, tzinfo=UTC))
    add(root, "id", site + path)
    add(root, "title", "escrgraph")
    add(root, "updated", _moment(newest))
    add(root, "link", rel="self", href=site + path)
    add(add(root, "author"), "name", "escrgraph")
    for notice in notices:
        entry = add(root, "entry")
        address = site + words.path(notice.submission, notice.party)
        add(entry, "id", f"{address}#{notice.id}")
        add(entry, "title", words.headline(language, notice.step, notice.title))
        add(entry, "updated", _moment(notice.made))
        add(entry, "link", rel="alternate", href=address)
    return document(root)


def _moment(time: datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")
