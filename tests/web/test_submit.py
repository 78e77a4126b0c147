"""Submitting: forms that work without scripts, checks at the fields, tables, and hostile input."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator

import pytest
from lxml import html
from tests.running import serving
from tests.web.sites import Site, before_store, texts

from escrgraph.curation.proposals import Purpose
from escrgraph.curation.submissions import Filter
from escrgraph.vocabulary.iris import TYPES
from escrgraph.vocabulary.languages import LANGUAGES

FINDING = "finding/gtm-maternal-mortality-indigenous"
GOOD = {
    "title.1": "A quite new guide to nothing in particular", "title.1@": "en", "type.1": "scheme/resource-type/guide",
    "subject": "right/food", "source.1": "https://example.org/quite-new", "page.1": "https://example.org/quite-new",
    "abstract.1": "A guide that exists only here, so that a form can be tried.", "abstract.1@": "en",
    "issued.1": "2019", "publisher.1": "Center for Economic and Social Rights", "language.1": "en",
}  # fmt: skip
MARKUP = '"><script>alert(1)</script>'


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A library of one's own, in which submissions may be kept."""
    with serving(tmp_path_factory.mktemp("submit") / "store") as running, before_store(running.store) as found:
        post(found, "/submit/resource", {"do": "check"})  # starts what checks, which stays
        post(found, "/submit/resource", {"do": "submit", "website": "x"})
        yield found


def post(site: Site, path: str, data: dict[str, str], language: str = "en"):
    return site.client.post(path, data=data, headers={"Accept": "text/html", "Accept-Language": language})


def parsed(answer) -> html.HtmlElement:
    return html.document_fromstring(answer.get_data(as_text=True))


def summary(page: html.HtmlElement) -> dict[str, str]:
    """The sentences at the top by the field to which they lead."""
    found = page.xpath("//*[@id='summary']//li/a")
    return {link.get("href").lstrip("#"): link.text_content() for link in found}


@pytest.mark.parametrize("type_", TYPES)
def test_every_kind_has_a_small_form_that_works_without_scripts(own: Site, type_: str) -> None:
    page = own.page(f"/submit/{type_}")
    assert page.xpath("//form[@method='post']//button[@value='submit']")
    assert len(gzip.compress(own.get(f"/submit/{type_}", "text/html").data, 4)) <= 10_000
    for control in page.xpath("//form//*[self::input or self::select or self::textarea]"):
        if control.get("type") not in {"hidden", "checkbox"} and not control.get("aria-label"):
            assert page.xpath("//label[@for=$id]", id=control.get("id")), control.get("name")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_form_speaks_the_readers_language(own: Site, language: str) -> None:
    page = own.page("/submit/finding", language)
    kind = own.service.kinds.by_type["finding"]
    names = {field.label(language).text for field in kind.fields}
    shown = {text for label in texts(page, "//form//*[self::label or self::legend]") for text in names if text in label}
    assert len(shown) > 10


def test_the_index_leads_to_every_form(own: Site) -> None:
    links = {link.get("href") for link in own.page("/submit").xpath("//main//a")}
    assert {f"/submit/{type_}" for type_ in TYPES if type_ != "dataset"} <= links


def test_mistakes_are_told_in_sentences_beside_the_fields(own: Site) -> None:
    wrong = GOOD | {"title.1": "", "issued.1": "in 2019", "publisher.1": "Center for Economic and Social Right"}
    answer = post(own, "/submit/resource", wrong | {"do": "submit"})
    assert answer.status_code == 422
    page = parsed(answer)
    told = summary(page)
    assert {"title.1", "issued.1", "publisher.1"} <= set(told)
    assert "Did you mean “Center for Economic and Social Rights”" in told["publisher.1"]
    for key in told:
        assert page.xpath("//*[@id=$key]", key=key), key
    field = page.xpath("//*[@id='issued.1']")[0]
    assert field.get("aria-invalid") == "true"
    described = [page.xpath("//*[@id=$id]", id=id_)[0].text_content() for id_ in field.get("aria-describedby").split()]
    assert any("2019-05" in text for text in described)
    assert field.get("value") == "in 2019"
    assert page.xpath("//*[@id='summary' and @role='alert']")


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_shows_how_the_library_is_written(own: Site, language: str) -> None:
    wrong = {key: "wrong" for key in GOOD if not key.endswith("@")} | {"do": "check"}
    page = parsed(post(own, "/submit/resource", wrong, language))
    told = texts(page, "//*[@id='summary']//li")
    assert len(told) >= 5
    for text in told:
        assert not any(sign in text for sign in ("http:", "sh:", "Literal(", "dcterms:", "w3id", "skos:")), text


