"""The cases of the SPARQL 1.1 Graph Store HTTP Protocol, one test each."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from pyoxigraph import RdfFormat
from tests.conformance.comparing import graph
from tests.conformance.serving import Own

ONE = b'<http://example.org/s> <http://example.org/p> "one" .\n'
TWO = b'<http://example.org/s> <http://example.org/p> "two" .\n'
NT = "application/n-triples"
G = "http://example.org/graph/one?x=1&y=2"


@pytest.fixture(autouse=True)
def _empty(own: Own) -> None:
    own.hold("")


@pytest.fixture(params=["indirect", "direct", "below the store", "default"])
def address(request: pytest.FixtureRequest, own: Own) -> str:
    """A graph, in each of the ways in which one is identified (sections 4.1 and 4.2)."""
    return {
        "indirect": f"{own.url}/store?graph={quote(G, safe='')}",
        "direct": f"{own.url}/graph/one",
        "below the store": f"{own.url}/store/person/1.ttl",
        "default": f"{own.url}/store?default",
    }[request.param]


def send(own: Own, method: str, address: str, body: bytes | None = None, content_type: str = NT) -> int:
    headers = {**own.admin, **({"Content-Type": content_type} if body is not None else {})}
    answer = own.http.request(method, address, data=body, headers=headers)
    assert answer.status_code < 400, answer.text
    assert answer.headers["X-Generation"] == str(own.generation())
    return answer.status_code


def triples(own: Own, address: str) -> list[bytes]:
    answer = own.http.get(address, headers={"Accept": NT})
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, NT)
    return sorted(answer.content.splitlines(keepends=True))


def test_put_get_put_again(own: Own, address: str) -> None:
    made = 204 if address.endswith("default") else 201
    assert send(own, "PUT", address, ONE) == made
    assert triples(own, address) == [ONE]
    assert send(own, "PUT", address, TWO) == 204
    assert triples(own, address) == [TWO]


def test_post_adds(own: Own, address: str) -> None:
    made = 204 if address.endswith("default") else 201
    assert send(own, "POST", address, ONE) == made
    assert send(own, "POST", address, TWO) == 204
    assert triples(own, address) == [ONE, TWO]
    assert send(own, "POST", address, b"") == 204
    assert triples(own, address) == [ONE, TWO]


def test_put_of_nothing_makes_an_empty_graph(own: Own, address: str) -> None:
    assert send(own, "PUT", address, b"") in {201, 204}
    assert triples(own, address) == []
    assert send(own, "PUT", address, ONE) == 204
    assert send(own, "PUT", address, b"") == 204
    assert triples(own, address) == []


def test_delete(own: Own, address: str) -> None:
    send(own, "PUT", address, ONE)
    assert send(own, "DELETE", address) == 204
    gone = own.http.get(address)
    if address.endswith("default"):
        assert (gone.status_code, triples(own, address)) == (200, [])
        return
    assert gone.status_code == 404
    assert own.http.head(address).status_code == 404
    assert own.http.delete(address, headers=own.admin).status_code == 404


def test_head_is_get_without_the_body(own: Own, address: str) -> None:
    send(own, "PUT", address, ONE)
    full, head = own.http.get(address), own.http.head(address)
    assert (head.status_code, head.content) == (200, b"")
    for name in ("Content-Type", "ETag", "X-Generation", "Vary"):
        assert head.headers[name] == full.headers[name]
    same = own.http.get(address, headers={"If-None-Match": full.headers["ETag"]})
    assert same.status_code == 304


@pytest.mark.parametrize(
    ("media_type", "rdf", "body"),
    [
        ("text/turtle", RdfFormat.TURTLE, b'@prefix : <http://example.org/> . :s :p "one" .'),
        ("text/turtle;charset=utf-8", RdfFormat.TURTLE, b'<http://example.org/s> <http://example.org/p> "one" .'),
        ("application/n-triples", RdfFormat.N_TRIPLES, ONE),
        (
            "application/rdf+xml",
            RdfFormat.RDF_XML,
            b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://example.org/">'
            b'<rdf:Description rdf:about="http://example.org/s"><p>one</p></rdf:Description></rdf:RDF>',
        ),
        (
            "application/ld+json",
            RdfFormat.JSON_LD,
            b'{"@id": "http://example.org/s", "http://example.org/p": "one"}',
        ),
        ("text/n3", RdfFormat.N3, b'<http://example.org/s> <http://example.org/p> "one" .'),
    ],
)
def test_every_syntax_in_and_out(own: Own, media_type: str, rdf: RdfFormat, body: bytes) -> None:
    address = f"{own.url}/store?graph=urn:g"
    send(own, "PUT", address, body, media_type)
    assert triples(own, address) == [ONE]
    answer = own.http.get(address, headers={"Accept": media_type})
    assert (answer.status_code, answer.headers["Content-Type"].split(";")[0]) == (200, rdf.media_type)
    assert graph(answer.content, rdf) == graph(ONE, RdfFormat.N_TRIPLES)


@pytest.mark.parametrize(
    ("status", "method", "target", "content_type", "body"),
    [
        (400, "PUT", "/store?graph=urn:g", "text/turtle", b"<http://a> <http://b> .\n"),
        (400, "PUT", "/store?graph=urn:g", "application/rdf+xml", ONE),
        (400, "PUT", "/store?graph=relative", NT, ONE),
        (400, "PUT", "/store?graph=", NT, ONE),
        (400, "PUT", "/store?graph=urn:g&default", NT, ONE),
        (400, "PUT", "/store?graph=urn:g&graph=urn:h", NT, ONE),
        (400, "PUT", "/store", NT, ONE),
        (400, "DELETE", "/store", None, None),
        (415, "PUT", "/store?graph=urn:g", "text/csv", ONE),
        (415, "PUT", "/store?graph=urn:g", None, ONE),
        (415, "POST", "/store?graph=urn:g", "multipart/form-data; boundary=x", b"--x--"),
        (415, "PUT", "/store?graph=urn:g", "application/n-quads", ONE),
        (404, "GET", "/store?graph=urn:nowhere", None, None),
        (404, "DELETE", "/store?graph=urn:nowhere", None, None),
        (405, "PATCH", "/store?graph=urn:g", "application/sparql-update", b"CLEAR ALL"),
        (406, "GET", "/store?default", None, None),
    ],
)
def test_refusals(
    own: Own, status: int, method: str, target: str, content_type: str | None, body: bytes | None
) -> None:
    headers = {**own.admin, **({"Content-Type": content_type} if content_type else {})}
    if status == 406:
        headers["Accept"] = "text/csv"
    before = own.generation()
    answer = own.http.request(method, own.url + target, data=body, headers=headers)
    assert (answer.status_code, own.generation()) == (status, before), answer.text
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_a_mistake_in_a_body_is_named_by_line_and_changes_nothing(own: Own) -> None:
    send(own, "PUT", f"{own.url}/store?graph=urn:g", ONE)
    answer = own.http.put(
        f"{own.url}/store?graph=urn:g",
        data=ONE + b"<http://a> <http://b> nonsense .\n",
        headers={**own.admin, "Content-Type": "text/turtle"},
    )
    assert (answer.status_code, answer.json()["line"]) == (400, 2)
    assert triples(own, f"{own.url}/store?graph=urn:g") == [ONE]


def test_post_to_the_store_makes_a_graph_and_says_where(own: Own) -> None:
    answer = own.http.post(own.url + "/store", data=ONE, headers={**own.admin, "Content-Type": NT})
    assert answer.status_code == 201
    made = own.http.get(answer.url.removesuffix("/store") + answer.headers["Location"], headers={"Accept": NT})
    assert made.content == ONE
    assert own.graph_names() == {answer.headers["Link"].split(">")[0] + ">"}


def test_the_whole_store(own: Own) -> None:
    own.hold("<urn:a> <urn:b> 1 . GRAPH <urn:g> { <urn:a> <urn:b> 2 }")
    answer = own.http.get(own.url + "/store", headers={"Accept": "application/n-quads"})
    assert sorted(answer.text.splitlines()) == [
        '<urn:a> <urn:b> "1"^^<http://www.w3.org/2001/XMLSchema#integer> .',
        '<urn:a> <urn:b> "2"^^<http://www.w3.org/2001/XMLSchema#integer> <urn:g> .',
    ]
    assert own.http.get(own.url + "/store", headers={"Accept": "text/turtle"}).status_code == 406


def test_a_large_graph_goes_in_and_comes_out_whole(own: Own) -> None:
    body = b"".join(b'<http://example.org/%d> <http://example.org/p> "%d" .\n' % (n, n) for n in range(60_000))
    assert send(own, "PUT", f"{own.url}/store?graph=urn:large", body) == 201
    assert len(triples(own, f"{own.url}/store?graph=urn:large")) == 60_000
