"""The desk: what members send, curators see, decide and take back; every page without JavaScript."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from pyoxigraph import Literal, NamedNode, Quad
from tests.web.desks import Office, address, csrf
from tests.web.sites import BASE, texts

from escrgraph.curation.actors import HARVESTER, VISITOR, Actor
from escrgraph.curation.acts import create
from escrgraph.curation.harvests import Origin, add_origin
from escrgraph.curation.proposals import Proposal, Purpose
from escrgraph.curation.states import State
from escrgraph.repository.changes import Cause, Change
from escrgraph.vocabulary.namespaces import DCTERMS

LANGUAGES = ("en", "es", "fr", "ar")


def said(office: Office, record: str) -> str:
    return office.site.get(f"/doc/{record}", "text/turtle").text


def test_a_submission_is_looked_at_changed_accepted_and_undone(office: Office) -> None:
    id_, record = office.submitted(title="Journal of first thoughts")
    carla, ana = office.of("carla"), office.of("ana")
    assert f"/curate/{id_}" in carla.get("/curate").xpath("//a/@href")
    page = carla.get(f"/curate/{id_}")
    assert "Journal of first thoughts" in texts(page, "//ins")
    answer = carla.send(f"/curate/{id_}", button="ask", text="Is this its title?")
    assert (answer.status_code, address(answer)) == (303, f"/curate/{id_}")
    assert "Changes requested" in texts(ana.get(f"/submissions/{id_}"), "//*[contains(@class,'pill')]")
    assert "Is this its title?" in ana.get(f"/submissions/{id_}").text_content()
    proposal = office.desk.making.of_file(
        office.turtle("Journal of second thoughts", record.partition("/")[2])[1], "text/turtle"
    )
    office.desk.submissions.revise(id_, proposal, office.people["ana"].actor)
    assert ana.send(f"/submissions/{id_}", button="submit").status_code == 303
    assert carla.send(f"/curate/{id_}", button="accept").status_code == 303
    assert "second thoughts" in said(office, record)
    number = office.desk.submissions.get(id_).change
    answer = carla.send(f"/curate/{id_}", at="/curate/undo", text="Not a journal after all.")
    assert answer.status_code == 303
    assert office.site.get(f"/doc/{record}", "text/turtle").status_code == 410
    assert office.desk.submissions.get(id_).state is State.UNPUBLISHED
    history = office.of().get(f"/doc/{record}/history")
    assert "Not a journal after all." in history.text_content()
    shown = office.of().get(f"/doc/{record}/history/{number}")
    assert "Journal of second thoughts" in shown.text_content()


def test_only_ticked_fields_are_published(office: Office) -> None:
    id_, record = office.submitted(title="Whole")
    carla = office.of("carla")
    carla.send(f"/curate/{id_}", button="accept")
    text = said(office, record).replace('"Whole"', '"Half"').replace("https://example.org/", "https://example.org/x/")
    proposal = office.desk.making.of_file(text.encode(), "text/turtle")
    actor = office.people["ana"].actor
    made, _ = office.desk.submissions.create(proposal, actor)
    office.desk.submissions.submit(made.id, actor)
    page = carla.get(f"/curate/{made.id}")
    boxes = page.xpath("//table//input[@name='field']/@value")
    assert len(boxes) == 2
    title = next(row for row in page.xpath("//table/tbody/tr") if "Half" in row.text_content())
    chosen = title.xpath(".//input[@name='field']/@value")
    answer = carla.send(f"/curate/{made.id}", button="accept", field=chosen)
    assert answer.status_code == 303, answer.text
    assert '"Half"' in said(office, record)
    assert "example.org/x/" not in said(office, record)


def test_a_record_that_moved_is_shown_in_three_versions(office: Office) -> None:
    first, record = office.submitted(title="Base")
    carla = office.of("carla")
    carla.send(f"/curate/{first}", button="accept")
    text = said(office, record)
    ids = []
    for title in ("Mine", "Theirs"):
        proposal = office.desk.making.of_file(text.replace('"Base"', f'"{title}"').encode(), "text/turtle")
        made, _ = office.desk.submissions.create(proposal, office.people["ana"].actor)
        ids.append(office.desk.submissions.submit(made.id, office.people["ana"].actor).id)
    before = carla.get(f"/curate/{ids[1]}")
    assert carla.send(f"/curate/{ids[0]}", button="accept").status_code == 303
    seen = before.xpath("//form[@id='decide']//input[@name='seen']/@value")[0]
    answer = carla.send(f"/curate/{ids[1]}", button="accept", seen=seen)
    assert answer.status_code == 409
    assert "side by side" in answer.text
    page = carla.get(f"/curate/{ids[1]}")
    assert texts(page, "//thead//th")[-1] == "Published now"
    row = page.xpath("//tr[contains(@class,'conflicting')]")[0].text_content()
    assert "Mine" in row
    assert "Theirs" in row
    assert carla.send(f"/curate/{ids[1]}", button="accept").status_code == 303
    assert '"Theirs"' in said(office, record)
    assert '"Mine"' not in said(office, record)


def test_several_are_decided_at_once_and_what_failed_is_told(office: Office) -> None:
    mine, _ = office.submitted("carla")
    others = [office.submitted()[0] for _ in range(2)]
    carla = office.of("carla")
    answer = carla.send("/curate", button="accept", id=[mine, *others])
    assert answer.status_code == 200
    assert "Done for 2." in answer.text
    assert "Nobody accepts what they submitted themselves" in answer.text
    assert {office.desk.submissions.get(id_).state for id_ in others} == {State.PUBLISHED}
    assert office.desk.submissions.get(mine).state is State.SUBMITTED


def test_the_queue_is_filtered_and_work_is_shared_out(office: Office) -> None:
    id_, _ = office.submitted()
    carla, dan = office.of("carla"), office.of("dan")
    assert f"/curate/{id_}" in carla.get("/curate?assigned=nobody&type=journal").xpath("//a/@href")
    assert f"/curate/{id_}" not in carla.get("/curate?type=finding").xpath("//a/@href")
    carla.send(f"/curate/{id_}", button="take", curator=office.people["dan"].id)
    assert f"/curate/{id_}" in dan.get("/curate?assigned=me&state=in-review").xpath("//a/@href")
    assert f"/curate/{id_}" not in carla.get("/curate?assigned=me").xpath("//a/@href")
    carla.get("/curate?page=0")
    carla.get("/curate?page=%C2%B2&state=<x>&purpose=y")


def test_members_and_readers_have_no_desk(office: Office) -> None:
    id_, _ = office.submitted("bea")
    for path in ("/curate", f"/curate/{id_}", "/curate/lists/chain-gaps"):
        assert office.of("ana").client.get(path).status_code == 403
        answer = office.of().client.get(path)
        assert answer.status_code == 303
        assert address(answer).startswith("/account/sign-in?next=/curate")
    assert office.of("ana").client.get(f"/submissions/{id_}").status_code == 404
    token = csrf(office.of("ana").get("/account"))
    ana = office.of("ana")
    token = csrf(ana.get("/account"))
    for path in ("/curate", f"/curate/{id_}", "/curate/undo", "/curate/withdraw"):
        assert ana.client.post(path, data={"csrf": token, "step": "accept", "id": id_}).status_code == 403
    assert office.desk.submissions.get(id_).state is State.SUBMITTED


def test_a_form_of_another_site_is_refused(office: Office) -> None:
    id_, _ = office.submitted()
    carla = office.of("carla")
    data = {"step": "reject", "text": "no"}
    assert carla.client.post(f"/curate/{id_}", data=data).status_code == 403
    assert carla.client.post(f"/curate/{id_}", data=data | {"csrf": "0" * 64}).status_code == 403
    other = csrf(office.of("dan").get("/account"))
    assert carla.client.post(f"/curate/{id_}", data=data | {"csrf": other}).status_code == 403
    own = csrf(carla.get("/account"))
    cross = {"Sec-Fetch-Site": "cross-site"}
    assert carla.client.post(f"/curate/{id_}", data=data | {"csrf": own}, headers=cross).status_code == 403
    assert office.desk.submissions.get(id_).state is State.SUBMITTED


def test_somebody_without_an_account_confirms_and_follows_by_a_link(office: Office) -> None:
    record, data = office.turtle("From a stranger")
    proposal = office.desk.making.of_file(data, "text/turtle")
    held, key = office.desk.submissions.create(proposal, VISITOR, contact="stranger@example.org")
    reader = office.of()
    assert office.of().client.get(f"/submissions/{held.id}").status_code == 303
    assert office.of().client.get(f"/submissions/{held.id}?key={'x' * 32}").status_code == 404
    assert f"/curate/{held.id}" not in office.of("carla").get("/curate?state=all").xpath("//a/@href")
    answer = reader.send(f"/submissions/{held.id}?key={key}", button="confirm")
    assert answer.status_code == 303
    assert reader.get(address(answer)) is not None
    assert not reader.client.get_cookie("escrgraph_session")
    page = office.of("carla").get(f"/curate/{held.id}")
    assert "unverified" in page.text_content()
    assert "stranger@example.org" in page.text_content()
    assert "stranger@example.org" not in office.of().get(f"/submissions/{held.id}?key={key}").text_content()
    office.of("carla").send(f"/curate/{held.id}", button="accept")
    assert "stranger" not in said(office, record).replace("From a stranger", "")


def test_a_request_of_a_person_concerned_is_never_public(office: Office) -> None:
    asked = Proposal(Purpose.REQUEST, "finding", "finding/gtm-maternal-mortality-indigenous", "", note="Remove my name")
    made, key = office.desk.submissions.create(asked, VISITOR, contact="x@example.org")
    office.desk.submissions.confirm(made.id, Actor(key=key))
    carla = office.of("carla")
    assert "Remove my name" in carla.get(f"/curate/{made.id}").text_content()
    assert carla.send(f"/curate/{made.id}", button="accept", text="Done.").status_code == 303
    found = office.desk.submissions.get(made.id)
    assert (found.state, found.change, found.next.value) == (State.ACCEPTED, None, "curator")
    assert "Remove my name" not in office.of().get(f"/doc/{asked.record}").text_content()


def test_withdrawing_a_record_takes_two_and_leaves_a_tombstone(office: Office) -> None:
    first, record = office.submitted()
    office.of("carla").send(f"/curate/{first}", button="accept")
    carla = office.of("carla")
    token = csrf(carla.get("/account"))
    answer = carla.client.post("/curate/withdraw", data={"csrf": token, "record": record, "text": "A duplicate."})
    assert answer.status_code == 303
    id_ = address(answer).rpartition("/")[2]
    assert carla.send(f"/curate/{id_}", button="accept").status_code == 403
    assert office.of("dan").send(f"/curate/{id_}", button="accept").status_code == 303
    gone = office.site.get(f"/doc/{record}", "text/html")
    assert (gone.status_code, "A duplicate." in gone.text) == (410, True)
    assert office.desk.submissions.get(first).state is State.UNPUBLISHED
    for bad in ("x", "journal/../x", "thing/x"):
        data = {"csrf": token, "record": bad, "text": "A duplicate.", "number": "1"}
        assert carla.client.post("/curate/withdraw", data=data).status_code == 400
        assert carla.client.post("/curate/undo", data=data).status_code == 400


@pytest.mark.parametrize("name", ["chain-gaps", "missing-translations", "thin-sources", "likely-duplicates"])
def test_work_lists_come_from_queries(office: Office, name: str) -> None:
    page = office.of("carla").get(f"/curate/lists/{name}")
    rows = page.xpath("//tbody/tr")
    assert rows or "Nothing waits here." in page.text_content()
    assert office.of("carla").client.get("/curate/lists/other").status_code == 404


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_are_in_the_readers_language_and_kept_nowhere(office: Office, language: str) -> None:
    id_, record = office.submitted()
    carla = office.of("carla")
    for path in ("/curate", f"/curate/{id_}", "/submissions", "/account", f"/doc/{record}/history"):
        if path.endswith("history"):
            office.of("dan").send(f"/curate/{id_}", button="accept")
        answer = carla.client.get(f"{path}?lang={language}", headers={"Accept": "text/html"})
        assert answer.status_code == 200, answer.text
        assert f'<html lang="{language}"' in answer.text
        if not path.startswith("/doc"):
            assert answer.headers["Cache-Control"] == "no-store"
            assert "ETag" not in answer.headers
        assert "style=" not in answer.text
        assert "<script" not in answer.text


def test_readers_get_no_cookie(office: Office) -> None:
    for path in ("/", "/account/sign-in", "/doc/right/food", "/doc/right/food/history", "/curate"):
        assert "Set-Cookie" not in office.of().client.get(path).headers


HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "javascript:alert(1)",
    "{{ 7*7 }}",
    "' OR 1=1 --",
    "\u202eevil",
    "a" * 5000,
)


@pytest.mark.parametrize("text", HOSTILE)
def test_what_is_submitted_is_text_wherever_it_is_shown(office: Office, text: str) -> None:
    source = Quad(
        NamedNode(f"{BASE}id/journal/hostile"), NamedNode(DCTERMS + "title"), Literal(text, language="en"),
        NamedNode(f"{BASE}graph/journal"),
    )  # fmt: skip
    finding = {"severity": "Warning", "messages": {"en": text}}
    report = {"conforms": True, "findings": [finding], "shapes": text}
    actor = office.people["ana"].actor
    offered = Proposal(Purpose.NEW, "journal", "journal/hostile", text, added=(source,), report=report, note=text)
    made, _ = office.desk.submissions.create(offered, actor)
    office.desk.submissions.submit(made.id, actor)
    office.desk.submissions.comment(made.id, actor, text)
    for who, path in (("carla", "/curate"), ("carla", f"/curate/{made.id}"), ("ana", f"/submissions/{made.id}")):
        page = office.of(who).get(path)
        assert not page.xpath("//script | //img | //*[@onerror] | //a[starts-with(@href, 'javascript')]")
        assert text in page.text_content() or " ".join(text.split()) in " ".join(page.text_content().split())
    office.desk.submissions.withdraw(made.id, actor)


def test_javascript_links_are_no_links(office: Office) -> None:
    bad = Quad(
        NamedNode(f"{BASE}id/journal/links"), NamedNode(DCTERMS + "source"), NamedNode("javascript:alert(1)"),
        NamedNode(f"{BASE}graph/journal"),
    )  # fmt: skip
    office.site.service.writer.commit(Change(Cause.IMPORT, "tester", "hostile", added=[bad]))
    for path in ("/doc/journal/links/history", "/doc/journal/links/history/" + str(_newest(office, "journal/links"))):
        page = office.of().get(path)
        assert not page.xpath("//a[starts-with(@href, 'javascript')]")
    office.site.service.writer.commit(Change(Cause.WITHDRAWAL, "tester", "gone", withdrawn=["journal/links"]))


def _newest(office: Office, record: str) -> int:
    with office.desk.versions() as versions:
        return versions.newest(record)


def test_histories_of_nothing(office: Office) -> None:
    reader = office.of()
    for path in (
        "/doc/journal/none/history",
        "/doc/x/y/history",
        "/doc/right/food/history/99999",
        "/doc/right/A/history",
    ):
        assert reader.client.get(path).status_code == 404
    assert reader.client.get("/doc/right/food/history/1?with=x").status_code == 200
    assert reader.client.get("/doc/right/food/history/abc").status_code == 404


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_was_harvested_says_where_it_comes_from(office: Office, language: str) -> None:
    record, data = office.turtle(f"Harvested in {language}")
    proposal = office.desk.making.of_file(data, "text/turtle")
    there = f"https://partner.example/id/{record}"
    origin = Origin("https://partner.example/oai (oai-pmh)", there, "2026-01-02", "partner", datetime.now(UTC))
    with office.desk.database.writing() as connection:
        made, _ = create(connection, proposal, HARVESTER, state=State.SUBMITTED)
        add_origin(connection, made.id, 1, origin)
    carla = office.of("carla")
    page = carla.get(f"/curate/{made.id}?lang={language}")
    assert {"https://partner.example/oai (oai-pmh)", "2026-01-02"} <= set(texts(page, "//dd/bdi"))
    assert there in page.xpath("//dd/a/@href")
    assert f"/curate/{made.id}" in " ".join(carla.get("/curate").xpath("//a/@href"))
    told = office.site.client.get(f"/api/submissions/{made.id}", headers=office.token("carla", "curate")).json
    assert told is not None
    assert (told["origin"]["identifier"], told["origin"]["mapping"]) == (there, "partner")
    assert carla.send(f"/curate/{made.id}", button="accept").status_code == 303
    assert office.desk.submissions.get(made.id).state is State.PUBLISHED