def test_a_suggestion_is_taken_by_a_button(own: Site) -> None:
    wrong = GOOD | {"publisher.1": "Center for Economic and Social Right"}
    page = parsed(post(own, "/submit/resource", wrong | {"do": "check"}))
    button = page.xpath("//button[starts-with(@value, 'take:publisher.1=')]")[0].get("value")
    again = parsed(post(own, "/submit/resource", wrong | {"do": button}))
    assert again.xpath("//input[@name='publisher.1']")[0].get("value") == "Center for Economic and Social Rights"


def test_places_are_added_and_taken_out_without_scripts(own: Site) -> None:
    page = parsed(post(own, "/submit/finding", {"evidence.1.title.1": "One", "do": "add:evidence"}))
    assert page.xpath("//input[@name='evidence.1.title.1']")[0].get("value") == "One"
    assert page.xpath("//input[@name='evidence.2.title.1']")
    page = parsed(
        post(
            own, "/submit/finding", {"evidence.1.title.1": "One", "evidence.2.title.1": "Two", "do": "drop:evidence.1"}
        )
    )
    assert page.xpath("//input[@name='evidence.1.title.1']")[0].get("value") == "Two"
    page = parsed(post(own, "/submit/resource", {"title.1": "One", "do": "add:title"}))
    assert page.xpath("//input[@name='title.2']")


def test_only_sending_may_be_held_up_by_the_browser(own: Site) -> None:
    for button in own.page("/submit/finding").xpath("//form[@id='entry']//button"):
        assert (button.get("formnovalidate") is None) == (button.get("value") == "submit")


def test_somebody_without_an_account_sends_an_entry_that_waits_for_confirmation(own: Site) -> None:
    entry = GOOD | {"title.1": "A guide that is sent twice"}
    answer = post(own, "/submit/resource", entry | {"do": "submit", "note": "For the curators."})
    assert answer.status_code == 201, texts(parsed(answer), "//*[@id='summary']")
    assert answer.headers["Cache-Control"] == "no-store"
    link = parsed(answer).xpath("//main//a/@href")[0]
    id_, _, key = link.removeprefix("/submissions/").partition("?key=")
    submissions = own.client.application.extensions["escrgraph"].reception.submissions
    kept = submissions.get(id_)
    assert (kept.record, kept.state.value) == ("resource/a-guide-that-is-sent-twice", "held")
    assert key
    proposal = submissions.proposal(id_)
    assert proposal.note == "For the curators."
    assert {quad.graph_name.value for quad in proposal.added} == {own.service.base.graph("resource")}
    assert proposal.report["conforms"]
    again = post(own, "/submit/resource", entry | {"do": "submit"})
    assert again.status_code == 201, texts(parsed(again), "//*[@id='summary']")
    taken = {found.record for found in submissions.find(Filter(type="resource"))}
    assert "resource/a-guide-that-is-sent-twice-2" in taken


def test_advice_is_acknowledged_once(own: Site) -> None:
    without = {key: value for key, value in GOOD.items() if not key.startswith("abstract")}
    answer = post(own, "/submit/resource", without | {"do": "submit"})
    assert answer.status_code == 422
    box = parsed(answer).xpath("//input[@name='seen']")[0]
    assert post(own, "/submit/resource", without | {"do": "submit", "seen": box.get("value")}).status_code == 201


