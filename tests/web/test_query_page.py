"""The query page: its rows page by page, its time and generation, its views, its policy."""

from __future__ import annotations

import html
import re
from urllib.parse import quote

from tests.running import Running
from tests.web.sites import Site, before_store, texts

from escrgraph.web.results import ROWS

ALL = "SELECT ?s WHERE { ?s a ?class } ORDER BY ?s ?class"
COUNTRIES = """PREFIX escr: <https://w3id.org/escrgraph/def/>
SELECT ?country (COUNT(?f) AS ?findings) WHERE { ?f a escr:Finding ; escr:country ?country }
GROUP BY ?country ORDER BY ?country"""


def path(query: str) -> str:
    return "/sparql?query=" + quote(query)


def test_rows_come_page_by_page_and_none_is_lost(site: Site) -> None:
    query = ALL + f" LIMIT {2 * ROWS + 7}"
    seen: list[str] = []
    address: str | None = path(query)
    while address:
        page = site.page(address)
        seen += page.xpath(
            "//table[@class='rows']/tbody/tr/td[1]//a/@title | //table[@class='rows']/tbody/tr/td[1]/bdi/text()"
        )
        (address,) = page.xpath("//a[@rel='next nofollow']/@href") or [None]
    assert len(seen) == 2 * ROWS + 7
    assert seen == [row[0].strip("<>") for row in site.rows(query)]


def test_a_page_says_which_rows_it_shows_and_of_which_generation(site: Site) -> None:
    (told,) = texts(site.page(path(ALL)), "//p[@role='status']")
    assert re.search(rf"Rows 1 to {ROWS}; there are more. Found in \d+ ms, in generation 1.", told)
    (told,) = texts(site.page(path(ALL + f" LIMIT {ROWS + 1}") + "&page=2"), "//p[@class='told']")
    assert told.startswith(f"Rows {ROWS + 1} to {ROWS + 1}, the last ones.")
    (told,) = texts(site.page(path("SELECT * { FILTER(false) }")), "//p[@class='told']")
    assert told.startswith("No rows.")
    (told,) = texts(site.page(path("ASK {}"), "ar"), "//p[@class='told']")
    assert told.startswith("نعم")


def test_views_stand_on_the_page_without_script(site: Site) -> None:
    page = site.page(path(COUNTRIES), "fr")
    assert texts(page, "//nav[@data-views]/a") == ["Tableau", "Graphique", "Carte"]
    assert len(page.xpath("//div[@id='view-map']//table/tbody/tr")) == len(page.xpath("//svg[@class='map']/a")) > 10
    bars = page.xpath("//table[@class='bars']/tbody/tr")
    assert len(bars) == len(page.xpath("//table[@class='rows']/tbody/tr")) > 10
    assert [
        target for target in page.xpath("//nav[@data-views]/a/@href") if not page.xpath(f"//*[@id='{target[1:]}']")
    ] == []


def test_what_is_offered_for_download_is_there(site: Site) -> None:
    for query in (COUNTRIES, "ASK {}", "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o } LIMIT 3"):
        page = site.page(path(query))
        links = page.xpath("//p[@class='ways']/a/@href")
        assert len(links) >= 4
        assert {site.get(link).status_code for link in links} == {200}


def test_style_by_script_is_let_in_by_a_nonce_on_this_page_alone(site: Site) -> None:
    first, second = site.get("/sparql", "text/html"), site.get("/sparql", "text/html")
    policies = [answer.headers["Content-Security-Policy"] for answer in (first, second)]
    nonces = [re.search(r"'nonce-([\w-]{20,})'", policy) for policy in policies]
    assert all(nonces)
    assert policies[0] != policies[1]
    assert f'data-nonce="{nonces[0][1]}"' in first.text  # type: ignore[index]
    assert "unsafe" not in policies[0]
    assert first.headers["Cache-Control"] == "no-store"
    wrong = site.get("/sparql?query=SELECT", "text/html")
    assert wrong.status_code == 400
    assert "nonce-" in wrong.headers["Content-Security-Policy"]
    assert "nonce-" not in site.get("/", "text/html").headers["Content-Security-Policy"]
    assert "nonce-" not in site.get(path("ASK {}"), "text/csv").headers["Content-Security-Policy"]


def test_a_mistake_says_where_it_is(site: Site) -> None:
    answer = site.get(path("SELECT * {\n  ?a ?b ?c .\n  ?x [[\n}"), "text/html")
    assert re.search(r'data-line="[34]" data-column="\d+"', answer.text)


def test_a_query_out_of_time_is_kept_and_told_what_nothing_joins(library: Running) -> None:
    query = "SELECT * {\n  ?a ?b ?c .\n  ?d ?e ?f .\n  ?f ?g ?h .\n} ORDER BY ?h ?a"
    with before_store(library.store, query_timeout="0.5") as site:
        answer = site.get(path(query), "text/html")
    assert answer.status_code == 503
    assert "?a and ?d share no variable" in answer.text
    assert 'data-line="3" data-column="3"' in answer.text
    assert query in html.unescape(answer.text)


def test_the_page_number_is_a_number(site: Site) -> None:
    for wrong in ("0", "-1", "x", "", "9999999"):
        assert site.get(path("ASK {}") + f"&page={wrong}", "text/html").status_code == 400
