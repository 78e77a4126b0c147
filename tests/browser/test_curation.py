"""From a form to a published page and back, by keyboard, without JavaScript: a member and a curator at work."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page
from tests.browser.conftest import Readers
from tests.running import Running, serving

from escrgraph.curation.actors import Role
from escrgraph.curation.database import Database
from escrgraph.curation.people import People
from escrgraph.repository.backups import restore

PASSWORD = "four words of mine"
CHECK = "p.actions button[value=check]"


@pytest.fixture
def service(shipped_store: Path, tmp_path: Path) -> Iterator[Running]:
    """A service with a member and two curators."""
    restore(shipped_store, tmp_path / "store")
    database = Database.beside(tmp_path / "store")
    people = People(database)
    for name, role in (("ana", Role.MEMBER), ("carla", Role.CURATOR), ("dan", Role.CURATOR)):
        people.add(name, role, password=PASSWORD)
    database.close()
    with serving(tmp_path / "store") as running:
        yield running


@pytest.fixture
def browser(readers: Readers) -> Browser:
    return readers.browser


class Person:
    """Somebody who has a keyboard and no JavaScript."""

    def __init__(self, page: Page, home: str) -> None:
        self.page, self.home = page, home

    def open(self, path: str) -> None:
        answer = self.page.goto(self.home + path.lstrip("/"))
        assert answer is not None
        assert answer.ok, f"{path}: {answer.status}"

    def reach(self, selector: str) -> None:
        """Go on by Tab until what is focused is what is wanted."""
        wanted = self.page.locator(selector).first
        assert wanted.count(), f"{selector} is not on {self.page.url}"
        for _ in range(400):
            self.page.keyboard.press("Tab")
            if wanted.evaluate("element => element === document.activeElement"):
                return
        raise AssertionError(f"Tab never came to {selector} on {self.page.url}")

    def write(self, selector: str, text: str) -> None:
        """Write into a field in the place of what is there."""
        self.reach(selector)
        self.page.keyboard.press("Control+A")
        self.page.keyboard.press("Delete")
        self.page.keyboard.insert_text(text)

    def press(self, selector: str) -> None:
        """Press a button or follow a link, and wait for the page that comes."""
        self.reach(selector)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def send(self) -> None:
        """Send the form to the curators; where there is advice, say that it was seen."""
        self.press("p.actions button[value=submit]")
        if self.page.locator("#seen").count():
            self.reach("#seen")
            self.page.keyboard.press("Space")
            self.press("p.actions button[value=submit]")

    def says(self) -> str:
        return " ".join(self.page.locator("main").inner_text().split())

    def sees_what_everybody_can_use(self) -> None:
        found = Axe().run(self.page)
        assert found.violations_count == 0, found.generate_report()


@contextmanager
def sitting(browser: Browser, home: str, name: str) -> Iterator[Person]:
    """Somebody who signs in."""
    with browser.new_context(java_script_enabled=False, locale="en") as context:
        person = Person(context.new_page(), home)
        person.open("/account/sign-in")
        person.write("#name", name)
        person.write("#password", PASSWORD)
        person.press("main form button.button")
        assert name in person.says()
        yield person


def test_a_member_submits_mends_and_a_curator_publishes_and_undoes(service: Running, browser: Browser) -> None:
    with sitting(browser, service.url, "ana") as ana, sitting(browser, service.url, "carla") as carla:
        ana.open("/submit/journal")
        ana.write("[name='source.1']", "not an address")
        ana.press(CHECK)
        assert "mend this first (2)" in ana.says()
        ana.write("[name='title.1']", "Journal of keyboards")
        ana.write("[name='source.1']", "javascript:alert(1)")
        ana.press(CHECK)
        assert "mend this first (1)" in ana.says()
        ana.reach("[name='title.1@']")
        ana.page.keyboard.type("English")
        ana.write("[name='source.1']", "https://example.org/journal")
        ana.send()
        assert "A curator reads it next" in ana.says()
        ana.press("main a[href*='/submissions/']")
        here = re.search(r"/submissions/(\w+)", ana.page.url)
        assert here is not None

        carla.open("/curate")
        carla.press(f"a[href*='/curate/{here[1]}']")
        assert "Journal of keyboards" in carla.says()
        carla.write("#reason", "Please give its full title.")
        carla.press("button[value=ask]")
        assert "Changes requested" in carla.says()

        ana.open(f"/submissions/{here[1]}")
        assert "Please give its full title." in ana.says()
        ana.press("main a[href*='submission=']")
        ana.write("[name='title.1']", "Journal of keyboards and screens")
        ana.send()
        assert "Submitted" in ana.says()

        carla.open(f"/curate/{here[1]}")
        assert "Journal of keyboards and screens" in carla.says()
        carla.press("button[value=accept]")
        assert "Published" in carla.says()
        record = carla.page.locator("main a[href^='/doc/journal/']").first.get_attribute("href")
        assert record is not None
        carla.open(record)
        assert "Journal of keyboards and screens" in carla.says()
        title = "'Journal of keyboards and screens'@en"
        query = f"SELECT ?j WHERE {{ ?j a <https://w3id.org/escrgraph/def/Journal> ; ?p {title} }}"
        found = carla.page.request.get(f"{service.url}sparql", params={"query": query, "format": "csv"})
        assert record.removeprefix("/doc/") in found.text()
        carla.press("a[href$='/history']")
        assert "submitted and accepted" in carla.says()

        carla.open(f"/curate/{here[1]}")
        carla.write("#reason", "It is no journal.")
        carla.press("form[action*='/curate/undo'] button")
        assert "Published" in carla.says()
        gone = carla.page.goto(service.url + record.lstrip("/"))
        assert gone is not None
        assert gone.status == 410
        assert "No longer published" in _read(ana, f"/submissions/{here[1]}")


def _read(person: Person, path: str) -> str:
    person.open(path)
    return person.says()


def test_everybody_can_use_the_pages_of_curation(service: Running, browser: Browser) -> None:
    with browser.new_context(locale="en") as context:
        page = context.new_page()
        page.goto(f"{service.url}account/sign-in")
        page.fill("#name", "carla")
        page.fill("#password", PASSWORD)
        with page.expect_navigation():
            page.keyboard.press("Enter")
        paths = ("account", "curate", "submissions", "curate/lists/chain-gaps", "doc/right/food/history")
        for path in (*paths, "doc/right/food/history/1"):
            for scheme, language in (("light", "en"), ("dark", "ar")):
                page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
                page.set_viewport_size(
                    {"width": 1200, "height": 800} if language == "en" else {"width": 320, "height": 700}
                )
                page.goto(f"{service.url}{path}?lang={language}")
                found = Axe().run(page)
                assert found.violations_count == 0, f"{path} {scheme}: {found.generate_report()}"
                wide = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
                assert page.evaluate(wide), f"{path} in {language} is wider than the screen"
