"""Every page there is: in four languages, in one form, within bounds, without anything from elsewhere."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise

import pytest
from html5rdf import HTMLParser
from lxml import html
from pyoxigraph import Literal, Store
from tests.web.sites import Site, texts

from escrgraph.repository.readers import Readers
from escrgraph.vocabulary.kinds import shipped_kinds
from escrgraph.vocabulary.languages import LANGUAGES, direction
from escrgraph.web import once
from escrgraph.web.incoming import further

SENT = 50_000
RAW_NAME = re.compile(r"https?://|^[a-z]+:[A-Za-z]|[a-z][A-Z]|^\W*$|_")
KINDS = tuple(shipped_kinds().by_type)
PAGES = {
    "home": ("/", 5),
    "map": ("/map", 1),
    "timeline": ("/timeline?of=discussion", 1),
    "updates": ("/updates?on=2013-11-30", 3),
    "updates of a kind": ("/updates?kind=news&before=2015-01-01&after=", 3),
    "discussions": ("/discussions", 2),
    "methods": ("/methods", 4),
    "methods that fit": ("/methods?right=right/health&country=country/mex&obligation=obligation/minimum-core", 4),
    "methods by right": ("/coverage", 3),
    "countries by right": ("/coverage?rows=country&of=resource", 3),
    "tree": ("/tree/method", 1),
    "index": ("/index/country", 1),
    "mappings": ("/mappings?type=country", 2),
    "translations": ("/translations", 1),
    "untranslated": ("/translations/ar/method/label", 1),
    "browse": ("/browse/resource", 2),
    "search": ("/search?q=health&country=mex", 2),
    "facet opened": ("/browse/finding?open=organization&page=2", 2),
    "nothing found": ("/search?q=qqqqqq&right=food", 2),
    "entity": ("/doc/right/food", 5),
    "finding": ("/doc/finding/arg-disability-pension-residence", 4),
    "country": ("/doc/country/gtm", 5),
    "method": ("/doc/method/budget-analysis", 5),
    "organization": ("/doc/organization/cesr", 4),
    "resource": ("/doc/resource/achpr-principles-guidelines-escr", 4),
    "discussion": ("/doc/discussion/board-2014", 4),
    "update": ("/doc/update/annual-report-2015", 4),
    "largest": ("/doc/scheme/country", 4),
    "incoming": ("/doc/right/food/in/resource?property=http://purl.org/dc/terms/subject", 3),
    "vocabulary": ("/def/", 0),
    "term": ("/def/Finding.html", 1),
    "shapes": ("/shapes/", 0),
    "endpoint": ("/sparql", 0),
}


@pytest.fixture(scope="module")
def chosen(site: Site, whole: Store, records: dict[str, list[str]]) -> dict[str, list[str]]:
    """Of each type the first record, the one with most facts, and the one that most things name."""
    facts: dict[str, int] = {}
    named: dict[str, int] = {}
    for quad in whole:
        for counted, node in ((facts, quad.subject), (named, quad.object)):
            if record := site.service.base.record_of(getattr(node, "value", "")):
                counted[record] = counted.get(record, 0) + 1
    return {
        type_: [found[0], max(found, key=lambda r: facts.get(r, 0)), max(found, key=lambda r: named.get(r, 0))]
        for type_, found in records.items()
    }


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("type_", KINDS)
def test_every_type_has_pages_in_every_language(
    site: Site, chosen: dict[str, list[str]], type_: str, language: str
) -> None:
    for record in chosen[type_]:
        page = site.page(f"/doc/{record}", language)
        well_made(page, language)
        labels = (
            page.xpath("//dt/bdi")
            + page.xpath("//h2/bdi")
            + page.xpath("//h3/bdi")
            + page.xpath("//p[@class='kind']//bdi")
        )
        assert labels
        for found in labels:
            assert found.get("lang") == language, (record, found.text)
            assert not RAW_NAME.search(found.text), (record, found.text)
        assert "/def/" not in page.xpath("//main")[0].text_content()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", PAGES)
def test_every_page_is_well_made(site: Site, name: str, language: str) -> None:
    well_made(site.page(PAGES[name][0], language), language)


@pytest.mark.parametrize("path", ["/doc/right/none", "/nowhere", "/sparql?query=SELEC", "/browse/nothing", "/def/None"])
def test_a_problem_is_a_page_too(site: Site, path: str) -> None:
    answer = site.get(path, "text/html", accept_language="ar")
    assert answer.status_code in {400, 404}
    well_made(html.document_fromstring(answer.text), "ar")


@pytest.mark.parametrize(
    ("language", "heading"),
    [("en", "Not found"), ("es", "No se encuentra"), ("fr", "Introuvable"), ("ar", "غير موجود")],
)
def test_a_problem_says_what_to_do_in_the_readers_language(site: Site, language: str, heading: str) -> None:
    page = html.document_fromstring(site.get("/doc/right/none", "text/html", accept_language=language).text)
    assert texts(page, "//h1") == [heading]
    assert texts(page, "//*[@role='alert']/p[@lang='en']") == [
        "There is no record right/none here, and there never was. See /browse/right."
    ]
    assert {"/", "/search"} <= set(page.xpath("//main//a/@href"))


def well_made(page: html.HtmlElement, language: str) -> None:
    root = page.getroottree().getroot()
    assert (root.get("lang"), root.get("dir")) == (language, direction(language))
    assert len(page.xpath("//h1")) == 1
    assert texts(page, "//h1")[0]
    assert texts(page, "//title")[0].endswith("escrgraph")
    assert page.xpath("//body/*")[0].get("href") == "#content"
    assert page.xpath("//main[@id='content']")
    assert page.xpath("//meta[@name='viewport']")
    levels = [int(heading.tag[1]) for heading in page.xpath("//h1|//h2|//h3|//h4")]
    assert all(after <= before + 1 for before, after in pairwise(levels))
    names = page.xpath("//@id")
    assert len(set(names)) == len(names)
    assert all(page.xpath("//*[@id=$name]", name=name) for name in page.xpath("//@aria-labelledby"))
    assert not page.xpath("//script[not(@src or @type='application/ld+json')]|//style|//@style")
    assert not page.xpath("//@*[starts-with(name(), 'on')]|//form[not(@action)]")
    fetched = page.xpath("//link[@rel='stylesheet']/@href|//img/@src|//@srcset|//iframe/@src|//form/@action")
    assert all(address.startswith("/") and not address.startswith("//") for address in fetched)
    for node in page.xpath("//*[@lang]"):
        if node.get("dir"):
            assert node.get("dir") == direction(node.get("lang"))


@pytest.mark.parametrize("name", PAGES)
def test_the_html_is_valid(site: Site, name: str) -> None:
    parser = HTMLParser(strict=False)
    parser.parse(site.get(PAGES[name][0], "text/html").text)
    assert not parser.errors


@pytest.mark.parametrize("name", PAGES)
def test_pages_leave_nothing_with_the_reader(site: Site, name: str) -> None:
    answer = site.get(PAGES[name][0], "text/html")
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'self'")
    assert answer.headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("name", [name for name in PAGES if name != "endpoint"])
def test_a_page_may_be_kept_in_each_language(site: Site, name: str) -> None:
    path = PAGES[name][0]
    tags = {}
    for language in LANGUAGES:
        answer = site.get(path, "text/html", accept_language=language)
        tags[language] = answer.headers["ETag"]
        assert answer.headers["Content-Language"] == language
        assert answer.headers["Cache-Control"] == "no-cache"
        assert {"Accept", "Accept-Language"} <= set(answer.headers["Vary"].split(", "))
        assert site.get(path, "text/html", accept_language=language, if_none_match=tags[language]).status_code == 304
    assert len(set(tags.values())) == len(LANGUAGES)


def test_what_the_endpoint_shows_depends_on_the_language(site: Site) -> None:
    for path in ("/sparql", "/sparql?query=ASK%7B%7D", "/sparql?query=SELECT%20*%7B%7D"):
        answer = site.get(path, "text/html", accept_language="fr")
        assert answer.headers["Content-Language"] == "fr"
        assert "Accept-Language" in answer.headers["Vary"]
        assert '<html lang="fr"' in answer.text
    data = site.get("/sparql?query=ASK%7B%7D", "application/json", accept_language="fr")
    assert "Accept-Language" not in data.headers["Vary"]


# Bounds


@contextmanager
def counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """The number of queries of each request that goes to the readers."""
    sent: list[int] = []
    through = Readers._open

    def opened(self: Readers, request: dict[str, list[object]], *rest: object) -> object:
        sent.append(len(request["queries"]))
        return through(self, request, *rest)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(Readers, "_open", opened)
        yield sent


@pytest.mark.parametrize("name", PAGES)
def test_a_page_asks_once_and_a_fixed_number_of_queries(site: Site, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    path, queries = PAGES[name]
    site.client.application.extensions.pop(once.NAME, None)  # what an earlier test had it ask
    with counted(monkeypatch) as sent:
        tag = site.get(path, "text/html").headers.get("ETag", "")
        assert sent == ([queries] if queries else [])
        sent.clear()
        if tag:
            assert site.get(path, "text/html", if_none_match=tag).status_code == 304
            assert not sent


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", PAGES)
def test_every_page_is_small(site: Site, name: str, language: str) -> None:
    answer = site.get(PAGES[name][0], "text/html", accept_language=language)
    assert len(gzip.compress(answer.data, 4)) < SENT


@pytest.mark.parametrize("step", [4, pytest.param(1, marks=pytest.mark.drill)])
def test_every_record_has_a_page_that_is_small_and_hides_nothing(
    site: Site, whole: Store, records: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    said = literals(site, whole)
    expected = [5 if further(shipped_kinds().by_type[type_]) else 4 for type_ in KINDS for _ in records[type_][::step]]
    with counted(monkeypatch) as sent:
        for record in (record for type_ in KINDS for record in records[type_][::step]):
            answer = site.get(f"/doc/{record}", "text/html")
            assert answer.status_code == 200, record
            assert len(gzip.compress(answer.data, 4)) < SENT, record
            page = html.document_fromstring(answer.get_data(as_text=True))
            assert len(page.xpath("//h1")) == 1
            main = page.xpath("//main")[0]
            data = main.xpath(".//time/@datetime | .//data/@value")
            shown = " ".join([*main.text_content().split(), *data])
            assert not [text for text in said.get(record, ()) if text not in shown], record
            targets = [a.partition("#")[2] for a in page.xpath(f"//a[starts-with(@href, '/doc/{record}#')]/@href")]
            assert all(page.xpath("//*[@id=$name]", name=name) for name in targets), record
    assert sent == expected


def literals(site: Site, whole: Store) -> dict[str, set[str]]:
    """The texts of each record and its parts that a reader of English is to see."""
    found: dict[str, set[str]] = {}
    for quad in whole:
        record = site.service.base.record_of(getattr(quad.subject, "value", ""))
        if record and isinstance(quad.object, Literal) and quad.object.language in {None, "en"}:
            found.setdefault(record, set()).add(" ".join(quad.object.value.split()))
    return found


@pytest.mark.parametrize(
    ("accepted", "coding", "beginning"),
    [
        ("gzip, deflate, br, zstd", "zstd", b"\x28\xb5\x2f\xfd"),
        ("gzip, zstd;q=0.5", "gzip", b"\x1f\x8b"),
        ("gzip", "gzip", b"\x1f\x8b"),
        ("identity", None, b"<!doctype html>"),
    ],
)
def test_a_page_is_packed_as_the_client_can_take_it(
    site: Site, accepted: str, coding: str | None, beginning: bytes
) -> None:
    answer = site.get("/", "text/html", accept_encoding=accepted)
    assert answer.headers.get("Content-Encoding") == coding
    assert answer.data[:20].lower().startswith(beginning)
    assert "Accept-Encoding" in answer.headers["Vary"]
