"""The pages about one thing: what shapes declare is shown, what was changed is told, what is due is said."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, parse
from tests.places import configured
from tests.web.sites import BASE, Site, before, texts

from escrgraph.repository.changes import Cause, Change
from escrgraph.service import Service, attached
from escrgraph.vocabulary import shipped
from escrgraph.vocabulary.kinds import kinds_of
from escrgraph.vocabulary.namespaces import prologue

PREFIXES = prologue().replace("PREFIX", "@prefix").replace(">\n", "> .\n") + f"@prefix id: <{BASE}id/> .\n"
TODAY = datetime.now(UTC).date()


def quads(turtle: str, graph: str) -> list[Quad]:
    node = NamedNode(f"{BASE}graph/{graph}")
    return [Quad(q.subject, q.predicate, q.object, node) for q in parse((PREFIXES + turtle).encode(), RdfFormat.TURTLE)]


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    store = tmp_path_factory.mktemp("pages") / "store"
    with configured(store, contact="ask@x.example") as settings, attached(settings, create=True) as found:
        for turtle, graph in RECORDS:
            found.writer.commit(
                Change(Cause.IMPORT, "nobody", "A <b>reason</b>.", quads(turtle, graph), unchecked=True)
            )
        yield found


@pytest.fixture(scope="module")
def site(service: Service) -> Iterator[Site]:
    with before(service) as found:
        yield found


def deadline(slug: str, day: date) -> tuple[str, str]:
    return (
        f'<{BASE}id/update/{slug}> a escr:Update ; dcterms:title "{slug}"@en ; schema:validThrough "{day}"^^xsd:date .',
        "update",
    )


RECORDS = [
    (f'<{BASE}id/right/x> a escr:Right ; skos:prefLabel "Right X"@en, "Derecho X"@es ; escr:weight 1234.5 ; '
     'escr:editorial skos:prefLabel, skos:definition ; skos:definition "Ours."@en .', "right"),
    deadline("over", TODAY - timedelta(days=1)),
    deadline("last-day", TODAY),
    deadline("far", TODAY + timedelta(days=400)),
]  # fmt: skip


def test_a_property_added_to_a_shape_is_shown_without_a_change_of_code(
    service: Service, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before_ = site.page("/doc/right/x")
    assert "escr:weight" in texts(before_, "//section[@id='other']//dt")
    extra = tmp_path / "extra.ttl"
    extra.write_text(
        PREFIXES + "shape:Right sh:property shape:right-weight . shape:right-weight sh:path escr:weight ; sh:order 2 ;"
        ' sh:group shape:group-what ; sh:name "Weight"@en, "Peso"@es .',
        encoding="utf-8",
    )
    kinds = kinds_of([*shipped.shape_files(), extra], shipped.ontology_files())
    monkeypatch.setattr(type(service), "kinds", property(lambda _: kinds))
    page = site.page("/doc/right/x", "es")
    section = page.xpath("//section[@id='group-what']")[0]
    assert "Peso" in texts(section, ".//dt")
    assert section.xpath(".//data/@value") == ["1234.5"]
    assert texts(section, ".//data") == ["1.234,5"]
    assert not page.xpath("//section[@id='other']")


def test_a_list_added_to_a_shape_is_shown_without_a_change_of_code(
    service: Service, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    extra = tmp_path / "extra.ttl"
    extra.write_text(
        PREFIXES
        + 'shape:Right shape:listing shape:right-test . shape:right-test shape:of "method" ; shape:namedBy escr:suits ;'
        ' sh:order 6.05 ; sh:name "Tests"@en ; shape:note "None yet."@en .',
        encoding="utf-8",
    )
    kinds = kinds_of([*shipped.shape_files(), extra], shipped.ontology_files())
    monkeypatch.setattr(type(service), "kinds", property(lambda _: kinds))
    (section,) = site.page("/doc/right/x").xpath("//section[@id='right-test']")
    assert texts(section, "./*") == ["Tests (0)", "None yet."]


@pytest.mark.parametrize(("slug", "said"), [("over", "Closed"), ("last-day", "Open"), ("far", "Open")])
def test_a_deadline_is_open_up_to_its_day(site: Site, slug: str, said: str) -> None:
    page = site.page(f"/doc/update/{slug}")
    assert texts(page, "//p[contains(@class, 'deadline')]/strong") == [said]


def test_a_page_with_a_deadline_is_another_one_on_another_day(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    today = site.get("/doc/update/last-day", "text/html")
    other = site.get("/doc/right/x", "text/html")
    monkeypatch.setattr("escrgraph.web.entity_page.counting_day", lambda: TODAY + timedelta(days=1))
    tomorrow = site.get("/doc/update/last-day", "text/html", if_none_match=today.headers["ETag"])
    assert tomorrow.status_code == 200
    assert "Closed" in tomorrow.text
    assert site.get("/doc/right/x", "text/html", if_none_match=other.headers["ETag"]).status_code == 304


def test_a_page_says_which_change_made_it_and_why(site: Site) -> None:
    about = texts(site.page("/doc/right/x"), "//footer[contains(@class, 'about')]/p")
    assert f"Last changed: {TODAY}, change 1: A <b>reason</b>." in " ".join(about)


def test_words_of_the_library_itself_are_marked(site: Site) -> None:
    page = site.page("/doc/right/x")
    assert [term.xpath("./bdi/text()") for term in page.xpath("//dt[span[@class='tag']]")] == [["Definition"]]


def test_what_is_not_translated_is_said_and_other_names_are_shown(site: Site) -> None:
    page = site.page("/doc/right/x", "fr")
    assert texts(page, "//h1/bdi") == ["Right X"]
    assert texts(page, "//p[@class='names']/bdi") == ["Derecho X"]
    assert "Pas encore dans cette langue" in page.xpath("//footer")[0].text_content()
    english = site.page("/doc/right/x", "en")
    assert "Not yet in this language" not in english.text_content()


def test_the_query_of_a_page_gives_the_page(site: Site) -> None:
    (address,) = site.page("/doc/right/x").xpath("//div[@class='acts']/a/@href")
    asked = site.get(address.split("&lang")[0] + "&format=nt")
    assert {q.triple for q in parse(asked.data, RdfFormat.N_TRIPLES)} == {
        q.triple for q in parse(site.get("/doc/right/x.nt").data, RdfFormat.N_TRIPLES)
    }


def test_a_correction_can_be_asked_for(site: Site) -> None:
    assert "mailto:ask@x.example?subject=right/x" in site.page("/doc/right/x").xpath("//footer//a/@href")


def test_literals_are_what_they_were(site: Site) -> None:
    assert Literal("Ours.", language="en") in {
        q.object for q in parse(site.get("/doc/right/x.nt").data, RdfFormat.N_TRIPLES)
    }
