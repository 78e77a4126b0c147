"""The pages that give an overview: front page, map, timeline, streams, method finder, coverage, trees, translations."""

from __future__ import annotations

from collections import Counter
from urllib.parse import parse_qs, urlsplit

import pytest
from lxml import html
from tests.web.sites import BASE, Site, texts
from tests.web.test_lists import told

from escrgraph.vocabulary.languages import LANGUAGES
from escrgraph.web import world as shapes
from escrgraph.web.overview import built_world
from escrgraph.web.world import read_world

ESCR = "PREFIX escr: <https://w3id.org/escrgraph/def/> PREFIX dcterms: <http://purl.org/dc/terms/> "
SKOS = "PREFIX skos: <http://www.w3.org/2004/02/skos/core#> PREFIX schema: <https://schema.org/> "


def count(site: Site, where: str) -> int:
    [[number]] = site.rows(f"{ESCR}{SKOS} SELECT (COUNT(DISTINCT ?x) AS ?n) {{ {where} }}")
    return int(number)


def asked(page: html.HtmlElement) -> list[str]:
    """The queries that a page says it was made from."""
    return [parse_qs(urlsplit(href).query)["query"][0] for href in page.xpath("//a[@class='asked']/@href")]


OVERVIEWS = [
    "/", "/map", "/timeline", "/updates", "/discussions", "/methods?right=health", "/coverage",
    "/coverage?rows=country",
    "/tree/right", "/index/method", "/mappings", "/translations", "/translations/ar/method/label", "/def/Finding.html",
]  # fmt: skip


@pytest.mark.parametrize("path", OVERVIEWS)
def test_every_overview_leads_to_its_queries_which_run(site: Site, path: str) -> None:
    page = site.page(path, "es")
    assert asked(page)
    for query in asked(page):
        answer = site.client.get("/sparql", query_string={"query": query, "format": "csv"})
        assert answer.status_code == 200, answer.text
    chosen = site.page(path + ("&" if "?" in path else "?") + "lang=fr")
    assert all(href.endswith("lang=fr") for href in chosen.xpath("//a[@class='asked']/@href"))


@pytest.mark.parametrize("path", OVERVIEWS)
def test_a_chosen_language_goes_along_every_way(site: Site, path: str) -> None:
    page = site.page(path + ("&" if "?" in path else "?") + "lang=ar")
    for href in page.xpath("//main//a/@href"):
        parts = urlsplit(href)
        if not parts.netloc and parts.path and "." not in parts.path.rpartition("/")[2].replace(".html", ""):
            assert parse_qs(parts.query).get("lang") == ["ar"], href
    for form in page.xpath("//main//form"):
        assert form.xpath(".//input[@name='lang']/@value") == ["ar"]


# Front page


def test_the_front_page_begins_with_the_search(site: Site) -> None:
    page = site.page("/")
    [form] = page.xpath("//main//form[@role='search']")
    assert (form.get("action"), form.get("method")) == ("/search", "get")
    [field] = form.xpath(".//input[@name='q']")
    assert page.xpath("//label[@for=$id]", id=field.get("id"))
    assert len(page.xpath("//ul[@class='chips']//a[starts-with(@href, '/doc/right/')]")) == count(
        site, "?x a escr:Right"
    )


def test_the_front_page_shows_the_newest_resources(site: Site) -> None:
    newest = site.rows(f"{ESCR} SELECT ?x {{ ?x a escr:Resource ; escr:latest ?day }} ORDER BY DESC(?day) ?x LIMIT 6")
    shown = site.page("/").xpath("//section[@aria-labelledby='newest']//li/a/@href")
    assert shown == ["/doc/" + iri.strip("<>").removeprefix(BASE + "id/") for [iri] in newest]


@pytest.mark.parametrize(("day", "open_"), [("2013-12-02", 2), ("2013-12-03", 1), ("2021-08-15", 1), ("2021-08-16", 0)])
def test_open_calls_are_told_from_past_ones(site: Site, day: str, open_: int) -> None:
    for path in ("/", "/updates"):
        section = site.page(f"{path}?on={day}").xpath("//section[@aria-labelledby='open']")[0]
        assert len(section.xpath(".//*[@class='deadline open']")) == open_
        assert ("None is open" in section.text_content()) == (open_ == 0)
    assert open_ == count(
        site,
        f'?x a escr:Opportunity ; schema:validThrough ?d FILTER(?d >= "{day}"^^<http://www.w3.org/2001/XMLSchema#date>)',
    )


def test_the_day_is_part_of_what_may_be_kept(site: Site) -> None:
    tags = {
        site.get(f"{path}?on={day}", "text/html").headers["ETag"]
        for path in ("/", "/updates")
        for day in ("2013-12-01", "2013-12-02")
    }
    assert len(tags) == 4
    tag = site.get("/updates", "text/html").headers["ETag"]
    assert site.get("/updates", "text/html", if_none_match=tag).status_code == 304


