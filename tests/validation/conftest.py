"""What the tests of validation share: the shipped library in memory, a referee, and somebody who listens."""

from __future__ import annotations

import http.server
import threading

import pytest
from pyoxigraph import Store

from escrgraph.validation import Referee, shipped_library


@pytest.fixture
def library() -> Store:
    return shipped_library()


@pytest.fixture(scope="session")
def referee() -> Referee:
    return Referee()


@pytest.fixture
def listener():
    """A server that counts who asks it."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.server.asked += 1  # type: ignore[attr-defined]
            self.send_response(200)
            self.end_headers()

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    server.asked = 0  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()
