"""Packets between processes: one JSON header line, bytes, and file descriptors, over a UNIX SEQPACKET socket."""

from __future__ import annotations

import array
import errno
import fcntl
import json
import mmap
import os
import socket
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from escrgraph.repository import errors

PACKET = 128 * 1024
"""Bytes that a packet may hold; a socket's default send buffer takes it whole."""

WRITER = "writer.sock"
"""The writer's socket in a service's runtime directory."""

FILES = 8
"""File descriptors that may travel with a packet."""

END = b"# whole\n"
"""What a sender of lines writes after its last one, so that one that died is not taken for one that finished."""

# Plain numbers: the enumerations of the socket module take longer to combine than a packet takes to send.
NOW = int(socket.MSG_DONTWAIT)
"""Do not wait for a packet."""

_CLOSED_ON_EXEC = int(socket.MSG_CMSG_CLOEXEC)
_CUT = int(socket.MSG_TRUNC | socket.MSG_CTRUNC)
_QUIETLY = int(socket.MSG_NOSIGNAL)
_TIMEVAL = struct.Struct("@ll")
_ANCILLARY = socket.CMSG_SPACE(FILES * 4)
_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_SPILLED = "spilled"
_SEALS = fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE | fcntl.F_SEAL_SEAL


class Broken(ConnectionError):
    """The other side is gone, or sent what is no packet."""


@dataclass(slots=True)
class Packet:
    """What was received. files: descriptors that the receiver now owns and must close."""

    header: dict[str, Any]
    body: bytes = b""
    files: list[int] = field(default_factory=list)

    def close(self) -> None:
        """Close every file that came along."""
        while self.files:
            os.close(self.files.pop())


def listen(path: str | Path, backlog: int = 64) -> socket.socket:
    """A listening socket at `path`, reachable by this user only. What stood there before is replaced."""
    Path(path).unlink(missing_ok=True)
    server = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET | socket.SOCK_CLOEXEC)
    try:
        server.bind(str(path))
        Path(path).chmod(0o600)
        server.listen(backlog)
    except OSError:
        server.close()
        raise
    return server


def connect(path: str | Path, timeout: float | None = None) -> socket.socket:
    """A connection to the socket at `path`; `timeout` in seconds goes for every later call on it. Raises OSError."""
    client = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET | socket.SOCK_CLOEXEC)
    if timeout is not None:
        client.settimeout(timeout)
    try:
        client.connect(str(path))
    except OSError:
        client.close()
        raise
    return client


def limit(connection: socket.socket, seconds: float) -> None:
    """From now on send and receive take at most so long, or raise TimeoutError.

    The kernel keeps the time (socket(7), SO_RCVTIMEO): `settimeout` would ask before each call whether it may wait, and
    where many threads wait each such question takes a turn of the interpreter.
    """
    value = _TIMEVAL.pack(int(seconds), int(seconds % 1 * 1_000_000))
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, value)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, value)


def pair() -> tuple[socket.socket, socket.socket]:
    """Two connected ends, for a parent and its child."""
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)


def send(
    connection: socket.socket, header: dict[str, Any], body: bytes | memoryview = b"", files: Sequence[int] = ()
) -> None:
    """Send one packet. A body too large for a packet travels in a memfd and looks the same to the receiver.

    files: descriptors to hand over; the sender keeps its own. Raises Broken when the other side is gone, TimeoutError.
    """
    line = _line(header)
    if len(line) + len(body) <= PACKET:
        send_bytes(connection, line, body, files=files)
        return
    spill = memfd(body)
    try:
        send_bytes(connection, _line({**header, _SPILLED: True}), files=[*files, spill])
    finally:
        os.close(spill)


def receive(connection: socket.socket, flags: int = 0) -> Packet | None:
    """The next packet, or None when the other side has closed. Raises Broken for what is no packet, TimeoutError.

    flags: of recvmsg(2); with NOW it raises BlockingIOError where there is none yet.
    """
    data, files = receive_bytes(connection, flags)
    if not data:
        return None
    line, _, body = data.partition(b"\n")
    try:
        header = json.loads(line)
    except ValueError as error:
        _close(files)
        raise Broken("A packet without a JSON header line arrived.") from error
    if header.pop(_SPILLED, False):
        body = content(spill := files.pop())
        os.close(spill)
    return Packet(header, body, files)


