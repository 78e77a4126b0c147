"""The API of submissions, as a program uses it, and as one that means harm does."""

from __future__ import annotations

import json

import pytest
from tests.web.desks import Office
from tests.web.sites import BASE
from werkzeug.test import TestResponse

from escrgraph.curation.people import TOKEN
from escrgraph.curation.states import State

TURTLE = {"Content-Type": "text/turtle"}


def post(
    office: Office, path: str, data: bytes = b"", who: str = "ana", scope: str = "submit", **more: str
) -> TestResponse:
    headers = office.token(who, scope) | {name.replace("_", "-"): value for name, value in more.items()}
    return office.of().client.post(path, data=data, headers=headers)


def proposed(office: Office, title: str = "By program", who: str = "ana", **more: str) -> tuple[dict, str]:  # type: ignore[type-arg]
    record, data = office.turtle(title)
    answer = post(office, "/api/submissions", data, who, Content_Type="text/turtle", **more)
    assert answer.status_code == 201, answer.text
    assert answer.json is not None
    return answer.json, record


def test_a_program_proposes_submits_and_curators_decide(office: Office) -> None:
    made, record = proposed(office)
    assert (made["state"], made["next"], made["record"], made["report"]["conforms"]) == (
        "draft",
        "submitter",
        record,
        True,
    )
    path = f"/api/submissions/{made['id']}"
    assert post(office, f"{path}/submit").json["state"] == "submitted"  # type: ignore[index]
    assert post(office, f"{path}/accept", who="carla").status_code == 403
    asked = post(office, f"{path}/ask", b'{"text": "Which language?"}', "carla", "curate")
    assert asked.json["state"] == "changes-requested"  # type: ignore[index]
    _, data = office.turtle("Revised by program", record.partition("/")[2])
    headers = office.token("ana", "submit") | TURTLE
    revised = office.of().client.patch(path, data=data, headers=headers)
    assert revised.json["title"] == "Revised by program"  # type: ignore[index]
    post(office, f"{path}/submit")
    done = post(office, f"{path}/accept", b"{}", "carla", "curate")
    assert (done.json["state"], done.status_code) == ("published", 200)  # type: ignore[index]
    assert "Revised by program" in office.site.get(f"/doc/{record}", "text/turtle").text
    told = office.of().client.get(path, headers=office.token("ana", "read")).json
    assert [comment["text"] for comment in told["comments"]] == ["Which language?"]  # type: ignore[index]


def test_what_was_fetched_here_can_be_changed_and_sent_back(office: Office) -> None:
    made, record = proposed(office, "To change")
    post(office, f"/api/submissions/{made['id']}/submit")
    post(office, f"/api/submissions/{made['id']}/accept", b"", "carla", "curate")
    for media in ("text/turtle", "application/n-triples", "application/ld+json", "application/trig"):
        fetched = office.site.get(f"/doc/{record}", media).text
        assert "To change" in fetched
        answer = post(office, "/api/submissions", fetched.encode(), Content_Type=media)
        if media != "application/ld+json":
            assert answer.status_code == 422, answer.text
            assert "published already" in answer.text
        changed = post(office, "/api/submissions", fetched.replace("To change", "Changed").encode(), Content_Type=media)
        assert changed.status_code == 201, changed.text
        assert changed.json is not None
        assert (changed.json["purpose"], len(changed.json["added"]), len(changed.json["removed"])) == ("change", 1, 1)


def test_the_same_request_twice_makes_one_submission(office: Office) -> None:
    _, data = office.turtle()
    path = "/api/submissions?submit=true"
    first = post(office, path, data, Content_Type="text/turtle", Idempotency_Key="k-1")
    again = post(office, path, data, Content_Type="text/turtle", Idempotency_Key="k-1")
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json["id"] == again.json["id"]  # type: ignore[index]
    other = post(office, path, data + b" ", Content_Type="text/turtle", Idempotency_Key="k-1")
    assert (other.status_code, other.content_type) == (422, "application/problem+json")
    assert post(office, path, data, "bea", Content_Type="text/turtle", Idempotency_Key="k-1").status_code == 201
    assert post(office, path, data, Content_Type="text/turtle", Idempotency_Key="k 1").status_code == 400


def test_refusals_are_problems_that_say_why(office: Office) -> None:
    _, data = office.turtle()
    cases = [
        (b"<a> <b>", "text/turtle", 400, "Line 1"),
        (data, "", 415, "Content-Type"),
        (data, "image/png", 415, ""),
        (b"x" * 1_000_001, "text/turtle", 413, ""),
        (b"", "text/turtle", 422, "One submission is about one record"),
        (data + office.turtle()[1].replace(b"@prefix", b"@prefix"), "text/turtle", 422, "one record"),
    ]
    for body, media, status, words in cases:
        more = {"Content_Type": media} if media else {}
        answer = post(office, "/api/submissions", body, **more)
        assert answer.status_code == status, answer.text
        assert words in answer.text
        assert answer.content_type == "application/problem+json"
    client = office.of().client
    assert client.post("/api/submissions", data=data, headers=TURTLE).status_code == 401
    bad = {"Authorization": "Bearer escr_" + "x" * 43} | TURTLE
    assert client.post("/api/submissions", data=data, headers=bad).status_code == 401
    assert post(office, "/api/submissions", data, scope="read", Content_Type="text/turtle").status_code == 403


