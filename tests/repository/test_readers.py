"""Answers as the client sees them: streamed, whole, or recognisably broken."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.repository.serving import CSV, served, until

from escrgraph.repository import wire
from escrgraph.repository.budgets import Budgets
from escrgraph.repository.errors import Interrupted, OutOfMemory, RateLimited, RepositoryError, Unavailable
from escrgraph.repository.readers import Query, Readers

HEAD = json.dumps({"generation": 3, "kind": "solutions", "media_type": "text/csv"}).encode()
WHOLE = json.dumps({"generation": 3, "kind": "solutions", "media_type": "text/csv", "milliseconds": 1.5}).encode()
BROKEN = json.dumps(wire.failure(OutOfMemory("Too much."))).encode()


@contextlib.contextmanager
def answering(directory: Path, *packets: bytes) -> Iterator[Readers]:
    """A socket that answers one request with these packets and hangs up."""

    def serve() -> None:
        connection, _ = server.accept()
        with connection:
            wire.receive(connection)
            for packet in packets:
                wire.send_bytes(connection, packet)

    with wire.listen(directory / "public.sock") as server:
        thread = threading.Thread(target=serve)
        thread.start()
        yield Readers(directory, "public", 5)
        thread.join()


@pytest.mark.parametrize(
    ("packets", "expected"),
    [
        ([b"H" + WHOLE + b"\nall of it"], b"all of it"),
        ([b"H" + WHOLE + b"\n"], b""),
        ([b"H" + HEAD + b"\none ", b"Dtwo\n", b"Dthree", b'E{"milliseconds":2}'], b"one two\nthree"),
        ([b"H" + HEAD + b"\n", b'E{"milliseconds":2}'], b""),
    ],
)
def test_an_answer_is_read_whole(tmp_path: Path, packets: list[bytes], expected: bytes) -> None:
    with answering(tmp_path, *packets) as readers:
        answer = readers.ask(Query("…"))
        assert (answer.generation, answer.kind, answer.media_type) == (3, "solutions", "text/csv")
        assert answer.read() == expected
        assert answer.milliseconds is not None


@pytest.mark.parametrize(
    ("packets", "says"),
    [
        ([b"H" + HEAD + b"\none "], "before its end"),
        ([b"H" + HEAD + b"\none ", b"Dtwo"], "before its end"),
        ([b"H" + HEAD + b"\none ", b"Dtwo", b"X" + BROKEN], "Too much"),
        ([b"H" + HEAD + b"\none ", b"?what"], "unknown kind"),
    ],
)
def test_an_answer_that_breaks_off_is_never_taken_for_whole(tmp_path: Path, packets: list[bytes], says: str) -> None:
    with answering(tmp_path, *packets) as readers:
        answer = readers.ask(Query("…"))
        chunks = answer.chunks
        assert next(chunks) == b"one "
        with pytest.raises(Interrupted, match=says):
            list(chunks)


@pytest.mark.parametrize(
    ("packets", "kind"), [([b"X" + BROKEN], OutOfMemory), ([], Unavailable), ([b"?"], RepositoryError)]
)
def test_before_its_first_byte_an_answer_is_an_error(
    tmp_path: Path, packets: list[bytes], kind: type[RepositoryError]
) -> None:
    with answering(tmp_path, *packets) as readers, pytest.raises(kind):
        readers.ask(Query("…"))


@pytest.mark.parametrize("packets", [[], [b"X" + BROKEN]])
def test_a_dispatcher_that_goes_while_it_is_asked_how_it_is_is_unavailable(
    tmp_path: Path, packets: list[bytes]
) -> None:
    with answering(tmp_path, *packets) as readers, pytest.raises(RepositoryError) as caught:
        readers.status()
    assert caught.value.status == 503


@pytest.mark.parametrize("packets", [[b"H" + HEAD + b"\none "], [b"H" + HEAD + b"\none ", b"X" + BROKEN]])
def test_several_answers_come_whole_or_not_at_all(tmp_path: Path, packets: list[bytes]) -> None:
    with answering(tmp_path, *packets) as readers, pytest.raises(RepositoryError):
        len(readers.ask_all([Query("…")]))


def test_a_slow_reader_holds_the_worker_back_and_not_the_memory(tmp_path: Path) -> None:
    with served(tmp_path, 300) as service:
        answer = service.readers(timeout=60).ask(Query("SELECT * { ?a ?b ?c . ?d ?e ?f }", formats=CSV))
        chunks = answer.chunks
        size = len(next(chunks))
        pids = service.status()["pools"]["public"]["pids"]
        assert all(map(_waits_to_send, pids))
        peaks = []
        for chunk in chunks:  # looked at all the way, for a worker that has run for long ends with its answer
            size += len(chunk)
            peaks.append(max(map(_peak, pids)))
        assert size > 20_000_000
        assert 0 < max(peaks) < 120 << 20


def test_a_reader_that_closes_early_frees_its_worker(tmp_path: Path) -> None:
    with served(tmp_path, 300) as service:
        for _ in range(3):
            with service.readers(timeout=60).ask(Query("SELECT * { ?a ?b ?c . ?d ?e ?f }", formats=CSV)) as answer:
                next(answer.chunks)
            until(lambda: service.status()["pools"]["public"]["busy"] == 0)
        assert service.count() == 600


def test_a_budget_refills_with_time() -> None:
    now = [0.0]
    budgets = Budgets(60, lambda: now[0])
    budgets.check("a")
    budgets.charge("a", 90)
    with pytest.raises(RateLimited) as caught:
        budgets.check("a")
    assert caught.value.retry_after is not None
    assert caught.value.retry_after >= 30
    budgets.check("b")
    now[0] = 31
    budgets.check("a")


def test_without_a_budget_nobody_is_limited() -> None:
    budgets = Budgets(0)
    budgets.charge("a", 1e9)
    budgets.check("a")


def _waits_to_send(pid: int) -> bool:
    # A worker whose client does not read sleeps; its sockets are all that it can wait for.
    return bool(until(lambda: Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "S"))


def _peak(pid: int) -> int:
    """The most memory that a process had, in bytes; 0 for one that has ended."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except FileNotFoundError:
        return 0
    return next((int(line.split()[1]) << 10 for line in lines if line.startswith("VmHWM")), 0)
