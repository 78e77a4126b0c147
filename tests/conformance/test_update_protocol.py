"""The cases of the SPARQL 1.1 Protocol for updates, one test each (section 2.2)."""

from __future__ import annotations

import pytest
from tests.conformance.serving import Own

FORM = "application/x-www-form-urlencoded"
DIRECT = "application/sparql-update"
DATA = """@prefix : <http://example.org/> .
:d :in "default" . GRAPH :a { :a :in "a" } GRAPH :b { :b :in "b" }
"""
A, B = "http://example.org/a", "http://example.org/b"
COPY = "INSERT { GRAPH <urn:out> { ?s <urn:found> ?x } } WHERE { ?s <http://example.org/in> ?x }"
COPY_NAMED = "INSERT { GRAPH <urn:out> { ?s <urn:found> ?x } } WHERE { GRAPH ?g { ?s <http://example.org/in> ?x } }"
COPY_BOTH = (
    "INSERT { GRAPH <urn:out> { ?s <urn:found> ?x } } "
    "WHERE { { ?s <http://example.org/in> ?x } UNION { GRAPH ?g { ?s <http://example.org/in> ?x } } }"
)


@pytest.fixture(autouse=True)
def _loaded(own: Own) -> None:
    own.hold(DATA)


def copied(own: Own) -> list[str]:
    """What an update found and copied."""
    rows = own.query("SELECT ?x { GRAPH <urn:out> { ?s ?p ?x } } ORDER BY ?x").json()["results"]["bindings"]
    return [row["x"]["value"] for row in rows]


@pytest.mark.parametrize("direct", [True, False], ids=["direct", "form"])
@pytest.mark.parametrize(
    ("update", "parameters", "expected"),
    [
        (COPY, [], ["default"]),
        (COPY, [("using-graph-uri", A)], ["a"]),
        (COPY, [("using-graph-uri", A), ("using-graph-uri", B)], ["a", "b"]),
        (COPY_NAMED, [], ["a", "b"]),
        (COPY_NAMED, [("using-named-graph-uri", A)], ["a"]),
        (COPY_NAMED, [("using-named-graph-uri", A), ("using-named-graph-uri", B)], ["a", "b"]),
        (COPY_BOTH, [("using-graph-uri", A)], ["a"]),
        (COPY_BOTH, [("using-graph-uri", A), ("using-named-graph-uri", B)], ["a", "b"]),
        # each operation of the request is evaluated on that dataset
        (f"INSERT DATA {{ GRAPH <urn:z> {{ <urn:z> <urn:z> 1 }} }} ; {COPY}", [("using-graph-uri", B)], ["b"]),
    ],
)
def test_datasets(own: Own, direct: bool, update: str, parameters: list[tuple[str, str]], expected: list[str]) -> None:
    address = own.url + "/update"
    if direct:
        headers = {**own.admin, "Content-Type": DIRECT}
        answer = own.http.post(address, params=parameters, data=update.encode(), headers=headers)
    else:
        answer = own.http.post(address, data=[("update", update), *parameters], headers=own.admin)
    assert answer.status_code in {200, 204}, answer.text
    assert copied(own) == expected
    assert answer.headers["X-Generation"] == str(own.generation())


@pytest.mark.parametrize(
    "update",
    [
        f"INSERT {{ <urn:s> <urn:p> ?x }} USING <{A}> WHERE {{ ?s ?p ?x }}",
        f"INSERT {{ <urn:s> <urn:p> ?x }} USING NAMED <{A}> WHERE {{ GRAPH ?g {{ ?s ?p ?x }} }}",
        f"WITH <{A}> DELETE {{ ?s ?p ?x }} WHERE {{ ?s ?p ?x }}",
    ],
)
@pytest.mark.parametrize("name", ["using-graph-uri", "using-named-graph-uri"])
def test_two_datasets_conflict(own: Own, update: str, name: str) -> None:
    before = own.dump()
    answer = own.http.post(own.url + "/update", data={"update": update, name: B}, headers=own.admin)
    assert (answer.status_code, own.dump()) == (400, before)


