"""The chain of a finding: every link, what is missing, and a drawing that fits its boxes in either direction."""

from __future__ import annotations

import re
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html
from pyoxigraph import Literal, NamedNode
from tests.web.sites import BASE, Site, texts
from tests.web.test_entity import reading

from escrgraph.vocabulary.kinds import shipped_kinds
from escrgraph.vocabulary.languages import LANGUAGES
from escrgraph.web.chain import Chain, Role, read_chain
from escrgraph.web.chain_drawing import Drawing, drawings, said
from escrgraph.web.lettering import width, wrap

FINDING = "finding/x"
WHOLE = """
$X a escr:Finding ; rdfs:label "F"@en ; escr:standing id:scheme/standing/alleged ;
  escr:forum "Court"@en ; escr:caseTitle "A v. B" ;
  escr:country id:country/gtm ; escr:establishes <$/deprivation> ; escr:evidence <$/evidence/1>, <$/evidence/2> ;
  escr:contradictedBy <$/evidence/3> ; escr:followedBy <$/consequence/1> ; escr:reply "We deny it."@en .
<$/deprivation> a escr:Deprivation ; dcterms:description "People went hungry."@en ; escr:right id:right/food ;
  escr:period "2003/2010"^^edtf:EDTF ; escr:measuredBy <$/observation/1> ; escr:attributedTo <$/failure> .
<$/observation/1> a escr:Observation ; escr:value 12345.5 ; escr:unit id:scheme/unit/people ;
  escr:qualifier id:scheme/qualifier/more-than ;
  escr:indicator id:indicator/hunger .
<$/failure> a escr:PolicyFailure ; dcterms:description "The budget was cut."@en ; escr:breaches id:obligation/fulfil ;
  escr:committedBy id:organization/ministry ; escr:institutionLabel "The Ministry" .
<$/evidence/1> a escr:Evidence ; dcterms:title "Report"@en ; foaf:page <https://x.example/report> .
<$/evidence/2> a escr:Evidence ; dcterms:title "Study"@en ; dcterms:relation id:resource/study .
<$/evidence/3> a escr:Evidence ; dcterms:title "Denial"@en ; foaf:page <https://x.example/denial> .
<$/consequence/1> a escr:Consequence ; dcterms:description "The budget was restored."@en ;
  dcterms:date "2011-05"^^edtf:EDTF ; escr:by id:organization/court .
"""
NAMES = {
    BASE + "id/scheme/standing/alleged": [Literal("Alleged", language="en")],
    BASE + "id/scheme/qualifier/more-than": [Literal("more than", language="en")],
    BASE + "id/scheme/unit/people": [Literal("people", language="en")],
    BASE + "id/organization/ministry": [Literal("Ministry of Food", language="en")],
}


def chain(turtle: str, language: str = "en") -> Chain:
    written = turtle.replace("$X", f"<{BASE}id/{FINDING}>").replace("$", f"{BASE}id/{FINDING}")
    written = re.sub(r" id:(\S+)", rf" <{BASE}id/\1>", written)
    return read_chain(reading(written, language, NAMES), NamedNode(BASE + "id/" + FINDING), shipped_kinds())


def lines(found: Chain, name: str) -> list[str]:
    link = found.link(name)
    assert link is not None
    return [said(line) for line in link.lines]


def test_every_link_says_what_is_recorded() -> None:
    found = chain(WHOLE)
    assert [value.text for value in found.standing] == ["Alleged"]
    assert found.standing_name == "alleged"
    assert [value.text for value in (*found.forum, *found.case, *found.dates, *found.replies)] == [
        "Court", "A v. B", "May 2011", "We deny it.",
    ]  # fmt: skip
    deprivation = lines(found, "deprivation")
    assert deprivation[0] == "more than 12,345.5 people"
    assert {"People went hungry.", "Right: food", "Period: from 2003 to 2010"} <= set(deprivation)
    assert lines(found, "failure") == ["The budget was cut."]
    assert lines(found, "institution")[0] == "Ministry of Food"
    assert lines(found, "institution")[1].endswith(": The Ministry")
    assert lines(found, "obligation") == ["fulfil"]
    assert lines(found, "evidence") == ["Report", "Study"]
    assert lines(found, "contrary") == ["Denial"]
    assert lines(found, "consequence")[:2] == ["May 2011", "The budget was restored."]
    assert not [link.name for link in found.links if link.missing]


