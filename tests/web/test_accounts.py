"""Accounts in the browser: signing in, links to set a password, tokens, feeds, and taking one's data along."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from lxml import etree
from tests.web.desks import PASSWORD, Office, Somebody, address, csrf
from tests.web.sites import texts

from escrgraph.curation.actors import Role
from escrgraph.curation.people import RESET, Person
from escrgraph.web.notice_feed import ATOM
from escrgraph.web.visitors import COOKIE


def made(office: Office, name: str, role: Role = Role.MEMBER) -> Person:
    office.people[name] = office.desk.people.add(name, role, password=PASSWORD)
    return office.people[name]


def sign_in(reader: Somebody, name: str, password: str = PASSWORD, following: str = "") -> object:
    path = "/account/sign-in" + (f"?next={following}" if following else "")
    return reader.send(path, name=name, password=password)


def test_signing_in_leads_where_one_wanted_to_go_and_out_again(office: Office) -> None:
    reader = office.of()
    answer = sign_in(reader, "carla", following="/curate?type=journal")
    assert (answer.status_code, address(answer)) == (303, "/curate?type=journal")  # type: ignore[attr-defined]
    cookie = reader.client.get_cookie(COOKIE)
    assert cookie is not None
    assert (cookie.http_only, cookie.same_site, cookie.path) == (True, "Lax", "/")
    assert texts(reader.get("/account"), "//h1") == ["carla"]
    reader.send("/account", at="/account/sign-out")
    assert reader.client.get_cookie(COOKIE) is None
    reader.client.set_cookie(COOKIE, cookie.value)
    assert reader.client.get("/account").status_code == 303


@pytest.mark.parametrize(
    "following", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:x", "/%0d%0aX: y", "/a\nb"]
)
def test_nobody_is_led_elsewhere(office: Office, following: str) -> None:
    answer = office.of().client.post(
        "/account/sign-in", data={"name": "carla", "password": PASSWORD, "next": following}
    )
    location = urlsplit(answer.headers["Location"])
    assert (answer.status_code, location.netloc) in ((303, ""), (303, "localhost"))
    assert location.path in ("/account", "/%0d%0aX:%20y")


def test_a_wrong_password_says_no_more_than_that(office: Office) -> None:
    made(office, "wanda")
    for name in ("wanda", "nobody-at-all"):
        answer = sign_in(office.of(), name, "not the password")
        assert answer.status_code == 401  # type: ignore[attr-defined]
        assert "The name or the password is not right." in answer.text  # type: ignore[attr-defined]
        assert "Set-Cookie" not in answer.headers  # type: ignore[attr-defined]


def test_a_link_sets_a_password_once(office: Office) -> None:
    root = office.of("root")
    answer = root.send("/account/people", at="/account/people", name="invited", role="curator")
    assert answer.status_code == 200
    invited = office.desk.people.named("invited")
    assert invited.role is Role.CURATOR
    link = urlsplit(answer.text.split("/account/reset/")[1].split("<")[0]).path
    reader = office.of()
    assert reader.send(f"/account/reset/{link}", password="short").status_code == 400
    assert reader.send(f"/account/reset/{link}", password="a fine long one").status_code == 303
    assert reader.client.get(f"/account/reset/{link}").status_code == 404
    assert sign_in(reader, "invited", "a fine long one").status_code == 303  # type: ignore[attr-defined]


def test_only_administrators_see_people(office: Office) -> None:
    for name in ("ana", "carla"):
        assert office.of(name).client.get("/account/people").status_code == 403
        token = csrf(office.of(name).get("/account"))
        someone = office.of(name)
        token = csrf(someone.get("/account"))
        for path in ("/account/people", f"/account/people/{office.people['ana'].id}"):
            data = {"csrf": token, "role": "admin", "name": "sneaky"}
            assert someone.client.post(path, data=data).status_code == 403
    promoted = made(office, "promoted")
    office.of("root").send("/account/people", at=f"/account/people/{promoted.id}", role="curator")
    assert office.desk.people.get(promoted.id).role is Role.CURATOR


def test_a_token_is_shown_once_and_lets_a_program_in(office: Office) -> None:
    made(office, "tokyo")
    someone = office.of("tokyo")
    answer = someone.send("/account", at="/account/tokens", name="my script", scope="submit")
    token = answer.text.split('<code dir="ltr">')[1].split("<")[0]
    assert token.startswith("escr_")
    assert token not in someone.client.get("/account").text
    header = {"Authorization": f"Bearer {token}"}
    assert office.of().client.get("/api/submissions", headers=header).status_code == 200
    assert someone.send("/account", at="/account/tokens", scope="curate").status_code == 403
    (listed,) = office.desk.people.tokens(office.people["tokyo"].id)
    someone.send("/account", at=f"/account/tokens/{listed.id}/end")
    assert office.of().client.get("/api/submissions", headers=header).status_code == 401


def test_choices_are_kept_and_bad_ones_refused(office: Office) -> None:
    person = made(office, "choosy")
    someone = office.of("choosy")
    assert someone.send("/account", language="fr", mail="c@example.org", mailed="on").status_code == 303
    found = office.desk.people.get(person.id)
    assert (found.language, found.mail, found.mailed) == ("fr", "c@example.org", True)
    assert someone.send("/account", mail="c@example.org\r\nBcc: x@example.org").status_code in (303, 400)
    assert office.desk.people.get(person.id).mail == "c@example.org"


def test_a_new_password_needs_the_present_one_and_ends_other_sessions(office: Office) -> None:
    made(office, "pat")
    here, elsewhere = office.of("pat"), office.of("pat")
    assert (
        here.send("/account", at="/account/password", present="wrong wrong", password="another long one").status_code
        == 400
    )
    answer = here.send("/account", at="/account/password", present=PASSWORD, password="another long one")
    assert answer.status_code == 303
    assert here.client.get("/account").status_code == 200
    assert elsewhere.client.get("/account").status_code == 303


def test_everything_can_be_taken_along_and_deleted(office: Office) -> None:
    made(office, "leaver")
    id_, _ = office.submitted("leaver")
    someone = office.of("leaver")
    told = someone.client.get("/account/export")
    assert told.json is not None
    assert [one["id"] for one in told.json["submissions"]] == [id_]
    assert told.headers["Cache-Control"] == "no-store"
    assert someone.send("/account", at="/account/close", name="somebody else").status_code == 400
    assert someone.send("/account", at="/account/close", name="leaver").status_code == 303
    assert sign_in(office.of(), "leaver").status_code == 401  # type: ignore[attr-defined]
    assert "account closed" in office.of("carla").get(f"/curate/{id_}").text_content()


def test_a_feed_tells_at_a_secret_address_what_happened(office: Office) -> None:
    person = made(office, "reader")
    id_, _ = office.submitted("reader", title="A & B <i>")
    office.desk.submissions.ask(id_, office.people["carla"].actor, "Why?")
    answer = office.of().client.get(f"/account/feed/{person.feed}.atom")
    assert answer.headers["Content-Type"].startswith("application/atom+xml")
    root = etree.fromstring(answer.data)
    titles = [str(title.text) for title in root.findall(f"{{{ATOM}}}entry/{{{ATOM}}}title")]
    assert titles == ["A & B <i>: changes are asked for"]
    assert root.find(f"{{{ATOM}}}entry/{{{ATOM}}}link").get("href").endswith(f"/submissions/{id_}")  # type: ignore[union-attr]
    for element in ("id", "title", "updated", "author"):
        assert root.find(f"{{{ATOM}}}{element}") is not None
    office.of("reader").send("/account", at="/account/feed")
    assert office.of().client.get(f"/account/feed/{person.feed}.atom").status_code == 404
    assert office.of().client.get("/account/feed/.atom").status_code == 404


def test_notices_are_counted_until_they_are_looked_at(office: Office) -> None:
    made(office, "noticer")
    id_, _ = office.submitted("noticer")
    office.desk.submissions.ask(id_, office.people["carla"].actor, "Why?")
    someone = office.of("noticer")
    assert texts(someone.get("/account"), "//nav//*[@class='badge']") == ["1"]
    someone.get(f"/submissions/{id_}")
    assert texts(someone.get("/account"), "//nav//*[@class='badge']") == []
    assert "Changes asked for" in someone.get("/submissions").text_content()


def test_a_forged_session_is_nobody(office: Office) -> None:
    person = office.people["root"]
    for forged in ("x" * 43, person.id, "../" * 10, office.desk.people.open(person.id, RESET)):
        reader = office.of()
        reader.client.set_cookie(COOKIE, forged)
        assert reader.client.get("/account").status_code == 303
