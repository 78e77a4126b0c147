"""Connections that are kept open: asked on quickly, after a while, and many at once."""

from __future__ import annotations

import time
from http.client import HTTPConnection
from urllib.parse import urlsplit

from tests.running import Running

from escrgraph.web.lingering import LINGER


def connection(library: Running) -> HTTPConnection:
    """A connection to the service."""
    where = urlsplit(library.url)
    return HTTPConnection(where.hostname or "", where.port, timeout=30)


def answered(kept: HTTPConnection) -> bool:
    """Whether a request on it is answered, and the connection stays as it is."""
    before = kept.sock
    kept.request("GET", "/sparql?query=ASK%7B%7D")
    answer = kept.getresponse()
    answer.read()
    return answer.status == 200 and kept.sock is not None and (before is None or kept.sock is before)


def test_a_connection_is_asked_on_at_once_and_after_a_while(library: Running) -> None:
    kept = connection(library)
    assert answered(kept)
    assert answered(kept)
    time.sleep(4 * LINGER)  # its thread has left it by then
    assert answered(kept)
    kept.close()


def test_more_connections_than_threads_are_kept_open(library: Running) -> None:
    many = [connection(library) for _ in range(150)]
    for _ in range(3):
        assert all(map(answered, many))
    newcomer = connection(library)
    assert answered(newcomer)
    for kept in (*many, newcomer):
        kept.close()


def test_requests_sent_at_once_are_answered_in_their_order(library: Running) -> None:
    kept = connection(library)
    kept.connect()
    lines = [f"GET {path} HTTP/1.1\r\nHost: {kept.host}\r\n\r\n" for path in ("/robots.txt", "/health", "/robots.txt")]
    kept.sock.sendall("".join(lines).encode())
    received = b""
    while received.count(b"HTTP/1.1 200") < 3 and (part := kept.sock.recv(1 << 16)):
        received += part
    assert received.index(b"text/plain") < received.index(b"application/json") < received.rindex(b"text/plain")
    kept.close()