HOSTILE = {
    "another graph": f"<{BASE}graph/def> {{ <{BASE}id/journal/x> <http://purl.org/dc/terms/title> 'x'@en }}",
    "the log's own graph": f"<{BASE}graph/state> {{ <{BASE}> <https://w3id.org/escrgraph/def/generation> 9 }}",
    "another's record": f"<{BASE}id/journal/x> a <http://x.example/> . <{BASE}id/right/food> a <http://x.example/> .",
    "the model": "<https://w3id.org/escrgraph/def/Finding> a <http://www.w3.org/2002/07/owl#Class> .",
    "somebody's address": "<https://example.org/x> <http://purl.org/dc/terms/title> 'x'@en .",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_not_theirs_is_refused(office: Office, name: str) -> None:
    answer = post(office, "/api/submissions?submit=true", HOSTILE[name].encode(), Content_Type="application/trig")
    assert answer.status_code in (201, 400, 422), answer.text
    if answer.status_code == 201:
        assert answer.json is not None
        assert (answer.json["state"], answer.json["report"]["conforms"]) == ("draft", False)


@pytest.mark.parametrize(
    "more",
    [
        "foaf:page <javascript:alert(1)>",
        "rdfs:subClassOf escr:Finding",
        "escr:unheardOf 'x'",
        "dcterms:abstract '" + "a" * 30_000 + "'@en",
        "dcterms:source <" + "http://example.org/" + "a" * 3000 + ">",
        "dcterms:title 'twice'@en",
    ],
)
def test_hostile_values_never_become_a_submission(office: Office, more: str) -> None:
    slug = office.turtle()[0].partition("/")[2]
    prefixes = "@prefix foaf: <http://xmlns.com/foaf/0.1/> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . "
    _, data = office.turtle(slug=slug, more=f"<{BASE}id/journal/{slug}> {more} .")
    answer = post(office, "/api/submissions?submit=true", prefixes.encode() + data, Content_Type="text/turtle")
    assert answer.status_code == 201, answer.text
    assert answer.json is not None
    assert (answer.json["state"], answer.json["report"]["conforms"]) == ("draft", False)
    refused = post(office, f"/api/submissions/{answer.json['id']}/submit")
    assert (refused.status_code, refused.json["error"]) == (422, "NotReady")  # type: ignore[index]


def test_others_submissions_are_not_there(office: Office) -> None:
    made, _ = proposed(office, who="bea")
    path = f"/api/submissions/{made['id']}"
    client = office.of().client
    assert client.get(path, headers=office.token("ana", "read")).status_code == 404
    assert client.get(path, headers=office.token("carla", "curate")).status_code == 404
    for step in ("submit", "withdraw", "comment"):
        assert post(office, f"{path}/{step}", b'{"text": "x"}').status_code == 404
    mine = client.get("/api/submissions", headers=office.token("ana", "read")).json
    assert made["id"] not in [one["id"] for one in mine["submissions"]]  # type: ignore[index]
    assert client.get(path).status_code == 401


def test_a_token_of_a_curator_decides_only_with_that_scope(office: Office) -> None:
    id_, _ = office.submitted()
    for scope in ("read", "submit"):
        assert post(office, f"/api/submissions/{id_}/reject", b'{"text": "no"}', "carla", scope).status_code in (
            403,
            404,
        )
    waiting = office.of().client.get("/api/submissions", headers=office.token("carla", "curate")).json
    assert id_ in [one["id"] for one in waiting["submissions"]]  # type: ignore[index]
    assert office.desk.submissions.get(id_).state is State.SUBMITTED
    assert post(office, f"/api/submissions/{id_}/reject", b'{"text": "no"}', "carla", "curate").status_code == 200


@pytest.mark.parametrize("body", [b"[]", b"{", b'{"turn": "x"}', b'{"text": 5}', b'{"fields": "x"}', b"[" * 50_000])
def test_steps_take_json_and_nothing_else(office: Office, body: bytes) -> None:
    id_, _ = office.submitted()
    answer = post(office, f"/api/submissions/{id_}/accept", body, "carla", "curate")
    assert (answer.status_code, json.loads(answer.text)["status"]) == (400, 400)
    assert office.desk.submissions.get(id_).state is State.SUBMITTED


def test_a_program_that_asks_too_much_waits(office: Office) -> None:
    person = office.desk.people.add(f"busy-{id(office)}")
    headers = {"Authorization": f"Bearer {office.desk.people.open(person.id, TOKEN, scope='submit')}"}
    client = office.of().client
    codes = [client.post("/api/submissions/none/submit", headers=headers).status_code for _ in range(62)]
    assert set(codes[:60]) == {404}
    assert codes[-1] == 429
