from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator, Sequence

import pytest
from benchmarks.client import BrokenAnswer, Connection, fetch
from benchmarks.endpoint import Endpoint, Request, named

Scripted = Callable[[Sequence[Sequence[bytes]]], Request]


@pytest.fixture
def scripted() -> Iterator[Scripted]:
    """Makes a server that answers with the bytes given: for each connection, an answer a request, then it closes."""
    servers: list[tuple[socket.socket, threading.Thread]] = []

    def make(connections: Sequence[Sequence[bytes]]) -> Request:
        server = socket.create_server(("127.0.0.1", 0))
        thread = threading.Thread(target=_serve, args=(server, connections))
        thread.start()
        servers.append((server, thread))
        return Request.to(f"http://127.0.0.1:{server.getsockname()[1]}/path?query=1", "GET", "Accept: */*\r\n")

    yield make
    for server, thread in servers:
        thread.join(10)
        server.close()


def _serve(server: socket.socket, connections: Sequence[Sequence[bytes]]) -> None:
    for answers in connections:
        connection, _ = server.accept()
        with connection:
            for answer in answers:
                connection.recv(1 << 16)
                connection.sendall(answer)


def test_an_answer_with_a_length_is_read_to_its_end_and_the_connection_is_kept(scripted: Scripted) -> None:
    first = b'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nETag: W/"1"\r\n\r\nhello'
    second = b"HTTP/1.1 404 Not Found\r\ncontent-length:2\r\n\r\nno"
    request = scripted([[first, second]])
    with Connection(request.host, request.port) as connection:
        answer = connection.ask(request)
        assert (answer.status, answer.body, answer.field("etag")) == (200, b"hello", 'W/"1"')
        assert connection.ask(request).body == b"no"


def test_chunks_are_put_together(scripted: Scripted) -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    request = scripted([[head + b"4\r\nwiki\r\n6;x=y\r\npedia \r\n0\r\n\r\n"] * 2])
    with Connection(request.host, request.port) as connection:
        assert [connection.ask(request).body for _ in range(2)] == [b"wikipedia "] * 2


def test_an_answer_without_a_length_ends_with_the_connection(scripted: Scripted) -> None:
    assert fetch(scripted([[b"HTTP/1.1 200 OK\r\n\r\nall of it"]])).body == b"all of it"


def test_304_has_no_body(scripted: Scripted) -> None:
    request = scripted([[b"HTTP/1.1 304 Not Modified\r\nContent-Length: 100\r\n\r\n"] * 2])
    with Connection(request.host, request.port) as connection:
        assert [connection.ask(request).status for _ in range(2)] == [304, 304]


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhalf",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
        b"HTTP/1.1 200 OK\r\nContent-",
    ],
)
def test_an_answer_that_breaks_off_is_no_answer(scripted: Scripted, answer: bytes) -> None:
    with pytest.raises(BrokenAnswer):
        fetch(scripted([[answer]]))


def test_a_connection_that_the_server_closed_is_opened_anew(scripted: Scripted) -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n."
    request = scripted([[answer], [answer]])
    with Connection(request.host, request.port) as connection:
        assert connection.ask(request).body == b"."
        assert connection.ask(request).body == b"."


def test_a_long_answer_is_read_as_it_comes(scripted: Scripted) -> None:
    request = scripted([[b"HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n" + b"x" * 300_000]])
    with Connection(request.host, request.port) as connection:
        assert sum(map(len, connection.stream(request))) == 300_000


def test_only_200_is_streamed(scripted: Scripted) -> None:
    request = scripted([[b"HTTP/1.1 503 Busy\r\nContent-Length: 5\r\n\r\nlater"]])
    with Connection(request.host, request.port) as connection, pytest.raises(ValueError, match="503 Busy: later"):
        list(connection.stream(request))


def test_a_query_goes_in_the_address_or_as_a_form() -> None:
    text = "SELECT * { “é” }"
    got = Endpoint("a", "http://localhost:1/sparql").query(text).data
    posted = named("b=http://localhost:1/sparql", frozenset({"b"})).query(text).data
    assert got.startswith(b"GET /sparql?query=SELECT%20%2A%20%7B%20%E2%80%9C%C3%A9%E2%80%9D%20%7D HTTP/1.1")
    assert posted.startswith(b"POST /sparql HTTP/1.1")
    assert posted.endswith(b"\r\n\r\n" + got.split(b"?", 1)[1].split(b" HTTP")[0])


@pytest.mark.parametrize("text", ["http://localhost/sparql", "=http://localhost/", "a=ftp://localhost/"])
def test_an_endpoint_has_a_name_and_an_http_address(text: str) -> None:
    with pytest.raises(ValueError, match="names no endpoint"):
        named(text)
