"""Lists: what they find and count, against what SPARQL finds and counts, and against a plain walk over all triples."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from pyoxigraph import NamedNode, Store
from tests.web.sites import BASE, Site, before, texts
from tests.web.test_pages import SENT

from escrgraph.repository.errors import Interrupted
from escrgraph.search.asking import Found, Selection
from escrgraph.search.facets import TYPE
from escrgraph.search.indexing import Indexer
from escrgraph.search.searcher import Searcher
from escrgraph.vocabulary import shipped
from escrgraph.vocabulary.kinds import kinds_of, shipped_kinds
from escrgraph.vocabulary.languages import LANGUAGES
from escrgraph.vocabulary.namespaces import DCTERMS, SKOS
from escrgraph.web.list_view import MOST

TYPES = tuple(shipped_kinds().by_type)
LISTS = [
    "/search",
    "/browse/resource",
    "/browse/finding",
    "/browse/country?region=africa",
    "/browse/organization?country=mex",
    "/search?country=mex&right=health",
    "/search?region=latin-america-and-the-caribbean&type=finding&type=resource",
    "/search?year=2012",
    "/search?year=file:///etc/passwd",
    "/browse/update?year=2020&order=title",
    "/browse/resource?method=budget-analysis&right=health&year=2009",
    "/browse/finding?standing=adjudicated&obligation=protect",
    "/browse/method?method=budget-analysis",
    "/search?language=http://publications.europa.eu/resource/authority/language/SPA",
    "/browse/right?country=mex",
    "/search?q=budget&country=mex",
    "/browse/resource?q=health&method=budget-analysis",
    "/search?q=%22alimentacion%22&type=right&type=finding",
]
WORDS = ["budget", "alimentación", "health mexico", "الصحة", "logement"]


def told(site: Site, path: str) -> dict[str, Any]:
    answer = site.get(path, "application/json")
    assert (answer.status_code, answer.mimetype) == (200, "application/json"), answer.text
    return dict(json.loads(answer.data))


def facets(site: Site, path: str) -> list[dict[str, Any]]:
    """The facets of a list, each with all its terms."""

    def whole(facet: dict[str, Any]) -> dict[str, Any]:
        if not facet["left"]:
            return facet
        opened = told(site, facet["all"])["facets"]
        return next(found for found in opened if found["name"] == facet["name"])

    return [whole(facet) for facet in told(site, path)["facets"]]


def query_in(link: str) -> str:
    return parse_qs(urlsplit(link).query)["query"][0]


def all_records(site: Site, path: str) -> list[str]:
    """The records of a list, page by page."""
    found: list[str] = []
    next_: str | None = path + ("&" if "?" in path else "?") + "size=200"
    while next_:
        page = told(site, next_)
        found += [record["iri"] for record in page["records"]]
        next_ = page["next"]
    return found


def with_words(path: str, words: str) -> str:
    return path + ("&" if "?" in path else "?") + "q=" + quote(words)


# What is found and counted


@pytest.mark.parametrize("path", LISTS)
def test_the_query_of_a_list_finds_its_records(site: Site, path: str) -> None:
    page = told(site, path)
    rows = site.rows(query_in(page["sparql"]))
    records = all_records(site, path)
    assert sorted(row[0].strip("<>") for row in rows) == sorted(records)
    assert page["total"] == len(records) == len(set(records))


@pytest.mark.parametrize("path", LISTS)
def test_the_query_of_each_facet_counts_as_it_does(site: Site, path: str) -> None:
    types = {kind.target_class: type_ for type_, kind in shipped_kinds().by_type.items()}
    for facet in facets(site, path):
        rows = site.rows(query_in(facet["sparql"]))
        counted = {row[0].strip('<>"').partition("@")[0]: int(row[1]) for row in rows}
        if facet["name"] == TYPE:
            counted = {types[class_]: count for class_, count in counted.items()}
        shown = {term["term"]: term["count"] for term in facet["terms"]}
        assert {key.lstrip("0"): value for key, value in shown.items()} == counted, (facet["name"], facet["sparql"])


def test_each_type_is_listed_whole(site: Site, records: dict[str, list[str]]) -> None:
    for type_ in TYPES:
        assert sorted(all_records(site, f"/browse/{type_}")) == sorted(BASE + "id/" + name for name in records[type_])


def test_rights_of_resources_are_counted_with_their_broader_ones(site: Site, whole: Store) -> None:
    broader = {
        quad.subject.value: quad.object.value
        for quad in whole.quads_for_pattern(None, NamedNode(SKOS + "broader"), None)
        if isinstance(quad.subject, NamedNode) and isinstance(quad.object, NamedNode)
    }
    subjects: dict[str, set[str]] = {}
    for quad in whole.quads_for_pattern(None, NamedNode(DCTERMS + "subject"), None):
        subject, term = getattr(quad.subject, "value", ""), getattr(quad.object, "value", None)
        while term is not None and "/id/resource/" in subject:
            subjects.setdefault(subject, set()).add(term)
            term = broader.get(term)
    expected = Counter(term for terms in subjects.values() for term in terms)
    facets = {facet["name"]: facet["terms"] for facet in told(site, "/browse/resource")["facets"]}
    assert {term["term"]: term["count"] for term in facets["right"]} == expected


@pytest.mark.parametrize("words", WORDS)
def test_choosing_a_term_leaves_as_many_records_as_it_counts(site: Site, words: str) -> None:
    page = told(site, with_words("/search", words))
    assert page["total"] == len(all_records(site, with_words("/search", words)))
    for facet in page["facets"]:
        for term in facet["terms"][:2]:
            name = {"name": facet["name"], "term": quote(term["term"], safe="")}
            assert told(site, with_words("/search?{name}={term}".format(**name), words))["total"] == term["count"]


def test_the_orders_are_of_the_same_records(site: Site) -> None:
    by_title = all_records(site, "/browse/resource?order=title")
    by_date = all_records(site, "/browse/resource?order=date")
    assert by_title != by_date
    assert sorted(by_title) == sorted(by_date)
    dates = [record["date"] for record in told(site, "/browse/resource?order=date&size=200")["records"]]
    assert dates[0][:4] >= dates[100][:4]


# The page


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", [*LISTS, "/search?q=health", "/browse/resource?open=organization"])
def test_a_page_is_light(site: Site, path: str, language: str) -> None:
    answer = site.get(path, "text/html", accept_language=language)
    assert len(gzip.compress(answer.data, 4)) < SENT


def test_the_page_shows_what_the_data_say(site: Site) -> None:
    path = "/search?q=budget&right=health"
    data, page = told(site, path), site.page(path)
    assert texts(page, "//ol/li/h3/a") == [record["title"] for record in data["records"]]
    assert texts(page, "//h2[@id='found']") == [f"{data['total']} records"]
    marked = {text.lower() for text in texts(page, "//mark")}
    assert marked
    assert all(text.startswith("budget") for text in marked)
    chips = page.xpath("//ul[@class='chips']//a")
    assert [chip.get("href") for chip in chips] == ["/search?q=budget"]
    assert page.xpath("//form[@role='search']//input[@name='right']/@value") == ["health"]


@pytest.mark.parametrize("path", LISTS)
def test_every_link_of_a_facet_leads_to_as_many_records(site: Site, path: str) -> None:
    page = site.page(path)
    links = page.xpath("//details[@class='facet']//li/a[not(@aria-current)]")
    for item in links[:: max(1, len(links) // 6)]:
        count = int(item.getparent().xpath("./bdi[@class='count']/text()")[0])
        assert told(site, item.get("href"))["total"] == count, item.get("href")
        assert item.get("rel") == "nofollow"


def test_all_terms_of_a_facet_can_be_seen(site: Site) -> None:
    page = site.page("/browse/resource")
    more = page.xpath("//details[@class='facet']//a[contains(@href, 'open=organization')]/@href")[0]
    every = {
        term["term"] for f in facets(site, "/browse/resource") if f["name"] == "organization" for term in f["terms"]
    }
    opened = site.page(more)
    assert len(opened.xpath("//a[contains(@href, 'organization=')][ancestor::details]")) == len(every)


def test_programs_get_the_first_terms_of_a_long_facet_and_where_the_others_are(site: Site) -> None:
    path = "/browse/resource?right=food"
    cut = {facet["name"]: facet for facet in told(site, "/browse/resource")["facets"]}
    whole = {facet["name"]: facet for facet in facets(site, "/browse/resource")}
    organizations = cut["organization"]
    assert len(organizations["terms"]) == MOST
    assert organizations["left"] == len(whole["organization"]["terms"]) - MOST > 0
    assert organizations["terms"] == whole["organization"]["terms"][:MOST]
    assert (cut["right"]["left"], cut["right"]["all"]) == (0, None)
    rarest = whole["organization"]["terms"][-1]["term"]
    chosen = told(site, f"/browse/resource?organization={quote(rarest, safe='')}")["facets"]
    assert rarest in {term["term"] for facet in chosen if facet["name"] == "organization" for term in facet["terms"]}
    assert all("lang=fr" in facet["all"] for facet in told(site, path + "&lang=fr")["facets"] if facet["left"])


def test_narrower_terms_stand_below_broader_ones(site: Site) -> None:
    page = site.page("/browse/finding")
    below = page.xpath("//details[@class='facet'][contains(., 'Region')]//ul[@class='below']//a/@href")
    assert any("region=" in href for href in below)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_language_stays(site: Site, language: str) -> None:
    page = site.page(f"/search?q=health&country=mex&lang={language}")
    inside = [href for href in page.xpath("//main//a/@href") if href.startswith("/")]
    assert inside
    assert all(f"lang={language}" in href for href in inside)
    assert page.xpath("//main//form//input[@name='lang']/@value") == [language]


def test_what_is_not_there_is_explained_and_helped(site: Site) -> None:
    page = site.page("/search?q=budjet&country=mex")
    assert texts(page, "//h2[@id='found']") == ["Nothing found"]
    ways = page.xpath("//div[@class='rescue']//a/@href")
    assert "/search?q=budget&country=mex" in ways
    for way in ways:
        assert told(site, way)["total"] > 0
    other = site.page("/browse/right?q=budget&country=mex")
    assert any(href.startswith("/browse/resource?") for href in other.xpath("//div[@class='rescue']//a/@href"))
    nothing = site.page("/search?q=qqqqqqqq")
    assert not nothing.xpath("//div[@class='rescue']//a")
    assert nothing.xpath("//div[@class='rescue']/p")


@pytest.mark.parametrize(
    ("path", "status", "told_"),
    [
        ("/search?contry=mex", 400, "There is no filter “contry”"),
        ("/search?page=999", 404, "pages"),
        ("/search?page=9999999", 404, "pages"),
        ("/search.xml", 404, "html, json, csv"),
        ("/search?format=xml", 400, "html, json, csv"),
        ("/browse/nothing", 404, "resource"),
        ("/browse/nothing.csv", 404, "resource"),
    ],
)
def test_what_cannot_be_listed_is_explained(site: Site, path: str, status: int, told_: str) -> None:
    answer = site.get(path, "application/json")
    assert answer.status_code == status
    assert told_ in json.loads(answer.data)["detail"]


@pytest.mark.parametrize(
    "words",
    [
        "(((((",
        '"unfinished',
        "a" * 500,
        "\\",
        "*",
        "title:x",
        "\u202e\u2063",
        "x AND",
        "' OR 1=1",
        "<script>alert(1)</script>",
        "\ud83d",
    ],
)
def test_whatever_people_type_is_looked_for(site: Site, words: str) -> None:
    answer = site.client.get("/search?q=" + quote(words, errors="surrogatepass"), headers={"Accept": "text/html"})
    assert answer.status_code == 200
    assert "<script>alert" not in answer.text


def test_words_that_are_passed_over_are_admitted(site: Site) -> None:
    many = "/search?q=" + "+".join(f"w{number}" for number in range(60))
    assert told(site, many)["cut"]
    assert "first ones" in site.page(many).text_content()
    assert not told(site, "/search?q=health")["cut"]


# Forms


@pytest.mark.parametrize(
    ("path", "accept", "media"),
    [
        ("/search", "text/html", "text/html"),
        ("/search", "application/json", "application/json"),
        ("/search", "text/csv", "text/csv"),
        ("/search.json", "text/html", "application/json"),
        ("/browse/right.csv", "text/html", "text/csv"),
        ("/browse/right?format=csv", "text/html", "text/csv"),
        ("/browse/right.html?format=csv", "text/csv", "text/html"),
        ("/search", None, "text/html"),
    ],
)
def test_the_form_is_chosen(site: Site, path: str, accept: str | None, media: str) -> None:
    answer = site.get(path, accept)
    assert (answer.status_code, answer.mimetype) == (200, media)
    assert {"Accept", "Accept-Language"} <= set(answer.headers["Vary"].split(", "))
    again = site.get(path, accept, if_none_match=answer.headers["ETag"])
    assert again.status_code == 304
    assert answer.headers["X-Generation"] == "1"


@pytest.mark.parametrize(
    "path", ["/browse/resource", "/search?q=health", "/browse/finding?country=gtm&lang=es", "/search?q=qqqqqqqq"]
)
def test_the_table_holds_the_whole_list_in_its_order(site: Site, path: str) -> None:
    stem, _, query = path.partition("?")
    answer = site.get(f"{stem}.csv?{query}")
    assert answer.mimetype == "text/csv"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    rows = list(csv.reader(io.StringIO(answer.text, newline="")))
    assert rows[0][:5] == ["iri", "type", "title", "language", "date"]
    assert [row[0] for row in rows[1:]] == all_records(site, path)
    assert {len(row) for row in rows} == {len(rows[0])}
    cells = {name: [row[at] for row in rows[1:]] for at, name in enumerate(rows[0]) if at > 4}
    if "finding" in path:
        assert set(cells["country"]) == {"Guatemala"}
        assert all(cells["standing"])


def test_the_links_lead_through_the_pages(site: Site) -> None:
    answer = site.get("/browse/finding?lang=fr&page=2", "text/html")
    links = dict(reversed(part.strip().split("; ", 1)) for part in answer.headers["Link"].split(","))
    assert links['rel="prev"'] == "</browse/finding?lang=fr>"
    assert links['rel="next"'] == "</browse/finding?page=3&lang=fr>"
    assert links['rel="first"'] == "</browse/finding?lang=fr>"
    assert links['rel="last"'] == "</browse/finding?page=5&lang=fr>"
    assert links['rel="alternate"; type="text/csv"'] == "</browse/finding.csv?lang=fr>"
    page = site.page("/browse/finding?page=2")
    assert page.xpath("//head/link[@rel='next']/@href") == ["/browse/finding?page=3"]
    assert page.xpath("//head/link[@rel='prev']/@href") == ["/browse/finding"]


def test_a_table_breaks_off_when_the_library_changes_meanwhile(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    through = Searcher.search
    asked = []

    def later(self: Searcher, selection: Selection, **more: Any) -> Found:
        asked.append(more)
        found = through(self, selection, **more)
        return replace(found, generation=2) if len(asked) > 3 else found

    monkeypatch.setattr(Searcher, "search", later)
    with pytest.raises(Interrupted, match="changed while"):
        site.get("/browse/resource.csv")


# Shapes drive facets

EXTRA = """
@prefix shape: <https://w3id.org/escrgraph/shapes/> .
shape:finding-forum shape:facet true .
"""


def test_a_field_that_a_shape_makes_a_facet_is_one(site: Site, tmp_path: Path) -> None:
    extra = tmp_path / "extra.ttl"
    extra.write_text(EXTRA, encoding="utf-8")
    kinds = kinds_of([*shipped.shape_files(), extra], shipped.ontology_files())
    (tmp_path / "index").mkdir()
    indexer = Indexer(tmp_path / "index", kinds, site.service.base)
    with site.service.log() as log:
        indexer.catch_up(log, 1)
    indexer.close()
    searcher = Searcher(tmp_path / "index", kinds, site.service.base)
    with before(replace(site.service, kinds=kinds, search=searcher)) as changed:
        panel = changed.page("/browse/finding", "es").xpath("//details[contains(., 'Tribunal u órgano')]")
        assert panel
        facet = next(found for found in told(changed, "/browse/finding")["facets"] if found["name"] == "forum")
        rows = changed.rows(query_in(facet["sparql"]))
        assert {term["term"]: term["count"] for term in facet["terms"]} == {
            row[0].strip('"'): int(row[1]) for row in rows
        }
        term = facet["terms"][0]
        chosen = told(changed, "/browse/finding?forum=" + quote(term["term"]))
        assert chosen["total"] == term["count"] == len(changed.rows(query_in(chosen["sparql"])))
        described = json.loads(changed.get("/openapi.json").data)["paths"]["/browse/{type}"]["get"]["parameters"]
        assert {"forum", "country", "right"} <= {parameter["name"] for parameter in described}
    assert "forum" not in {found["name"] for found in told(site, "/browse/finding")["facets"]}
