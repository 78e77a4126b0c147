"""Feeds and the sitemap: valid, whole by their links, in the reader's language, and known again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import feedparser
import pytest
from lxml import etree
from pyoxigraph import Literal, NamedNode, Quad
from tests.harvesting.clients import BASE, by_feed, by_sitemap, get, settle
from tests.repository.worlds import TITLE, TYPE, change, node
from tests.running import Running, serving
from tests.web.sites import Site

from escrgraph.repository.writing import Writer

ATOM = "{http://www.w3.org/2005/Atom}"
UPDATE = NamedNode(BASE + "graph/update")


def test_paging_finds_every_record(given: Running, records: dict[str, list[str]]) -> None:
    everything = {f"{BASE}id/{name}" for names in records.values() for name in names}
    assert by_feed(given.url).there == everything
    assert by_sitemap(given.url).there == everything
    assert by_feed(given.url, "finding").there == {f"{BASE}id/{name}" for name in records["finding"]}


@pytest.mark.parametrize(
    "path", ["all", "resource", "right/food", "country/gtm", "method/opera", "language/es", "open-calls"]
)
@pytest.mark.parametrize("language", ["en", "ar"])
def test_feeds_are_valid_and_in_the_readers_language(site: Site, path: str, language: str) -> None:
    answer = site.get(f"/feeds/{path}.atom?lang={language}")
    assert (answer.status_code, answer.mimetype) == (200, "application/atom+xml")
    parsed = feedparser.parse(answer.data)
    assert not parsed.bozo
    assert (parsed.version, parsed.feed.language) == ("atom10", language)
    root = etree.fromstring(answer.data)
    for element in (root, *root.iterfind(f"{ATOM}entry")):  # RFC 4287, sections 4.1.1 and 4.1.2
        for name in ("id", "title", "updated"):
            assert len(element.findall(f"{ATOM}{name}")) == 1
    assert len(root.findall(f"{ATOM}author")) == 1
    assert [link.get("rel") for link in root.findall(f"{ATOM}link")].count("self") == 1
    identifiers = [str(entry.findtext(f"{ATOM}id")) for entry in root.iterfind(f"{ATOM}entry")]
    assert len(set(identifiers)) == len(identifiers)
    times = [str(entry.findtext(f"{ATOM}updated")) for entry in root.iterfind(f"{ATOM}entry")]
    assert times == sorted(times, reverse=True)
    assert all(f"lang={language}" in link.href for link in parsed.feed.links if link.rel in {"self", "next"})


@pytest.mark.parametrize(
    "path", ["right/none", "nonsense/food", "nonsense", "right/Food", "language/zz", "country/x--y"]
)
def test_other_feeds_are_not_there(site: Site, path: str) -> None:
    assert site.get(f"/feeds/{path}.atom").status_code == 404


@pytest.mark.parametrize("before", ["x", "-1", "1e3", "9" * 30, "٣"])
def test_a_wrong_place_is_refused(site: Site, before: str) -> None:
    assert site.get(f"/feeds/all.atom?before={before}").status_code == 400


@pytest.mark.parametrize(
    "path", ["/feeds/all.atom", "/feeds/right/food.atom", "/sitemap.xml", "/sitemap/1.xml", "/robots.txt"]
)
def test_who_has_it_gets_304(site: Site, path: str) -> None:
    first = site.get(path)
    assert first.status_code == 200
    again = site.get(path, if_none_match=first.headers["ETag"])
    assert (again.status_code, again.data) == (304, b"")
    assert site.client.head(path).headers["ETag"] == first.headers["ETag"]


@pytest.mark.parametrize("path", ["/feeds/all.atom", "/sitemap.xml", "/robots.txt", "/ldes"])
def test_a_host_that_a_client_invents_is_not_repeated(site: Site, path: str) -> None:
    assert "evil.example" not in site.get(path, host="evil.example").text


def test_calls_leave_their_feed_when_they_close(tmp_path: Path) -> None:
    today = datetime.now(UTC).date()
    with serving(tmp_path / "store", "--empty") as running:
        writer = Writer(Path((tmp_path / "store" / "runtime").read_text(encoding="utf-8").strip()))
        quads = []
        for name, days in (("open", 2), ("closed", -2)):
            deadline = (today + timedelta(days=days)).isoformat()
            thing = node(f"update/{name}")
            quads += [
                Quad(thing, TYPE, NamedNode("https://w3id.org/escrgraph/def/Opportunity"), UPDATE),
                Quad(thing, TITLE, Literal(name, language="en"), UPDATE),
                Quad(
                    thing,
                    NamedNode("https://schema.org/validThrough"),
                    Literal(deadline, datatype=NamedNode("http://www.w3.org/2001/XMLSchema#date")),
                    UPDATE,
                ),
            ]
        writer.commit(change(quads))
        settle(running)
        assert by_feed(running.url, "open-calls").there == {f"{BASE}id/update/open"}
        assert len(by_feed(running.url, "update").there) == 2


def test_the_sitemap_names_every_language(site: Site) -> None:
    part = etree.fromstring(site.get("/sitemap/1.xml").data)
    links = part.find("{*}url").findall("{http://www.w3.org/1999/xhtml}link")  # type: ignore[union-attr]
    assert [link.get("hreflang") for link in links] == ["en", "es", "fr", "ar"]
    for number in (0, 2, 50_001, 10**20):
        assert site.get(f"/sitemap/{number}.xml").status_code == 404


def test_robots_are_led_to_the_sitemap(given: Running) -> None:
    lines = get(f"{given.url}robots.txt").text.splitlines()
    assert f"Sitemap: {given.url}sitemap.xml" in lines
