"""A light HTTP/1.1 client on plain sockets, so that what is measured is the server."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.endpoint import Request

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked", re.IGNORECASE)
_CLOSE = re.compile(rb"\r\nconnection: *close", re.IGNORECASE)
_BLOCK = 1 << 16


class BrokenAnswer(ConnectionError):
    """The answer ended before it was whole."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer, whole."""

    status: int
    head: bytes
    body: bytes

    def field(self, name: str) -> str:
        """A header field; empty when there is none."""
        found = re.search(rb"\r\n" + name.encode() + rb": *([^\r\n]*)", self.head, re.IGNORECASE)
        return found[1].decode("latin-1") if found else ""


class Connection:
    """One connection that is kept open; when the server has closed it in the meantime it is opened anew."""

    def __init__(self, host: str, port: int, timeout: float = 120, number: int = 0) -> None:
        """number: tells clients on one machine apart; each speaks from a loopback address of its own (127.x.y.z)."""
        self._address = (host, port)
        self._source = (f"127.1.{number // 250}.{number % 250 + 1}", 0) if number and host == "127.0.0.1" else None
        self._timeout = timeout
        self._socket: socket.socket | None = None
        self._held = b""

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close it; the next request opens another."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        self._held = b""

    def ask(self, request: Request) -> Answer:
        """Send a request and read the whole answer. Raises BrokenAnswer, OSError."""
        head = self._begin(request)
        return Answer(int(head[9:12]), head, b"".join(self._body(head)))

    def stream(self, request: Request) -> Iterator[bytes]:
        """The answer's body as it comes. Raises BrokenAnswer, OSError, and ValueError for a status but 200."""
        head = self._begin(request)
        if int(head[9:12]) != 200:
            status, said = head.splitlines()[0].decode(), b"".join(self._body(head))
            raise ValueError(f"{status}: {said[:500].decode(errors='replace')}")
        yield from self._body(head)

    def _begin(self, request: Request) -> bytes:
        reused = self._socket is not None
        try:
            return self._exchange(request)
        except ConnectionError:
            # A server may close a connection that it kept open at any time (RFC 9112, section 9.3.1).
            if not reused:
                raise
        self.close()
        return self._exchange(request)

    def _exchange(self, request: Request) -> bytes:
        if self._socket is None:
            self._socket = socket.create_connection(self._address, self._timeout, self._source)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.sendall(request.data)
        while (end := self._held.find(b"\r\n\r\n")) < 0:
            self._held += self._received()
        head, self._held = self._held[: end + 2], self._held[end + 4 :]
        return head

    def _body(self, head: bytes) -> Iterator[bytes]:
        if int(head[9:12]) in {204, 304}:
            return
        if _CHUNKED.search(head):
            yield from self._chunks()
        elif length := _LENGTH.search(head):
            yield from self._exactly(int(length[1]))
        else:
            yield from self._until_closed()
        if _CLOSE.search(head):
            self.close()

    def _chunks(self) -> Iterator[bytes]:
        while True:
            while (end := self._held.find(b"\r\n")) < 0:
                self._held += self._received()
            size, self._held = int(self._held[:end].split(b";")[0], 16), self._held[end + 2 :]
            if not size:
                break
            yield from self._exactly(size)
            self._skip(2)
        self._skip(2)

    def _exactly(self, length: int) -> Iterator[bytes]:
        while length:
            part = self._held or self._received()
            self._held = part[length:]
            part = part[:length]
            length -= len(part)
            yield part

    def _skip(self, length: int) -> None:
        for _ in self._exactly(length):
            pass

    def _until_closed(self) -> Iterator[bytes]:
        yield self._held
        self._held = b""
        assert self._socket is not None
        while part := self._socket.recv(_BLOCK):
            yield part
        self.close()

    def _received(self) -> bytes:
        assert self._socket is not None
        if not (part := self._socket.recv(_BLOCK)):
            raise BrokenAnswer("The server closed the connection before the answer was whole.")
        return part


def fetch(request: Request, timeout: float = 120, number: int = 0) -> Answer:
    """One request on a connection of its own. Raises BrokenAnswer, OSError."""
    with Connection(request.host, request.port, timeout, number) as connection:
        return connection.ask(request)
