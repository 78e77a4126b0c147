"""The queries behind pages, against what plain SPARQL and plain Python count."""

from __future__ import annotations

from collections import defaultdict

import pytest
from pyoxigraph import Literal, NamedNode, Store
from tests.web.sites import BASE, Site, texts

from escrgraph.repository.formats import Mode
from escrgraph.repository.questions import read_question
from escrgraph.vocabulary import shipped
from escrgraph.vocabulary.iris import Base
from escrgraph.vocabulary.kinds import shipped_kinds
from escrgraph.vocabulary.namespaces import local_name
from escrgraph.web.page_queries import ask, labels_in, page_query, text, text_of

NAMES = sorted(path.stem for path in shipped.path("queries/pages").glob("*.rq"))
OURS = Base()


@pytest.fixture(scope="module")
def pointing(whole: Store) -> dict[str, dict[tuple[str, str], set[str]]]:
    """For each record, what other records point to it by what: told by a plain walk over all quads."""
    found: dict[str, dict[tuple[str, str], set[str]]] = defaultdict(lambda: defaultdict(set))
    for quad in whole:
        if not isinstance(quad.subject, NamedNode) or not isinstance(quad.object, NamedNode):
            continue
        source, target = OURS.record_of(quad.subject.value), OURS.record_of(quad.object.value)
        if source and target and source != target and OURS.record_iri(target) == quad.object.value:
            found[target][source.partition("/")[0], quad.predicate.value].add(OURS.record_iri(source))
    return found


@pytest.mark.parametrize("name", NAMES)
def test_each_query_runs_with_its_own_defaults(site: Site, name: str) -> None:
    question = read_question(shipped.path(f"queries/pages/{name}.rq"))
    assert question.text == text_of(name)
    asked = ask(site.service, [page_query(site.service, name, question.bind())])
    assert asked.generation == 1
    assert asked.bodies[0]


def test_a_plain_store_reads_all_its_graphs(site: Site) -> None:
    assert not page_query(site.service, "counts").union
    assert site.service.settings.default_graph is Mode.MERGE


def test_every_link_to_a_record_is_counted(
    site: Site, pointing: dict[str, dict[tuple[str, str], set[str]]], records: dict[str, list[str]]
) -> None:
    names = [record for found in records.values() for record in found]
    for start in range(0, len(names), 50):
        some = names[start : start + 50]
        queries = [page_query(site.service, "incoming", {"record": NamedNode(OURS.record_iri(name))}) for name in some]
        asked = ask(site.service, queries)
        for index, name in enumerate(some):
            rows = asked.solutions(index)
            counts = {(text(row, "type"), text(row, "property")): int(text(row, "count")) for row in rows}
            assert counts == {key: len(sources) for key, sources in pointing.get(name, {}).items()}, name


@pytest.mark.parametrize(
    "record", ["right/health", "method/indicators", "organization/cesr", "country/gtm", "scheme/icescr"]
)
def test_groups_of_a_page_follow_their_links_to_the_end(
    site: Site, pointing: dict[str, dict[tuple[str, str], set[str]]], record: str
) -> None:
    page = site.page(f"/doc/{record}")
    kinds = shipped_kinds()
    listings = {(listing.of, listing.named_by): listing for listing in kinds.by_type[record.partition("/")[0]].listings}
    again = {(listing.of, path) for listing in listings.values() for path in listing.instead}
    found = {section.get("id") for section in page.xpath("//section[ul[contains(@class, 'listing')]]")}
    for (type_, path), sources in pointing[record].items():
        field = kinds.by_type[type_].field(path)
        told_elsewhere = (type_, path) in again or (field is not None and field.read_only)
        listing = listings.get((type_, path))
        anchor = listing.name if listing else f"{type_}-{local_name(path)}"
        assert (anchor in found) != told_elsewhere, anchor
        if told_elsewhere:
            continue
        (group,) = page.xpath("//section[@id=$anchor]", anchor=anchor)
        assert group.xpath("./*[self::h2 or self::h3]//span/bdi/text()") == [str(len(sources))]
        first = {OURS.iri + "id/" + path.removeprefix("/doc/") for path in group.xpath("./ul/li/a/@href")}
        assert first <= sources
        assert len(first) == min(len(sources), 10)
        more = group.xpath("./p/a[not(@class)]/@href")
        assert bool(more) == (len(sources) > 10)
        if more:
            assert followed(site, more[0], len(sources)) == sorted(sources)