@pytest.mark.parametrize(
    "path", ["/?on=soon", "/updates?on=2013-13-01", "/updates?before=x", "/updates?kind=%22x", "/methods?right=a/b/c"]
)
def test_what_cannot_be_read_is_said(site: Site, path: str) -> None:
    answer = site.get(path, "text/plain")
    assert answer.status_code == 400
    assert "Write it as" in answer.text or "Follow" in answer.text or "names those" in answer.text


# Map and timeline


def test_the_map_and_its_table_tell_the_same_truth(site: Site) -> None:
    page = site.page("/map")
    truth: Counter[str] = Counter()
    rows = site.rows(f"{ESCR} SELECT ?c ?x {{ VALUES ?t {{ escr:Finding escr:Resource }} ?x a ?t ; escr:country ?c }}")
    for country, _ in rows:
        truth["/doc/" + country.strip("<>").removeprefix(BASE + "id/")] += 1
    drawn = {
        a.get("href"): int(texts(a, "title")[0].rpartition(": ")[2]) for a in page.xpath("//*[local-name()='svg']/a")
    }
    listed = {
        row.xpath("th/a/@href")[0]: sum(int(cell.text_content()) for cell in row.xpath("td"))
        for row in page.xpath("//tbody/tr")
    }
    assert drawn == listed == truth
    assert all(title.partition(":")[0].strip() for title in texts(page, "//*[local-name()='svg']/a/title"))
    assert [bdi.get("dir") for bdi in page.xpath("//ul[@class='legend']//bdi")] == ["ltr"] * 4
    assert "borders" in page.text_content()


@pytest.mark.parametrize("path", ["/", "/map"])
def test_without_the_shapes_the_table_is_there(site: Site, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shapes, "BUILT", shapes.BUILT.with_name("none.json"))
    built_world.cache_clear()
    try:
        page = site.page(path + "?on=2013-01-01")  # an address nobody has asked for
        assert read_world(shapes.BUILT) is None
        assert not page.xpath("//*[@class='map']")
        assert page.xpath("//details[@open]//table//a[@href='/doc/country/mex']")
    finally:
        built_world.cache_clear()


@pytest.mark.parametrize("type_", ["resource", "discussion", "update"])
def test_the_timeline_counts_years_and_leads_to_their_lists(site: Site, type_: str) -> None:
    page = site.page(f"/timeline?of={type_}")
    years: Counter[str] = Counter()
    for first, last in site.rows(
        f"{ESCR} SELECT (YEAR(?a) AS ?first) (YEAR(?b) AS ?last) "
        f"{{ ?x a escr:{type_.title()} ; escr:earliest ?a ; escr:latest ?b }}"
    ):
        for year in range(int(first), int(last) + 1):
            years[str(year)] += 1
    listed = {texts(row, "th")[0]: int(texts(row, "td")[0]) for row in page.xpath("//tbody/tr")}
    drawn = dict(title.split(": ") for title in texts(page, "//*[local-name()='svg']/a/title"))
    assert listed == {year: int(number) for year, number in drawn.items()} == years
    for href in page.xpath("//tbody//td/a/@href"):
        assert href.startswith(f"/browse/{type_}?year=")
    assert site.get("/timeline?of=person", "text/html").status_code == 404


# Streams


@pytest.mark.parametrize(("path", "class_"), [("/updates", "Update"), ("/discussions", "Discussion")])
def test_a_stream_leaves_nothing_out_and_goes_back_in_time(site: Site, path: str, class_: str) -> None:
    found: list[str] = []
    years: list[str] = []
    at = f"{path}?on=2013-11-30"
    while at:
        page = site.page(at)
        found += page.xpath("//section[starts-with(@aria-labelledby, 'year-')]//h3/a/@href")
        years += page.xpath("//section[starts-with(@aria-labelledby, 'year-')]/h2/@id")
        if at == f"{path}?on=2013-11-30":
            found += page.xpath("//section[@aria-labelledby='open']//h3/a/@href")
        at = next(iter(page.xpath("//a[@rel='next']/@href")), "")
    assert len(found) == len(set(found)) == count(site, f"?x a escr:{class_}")
    known = [year for year in years if year != "year-none"]
    assert known == sorted(known, reverse=True)
    assert "year-none" not in years[:-1]


def test_a_stream_can_be_narrowed_to_a_kind(site: Site) -> None:
    page = site.page("/updates?kind=event&on=2016-01-01", "fr")
    events = count(site, f"?x dcterms:type <{BASE}id/scheme/update-kind/event>")
    assert len(page.xpath("//article")) == events
    assert texts(page, "//nav/ul[@class='chips']//a[@aria-current]")[0].endswith(f"({events})")


