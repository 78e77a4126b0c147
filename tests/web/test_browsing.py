"""The front page, and the lists of records by type where nothing is indexed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from tests.web.sites import BASE, Site, before, texts

from escrgraph.search.searcher import Searcher
from escrgraph.vocabulary.kinds import shipped_kinds
from escrgraph.vocabulary.languages import LANGUAGES

TYPES = tuple(shipped_kinds().by_type)


def test_the_front_page_counts_what_there_is(site: Site, records: dict[str, list[str]]) -> None:
    page = site.page("/")
    counts = {
        href.rpartition("/")[2]: int(count)
        for href, count in zip(page.xpath("//ul[@class='cards']//a/@href"), texts(page, "//strong/bdi[2]"), strict=True)
        for count in [count.strip("()")]
    }
    assert counts == {type_: len(records[type_]) for type_ in TYPES}
    for type_, count in counts.items():
        asked = site.rows(f"SELECT (COUNT(*) AS ?n) {{ ?x a <{shipped_kinds().by_type[type_].target_class}> }}")
        assert asked == [[str(count)]]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_front_page_speaks_the_readers_language(site: Site, language: str) -> None:
    page = site.page("/", language)
    for text in page.xpath("//ul[@class='cards']//bdi[@lang]"):
        assert text.get("lang") == language
    assert len(page.xpath("//nav[@class='languages']/a")) == len(LANGUAGES)
    assert page.xpath("//nav[@class='languages']/a[@aria-current]/@lang") == [language]


@pytest.fixture
def unindexed(site: Site) -> Iterator[Site]:
    """The library without a search index, as a store in own mode is."""
    service = site.service
    with before(replace(service, search=Searcher(None, service.kinds, service.base))) as found:
        yield found


@pytest.mark.parametrize("type_", ["resource", "right", "country"])
def test_without_an_index_the_plain_lists_leave_nothing_out(
    unindexed: Site, records: dict[str, list[str]], type_: str
) -> None:
    found: list[str] = []
    path = f"/browse/{type_}"
    while path:
        page = unindexed.page(path)
        assert any(str(len(records[type_])) in text for text in texts(page, "//main/p"))
        found += [href.removeprefix("/doc/") for href in page.xpath("//main//li/a/@href")]
        assert len(page.xpath("//main//li")) <= 50
        path = next(iter(page.xpath("//a[@rel='next']/@href")), "")
        assert page.xpath("//head/link[@rel='next']/@href") == ([path] if path else [])
    assert found == records[type_]


def test_without_an_index_each_record_is_listed_by_its_name(unindexed: Site) -> None:
    names = texts(unindexed.page("/browse/right", "fr"), "//main//li")
    assert "Droit à une nourriture suffisante" in names
    assert not [name for name in names if not name or "/" in name]


@pytest.mark.parametrize("after", ["zzz", BASE + "id/right/zzz", "%00", "%22%7D%20DROP", "&after=" + BASE])
def test_without_an_index_any_place_to_begin_is_answered(unindexed: Site, after: str) -> None:
    assert unindexed.get(f"/browse/right?after={after}", "text/html").status_code == 200


@pytest.mark.parametrize(
    "path", ["/search?q=x", "/browse/right.csv", "/browse/right.json", "/api/reconcile/suggest/entity?prefix=x"]
)
def test_without_an_index_what_needs_one_says_so(unindexed: Site, path: str) -> None:
    answer = unindexed.get(path, "application/json")
    assert answer.status_code == 403
    assert "ESCRGRAPH_DEFAULT_GRAPH=own" in answer.text


@pytest.mark.parametrize("accept", ["text/html", "application/json", "text/plain"])
def test_an_unknown_type_names_those_there_are(site: Site, accept: str) -> None:
    answer = site.get("/browse/nonsense", accept)
    assert answer.status_code == 404
    assert "resource" in answer.text


@pytest.mark.parametrize("lang", ["xx", "", "fr'><script>", "FR"])
def test_an_unknown_language_is_passed_over(site: Site, lang: str) -> None:
    answer = site.client.get("/browse/right", query_string={"lang": lang}, headers={"Accept-Language": "es"})
    assert answer.status_code == 200
    assert answer.headers["Content-Language"] == ("fr" if lang == "FR" else "es")
    assert "<script" not in answer.text
