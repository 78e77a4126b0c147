"""The pages as people meet them: in light and dark, on a phone, by keyboard, with a screen reader."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ViewportSize
from tests.browser.conftest import PHONE, Readers

QUERY = "/sparql?query=SELECT+*+WHERE+%7B+%3Fs+%3Fp+%3Fo+%7D+LIMIT+30"
PAGES = {
    "home": "/",
    "map": "/map",
    "timeline": "/timeline",
    "updates": "/updates?on=2013-11-30",
    "discussions": "/discussions",
    "methods": "/methods?right=health&country=mex",
    "methods by right": "/coverage",
    "countries by right": "/coverage?rows=country",
    "tree": "/tree/method",
    "index": "/index/country",
    "mappings": "/mappings",
    "translations": "/translations",
    "untranslated": "/translations/ar/method/label",
    "browse": "/browse/resource",
    "search": "/search?q=health&country=mex",
    "facet opened": "/browse/finding?open=organization&page=2",
    "nothing found": "/search?q=budjet&right=food",
    "preview": "/api/reconcile/preview?id=country/gtm",
    "finding": "/doc/finding/gtm-maternal-mortality-indigenous",
    "decided finding": "/doc/finding/arg-disability-pension-residence",
    "country": "/doc/country/gtm",
    "method": "/doc/method/budget-analysis",
    "right": "/doc/right/food",
    "resource": "/doc/resource/achpr-principles-guidelines-escr",
    "discussion": "/doc/discussion/monthly-2014-05",
    "update": "/doc/update/cescr-rules-call-2021",
    "person": "/doc/person/abby-kendrick",
    "organization": "/doc/organization/cesr",
    "code list": "/doc/scheme/icescr",
    "incoming": "/doc/right/food/in/resource?property=http://purl.org/dc/terms/subject",
    "vocabulary": "/def/",
    "term": "/def/Finding.html",
    "shapes": "/shapes/",
    "results": QUERY,
}


@pytest.mark.parametrize("name", PAGES)
def test_everybody_can_use_the_page(readers: Readers, name: str) -> None:
    with readers.sit() as reader:
        page = reader.open(PAGES[name])
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


@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_keyboard_comes_to_the_content_first(readers: Readers, language: str) -> None:
    with readers.sit(language=language) as reader:
        page = reader.open(PAGES["finding"])
        page.keyboard.press("Tab")
        skip = page.locator(":focus")
        assert skip.get_attribute("href") == "#content"
        assert skip.is_visible()
        box = skip.bounding_box()
        assert box is not None
        assert box["y"] >= 0
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "content"
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.closest('main') !== null")


def test_a_reader_comes_from_the_front_page_to_a_finding_and_its_institution(readers: Readers) -> None:
    with readers.sit(language="fr") as reader:
        page = reader.open("/?lang=es")
        page.locator("ul.cards a[href^='/browse/finding']").click()
        page.locator("ol.hits a").first.click()
        page.locator("main a[href^='/doc/organization/']").first.click()
        assert page.locator("html").get_attribute("lang") == "es"
        assert page.url.endswith("?lang=es")
        page.get_by_role("link", name="العربية").click()
        assert page.locator("html").get_attribute("dir") == "rtl"


@pytest.mark.parametrize("language", ["en", "ar"])
def test_one_drawing_of_the_chain_fits_the_screen(readers: Readers, language: str) -> None:
    for width, shown, hidden in ((1200, "wide", "narrow"), (320, "narrow", "wide")):
        with readers.sit(language=language, size=ViewportSize(width=width, height=800)) as reader:
            page = reader.open(PAGES["decided finding"])
            assert page.locator(f"svg.{shown}").is_visible()
            assert not page.locator(f"svg.{hidden}").is_visible()
            inside = page.evaluate(
                """name => {
                    const svg = document.querySelector('svg.' + name), edge = svg.getBoundingClientRect();
                    return [...svg.querySelectorAll('.box')].every(box => {
                        const field = box.querySelector('.field').getBoundingClientRect();
                        return [...box.querySelectorAll('text')].every(text => {
                            const found = text.getBoundingClientRect();
                            return found.left >= field.left - 1 && found.right <= field.right + 1
                                && field.left >= edge.left - 1 && field.right <= edge.right + 1;
                        });
                    });
                }""",
                shown,
            )
            assert inside, "lettering leaves its box"


def test_a_chain_can_be_followed_by_keyboard(readers: Readers) -> None:
    with readers.sit() as reader:
        page = reader.open(PAGES["decided finding"])
        first = page.locator("ol.words a").first
        assert page.locator("ol.words").bounding_box()["width"] < 2  # type: ignore[index]
        first.focus()
        assert page.locator("ol.words").bounding_box()["width"] > 300  # type: ignore[index]
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.closest('svg') === null")


def test_a_reference_is_shown_without_script_and_can_be_taken(readers: Readers) -> None:
    with readers.sit() as reader:
        page = reader.open(PAGES["resource"])
        page.locator("#cite summary").press("Enter")
        assert "(2010)" in page.locator(".cited").inner_text()
        assert page.get_by_role("link", name="BibTeX").get_attribute("href", timeout=1000) == (
            PAGES["resource"] + "/cite.bib"
        )


def test_a_part_is_shown_where_its_address_leads(readers: Readers) -> None:
    with readers.sit() as reader:
        page = reader.open("/id/scheme/standing/settled")
        assert page.url.endswith("/doc/scheme/standing#settled")
        assert page.locator(":target").locator("dd").first.inner_text() == "Settled"


def test_the_map_and_its_table_need_no_mouse(readers: Readers) -> None:
    with readers.sit() as reader:
        page = reader.open("/map")
        page.get_by_role("link", name="Go to the table").press("Tab")
        assert page.evaluate("document.activeElement.closest('svg') !== null")
        assert page.get_by_role("link", name="Mexico: ", exact=False).count() == 1
        page.get_by_role("link", name="Go to the table").press("Enter")
        assert page.url.endswith("#table")
    with readers.sit() as reader:
        page = reader.open("/")
        stops = page.evaluate("[...document.querySelectorAll('svg a')].filter(a => a.tabIndex >= 0).length")
        assert stops == 0
        page.get_by_text("Show as a table").first.press("Enter")
        assert page.locator(".where").get_by_role("link", name="Mexico").is_visible()


def test_somebody_finds_a_method_without_knowing_any(readers: Readers) -> None:
    with readers.sit(language="es") as reader:
        page = reader.open("/")
        page.get_by_role("link", name="Buscar un método").first.click()
        page.get_by_label("Derecho").select_option(label="Derecho a la salud")
        page.get_by_label("País").select_option("country/mex")
        page.get_by_role("button", name="Buscar métodos").click()
        page.locator("#found ~ article h3 a").first.click()
        assert "/doc/method/" in page.url