def test_a_change_to_a_published_entry_is_its_difference_alone(own: Site) -> None:
    path = f"/submit/finding?record={FINDING}"
    page = own.page(path)
    filled = {}
    for control in page.xpath("//form[@id='entry']//*[@name]"):
        if control.tag == "textarea":
            filled[control.get("name")] = (control.text or "").removeprefix("\n")
        elif control.tag == "select":
            chosen = control.xpath(".//option[@selected]")
            filled[control.get("name")] = chosen[0].get("value", chosen[0].text) if chosen else ""
        elif control.get("type") == "checkbox":
            if control.get("checked") is not None:
                filled.setdefault(control.get("name"), []).append(control.get("value"))
        elif control.tag == "input":
            filled[control.get("name")] = control.get("value", "")
    unchanged = post(own, path, filled | {"do": "submit"})
    assert "Nothing was changed" in unchanged.get_data(as_text=True)
    sent = post(own, path, filled | {"label.1": "Another short title", "do": "submit"})
    if sent.status_code == 422:
        assert parsed(sent).xpath("//input[@name='seen']"), texts(parsed(sent), "//*[@id='summary']")
        box = parsed(sent).xpath("//input[@name='seen']")[0].get("value")
        sent = post(own, path, filled | {"label.1": "Another short title", "do": "submit", "seen": box})
    assert sent.status_code == 201
    submissions = own.client.application.extensions["escrgraph"].reception.submissions
    kept = next(found for found in submissions.find(Filter(record=FINDING)) if found.purpose is Purpose.CHANGE)
    proposal = submissions.proposal(kept.id)
    assert (len(proposal.added), len(proposal.removed)) == (1, 1)
    assert kept.base is not None


def test_an_institution_replies_and_older_replies_stay(own: Site) -> None:
    data = {
        "reply.1": "We have built three hospitals since.",
        "reply.1@": "en",
        "note": "The ministry.",
        "do": "submit",
    }
    answer = post(own, f"/submit/finding?for=reply&record={FINDING}", data)
    assert answer.status_code in {201, 422}
    if answer.status_code == 422:
        data["seen"] = parsed(answer).xpath("//input[@name='seen']")[0].get("value")
        answer = post(own, f"/submit/finding?for=reply&record={FINDING}", data)
    assert answer.status_code == 201
    submissions = own.client.application.extensions["escrgraph"].reception.submissions
    kept = submissions.find(Filter(purpose=Purpose.REPLY))[0]
    proposal = submissions.proposal(kept.id)
    assert [quad.object.value for quad in proposal.added] == ["We have built three hospitals since."]
    assert proposal.removed == ()


def test_a_post_is_added_to_a_discussion(own: Site) -> None:
    path = "/submit/discussion?for=post&record=discussion/board-2014"
    data = {
        "container_of.1.description.1": "I was there.", "container_of.1.description.1@": "en",
        "container_of.1.date.1": "2014-05-01", "do": "submit",
    }  # fmt: skip
    answer = post(own, path, data)
    if answer.status_code == 422 and (boxes := parsed(answer).xpath("//input[@name='seen']")):
        answer = post(own, path, data | {"seen": boxes[0].get("value")})
    assert answer.status_code == 201, texts(parsed(answer), "//*[@id='summary']")
    submissions = own.client.application.extensions["escrgraph"].reception.submissions
    proposal = submissions.proposal(submissions.find(Filter(purpose=Purpose.POST))[0].id)
    assert {quad.subject.value.rpartition("/id/")[2] for quad in proposal.added} == {
        "discussion/board-2014", "discussion/board-2014/post/1",
    }  # fmt: skip


def test_a_person_concerned_asks_in_private(own: Site) -> None:
    path = f"/submit/finding?for=request&record={FINDING}"
    assert own.page(path).xpath("//textarea[@name='note' and @required]")
    assert post(own, path, {"do": "submit"}).status_code == 422
    assert post(own, path, {"do": "submit", "note": "My name stands there."}).status_code == 201
    submissions = own.client.application.extensions["escrgraph"].reception.submissions
    kept = submissions.find(Filter(purpose=Purpose.REQUEST))[0]
    assert kept.private
    assert submissions.proposal(kept.id).added == ()


def test_what_is_there_already_is_shown(own: Site) -> None:
    page = parsed(
        post(own, "/submit/resource", GOOD | {"title.1": "The OPERA Framework: Assessing compliance", "do": "check"})
    )
    known = own.page("/doc/resource/opera-framework").xpath("string(//h1)").strip()
    alike = parsed(post(own, "/submit/resource", GOOD | {"title.1": known, "do": "check"}))
    assert alike.xpath("//*[@id='alike']//a[contains(@href, 'resource/opera-framework')]")
    assert page is not None
    said = post(
        own,
        "/submit/resource",
        GOOD | {"title.1": known, "alike resource/opera-framework": "translation", "do": "check"},
    )
    assert parsed(said).xpath("//*[@id='alike']//option[@selected and @value='translation']")


