"""The forms as people meet them: with and without scripts, by keyboard, on a phone, in Arabic, in the dark."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from tests.browser.conftest import PHONE, Readers

FINDING = "finding/gtm-maternal-mortality-indigenous"
FORMS = {
    "index": "/submit",
    "resource": "/submit/resource",
    "method": "/submit/method",
    "organization": "/submit/organization",
    "person": "/submit/person",
    "discussion": "/submit/discussion",
    "update": "/submit/update",
    "finding": "/submit/finding",
    "change": f"/submit/finding?record={FINDING}",
    "reply": f"/submit/finding?for=reply&record={FINDING}",
    "post": "/submit/discussion?for=post&record=discussion/board-2014",
    "request": f"/submit/finding?for=request&record={FINDING}",
    "table": "/submit/resource/table",
    "help": "/submit/finding/help",
}


@pytest.mark.parametrize("name", FORMS)
def test_everybody_can_use_the_form(readers: Readers, name: str) -> None:
    with readers.sit() as reader:
        page = reader.open(FORMS[name])
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        page.emulate_media(color_scheme="dark")
        found = Axe().run(page, options={"runOnly": ["color-contrast"], "resultTypes": ["violations"]})
        assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("name", FORMS)
def test_a_phone_in_arabic_needs_no_sideways_scrolling(readers: Readers, name: str) -> None:
    with readers.sit(language="ar", size=PHONE) as reader:
        page = reader.open(FORMS[name])
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_mistakes_are_shown_to_everybody(readers: Readers) -> None:
    with readers.sit() as reader:
        page = reader.open("/submit/resource")
        page.locator("[id='issued.1']").fill("in 2019")
        page.locator("p.actions button[value='check']").click()
        assert page.locator("#summary[role='alert']").is_visible()
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        page.locator("#summary a[href='#issued.1']").click()
        page.emulate_media(color_scheme="dark")
        found = Axe().run(page, options={"runOnly": ["color-contrast"], "resultTypes": ["violations"]})
        assert found.violations_count == 0, found.generate_report()


def test_the_keyboard_alone_fills_in_a_form_and_enter_checks_it(readers: Readers) -> None:
    with readers.sit() as reader:
        page = reader.open("/submit/resource")
        page.locator("[id='title.1']").focus()
        page.keyboard.type("A title")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.name") == "title.1@"
        page.keyboard.press("Shift+Tab")
        page.keyboard.press("Enter")
        page.wait_for_selector("#summary")
        assert page.locator("[id='title.1']").input_value() == "A title"
        assert page.evaluate("document.activeElement.id") == "summary"


def test_an_entry_is_found_while_its_name_is_typed(readers: Readers) -> None:
    with readers.sit() as reader:
        page = reader.open("/submit/resource")
        field = page.locator("[id='publisher.1']")
        field.press_sequentially("center for ec")
        page.wait_for_selector("[role='option']")
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        field.press("ArrowDown")
        assert field.get_attribute("aria-activedescendant")
        field.press("Enter")
        assert field.input_value() == "Center for Economic and Social Rights"
        assert page.locator("[role='option']").count() == 0


def test_a_further_place_needs_no_round_trip(readers: Readers) -> None:
    with readers.sit() as reader:
        page = reader.open("/submit/resource")
        page.locator("[id='title.1']").fill("One")
        page.locator("button[value='add:title']").click()
        assert page.locator("[id='title.2']").input_value() == ""
        assert page.locator("[id='title.1']").input_value() == "One"
        assert page.evaluate("document.activeElement.id") == "title.2"


def test_a_field_is_checked_when_it_is_left(readers: Readers) -> None:
    with readers.sit() as reader:
        page = reader.open("/submit/resource")
        page.locator("[id='issued.1']").fill("in 2019")
        page.locator("[id='doi.1']").focus()
        page.wait_for_selector("#issued .live .grave")
        assert page.locator("[id='issued.1']").get_attribute("aria-invalid") == "true"
        page.locator("[id='issued.1']").fill("2019")
        page.locator("[id='doi.1']").focus()
        page.wait_for_selector("#issued .live", state="detached")


def test_everything_is_there_without_scripts(readers: Readers) -> None:
    with readers.browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(readers.home + "submit/finding")
        page.locator("[name='label.1']").fill("Right to food: farmers (alleged)")
        page.locator("button[value='add:evidence']").click()
        page.locator("[name='evidence.2.title.1']").fill("A report")
        page.locator("p.actions button[value='check']").click()
        assert page.locator("#summary").is_visible()
        assert page.locator("[name='evidence.2.title.1']").input_value() == "A report"
        assert not context.cookies()