@pytest.mark.parametrize(
    ("status", "parameters", "content_type", "body"),
    [
        (400, "", FORM, b"update=CLEAR%20ALL&update=CLEAR%20ALL"),
        (400, "update=CLEAR%20ALL", DIRECT, b"CLEAR ALL"),
        (400, "", FORM, b"update=nonsense"),
        (400, "", DIRECT, b"nonsense"),
        (400, "", FORM, b""),
        (400, "", DIRECT + ";charset=UTF-16", "CLEAR ALL".encode("utf-16")),
        (400, "", DIRECT, "INSERT DATA { <urn:a> <urn:b> 'é' }".encode("latin-1")),
        (400, "", FORM, b"query=ASK%7B%7D"),
        (400, "", "application/sparql-query", b"ASK {}"),
        (400, "using-graph-uri=relative", DIRECT, b"CLEAR ALL"),
        (415, "", "text/plain", b"CLEAR ALL"),
        (415, "", None, b"update=CLEAR%20ALL"),
        (415, "", None, b"CLEAR ALL"),
        (403, "", DIRECT, b"LOAD <http://127.0.0.1/data.ttl>"),
        (403, "", DIRECT, b"LOAD SILENT <file:///etc/passwd> INTO GRAPH <urn:g>"),
        (403, "", DIRECT, b"INSERT { ?s ?p ?o } WHERE { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }"),
    ],
)
def test_refused_updates(own: Own, status: int, parameters: str, content_type: str | None, body: bytes) -> None:
    before = own.dump()
    headers = {**own.admin, **({"Content-Type": content_type} if content_type else {})}
    answer = own.http.post(f"{own.url}/update?{parameters}", data=body, headers=headers)
    assert (answer.status_code, own.dump()) == (status, before), answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "QUERY"])
def test_other_methods(own: Own, method: str) -> None:
    answer = own.http.request(method, own.url + "/update", params={"update": "CLEAR ALL"}, headers=own.admin)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "OPTIONS, POST")


@pytest.mark.parametrize(
    ("authorization", "challenge"),
    [
        (None, 'Bearer realm="escrgraph"'),
        ("Basic YWRtaW46YWRtaW4=", 'Bearer realm="escrgraph"'),
        ("Bearer", 'Bearer realm="escrgraph"'),
        ("Bearer wrong", 'Bearer realm="escrgraph", error="invalid_token"'),
    ],
)
def test_writing_takes_the_token(own: Own, authorization: str | None, challenge: str) -> None:
    before = own.dump()
    headers = {"Authorization": authorization} if authorization else {}
    for method, path, data in (
        ("POST", "/update", {"update": "CLEAR ALL"}),
        ("PUT", "/store?default", b""),
        ("POST", "/store?default", b""),
        ("DELETE", "/store?default", None),
    ):
        answer = own.http.request(method, own.url + path, data=data, headers=headers)
        assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, challenge)
    assert own.dump() == before


def test_relative_iris_are_those_of_the_repository(own: Own) -> None:
    assert own.update("INSERT DATA { GRAPH <urn:base> { <made> <p> <#here> } }").status_code in {200, 204}
    rows = own.query("SELECT ?s ?o { GRAPH <urn:base> { ?s ?p ?o } }").json()["results"]["bindings"]
    assert [row["s"]["value"] for row in rows] == [own.base + "made"]
    assert [row["o"]["value"] for row in rows] == [own.base + "update#here"]


def test_an_update_is_seen_by_the_next_query(own: Own) -> None:
    for number in range(20):
        assert own.update(f"INSERT DATA {{ <urn:s> <urn:n> {number} }}").status_code in {200, 204}
        assert own.query(f"ASK {{ <urn:s> <urn:n> {number} }}").json()["boolean"] is True