def test_evidence_leads_to_the_library_first_and_else_outside() -> None:
    evidence = chain(WHOLE).link("evidence")
    assert evidence is not None
    assert [(line.href, line.external) for line in evidence.lines] == [
        ("https://x.example/report", True), ("/doc/resource/study", False),
    ]  # fmt: skip


def test_what_is_missing_is_a_link_too() -> None:
    found = chain("$X a escr:Finding .")
    assert [link.name for link in found.links] == [
        "deprivation", "failure", "institution", "obligation", "evidence", "consequence",
    ]  # fmt: skip
    assert all(link.missing for link in found.links)
    wide, narrow = drawings(found, "en", "Not recorded")
    for drawing in (wide, narrow):
        assert all("Not recorded" in [text.text for text in box.texts] for box in drawing.boxes)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("turtle", [WHOLE, "$X a escr:Finding ."])
def test_a_drawing_keeps_within_its_bounds(turtle: str, language: str) -> None:
    for drawing in drawings(chain(turtle, language), language, "Not recorded"):
        fits(drawing)


def fits(drawing: Drawing) -> None:
    for box in drawing.boxes:
        assert box.x >= 0
        assert box.x + box.width <= drawing.width
        assert box.y + box.height <= drawing.height
        assert box.x <= box.bar <= box.x + box.width
        for text in box.texts:
            assert box.y < text.y < box.y + box.height
            size = {Role.FIGURE: 25.0, Role.NAME: 16.0, Role.TEXT: 15.0, Role.NOTE: 13.5}.get(text.role, 13.0)  # type: ignore[call-overload]
            reach = width(text.text, size) * (1 if (text.direction == "ltr") == (text.anchor == "start") else -1)
            assert box.x - 1 <= min(text.x, text.x + reach), text
            assert max(text.x, text.x + reach) <= box.x + box.width + 1, text
    for one, other in combinations(drawing.boxes, 2):
        apart = one.x + one.width <= other.x or other.x + other.width <= one.x
        assert apart or one.y + one.height <= other.y or other.y + other.height <= one.y, (one.name, other.name)


def test_the_other_direction_is_the_mirror_image() -> None:
    there, here = (drawings(chain(WHOLE, language), language, "-")[0] for language in ("en", "ar"))
    first, mirrored = there.boxes[0], here.boxes[0]
    assert first.name == mirrored.name == "deprivation"
    assert first.x == 0
    assert mirrored.x + mirrored.width == here.width
    assert {text.direction for box in here.boxes for text in box.texts} == {"ltr", "rtl"}


@settings(deadline=None)
@given(st.text(max_size=200), st.floats(40, 300))
def test_lines_hold_every_word_and_fit(text: str, room: float) -> None:
    found = wrap(text, 15, room)
    assert "".join(found).replace(" ", "") == "".join(text.split())
    assert all(len(line) == 1 or width(line, 15) <= room for line in found)


# On the page


def test_the_page_of_each_finding_tells_its_chain_twice(site: Site, records: dict[str, list[str]]) -> None:
    for record in records["finding"]:
        page = site.page(f"/doc/{record}")
        wide, narrow = page.xpath("//figure/*[local-name() = 'svg']")
        assert wide.get("aria-hidden") == narrow.get("aria-hidden") == "true"
        in_words = page.xpath("//ol[@class='words']")[0]
        listed = " ".join(in_words.text_content().split())
        for drawing in (wide, narrow):
            boxes = drawing.xpath(".//*[contains(@class, 'box')]")
            assert len(boxes) == len(in_words.xpath("./li"))
            assert not drawing.xpath(".//*[local-name() = 'a'][not(@tabindex = '-1')]")
            drawn = set(drawing.xpath(".//*[local-name() = 'a']/@href"))
            assert drawn <= set(in_words.xpath(".//a/@href")), record
        missing = len(wide.xpath(".//*[contains(@class, 'box') and contains(@class, 'missing')]"))
        assert listed.count("Not recorded") == missing
        standing = texts(page, "//dl[@class='stand']//dd[contains(@class, 'standing')]")
        assert standing
        assert standing != ["Not recorded"]


def test_a_wrong_record_can_be_complained_of(site: Site) -> None:
    page = site.page("/doc/finding/arg-disability-pension-residence")
    assert "Ask those who run this site" in page.xpath("//section[contains(@class, 'reply')]")[0].text_content()


def test_no_finding_is_drawn_on_other_pages(site: Site) -> None:
    page: html.HtmlElement = site.page("/doc/country/gtm")
    assert not page.xpath("//*[local-name() = 'svg']")
