"""Notices as an Atom feed (RFC 4287)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from xml.etree import ElementTree

from escrgraph.curation import words
from escrgraph.curation.notices import Notice

ATOM = "http://www.w3.org/2005/Atom"
_XML = "{http://www.w3.org/XML/1998/namespace}lang"
_BAD = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF])


def feed(notices: Sequence[Notice], language: str, site: str, path: str) -> bytes:
    """The feed of what somebody was told, newest first. site: ends with a slash; path: of the feed below it."""
    root = ElementTree.Element("feed", {"xmlns": ATOM, _XML: language})
    newest = max((notice.made for notice in notices), default=datetime(1970, 1, 1, tzinfo=UTC))
    _add(root, "id", site + path)
    _add(root, "title", "escrgraph")
    _add(root, "updated", _moment(newest))
    ElementTree.SubElement(root, "link", {"rel": "self", "href": site + path})
    _add(ElementTree.SubElement(root, "author"), "name", "escrgraph")
    for notice in notices:
        entry = ElementTree.SubElement(root, "entry")
        address = site + words.path(notice.submission, notice.party)
        _add(entry, "id", f"{address}#{notice.id}")
        _add(entry, "title", words.headline(language, notice.step, notice.title).translate(_BAD))
        _add(entry, "updated", _moment(notice.made))
        ElementTree.SubElement(entry, "link", {"rel": "alternate", "href": address})
    return bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True))


def _add(parent: ElementTree.Element, name: str, text: str) -> None:
    ElementTree.SubElement(parent, name).text = text


def _moment(time: datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")