def test_lists_that_lead_further_count_what_they_lead_to(site: Site, whole: Store) -> None:
    page = site.page("/doc/country/gtm")
    country = NamedNode(BASE + "id/country/gtm")
    expected: dict[str, set[str]] = defaultdict(set)
    for naming in whole.quads_for_pattern(None, NamedNode(BASE + "def/country"), country, None):
        for quad in whole.quads_for_pattern(naming.subject, NamedNode(BASE + "def/usesMethod"), None, None):
            expected[quad.object.value.removeprefix(BASE + "id/")].add(naming.subject.value)
    items = page.xpath("//section[@id='country-lists-methods']//li")
    found = {
        item.xpath("./a/@href")[0].removeprefix("/doc/"): int(item.xpath("./span//text()[. != '(']")[0])
        for item in items
    }
    assert found == {thing: len(sources) for thing, sources in expected.items()}
    assert list(found.values()) == sorted(found.values(), reverse=True)


def test_newer_records_come_first_and_say_what_the_list_promises(site: Site) -> None:
    page = site.page("/doc/method/budget-analysis")
    (resources,) = page.xpath("//section[@id='method-lists-resources']")
    years = [int(text[-4:]) for text in texts(resources, ".//span[contains(@class, 'issued')]")]
    assert len(years) > 5
    assert years == sorted(years, reverse=True)
    (findings,) = page.xpath("//section[@id='method-lists-findings']")
    for item in findings.xpath("./ul/li"):
        assert texts(item, ".//span[contains(@class, 'standing')]"), "a finding is never listed without its standing"


def followed(site: Site, path: str, count: int) -> list[str]:
    """What the page at a path and all that follow it list."""
    found: list[str] = []
    while path:
        page = site.page(path)
        assert str(count) in texts(page, "//main/p")[1]
        found += [OURS.iri + "id/" + href.removeprefix("/doc/") for href in page.xpath("//main/ul/li/a/@href")]
        path = next(iter(page.xpath("//a[@rel='next']/@href")), "")
    return found


def test_the_language_is_kept_from_page_to_page(site: Site) -> None:
    page = site.page("/doc/right/food?lang=fr")
    inside = [href for href in page.xpath("//header//a/@href | //main//a/@href | //footer//a/@href") if href[0] == "/"]
    inside = [href for href in inside if "/cite." not in href]
    pages = [href for href in inside if "/doc/right/food." not in href and "lang=" in href]
    assert len(pages) == len([href for href in inside if "/doc/right/food." not in href])
    more = page.xpath("//section[@id='right-lists-resources']/p/a/@href")[0]
    following = site.page(more)
    assert following.get("lang") == "fr"
    assert following.xpath("//a[@rel='next']/@href")[0].endswith("&lang=fr")


@pytest.mark.parametrize(
    "query", ["", "?property=", "?property=javascript:x", "?property=http://x/ y", "?property=urn:x:y"]
)
def test_a_list_needs_a_property(site: Site, query: str) -> None:
    assert site.get("/doc/right/food/in/resource" + query).status_code == 400
    assert site.get("/doc/right/food/in/nothing?property=http://purl.org/dc/terms/subject").status_code == 400


def test_a_list_without_members_is_empty(site: Site) -> None:
    page = site.page("/doc/right/food/in/person?property=http://xmlns.com/foaf/0.1/knows")
    assert not page.xpath("//main//li")


def test_rows_are_read_as_terms(site: Site) -> None:
    asked = ask(site.service, [page_query(site.service, "labels", {"record": NamedNode(BASE + "id/right/food")})])
    pairs = labels_in(asked.solutions(0))
    name = Literal("Right to an adequate standard of living", language="en")
    assert (BASE + "id/right/adequate-standard-of-living", name) in pairs
    assert text({"a": Literal("x")}, "a") == "x"
    assert text({}, "a") == ""
