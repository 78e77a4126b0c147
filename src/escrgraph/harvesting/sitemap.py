"""Addresses for search engines: the pages of all records, with their languages (sitemaps.org, hreflang)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from lxml import etree

from escrgraph.harvesting.register import View
from escrgraph.harvesting.xml import add, document
from escrgraph.vocabulary.languages import LANGUAGES

SITEMAPS, XHTML = "http://www.sitemaps.org/schemas/sitemap/0.9", "http://www.w3.org/1999/xhtml"
PART = 10_000
"""Records in one file; four languages each keep it below the 50 MB that the protocol allows."""

PARTS = 50_000
"""Parts that an index may list (sitemaps.org)."""

ROBOTS = """User-agent: *
Disallow: /sparql
Disallow: /update
Disallow: /store
Disallow: /api/
Disallow: /oai
Disallow: /ldes

Sitemap: {site}sitemap.xml
"""


class NoSuchPart(LookupError):
    """There is no part of that number."""


def index(site: str, view: View) -> bytes:
    """The index: one file for the pages that lead to records, one for each part of the records."""
    root = etree.Element(f"{{{SITEMAPS}}}sitemapindex", nsmap={None: SITEMAPS})  # type: ignore[dict-item]
    add(add(root, "sitemap"), "loc", f"{site}sitemap/pages.xml")
    for number, changed in view.slots(PART):
        entry = add(root, "sitemap")
        add(entry, "loc", f"{site}sitemap/{number}.xml")
        add(entry, "lastmod", _time(changed))
    return document(root)


def part(site: str, view: View, number: int) -> bytes:
    """The records of one part, from 1. Raises NoSuchPart."""
    records = view.living(PART, (number - 1) * PART) if 0 < number <= PARTS else []
    if not records:
        raise NoSuchPart(f"There is no part {number} of the sitemap. Begin at {site}sitemap.xml.")
    return _written((f"{site}doc/{record}", changed) for record, changed in records)


def pages(site: str, paths: Sequence[str]) -> bytes:
    """The pages that lead to records."""
    return _written((site + path.lstrip("/"), None) for path in paths)


def _written(addresses: Iterable[tuple[str, datetime | None]]) -> bytes:
    root = etree.Element(f"{{{SITEMAPS}}}urlset", nsmap={None: SITEMAPS, "xhtml": XHTML})  # type: ignore[dict-item]
    for address, changed in addresses:
        entry = add(root, "url")
        add(entry, "loc", address)
        if changed is not None:
            add(entry, "lastmod", _time(changed))
        for language in LANGUAGES:
            add(entry, f"{{{XHTML}}}link", rel="alternate", hreflang=language, href=f"{address}?lang={language}")
    return document(root)


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
