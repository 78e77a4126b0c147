"""Asking in a browser: the editor and its suggestions, answers in place, views as tabs; and all without script."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from tests.browser.conftest import PHONE, Reader, Readers

COUNTRIES = """PREFIX escr: <https://w3id.org/escrgraph/def/>
SELECT ?country (COUNT(?f) AS ?findings) WHERE { ?f a escr:Finding ; escr:country ?country }
GROUP BY ?country ORDER BY DESC(?findings) ?country"""
CHAINS = "/queries/country-chains?country=country/gtm"
PAGES = {
    "editor": "/sparql",
    "table": "/sparql?query=" + quote(COUNTRIES),
    "chart": "/sparql?query=" + quote(COUNTRIES) + "#view-chart",
    "map": "/sparql?query=" + quote(COUNTRIES) + "#view-map",
    "graph": CHAINS + "#view-graph",
    "gallery": "/queries",
    "question": "/queries/institutions-responsible?country=country/col",
    "timeline": "/queries/method-publications#view-timeline",
}


def editor(page: Page):  # type: ignore[no-untyped-def]
    return page.get_by_role("textbox", name="Query")


@contextmanager
def asking(readers: Readers, path: str = "/sparql", language: str = "en") -> Iterator[tuple[Reader, Page]]:
    with readers.sit(language=language) as reader:
        yield reader, reader.open(path)


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("name", PAGES)
def test_everybody_can_ask(readers: Readers, name: str, language: str) -> None:
    with asking(readers, PAGES[name], language) as (_, page):
        if name == "graph":
            page.locator("svg.graph circle").first.wait_for()
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        page.emulate_media(color_scheme="dark")
        found = Axe().run(page, options={"runOnly": ["color-contrast"], "resultTypes": ["violations"]})
        assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("name", PAGES)
def test_a_phone_in_arabic_needs_no_sideways_scrolling(readers: Readers, name: str) -> None:
    with readers.sit(language="ar", size=PHONE) as reader:
        page = reader.open(PAGES[name])
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
        assert page.evaluate("getComputedStyle(document.body).direction") == "rtl"


def test_a_query_is_written_with_suggestions_alone_and_answered_in_place(readers: Readers) -> None:
    with asking(readers) as (_, page):
        editor(page).click()
        page.keyboard.type("SELECT ?x WHERE { ?x a escr:Find")
        page.locator(".cm-tooltip-autocomplete li", has_text="escr:Finding").first.click()
        page.keyboard.type(" ; escr:stan")
        page.locator(".cm-tooltip-autocomplete li", has_text="escr:standing").first.click()
        page.keyboard.type(" ")
        page.keyboard.press("Control+Space")
        page.locator(".cm-tooltip-autocomplete li", has_text="Adjudicated").first.click()
        text = "\n".join(page.locator(".cm-line").all_inner_texts())
        assert text.startswith("PREFIX escr: <https://w3id.org/escrgraph/def/>\nSELECT ?x WHERE")
        assert text.count("PREFIX") == 1
        assert "scheme/standing/adjudicated>" in text
        page.keyboard.press("Control+Enter")
        expect(page.locator("#answer .told")).to_contain_text("This is the whole answer")
        assert page.locator("table.rows tbody tr").count() > 3
        assert "query=PREFIX" in page.url
        assert page.locator("#progress").inner_text().startswith("Rows: ")
        page.go_back()
        expect(page.locator("table.rows")).to_have_count(0)


def test_the_keyboard_gets_in_and_out(readers: Readers) -> None:
    with asking(readers, language="ar") as (_, page):
        content = page.locator(".cm-content")
        assert content.get_attribute("dir") == "ltr"
        assert page.evaluate("getComputedStyle(document.querySelector('.cm-content')).direction") == "ltr"
        content.focus()
        page.keyboard.type("ASK {}")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "نفّذ"
        page.keyboard.press("Shift+Tab")
        assert page.evaluate("document.activeElement.classList.contains('cm-content')")
        page.keyboard.press("Control+Enter")
        expect(page.locator("#answer .told")).to_contain_text("نعم")


def test_a_mistake_is_marked_where_it_is_until_it_is_mended(readers: Readers) -> None:
    with asking(readers) as (reader, page):
        editor(page).fill("SELECT * {\n  ?a ?b ?c .\n  ?x [[\n} LIMIT 1")
        page.get_by_role("button", name="Run").click()
        expect(page.get_by_role("alert")).to_be_visible()
        expect(page.locator(".cm-lint-marker-error")).to_have_count(1)
        reader.wrong.clear()  # the console reports the status 400, which is right
        editor(page).fill("SELECT * { ?a ?b ?c } LIMIT 1")
        page.get_by_role("button", name="Run").click()
        expect(page.locator("table.rows tbody tr")).to_have_count(1)
        expect(page.locator(".cm-lint-marker-error")).to_have_count(0)
        expect(page.get_by_role("alert")).to_have_count(0)


@pytest.mark.parametrize(("language", "ahead"), [("en", "ArrowRight"), ("ar", "ArrowLeft")])
def test_views_are_tabs_for_the_arrow_keys(readers: Readers, language: str, ahead: str) -> None:
    with asking(readers, PAGES["table"], language) as (_, page):
        tabs = page.get_by_role("tab")
        assert tabs.count() >= 2
        tabs.first.focus()
        page.keyboard.press(ahead)
        expect(tabs.nth(1)).to_be_focused()
        expect(tabs.nth(1)).to_have_attribute("aria-selected", "true")
        expect(page.locator("table.bars")).to_be_visible()
        expect(page.locator("table.rows")).to_be_hidden()
        assert page.url.endswith("#view-chart")
        page.keyboard.press("Home")
        expect(page.locator("table.rows")).to_be_visible()


def test_a_graph_is_drawn_when_it_is_looked_at(readers: Readers) -> None:
    with asking(readers, CHAINS) as (_, page):
        loaded: list[str] = []
        page.on("request", lambda request: loaded.append(request.url))
        assert not page.locator("svg.graph").count()
        page.get_by_role("tab", name="Graph").click()
        page.locator("svg.graph circle").first.wait_for()
        assert any("/static/dist/graph-" in url for url in loaded)
        things = page.locator(".network .beside li").count()
        assert page.locator("svg.graph circle").count() == things > 10


def test_without_script_everything_is_asked_and_shown(readers: Readers) -> None:
    with readers.browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(readers.home + "sparql")
        page.get_by_label("Query").fill("SELECT * {")
        page.get_by_role("button", name="Run").click()
        assert page.get_by_role("alert").is_visible()
        assert page.get_by_label("Query").input_value() == "SELECT * {"
        page.get_by_label("Query").fill(COUNTRIES)
        page.get_by_role("button", name="Run").click()
        page.wait_for_url(lambda url: "PREFIX" in url, wait_until="load")
        assert page.locator("table.rows tbody tr").count() == page.locator("table.bars tbody tr").count() > 10
        page.get_by_role("link", name="csv").first.wait_for()
        page.goto(readers.home + "queries")
        page.get_by_role("link", name="Institutions held responsible in a country").click()
        page.get_by_label("Country").select_option("country/col")
        page.get_by_role("button", name="Ask").click()
        page.wait_for_url("**country=country%2Fcol**", wait_until="load")
        assert page.locator("table.rows tbody tr").count() > 2


def test_a_reader_comes_from_a_question_to_the_editor_and_back_to_its_rows(readers: Readers) -> None:
    with asking(readers, "/queries/recurring-failures?lang=es") as (_, page):
        rows = page.locator("table.rows tbody tr").count()
        page.get_by_role("link", name="Abrir en el editor").click()
        expect(page.locator("table.rows tbody tr")).to_have_count(rows)
        assert page.locator("html").get_attribute("lang") == "es"
        assert "VALUES ?minimum" in page.locator(".cm-content").inner_text()
