"""Clients that are slow, silent, rude or gone: they hold their connections, and keep nobody else from an answer."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from urllib.parse import urlencode, urlsplit

import pytest
from tests.faults.services import get, open_files, processes
from tests.repository.serving import until
from tests.running import Running

from escrgraph.web.patience import connections

MANY = 200
"""More connections than the service has threads."""

PATIENCE = 20
"""Seconds within which others are answered; a thread that waits for a client waits for a minute."""

HEAD = "{} HTTP/1.1\r\nHost: localhost\r\n"
EVERYTHING = urlencode({"query": "SELECT * WHERE { ?a ?b ?c . ?d ?e ?f }"})
HOLDING = {
    "say nothing": b"",
    "begin a head": HEAD.format("GET /").encode(),
    "begin a line of a head": b"GET /search?q=wat",
    "begin a second head with the first request": (
        HEAD.format("GET /robots.txt") + "\r\n" + HEAD.format("GET /robots.txt")
    ).encode(),
    "begin a query": (
        HEAD.format("POST /sparql")
        + "Content-Type: application/sparql-query\r\nContent-Length: 100000\r\n\r\nSELECT"
    ).encode(),
    "begin a form": (
        HEAD.format("POST /account/sign-in")
        + "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 100000\r\n\r\nna"
    ).encode(),
    "begin a chunk": (
        HEAD.format("POST /validate")
        + "Content-Type: text/turtle\r\nTransfer-Encoding: chunked\r\n\r\nffff\r\n<urn:x>"
    ).encode(),
    "owe the body of a GET": (HEAD.format("GET /robots.txt") + "Content-Length: 100000\r\n\r\n").encode(),
    "do not hang up after the last answer": (HEAD.format("GET /robots.txt") + "Connection: close\r\n\r\n").encode(),
    "take nothing of a long answer": (HEAD.format(f"GET /sparql?{EVERYTHING}") + "\r\n").encode(),
}  # fmt: skip


@contextmanager
def held(running: Running, sent: bytes) -> Iterator[list[socket.socket]]:
    """Many connections, each of which has sent something, and sends a byte more every second."""
    where = urlsplit(running.url)
    done = threading.Event()
    with ExitStack() as stack:
        many = []
        for _ in range(MANY):
            many.append(stack.enter_context(socket.create_connection((where.hostname, where.port), PATIENCE)))
            many[-1].sendall(sent)

        def trickle() -> None:
            while not done.wait(1):
                for connection in many:
                    try:
                        connection.send(b"x", socket.MSG_DONTWAIT)
                    except OSError:
                        continue  # given up by the service

        trickling = threading.Thread(target=trickle)
        trickling.start()
        try:
            yield many
        finally:
            done.set()
            trickling.join()


@pytest.mark.parametrize("what", HOLDING)
def test_others_are_answered_beside_many_who(library: Running, what: str) -> None:
    with held(library, HOLDING[what]):
        for path in ("", "health", "search?q=right", "map", "robots.txt") * 2:
            assert get(library.url + path, timeout=PATIENCE)[0] == 200


def test_others_are_answered_beside_more_connections_than_a_process_may_have(library: Running) -> None:
    where = urlsplit(library.url)
    with ExitStack() as stack:
        for _ in range(2 * connections() + 400):
            stack.enter_context(socket.create_connection((where.hostname, where.port), PATIENCE))
        for path in ("", "health", "map"):
            assert get(library.url + path, timeout=PATIENCE)[0] == 200


def test_a_head_that_comes_in_pieces_is_answered(library: Running) -> None:
    where = urlsplit(library.url)
    request = (HEAD.format("GET /robots.txt") + "Connection: close\r\n\r\n").encode()
    with socket.create_connection((where.hostname, where.port), PATIENCE) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for place in range(0, len(request), 5):
            connection.sendall(request[place : place + 5])
        received = b""
        while part := connection.recv(1 << 16):
            received += part
    assert received.startswith(b"HTTP/1.1 200")


def test_clients_that_vanish_leave_no_connection_behind(library: Running) -> None:
    where = urlsplit(library.url)
    web = processes(library)["web process"]
    get(library.url)
    before = [open_files(process) for process in web]
    for sent in HOLDING.values():
        for _ in range(20):
            with socket.create_connection((where.hostname, where.port), PATIENCE) as connection:
                connection.sendall(sent)
                # Gone without a word, as when a cable is cut and a router says so.
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    until(lambda: all(open_files(p) <= number + 10 for p, number in zip(web, before, strict=True)), 60)
    assert get(library.url)[0] == 200