def test_machines_fill_in_what_people_do_not_see(own: Site) -> None:
    submissions = own.client.application.extensions["escrgraph"].reception.submissions
    before = submissions.count(Filter())
    post(own, "/submit/resource", GOOD | {"website": "https://spam.example", "do": "submit"})
    assert submissions.count(Filter()) == before


# -- hostile input -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "key", ["title.1", "title.1@", "publisher.1", "page.1", "issued.1", "note", "contact", "subject", "seen", "do"]
)
def test_markup_is_shown_and_never_obeyed(own: Site, key: str) -> None:
    answer = post(own, "/submit/resource", GOOD | {"do": "check"} | {key: MARKUP})
    assert answer.status_code == 200
    assert "<script>alert" not in answer.get_data(as_text=True)
    assert all(script.get("src", "").startswith("/static/") for script in parsed(answer).xpath("//script"))


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "data:text/html,x", "vbscript:x", "JaVaScRiPt:alert(1)", " javascript:x"]
)
def test_an_address_that_runs_is_refused_and_no_link(own: Site, address: str) -> None:
    answer = post(own, "/submit/resource", GOOD | {"page.1": address, "do": "submit"})
    assert answer.status_code == 422
    page = parsed(answer)
    assert "page.1" in summary(page)
    assert not [
        link for link in page.xpath("//a/@href") if link.strip().lower().startswith(("javascript", "data", "vbscript"))
    ]


def test_a_text_without_end_is_refused(own: Site) -> None:
    assert post(own, "/submit/resource", GOOD | {"title.1": "x" * 3_000_000, "do": "check"}).status_code == 413
    assert post(own, "/submit/resource", {"title.900": "x", "do": "check"}).status_code == 413


@pytest.mark.parametrize(
    "path",
    [
        "/submit/finding?record=right/food", "/submit/right?record=right/food/../../x", "/submit/right?for=post",
        "/submit/right?for=reply&record=right/food", "/submit/right?record=https://evil.example/",
    ],
)  # fmt: skip
def test_other_peoples_subjects_cannot_be_changed_by_an_address(own: Site, path: str) -> None:
    assert own.get(path, "text/html").status_code == 400


# -- /api/validate -----------------------------------------------------------------------------------------------------

TURTLE = """@prefix escr: <https://w3id.org/escrgraph/def/> . @prefix dcterms: <http://purl.org/dc/terms/> .
<https://w3id.org/escrgraph/id/resource/new> a escr:Resource ; dcterms:title "New"@en ;
  dcterms:subject <https://w3id.org/escrgraph/id/right/fod> ."""


def validate(site: Site, body: str | bytes, media: str, accept: str = "application/json", query: str = ""):
    headers = {"Content-Type": media, "Accept": accept}
    return site.client.post(f"/api/validate{query}", data=body, headers=headers)


def test_rdf_is_checked_and_nothing_is_stored(own: Site) -> None:
    answer = validate(own, TURTLE, "text/turtle")
    report = answer.get_json()
    assert (answer.status_code, report["conforms"]) == (200, False)
    wrong = next(finding for finding in report["findings"] if finding["value"] == "right/fod")
    assert wrong["suggestions"] == ["https://w3id.org/escrgraph/id/right/food"]
    assert set(wrong["messages"]) == set(LANGUAGES)
    assert own.get("/doc/resource/new").status_code == 404
    assert "sh:ValidationReport" in validate(own, TURTLE, "text/turtle", "text/turtle").get_data(as_text=True)
    assert "Did you mean" in validate(own, TURTLE, "text/turtle", "text/plain").get_data(as_text=True)


