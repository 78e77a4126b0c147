"""Slow clients: they wait in the loop that watches all connections, and hold no thread that others need.

gunicorn hands a connection to a thread as soon as it is there, and the thread then waits for the request, for what is
left of its body, or for the client to hang up. As many connections as there are threads would keep everybody out.
"""

from __future__ import annotations

import errno
import resource
import select
import selectors
import socket
import time
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from typing import Any

from gunicorn.workers.gthread import ThreadWorker  # type: ignore[import-untyped]

HEAD = 10.0
"""Seconds within which the head of a request has to be there, from its first byte or from the connection on."""

GRACE, PACE = 20.0, 1024
"""A body has so many seconds, and one more for each so many bytes that came."""

PARTING = 2.0
"""Seconds in which a client may hang up after the last answer on its connection."""

OWED = 0.2
"""Seconds for what is left of a body that nobody read; a connection with more to come is closed."""

CONNECTIONS = 1000
"""Connections of a process, where the system lets it have so many."""

# Plain numbers: the enumerations of the socket module take a while to combine.
_NOW = int(socket.MSG_DONTWAIT)
_LOOK = int(socket.MSG_PEEK | socket.MSG_DONTWAIT)

_LONGEST_HEAD = 1 << 16  # a longer one is left to gunicorn, which refuses it
_END = b"\r\n\r\n"


def connections() -> int:
    """How many connections a process may have: files need descriptors too, and without any it could not go on."""
    return min(CONNECTIONS, resource.getrlimit(resource.RLIMIT_NOFILE)[0] // 2)


def whole_head(conn: Any) -> tuple[bool, int]:
    """Whether the next request of a connection can be read without waiting, and how many of its bytes wait there.

    A connection that is closed or broken counts as nothing more to come: -1 bytes.
    """
    held = conn.parser.unreader.buf.getvalue() if conn.parser is not None else b""
    try:
        waiting = conn.sock.recv(_LONGEST_HEAD, _LOOK)
    except BlockingIOError:
        return _END in held, 0
    except OSError:
        return False, -1
    if not waiting:
        return _END in held, -1
    return _END in held + waiting or len(held) + len(waiting) >= _LONGEST_HEAD, len(waiting)


class Paced:
    """A socket from which each request has to come at a pace; everything else is the socket's own.

    A timeout is kept here: the socket itself need not know it, and to tell it takes a turn of the interpreter.
    """

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._due = 0.0
        self._timeout = sock.gettimeout()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._socket, name)

    def gettimeout(self) -> float | None:
        """Seconds that `recv` waits; None for as long as the pace allows."""
        return self._timeout

    def settimeout(self, seconds: float | None) -> None:
        """Set them."""
        self._timeout = seconds

    def begin(self) -> None:
        """From now on the next request is waited for."""
        self._due = time.monotonic() + GRACE

    def recv(self, size: int, flags: int = 0) -> bytes:
        """Raises ConnectionResetError when the client is too slow, TimeoutError as the socket does."""
        try:
            data = self._socket.recv(size, flags | _NOW)
        except BlockingIOError:
            self._wait()
            data = self._socket.recv(size, flags)
        self._due += len(data) / PACE
        return data

    def _wait(self) -> None:
        left, timeout = self._due - time.monotonic(), self._timeout
        watched = select.poll()
        watched.register(self._socket, select.POLLIN)
        if not watched.poll(max(0.0, min(left, left if timeout is None else timeout)) * 1000):
            if timeout is not None and timeout < left:
                raise TimeoutError(errno.ETIMEDOUT, "Nothing came.")
            raise ConnectionResetError(errno.ECONNRESET, "The client sends too slowly.")


class PatientWorker(ThreadWorker):  # type: ignore[misc]
    """A thread gets a connection once the head of its request is there whole, and leaves it with the last answer."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._waiting: dict[Any, float] = {}  # since when; the one that waits longest comes first
        self._parting: dict[Any, float] = {}

    def enqueue_req(self, conn: Any) -> None:
        """Hand a connection to a thread, or watch it until it can be."""
        whole, waiting = whole_head(conn)
        if whole:
            conn.data_ready = True
            super().enqueue_req(conn)
        elif waiting < 0:
            self._gone(conn)
        else:
            if len(self._waiting) >= self.worker_connections // 2:
                self._give_up(next(iter(self._waiting)))
            self._waiting[conn] = time.monotonic()
            self._watch(conn, waiting)

    def _watch(self, conn: Any, waiting: int) -> None:
        """Wake up when there is more than what waits already."""
        conn.sock.setblocking(False)
        conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, waiting + 1)
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self._more, conn, waiting))

    def _more(self, conn: Any, before: int, _: Any) -> None:
        self.poller.unregister(conn.sock)
        whole, waiting = whole_head(conn)
        if not whole and waiting > before:
            self._watch(conn, waiting)
            return
        self._waiting.pop(conn)
        with suppress(OSError):
            conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, 1)
        if whole:
            conn.data_ready = True
            super().enqueue_req(conn)
        else:
            self._gone(conn)

    def handle(self, conn: Any) -> Any:
        """Answer the request on a connection; runs in a thread."""
        if not conn.initialized:
            conn.init()
            conn.parser.unreader.sock = Paced(conn.sock)
        conn.parser.unreader.sock.begin()
        return super().handle(conn)

    def _keepalive_after(self, conn: Any, keepalive: Any) -> bool:
        return bool(keepalive) and bool(conn.parser.finish_body(deadline=time.monotonic() + OWED))

    def finish_request(self, conn: Any, fs: Future[Any]) -> None:
        """After an answer: keep the connection, or part from it without waiting for the other side."""
        if fs.cancelled() or fs.exception() is not None or fs.result():
            super().finish_request(conn, fs)
            return
        try:
            conn.sock.shutdown(socket.SHUT_WR)
            conn.sock.setblocking(False)
            self.poller.register(conn.sock, selectors.EVENT_READ, partial(self._drain, conn))
        except (OSError, ValueError, KeyError):
            self._gone(conn)
        else:
            self._parting[conn] = time.monotonic()

    def _drain(self, conn: Any, _: Any) -> None:
        """What still comes is read, or the last answer might be lost on its way (RFC 9112, section 9.6)."""
        try:
            if conn.sock.recv(_LONGEST_HEAD):
                return
        except BlockingIOError:
            return
        except OSError:
            pass
        self._give_up(conn)

    def murder_pending(self) -> None:
        """Give up the connections whose time is over; asked about once a second."""
        super().murder_pending()
        now = time.monotonic()
        for conns, seconds in ((self._waiting, HEAD if self.alive else PARTING), (self._parting, PARTING)):
            while conns and now - next(iter(conns.values())) > seconds:
                self._give_up(next(iter(conns)))

    def murder_keepalived(self, force: bool = False) -> None:
        """Close those kept too long, and where no more may be had the one that said nothing for longest."""
        super().murder_keepalived(force)
        while self.keepalived_conns and self.nr_conns >= self.worker_connections:
            conn = self.keepalived_conns.popleft()
            with suppress(OSError, KeyError, ValueError):
                self.poller.unregister(conn.sock)
            self._gone(conn)

    def _give_up(self, conn: Any) -> None:
        self._waiting.pop(conn, None)
        self._parting.pop(conn, None)
        with suppress(OSError, KeyError, ValueError):
            self.poller.unregister(conn.sock)
        self._gone(conn)

    def _gone(self, conn: Any) -> None:
        self.nr_conns -= 1
        conn.close()
