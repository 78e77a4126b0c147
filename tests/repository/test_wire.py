"""Packets arrive as they were sent, with their files, or not at all."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from escrgraph.repository import errors, wire

Ends = tuple[socket.socket, socket.socket]


@pytest.fixture
def ends() -> Iterator[Ends]:
    left, right = wire.pair()
    with left, right:
        yield left, right


@pytest.mark.parametrize("size", [0, 1, wire.PACKET - 100, wire.PACKET, 5_000_000])
def test_a_packet_arrives_as_it_was_sent_whatever_its_size(ends: Ends, size: int) -> None:
    body = os.urandom(size)
    wire.send(ends[0], {"do": "commit", "text": "naïve\nline"}, body)
    packet = wire.receive(ends[1])
    assert packet is not None
    assert (packet.header, packet.body, packet.files) == ({"do": "commit", "text": "naïve\nline"}, body, [])


def test_files_travel_along_beside_a_large_body(ends: Ends) -> None:
    file = wire.memfd([b"one ", b"two"])
    wire.send(ends[0], {}, b"x" * 1_000_000, [file])
    os.close(file)
    packet = wire.receive(ends[1])
    assert packet is not None
    assert (len(packet.body), wire.content(packet.files[0])) == (1_000_000, b"one two")
    packet.close()
    assert packet.files == []


def test_two_readers_of_one_memfd_do_not_disturb_each_other() -> None:
    file = wire.memfd(b"the same for both")
    first, second = wire.reopened(file), wire.reopened(file)
    assert os.read(first, 8) == b"the same"
    assert os.read(second, 100) == wire.content(file) == b"the same for both"
    for descriptor in (file, first, second):
        os.close(descriptor)


def test_a_memfd_is_sealed() -> None:
    file = wire.memfd(b"fixed")
    with pytest.raises(PermissionError):
        os.pwrite(file, b"other", 0)
    assert wire.content(file) == b"fixed"
    os.close(file)


def test_an_empty_memfd_is_empty() -> None:
    file = wire.memfd(b"")
    assert wire.content(file) == b""
    os.close(file)


def test_a_closed_end_is_none_to_the_reader_and_broken_to_the_sender(ends: Ends) -> None:
    ends[0].close()
    assert wire.receive(ends[1]) is None
    with pytest.raises(wire.Broken):
        wire.send(ends[1], {})


def test_what_is_no_packet_is_broken(ends: Ends) -> None:
    ends[0].send(b"not json\n")
    with pytest.raises(wire.Broken):
        wire.receive(ends[1])
    ends[0].send(b"x" * (wire.PACKET + 1))
    with pytest.raises(wire.Broken):
        wire.receive(ends[1])


def test_a_socket_is_for_this_user_only_and_replaces_a_stale_one(tmp_path: Path) -> None:
    path = tmp_path / "s"
    wire.listen(path).close()
    with wire.listen(path) as server, wire.connect(path, timeout=5) as client:
        connection, _ = server.accept()
        with connection:
            assert path.stat().st_mode & 0o777 == 0o600
            assert wire.peer(connection) == wire.peer(client) == os.getpid()


@pytest.mark.parametrize(
    "error",
    [
        errors.Malformed("A dot is missing.", 3, 14),
        errors.NotApplied("Logged as 12.", 12),
        errors.Declined("Not here."),
        errors.WrongStore("In use."),
        errors.RepositoryError("Something else."),
    ],
)
def test_an_error_is_the_same_on_the_other_side(error: errors.RepositoryError) -> None:
    copy = wire.raised(wire.failure(error))
    assert (type(copy), str(copy)) == (type(error), str(error))
    assert vars(copy) == vars(error)


def test_an_error_of_an_unknown_class_keeps_its_text() -> None:
    assert str(wire.raised({"error": "annotations", "text": "odd"})) == "odd"
