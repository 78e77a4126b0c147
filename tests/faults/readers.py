"""Readers who go on asking whatever happens, and note what they are answered."""

from __future__ import annotations

import http.client
import json
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from urllib.parse import urlsplit

REFUSALS = {429, 503}
"""What people may be answered while something is being started again; always with a sentence."""


class Readers:
    """Threads that ask for one path after the other over connections that they keep.

    wrong: answers that nobody should get. seen: how often each status came, and how often a connection broke (0).
    """

    def __init__(self, paths: Sequence[str], allowed: frozenset[int] = frozenset({200})) -> None:
        self.url = ""
        self.seen: Counter[int] = Counter()
        self.wrong: list[str] = []
        self._paths = paths
        self._allowed = allowed
        self._stop = threading.Event()

    @contextmanager
    def asking(self, url: str, number: int) -> Iterator[None]:
        """Let so many ask at `url` for as long as the block lasts; `url` may be set anew meanwhile."""
        self.url = url
        threads = [threading.Thread(target=self._ask, args=(place,)) for place in range(number)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._stop.set()
            for thread in threads:
                thread.join()

    def _ask(self, place: int) -> None:
        while not self._stop.wait(0.02):
            url = self.url
            host = urlsplit(url)
            connection = http.client.HTTPConnection(host.hostname or "", host.port or 80, timeout=60)
            try:
                while url == self.url and not self._stop.wait(0.005):
                    self._once(connection, self._paths[place % len(self._paths)])
                    place += 1
            except (OSError, http.client.HTTPException):
                self.seen[0] += 1
            finally:
                connection.close()

    def _once(self, connection: http.client.HTTPConnection, path: str) -> None:
        connection.request("GET", path, headers={"Accept": "*/*"})
        answer = connection.getresponse()
        body = answer.read()
        self.seen[answer.status] += 1
        if answer.status in REFUSALS:
            if path != "/health" and not self._says_why(answer, body):
                self.wrong.append(f"{path}: {answer.status} without a sentence: {body[:300]!r}")
        elif answer.status not in self._allowed:
            self.wrong.append(f"{path}: {answer.status} {body[:300]!r}")

    @staticmethod
    def _says_why(answer: http.client.HTTPResponse, body: bytes) -> bool:
        if answer.headers.get_content_type() == "application/problem+json":
            return bool(json.loads(body)["detail"])
        return answer.headers.get_content_type() == "text/html" and b"<h1" in body
