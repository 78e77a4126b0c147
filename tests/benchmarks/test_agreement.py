from __future__ import annotations

import json
import socket
import threading
from typing import Any

import pytest
from benchmarks.agreement import Refused, Seen, differences, look, table_of
from benchmarks.endpoint import Endpoint
from benchmarks.workload import Workload


def answered(body: bytes, status: str = "200 OK", times: int = 1) -> tuple[Endpoint, threading.Thread]:
    """An endpoint that gives the same answer to so many queries."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with server:
            for _ in range(times):
                connection, _ = server.accept()
                with connection:
                    connection.recv(1 << 16)
                    length = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n"
                    connection.sendall(length.encode() + body)

    thread = threading.Thread(target=serve)
    thread.start()
    return Endpoint("peer", f"http://127.0.0.1:{server.getsockname()[1]}/sparql"), thread


def rows(*bindings: dict[str, Any]) -> bytes:
    return json.dumps({"head": {"vars": []}, "results": {"bindings": bindings}}).encode()


def seen(body: bytes) -> list[str]:
    endpoint, thread = answered(body)
    try:
        return table_of(endpoint, "SELECT …")
    finally:
        thread.join(10)


XSD = "http://www.w3.org/2001/XMLSchema#"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            {"type": "literal", "value": "a", "xml:lang": "es-MX"},
            {"type": "literal", "value": "a", "xml:lang": "es-mx"},
        ),
        (
            {"type": "literal", "value": "3", "datatype": XSD + "integer"},
            {"type": "typed-literal", "value": "3", "datatype": XSD + "int"},
        ),
        (
            {"type": "literal", "value": "2.50", "datatype": XSD + "decimal"},
            {"type": "typed-literal", "value": "2.5", "datatype": XSD + "decimal"},
        ),
        ({"type": "literal", "value": "a", "datatype": XSD + "string"}, {"type": "literal", "value": "a"}),
    ],
)
def test_what_means_the_same_is_the_same(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert seen(rows({"x": one})) == seen(rows({"x": other}))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"type": "literal", "value": "a", "xml:lang": "es"}, {"type": "literal", "value": "a", "xml:lang": "fr"}),
        ({"type": "literal", "value": "http://a/"}, {"type": "uri", "value": "http://a/"}),
        ({"type": "literal", "value": "3", "datatype": XSD + "integer"}, {"type": "literal", "value": "3"}),
    ],
)
def test_what_means_something_else_differs(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert seen(rows({"x": one})) != seen(rows({"x": other}))


def test_the_order_of_rows_does_not_matter() -> None:
    one, other = {"x": {"type": "uri", "value": "http://a/"}}, {"x": {"type": "uri", "value": "http://b/"}}
    assert seen(rows(one, other)) == seen(rows(other, one))


def test_rows_of_all_queries_count() -> None:
    endpoint, thread = answered(rows({"x": {"type": "uri", "value": "http://a/"}}), times=3)
    found = look(endpoint, Workload("entity", ("a", "b", "c", "d")), 3)
    thread.join(10)
    assert found.rows == 3


@pytest.mark.parametrize(("body", "status"), [(b"no such thing", "400 Bad Request"), (b"<html>", "200 OK")])
def test_an_endpoint_that_gives_no_table_refuses(body: bytes, status: str) -> None:
    endpoint, thread = answered(body, status)
    with pytest.raises(Refused, match="peer answered"):
        table_of(endpoint, "SELECT …")
    thread.join(10)


def test_differences_name_both_sides() -> None:
    found = differences({"a": Seen(3, "x"), "b": Seen(3, "x"), "c": Seen(4, "y")})
    assert list(found) == ["c and a differ: 4 rows (y), 3 rows (x)"]
