"""An answer that breaks in the middle never looks whole, whatever reads it."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO
from urllib.parse import urlencode, urlsplit

import pytest
import requests
from SPARQLWrapper import POST, SPARQLWrapper
from tests.conformance.serving import Own

SOLUTIONS = "SELECT * WHERE { ?s ?p ?o }"
GRAPH = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"
FORMATS = [("csv", SOLUTIONS), ("json", SOLUTIONS), ("nt", GRAPH)]
TRIPLES = 150_000
LENGTH = 120


@pytest.fixture(scope="module", autouse=True)
def _large(own: Own) -> None:
    """Far more than the buffers of all sockets on the way hold."""
    body = b"".join(b'<urn:s:%d> <urn:p> "%s" .\n' % (n, b"x" * LENGTH) for n in range(TRIPLES))
    headers = {**own.admin, "Content-Type": "application/n-triples"}
    own.hold("")
    assert own.http.put(own.url + "/store?default", data=body, headers=headers).status_code == 204


def kill_busy(own: Own) -> None:
    """Kill every worker of the public pool, the one that is answering among them."""
    for pid in own.public_workers():
        os.kill(pid, signal.SIGKILL)


def await_workers(own: Own) -> None:
    """Wait until a worker is ready again."""
    while not own.readers.status()["pools"]["public"]["ready"]:
        time.sleep(0.02)


@pytest.fixture(autouse=True)
def _workers_come_back(own: Own) -> Iterator[None]:
    yield
    await_workers(own)


@pytest.mark.parametrize(("form", "query"), FORMATS)
def test_curl(own: Own, tmp_path: Path, form: str, query: str) -> None:
    output = tmp_path / "answer"
    slowly = ["curl", "--silent", "--noproxy", "*", "--limit-rate", "2M", "--output", str(output)]
    asked = ["--data-urlencode", f"query={query}", "--data", f"format={form}", own.url + "/sparql"]
    process = subprocess.Popen([*slowly, *asked])
    try:
        wait_for(lambda: output.exists() and output.stat().st_size > 0)
        kill_busy(own)
        assert process.wait(60) == 18, "curl takes the answer for whole"  # CURLE_PARTIAL_FILE
    finally:
        process.kill()
        process.wait()


def wait_for(condition: Callable[[], bool], seconds: float = 30) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.01)


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
@pytest.mark.parametrize(("form", "query"), FORMATS)
def test_requests(own: Own, form: str, query: str, encoding: str) -> None:
    answer = own.http.post(
        own.url + "/sparql", data={"query": query, "format": form}, headers={"Accept-Encoding": encoding}, stream=True
    )
    with answer:
        assert (answer.status_code, answer.headers.get("Content-Encoding", "identity")) == (200, encoding)
        pieces = answer.iter_content(4096)
        next(pieces)
        kill_busy(own)
        with pytest.raises(requests.exceptions.ChunkedEncodingError):
            list(pieces)


@pytest.mark.parametrize(("form", "query"), FORMATS)
def test_sparqlwrapper(own: Own, form: str, query: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")
    wrapper = SPARQLWrapper(own.url + "/sparql")
    wrapper.setQuery(query)
    wrapper.setMethod(POST)
    wrapper.addParameter("format", form)
    result = wrapper.query()
    response: IO[bytes] = result.response
    with response:
        response.read(4096)
        kill_busy(own)
        with pytest.raises(http.client.IncompleteRead):
            response.read()


def test_graph_store(own: Own) -> None:
    with own.http.get(own.url + "/store?default", headers={"Accept-Encoding": "identity"}, stream=True) as answer:
        pieces = answer.iter_content(4096)
        next(pieces)
        kill_busy(own)
        with pytest.raises(requests.exceptions.ChunkedEncodingError):
            list(pieces)


def test_http_1_0_gets_whole_answers_or_none(own: Own) -> None:
    short = old_request(own, "ASK {}")
    assert b" 200 " in short.partition(b"\r\n")[0]
    head, _, body = short.partition(b"\r\n\r\n")
    assert f"Content-Length: {len(body)}".encode() in head
    long = old_request(own, SOLUTIONS)
    assert b" 413 " in long.partition(b"\r\n")[0]
    assert b"HTTP/1.1" in long


def old_request(own: Own, query: str) -> bytes:
    place = urlsplit(own.url)
    with socket.create_connection((place.hostname or "", place.port or 0), timeout=30) as connection:
        connection.sendall(f"GET /sparql?{urlencode({'query': query})} HTTP/1.0\r\nHost: x\r\n\r\n".encode())
        received = b""
        while piece := connection.recv(65536):
            received += piece
        return received


def test_whoever_leaves_leaves_no_worker_busy(own: Own) -> None:
    with own.http.post(own.url + "/sparql", data={"query": SOLUTIONS}, stream=True) as answer:
        next(answer.iter_content(4096))
    wait_for(lambda: not own.readers.status()["pools"]["public"]["busy"])


def test_slow_readers_do_not_hold_up_others(own: Own) -> None:
    """More readers than there are workers take nothing of what they asked for; pages answer all the same."""
    slow = [requests.Session() for _ in range(12)]
    for number, session in enumerate(slow):
        session.trust_env = False
        session.headers["X-Forwarded-For"] = f"192.0.2.{number}"
    answers: list[requests.Response] = []

    def begin(session: requests.Session) -> None:
        answers.append(session.post(own.url + "/sparql", data={"query": SOLUTIONS}, stream=True, timeout=60))

    threads = [threading.Thread(target=begin, args=[session]) for session in slow]
    try:
        for thread in threads:
            thread.start()
        wait_for(lambda: own.readers.status()["pools"]["public"]["queued"] >= len(slow) - 3)
        began = time.monotonic()
        for _ in range(20):
            assert own.http.get(own.url + "/sparql", headers={"Accept": "text/html"}).status_code == 200
            assert own.http.get(own.url + "/health").status_code == 200
        assert time.monotonic() - began < 20
    finally:
        kill_busy(own)
        for thread in threads:
            thread.join(60)
        for answer in answers:
            answer.close()
        for session in slow:
            session.close()
