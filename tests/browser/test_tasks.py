"""What members come for: find, narrow, read, take along, without a line of SPARQL."""

from __future__ import annotations

import csv
import random
from collections import defaultdict
from pathlib import Path
from urllib.parse import unquote_plus
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Locator, Page
from pyoxigraph import Literal, NamedNode, RdfFormat, parse
from tests.browser.conftest import PHONE, Readers
from tests.running import Running

BASE = "https://w3id.org/escrgraph/"
ESCR, DCTERMS = BASE + "def/", "http://purl.org/dc/terms/"
SKOS, ORG = "http://www.w3.org/2004/02/skos/core#", "http://www.w3.org/ns/org#"
SEED = 20_261_127
TASKS = range(10)

PLACES = {"Method": ESCR + "usesMethod", "Country": ESCR + "country"}
NARROWED = {
    ("Resources", "resource"): PLACES | {"Right": DCTERMS + "subject", "Type": DCTERMS + "type"},
    ("Findings", "finding"): PLACES | {"Standing": ESCR + "standing"},
    ("Organizations", "organization"): {
        "Country": ESCR + "country",
        "Type of organization": ORG + "classification",
    },
    ("Updates", "update"): PLACES | {"Right": DCTERMS + "subject"},
}
"""Lists by their place in the menu: what narrows them -> the property that a plain walk looks at."""


class Data:
    """All triples of the library, read plainly."""

    def __init__(self, url: str) -> None:
        self.values: dict[tuple[str, str], set[str]] = defaultdict(set)
        self.names: dict[str, str] = {}
        with urlopen(Request(url + "store", headers={"Accept": "application/n-quads"})) as answer:
            for quad in parse(answer.read(), RdfFormat.N_QUADS):
                if not isinstance(quad.subject, NamedNode):
                    continue
                subject, predicate = quad.subject.value, quad.predicate.value
                if isinstance(quad.object, NamedNode):
                    self.values[subject, predicate].add(quad.object.value)
                elif (
                    isinstance(quad.object, Literal)
                    and predicate == SKOS + "prefLabel"
                    and quad.object.language == "en"
                ):
                    self.names[subject] = quad.object.value

    def terms(self, record: str, path: str) -> set[str]:
        """The values of a record, and what is broader than they."""
        found: set[str] = set()
        waiting = list(self.values.get((record, path), ()))
        while waiting:
            term = waiting.pop()
            if term not in found:
                found.add(term)
                waiting += self.values.get((term, SKOS + "broader"), ())
        return found

    def records(self, type_: str) -> list[str]:
        """The records of a type."""
        stem = f"{BASE}id/{type_}/"
        return sorted(
            {subject for subject, _ in self.values if subject.startswith(stem) and "/" not in subject[len(stem) :]}
        )


@pytest.fixture(scope="module")
def data(library: Running) -> Data:
    return Data(library.url)


def choose(page: Page, facet: str, term: str) -> None:
    """Narrow a list by a term, unfolding what hides it, as a reader would."""
    if not page.locator(".facet").first.is_visible():
        page.locator("details.narrow > summary").click()
    panel = page.locator("details.facet").filter(
        has=page.get_by_role("heading", name=facet, exact=True, include_hidden=True)
    )
    unfold(panel)
    wanted = panel.get_by_role("link", name=term, exact=True)
    if not wanted.count():
        panel.get_by_role("link", name="more").click()
        choose(page, facet, term)
        return
    wanted.first.click()


def unfold(panel: Locator) -> None:
    """Open a facet and everything in it, from outside to inside."""
    if panel.get_attribute("open") is None:
        panel.locator(":scope > summary").click()
    closed = panel.locator("details:not([open]) > summary")
    while closed.count():
        closed.first.click()


def table(page: Page) -> list[dict[str, str]]:
    """The list as it is downloaded."""
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Download as CSV").click()
    with Path(waiting.value.path()).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("phone", [False, True])
def test_budget_analysis_on_health_in_mexico(readers: Readers, data: Data, phone: bool) -> None:
    expected = {
        record
        for record in data.records("resource")
        if BASE + "id/method/budget-analysis" in data.terms(record, ESCR + "usesMethod")
        and BASE + "id/right/health" in data.terms(record, DCTERMS + "subject")
        and BASE + "id/country/mex" in data.terms(record, ESCR + "country")
    }
    assert expected
    with readers.sit(**({"size": PHONE} if phone else {})) as reader:
        page = reader.open("/")
        page.get_by_role("searchbox").fill("budget analysis")
        page.get_by_role("searchbox").press("Enter")
        choose(page, "Right", "Right to health")
        choose(page, "Country", "Mexico")
        rows = table(page)
        assert rows
        assert {row["iri"] for row in rows} >= expected
        assert {"Mexico" in row["country"] for row in rows} == {True}
        shown = page.locator("ol.hits h3 a").all_inner_texts()
        assert shown == [row["title"] for row in rows]
        page.locator("ol.hits h3 a").first.click()
        assert page.locator("h1").inner_text() == shown[0]


@pytest.mark.parametrize("task", TASKS)
def test_a_list_narrowed_twice_is_what_a_plain_walk_finds(readers: Readers, data: Data, task: int) -> None:
    drawn = random.Random(SEED + task)
    (menu, type_), facets = drawn.choice(sorted(NARROWED.items()))
    first, second = drawn.sample(sorted(facets), 2)
    full = [
        record
        for record in data.records(type_)
        if data.values.get((record, facets[first])) and data.values.get((record, facets[second]))
    ]
    record = drawn.choice(full)
    terms = {facet: drawn.choice(sorted(data.values[record, facets[facet]])) for facet in (first, second)}
    expected = {
        other
        for other in data.records(type_)
        if all(terms[facet] in data.terms(other, facets[facet]) for facet in terms)
    }
    assert record in expected
    with readers.sit() as reader:
        page = reader.open("/")
        page.get_by_role("navigation", name="Main").get_by_role("link", name=menu).click()
        for facet, term in terms.items():
            choose(page, facet, data.names[term])
        assert {row["iri"] for row in table(page)} == expected
        assert page.locator("#found").inner_text() == (
            "One record" if len(expected) == 1 else f"{len(expected)} records"
        )
        page.get_by_role("link", name="See this as SPARQL").click()
        assert page.get_by_role("heading", name="SPARQL").is_visible()
        assert "SELECT ?record" in unquote_plus(page.url)


def test_a_filter_is_taken_back(readers: Readers) -> None:
    with readers.sit() as reader:
        page = reader.open("/browse/finding")
        whole = page.locator("#found").inner_text()
        choose(page, "Standing", "Adjudicated")
        assert page.locator("#found").inner_text() != whole
        page.locator("ul.chips a").first.click()
        assert page.locator("#found").inner_text() == whole


def test_the_keyboard_leads_from_search_to_a_record(readers: Readers) -> None:
    with readers.sit() as reader:
        page = reader.open("/search")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")  # skip to the content
        page.keyboard.press("Tab")
        page.keyboard.type("right to health")
        page.keyboard.press("Enter")
        page.wait_for_url("**q=right*")
        link = page.locator("ol.hits h3 a").first
        wanted = link.get_attribute("href")
        for _ in range(400):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.getAttribute('href')") == wanted:
                break
        page.keyboard.press("Enter")
        page.wait_for_url(f"**{wanted}")
        assert page.locator("h1").inner_text() == "Right to health"
