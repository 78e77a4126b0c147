"""The pages as people meet them: in light and dark, on a phone, by keyboard, with a screen reader."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from tests.browser.conftest import PHONE, Readers

QUERY = "/sparql?query=SELECT+*+WHERE+%7B+%3Fs+%3Fp+%3Fo+%7D+LIMIT+30"
PAGES = {
    "home": "/",
    "browse": "/browse/resource",
    "finding": "/doc/finding/gtm-maternal-mortality-indigenous",
    "country": "/doc/country/gtm",
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
        page.locator("main li a").first.click()
        page.locator("main a[href^='/doc/organization/']").first.click()
        assert page.locator("html").get_attribute("lang") == "es"
        assert page.url.endswith("?lang=es")
        page.get_by_role("link", name="العربية").click()
        assert page.locator("html").get_attribute("dir") == "rtl"


def test_a_part_is_shown_where_its_address_leads(readers: Readers) -> None:
    with readers.sit() as reader:
        page = reader.open("/id/scheme/standing/settled")
        assert page.url.endswith("/doc/scheme/standing#settled")
        assert page.locator(":target").inner_text().startswith("Name\nSettled")
