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
        inferred = str(quad.graph_name).endswith("/inferred>")
        if source and target and source != target and not inferred and OURS.record_iri(target) == quad.object.value:
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
    groups = page.xpath("//section[@aria-labelledby='incoming']/section")
    expected = pointing[record]
    assert len(groups) == len(expected)
    for group, (key, sources) in zip(groups, sorted(expected.items()), strict=True):
        assert group.get("id").startswith(key[0] + "-")
        assert group.xpath(".//h3//span/bdi/text()") == [str(len(sources))]
        first = [OURS.iri + "id/" + path.removeprefix("/doc/") for path in group.xpath("./ul/li/a/@href")]
        assert first == sorted(sources)[:10]
        more = group.xpath("./p/a/@href")
        assert bool(more) == (len(sources) > 10)
        if more:
            assert followed(site, more[0], len(sources)) == sorted(sources)


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
    pages = [href for href in inside if "/doc/right/food." not in href and "lang=" in href]
    assert len(pages) == len([href for href in inside if "/doc/right/food." not in href])
    more = page.xpath("//section[@id='resource-subject']/p/a/@href")[0]
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