@pytest.mark.parametrize(
    ("body", "media", "status"),
    [
        ("<x> a ", "text/turtle", 400),
        ("x", "application/x-unheard", 415),
        ('<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><x/>', "application/rdf+xml", 400),
        ('{"@context": "https://evil.example/context", "@id": "x"}', "application/ld+json", 400),
        ('{"@context": "file:///etc/passwd", "@id": "x"}', "application/ld+json", 400),
        ("#" * 1_100_000, "text/turtle", 413),
        ("<http://a> <http://b> " + "[ <http://b> " * 300 + "1" + " ]" * 300 + " .", "text/turtle", 413),
        ("title@en\n\xff", "text/csv", 400),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_told_as_a_problem(own: Site, body: str, media: str, status: int) -> None:
    query = "?kind=resource" if media == "text/csv" else ""
    answer = validate(own, body.encode("latin-1"), media, "*/*", query)
    assert answer.status_code == status
    assert answer.content_type.startswith("application/problem+json")
    assert {"title", "status", "detail"} <= set(answer.get_json())


@pytest.mark.parametrize(
    "turtle",
    [
        "<https://w3id.org/escrgraph/id/right/food> <http://www.w3.org/2000/01/rdf-schema#subClassOf> <http://x/> .",
        "<https://evil.example/x> a <https://w3id.org/escrgraph/def/Resource> .",
        "GRAPH <https://w3id.org/escrgraph/graph/state> "
        "{ <https://evil.example/x> a <https://w3id.org/escrgraph/def/Resource> }",
        "<https://w3id.org/escrgraph/id/resource/x> a <http://www.w3.org/ns/shacl#NodeShape> .",
    ],
)  # fmt: skip
def test_what_would_change_the_model_or_other_graphs_does_not_conform(own: Site, turtle: str) -> None:
    media = "application/trig" if turtle.startswith("GRAPH") else "text/turtle"
    assert validate(own, turtle, media).get_json()["conforms"] is False


def test_a_form_is_checked_while_it_is_filled_in(own: Site) -> None:
    answer = own.client.post(
        "/api/validate?kind=resource", data={"issued.1": "in 2019"}, headers={"Accept": "application/json"}
    )
    notes = answer.get_json()["notes"]
    assert notes["issued.1"][0]["grave"]


# -- tables ------------------------------------------------------------------------------------------------------------

TABLE = """title@en,type,subject,page,source,abstract@en,issued,publisher
First of two,guide,food,https://a.org/1,https://a.org/1,"Said in a sentence, which is long enough.",2019,CESR
Second of two,guide,fod,https://a.org/2,https://a.org/2,"Said in a sentence, which is long enough.",2019,CESR
"""


def test_a_table_is_reported_row_by_row_and_given_back(own: Site) -> None:
    page = parsed(post(own, "/submit/resource/table", {"text": TABLE, "do": "check"}))
    rows = [[cell.text_content() for cell in row] for row in page.xpath("//tbody/tr")]
    assert ("2", "subject") in {(row[0], row[1]) for row in rows}
    back = post(own, "/submit/resource/table", {"text": TABLE, "do": "download"})
    assert back.content_type.startswith("text/csv")
    assert "please fix" in back.get_data(as_text=True).splitlines()[0]
    report = validate(own, TABLE, "text/csv", query="?kind=resource").get_json()
    assert [m["column"] for m in report["mistakes"] if m["severity"] == "Violation"] == ["subject"]


def test_good_rows_are_sent_while_bad_ones_wait(own: Site) -> None:
    page = parsed(post(own, "/submit/resource/table", {"text": TABLE, "do": "submit"}))
    assert len(page.xpath("//*[@id='summary']//li")) == 1
    submissions = own.client.application.extensions["escrgraph"].reception.submissions
    assert "resource/first-of-two" in {found.record for found in submissions.find(Filter(type="resource"))}


def test_the_empty_table_its_values_and_help_are_there_for_every_kind(own: Site) -> None:
    for type_ in TYPES:
        for path in (
            f"/submit/{type_}.csv",
            f"/submit/{type_}/values.csv",
            f"/submit/{type_}/help",
            f"/api/fields/{type_}",
        ):
            assert own.get(path).status_code == 200, path
    values = own.get("/submit/resource/values.csv").get_data(as_text=True)
    assert "subject,food," in values


def test_fields_are_described_for_programs(own: Site) -> None:
    described = json.loads(own.get("/api/fields/finding").data)
    chain = next(field for field in described["fields"] if field["key"] == "establishes")
    assert chain["widget"] == "part"
    assert {"description", "right", "attributedTo"} <= {field["key"] for field in chain["fields"]}
    assert "establishes.attributedTo.description@es" in described["columns"]


def test_entries_are_suggested_while_their_name_is_typed(own: Site) -> None:
    found = json.loads(own.get("/submit/resource/entries?field=publisher&q=center for ec").data)
    assert found["entries"][0]["value"] == "Center for Economic and Social Rights"
    assert own.get("/submit/resource/entries?field=title&q=x").status_code == 400