def test_discussions_tell_who_led_them_and_what_came_of_them(site: Site) -> None:
    wrapped, led = set(), set()
    at = "/discussions"
    while at:
        page = site.page(at)
        wrapped |= {article.xpath("h3/a/@href")[0] for article in page.xpath("//article[.//li[@class='wrap-up']//a]")}
        led |= set(page.xpath("//article//li//a[starts-with(@href, '/doc/person/')]/@href"))
        at = next(iter(page.xpath("//a[@rel='next']/@href")), "")
    assert len(wrapped) == count(site, "?x a escr:Discussion ; escr:wrapUp ?update")
    assert len(led) == count(site, "?d a escr:Discussion ; escr:moderator ?x")


# Method finder and coverage


def test_methods_are_found_by_what_they_were_used_for(site: Site) -> None:
    page = site.page("/methods?right=health&country=country/mex")
    both = f"<{BASE}id/right/health> . ?r escr:country <{BASE}id/country/mex> ; escr:usesMethod ?x"
    fitting = count(
        site,
        f"{{ ?r dcterms:subject/skos:broader* {both} }} "
        f"UNION {{ ?r escr:establishes/escr:right/skos:broader* {both} }}",
    )
    shown = page.xpath("//section[@aria-labelledby='found']//h3/a/@href")
    assert len(shown) == fitting > 0
    assert page.xpath("//select[@name='country']/option[@selected]/@value") == ["country/mex"]
    assert page.xpath("//select[@name='right']/option[@selected]/@value") == ["right/health"]
    assert "Used in this country: " in page.text_content()
    assert all(page.xpath("//label[@for=$id]", id=name) for name in page.xpath("//select/@id"))


def test_a_duty_is_answered_by_what_suits_it(site: Site) -> None:
    [[method, duty], *_] = site.rows(f"{ESCR} SELECT ?m ?o {{ ?m escr:suits ?o }} ORDER BY ?m ?o")
    page = site.page("/methods?obligation=" + duty.strip("<>").removeprefix(BASE + "id/"))
    assert "/doc/" + method.strip("<>").removeprefix(BASE + "id/") in page.xpath(
        "//section[@aria-labelledby='found']//article[.//li[contains(., 'Suits the duties')]]/h3/a/@href"
    )


def test_without_a_choice_all_methods_are_there(site: Site) -> None:
    assert len(site.page("/methods").xpath("//article")) == count(site, "?x a escr:Method")


def test_where_nothing_fits_that_is_said(site: Site) -> None:
    page = site.page("/methods?right=self-determination&country=isl&obligation=minimum-core&indicator=none")
    assert not page.xpath("//section[@aria-labelledby='found']//article[.//li[contains(., 'all that was asked')]]")
    assert "No finding or resource" in page.text_content() or page.xpath("//section[@aria-labelledby='found']//article")


@pytest.mark.parametrize("type_", ["resource", "finding"])
@pytest.mark.parametrize(("rows", "path"), [("method", "usesMethod/skos:broader*"), ("country", "country")])
def test_each_cell_counts_its_records_and_leads_to_them(site: Site, type_: str, rows: str, path: str) -> None:
    page = site.page(f"/coverage?rows={rows}&of={type_}")
    columns = page.xpath("//thead//th/a/@href")
    cells = full = 0
    for row in page.xpath("//tbody/tr"):
        [head] = row.xpath("th[@scope='row']/a/@href")
        for column, cell in zip(columns, row.xpath("td/a"), strict=True):
            cells += 1
            leads = urlsplit(cell.get("href"))
            chosen = {key: values[0] for key, values in parse_qs(leads.query).items()}
            assert f"/doc/{chosen['right']}" == column
            assert f"/doc/{chosen[rows]}" == head
            number = cell.text_content().strip()
            assert (leads.path == f"/browse/{type_}") == number.isdecimal()
            if number == "+":
                assert cell.get("aria-label")
                continue
            full += 1
            if full % 40 == 1:  # each costs a query
                assert int(number) == count(
                    site,
                    f"?x a escr:{type_.title()} ; escr:{path} <{BASE}id/{chosen[rows]}> ; "
                    f"dcterms:subject|(escr:establishes/escr:right) ?r . ?r skos:broader* <{BASE}id/{chosen['right']}>",
                )
    assert full
    gaps = texts(page, "//caption")[0].rpartition(": ")[2]
    assert cells == full + int(gaps)
    assert page.xpath("//*[@role='region' and @tabindex='0' and @aria-labelledby]//table")
    assert site.get("/coverage?rows=person", "text/html").status_code == 404


# Concepts


