"""Somebody who sends any bytes to a service and takes what is answered, over a connection kept while it lasts."""

from __future__ import annotations

import re
import socket
from urllib.parse import urlsplit

from benchmarks.client import Answer, Connection
from benchmarks.endpoint import Request

_LENGTH = re.compile(rb"\r\nContent-Length: (\d+)\r\n")


class Caller:
    """number: tells callers apart; each speaks from an address of its own."""

    def __init__(self, url: str, number: int) -> None:
        where = urlsplit(url)
        self._host, self._port = where.hostname or "", where.port or 80
        self._connection = Connection(self._host, self._port, 60, number)

    def call(self, data: bytes) -> Answer | None:
        """The answer to a request; None when the connection was closed without one. Raises OSError."""
        try:
            if _whole(data):
                return self._connection.ask(Request(self._host, self._port, data))
        except ConnectionError:
            self._connection.close()
            return None
        return self._once(data)

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    def _once(self, data: bytes) -> Answer | None:
        """Of what may be less than a request: say that nothing follows, and see what comes."""
        received = b""
        try:
            with socket.create_connection((self._host, self._port), 60) as connection:
                connection.sendall(data)
                connection.shutdown(socket.SHUT_WR)
                while part := connection.recv(1 << 16):
                    received += part
        except ConnectionError:
            pass  # what came before it counts
        head, _, body = received.partition(b"\r\n\r\n")
        return Answer(int(head[9:12]), head, body) if head[9:12].isdigit() else None


def _whole(data: bytes) -> bool:
    """Whether this is one request, so that its answer can be told from others on the same connection."""
    head, found, body = data.partition(b"\r\n\r\n")
    lengths = _LENGTH.findall(head + b"\r\n")
    said = int(lengths[0]) if len(lengths) == 1 else 0
    plain = head[:4] in (b"GET ", b"POST", b"PUT ", b"PATC", b"DELE") and head.lower().count(b"content-length") < 2
    return bool(found) and said == len(body) and plain and b"Expect" not in head and b"ransfer" not in head