def send_bytes(connection: socket.socket, *parts: bytes | memoryview, files: Sequence[int] = ()) -> None:
    """Send a packet as it is, up to PACKET bytes. Raises Broken, TimeoutError."""
    ancillary = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", files))] if files else []
    try:
        connection.sendmsg(parts, ancillary, _QUIETLY)
    except BlockingIOError as error:
        raise _late(connection, error) from None
    except (BrokenPipeError, ConnectionError) as error:
        raise Broken("The other side closed the connection.") from error


def receive_bytes(connection: socket.socket, flags: int = 0) -> tuple[bytes, list[int]]:
    """The next packet as it is, with its files; no bytes at all mean that the other side has closed."""
    try:
        data, ancillary, told, _ = connection.recvmsg(PACKET, _ANCILLARY, _CLOSED_ON_EXEC | flags)
    except BlockingIOError as error:
        raise error if flags & NOW else _late(connection, error) from None
    except ConnectionError as error:
        raise Broken("The other side broke the connection.") from error
    files: list[int] = []
    for level, kind, payload in ancillary:
        if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
            numbers = array.array("i")
            numbers.frombytes(payload[: len(payload) - len(payload) % numbers.itemsize])
            files.extend(numbers)
    if told & _CUT:
        _close(files)
        raise Broken(f"A packet of more than {PACKET} bytes or {FILES} files arrived.")
    return data, files


def _late(connection: socket.socket, error: BlockingIOError) -> OSError:
    """What it means that a call would have to wait: that a time set by `limit` is over, where the socket may wait."""
    return TimeoutError(errno.ETIMEDOUT, "The time is over.") if connection.gettimeout() is None else error


def memfd(data: bytes | memoryview | Iterable[bytes], name: str = "escrgraph") -> int:
    """A sealed file in memory that holds `data`: nobody who gets it can change it. The caller closes it."""
    descriptor = os.memfd_create(name, os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    try:
        with open(descriptor, "wb", closefd=False) as file:
            for part in (data,) if isinstance(data, bytes | memoryview) else data:
                file.write(part)
        fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, _SEALS)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def content(descriptor: int) -> bytes:
    """Everything in a memfd. Its read position, which all who hold the file share, is neither used nor moved."""
    size = os.fstat(descriptor).st_size
    if not size:
        return b""
    with mmap.mmap(descriptor, size, access=mmap.ACCESS_READ) as view:
        return view[:]


def reopened(descriptor: int) -> int:
    """The same memfd with a read position of its own, so that it can be read as a stream. The caller closes it."""
    return os.open(f"/proc/self/fd/{descriptor}", os.O_RDONLY | os.O_CLOEXEC)


def peer(connection: socket.socket) -> int:
    """The pid of the process at the other end."""
    size = struct.calcsize("3i")
    return int(struct.unpack("3i", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size))[0])


def failure(error: errors.RepositoryError) -> dict[str, Any]:
    """The header that carries an error to the other side: class name, text, and what else it knows."""
    known = {name: getattr(error, name, None) for name in ("line", "column", "number")}
    return {"error": type(error).__name__, "text": str(error), **{k: v for k, v in known.items() if v is not None}}


def raised(header: dict[str, Any]) -> errors.RepositoryError:
    """The error that a header with "error" carries; one of a class not known here becomes a RepositoryError."""
    kind = getattr(errors, str(header["error"]), errors.RepositoryError)
    text = str(header.get("text", ""))
    if kind is errors.Malformed:
        return errors.Malformed(text, header.get("line"), header.get("column"))
    if kind is errors.NotApplied:
        return errors.NotApplied(text, int(header.get("number", 0)))
    found = kind(text) if isinstance(kind, type) and issubclass(kind, errors.RepositoryError) else None
    return found or errors.RepositoryError(text)


def _line(header: dict[str, Any]) -> bytes:
    return _JSON.encode(header).encode() + b"\n"


def _close(files: Iterable[int]) -> None:
    for file in files:
        os.close(file)