@pytest.mark.parametrize("type_", ["method", "right"])
def test_a_tree_shows_every_concept_under_its_broader_one(site: Site, type_: str) -> None:
    page = site.page(f"/tree/{type_}")
    shown = {
        (a.get("href"), (a.xpath("ancestor::li[2]/a/@href") or [""])[0])
        for a in page.xpath("//div[@class='tree']//li/a")
    }
    truth = set()
    for concept, broader in site.rows(
        f"{ESCR}{SKOS} SELECT ?x ?b {{ ?x a escr:{type_.title()} OPTIONAL {{ ?x skos:broader ?b }} }}"
    ):
        truth.add(
            tuple("/doc/" + iri.strip("<>").removeprefix(BASE + "id/") if iri else "" for iri in (concept, broader))
        )
    assert shown == truth
    assert site.get("/tree/person", "text/html").status_code == 404


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_index_has_every_concept_under_its_letter(site: Site, language: str) -> None:
    page = site.page("/index/country", language)
    assert len(page.xpath("//section[@class='letter']//li/a")) == count(site, "?x a escr:Country")
    letters = texts(page, "//section[@class='letter']/h2")
    assert len(letters) == len(set(letters))
    assert page.xpath("//nav[@class='letters']/a/@href") == [
        f"#{name}" for name in page.xpath("//section[@class='letter']/h2/@id")
    ]
    assert (language == "ar") == any("\u0600" < letter < "\u06ff" for letter in letters)


def test_matches_lead_elsewhere_and_can_be_paged(site: Site) -> None:
    found: list[str] = []
    at = "/mappings?type=country"
    while at:
        page = site.page(at)
        found += page.xpath("//main//dt/a/@href")
        assert page.xpath("//main//dd//a[@rel='external noopener']/@href")
        at = next(iter(page.xpath("//a[@rel='next']/@href")), "")
    assert len(found) == len(set(found)) == count(site, "?x a escr:Country ; skos:exactMatch|skos:closeMatch ?m")
    assert "http://metadata.un.org/sdg/2" in site.page("/mappings").xpath("//main//dd//a/@href")


# Translations


def test_what_is_not_translated_is_counted_and_listed(site: Site) -> None:
    page = site.page("/translations")
    links = page.xpath("//tbody//td/a/@href")
    assert links
    for href in links:
        [cell] = page.xpath("//td/a[@href=$href]", href=href)
        done, total = (int(number) for number in cell.text_content().split("/"))
        listed: list[str] = []
        at = href
        while at:
            missing = site.page(at)
            listed += missing.xpath("//main//ul/li/a/@href")
            at = next(iter(missing.xpath("//a[@rel='next']/@href")), "")
        assert len(set(listed)) == len(listed) == total - done, href
    [[english]] = site.rows(
        f"{ESCR}{SKOS} SELECT (COUNT(DISTINCT ?x) AS ?n) "
        f'{{ ?x a escr:Method ; skos:prefLabel ?l FILTER(LANG(?l) = "en") }}'
    )
    assert f"{english} / {english}" in texts(page, "//tbody/tr[1]/td[1]")


def test_what_nobody_has_reviewed_says_so(site: Site) -> None:
    last = texts(site.page("/translations"), "//tbody/tr[last()]/td")
    assert last == ["reviewed", *["Not yet reviewed by a native speaker"] * 3]


# What numbers lead to

NUMBERS = ["/map", "/timeline?of=resource", "/timeline?of=update", "/coverage", "/coverage?rows=country&of=finding"]


@pytest.mark.parametrize("path", NUMBERS)
def test_a_number_leads_to_as_many_records(site: Site, path: str) -> None:
    links = [a for a in site.page(path).xpath("//tbody//td/a") if a.text_content().strip().isdecimal()]
    assert links
    for link in links[:: max(1, len(links) // 12)]:
        assert told(site, link.get("href"))["total"] == int(link.text_content()), link.get("href")


@pytest.mark.parametrize("path", ["/coverage", "/coverage?rows=country&of=finding"])
def test_a_gap_leads_to_a_form_in_which_it_is_filled_in(site: Site, path: str) -> None:
    gap = site.page(path).xpath("//tbody//td/a[@aria-label]/@href")[0]
    address = urlsplit(gap)
    assert told(site, f"/search?type={address.path.rpartition('/')[2]}&{address.query}")["total"] == 0
    form = site.page(gap).xpath("//form[@id='entry']")[0]
    filled = {*form.xpath(".//input[@checked]/@value"), *form.xpath(".//input[not(@type='checkbox')]/@value")}
    for [record] in parse_qs(address.query).values():
        name = site.page(f"/doc/{record}").xpath("string(//h1/bdi)")
        assert filled & {record, name}, (record, filled)
