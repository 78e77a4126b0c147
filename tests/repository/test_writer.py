"""The writer process: answers, followers, snapshots, and an end without harm."""

from __future__ import annotations

import json
import os
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest
from pyoxigraph import Literal, Quad, RdfFormat, Store, parse
from tests.repository.mirrored import own_writer
from tests.repository.serving import until
from tests.repository.worlds import BASE, RESOURCE, TITLE, change, finding, merge_is_right, named, node, title

from escrgraph.repository import wire
from escrgraph.repository.errors import Declined, Malformed, NotApplied, Unavailable
from escrgraph.repository.formats import Mode
from escrgraph.repository.writing import Writer


@contextmanager
def following(writer: Writer, *, replica: bool = False) -> Iterator[tuple[socket.socket, dict[str, Any]]]:
    """A subscription, with the writer's first answer to it."""
    with wire.connect(writer._socket, timeout=10) as connection:
        wire.send(connection, {"do": "subscribe", "replica": replica})
        packet = wire.receive(connection)
        assert packet is not None
        yield connection, packet.header


class Following(threading.Thread):
    """A follower that says it is ready for whatever it hears, and keeps it."""

    def __init__(self, connection: socket.socket) -> None:
        super().__init__(daemon=True)
        self.connection = connection
        self.heard: list[tuple[dict[str, Any], bytes | None]] = []
        self.start()

    def run(self) -> None:
        while (packet := wire.receive(self.connection)) is not None:
            delta = wire.content(packet.files[0]) if packet.files else None
            self.heard.append((packet.header, delta))
            packet.close()
            number = packet.header["generation"]
            wire.send(self.connection, {"ready": number, "using": [number]})

    def end(self) -> None:
        self.connection.shutdown(socket.SHUT_RDWR)
        self.join(10)


def test_a_commit_is_answered_with_its_number_and_counts(writer: Writer) -> None:
    receipt = writer.commit(change(finding("x")))
    assert (receipt.number, receipt.created, receipt.added > 5) == (1, 1, True)
    status = writer.status()
    assert (status["generation"], status["mode"], status["base"], status["ready"]) == (1, "merge", BASE.iri, True)


def test_a_change_of_many_megabytes_travels_whole(writer: Writer) -> None:
    text = "x" * 1000
    many = [title("resource/a", f"{text}{number}") for number in range(5000)]
    assert writer.commit(change(many)).added == 5000
    assert writer.commit(change(removed=many)).removed == 5000


def test_a_load_shows_its_progress_and_raises_what_its_quads_raise(writer: Writer) -> None:
    seen: list[int] = []
    many = (title("resource/a", str(number)) for number in range(50_000))
    assert writer.load(many, "tester", "a load", progress=seen.append).added == 50_000
    assert (seen == sorted(seen), seen[-1], len(seen) > 1) == (True, 50_000, True)

    def broken() -> Iterator[Quad]:
        yield title("resource/b", "Two")
        raise SyntaxError("line 12: a dot is missing")

    with pytest.raises(SyntaxError, match="line 12"):
        writer.load(broken(), "tester", "a load")
    assert writer.status()["generation"] == 1


def test_a_load_that_is_refused_says_why_while_quads_are_still_coming(writer: Writer) -> None:
    quads = [Quad(node("resource/a"), TITLE, Literal(str(number))) for number in range(100_000)]
    with pytest.raises(Malformed, match="names no graph"):
        writer.load(quads, "tester", "a load")
    assert writer.commit(change([title("resource/a", "One")])).number == 1


def test_what_the_mode_does_not_do_is_declined(writer: Writer, plain: Writer) -> None:
    with pytest.raises(Declined, match="past the change log"):
        writer.update("DELETE WHERE { ?s ?p ?o }", 5)
    with pytest.raises(Declined, match="past the change log"):
        writer.put_graph(None, b"", "text/turtle")
    with pytest.raises(Declined, match="does not have"):
        plain.commit(change([title("resource/a", "One")]))
    with pytest.raises(Declined, match="does not have"):
        plain.redact("resource/a", "tester", "reason")


def test_an_unknown_request_is_malformed(writer: Writer) -> None:
    with pytest.raises(Malformed, match="does not know “dance”"):
        writer._ask({"do": "dance"})


def test_a_follower_gets_a_snapshot_first_and_each_change_with_its_delta(writer: Writer) -> None:
    writer.commit(change([title("resource/a", "One")]))
    with following(writer) as (connection, first):
        assert (first["generation"], first["mode"]) == (1, "merge")
        replica = Store()
        replica.extend(Store.read_only(first["snapshot"]))
        follower = Following(connection)
        receipt = writer.commit(change([title("resource/a", "Two"), *finding("x")], [title("resource/a", "One")]))
        follower.end()
    [(header, delta)] = follower.heard
    assert header["generation"] == receipt.number == 2
    quads = list(parse(delta or b"", RdfFormat.N_QUADS))
    assert len(quads) == header["added"] + header["removed"]
    for quad in quads[: header["removed"]]:
        replica.remove(quad)
    replica.extend(quads[header["removed"] :])
    state = BASE.graph("state")
    shown = {quad for quad in Store.read_only(header["snapshot"]) if str(quad.graph_name) != f"<{state}>"}
    assert {quad for quad in replica if str(quad.graph_name) != f"<{state}>"} == shown
    assert merge_is_right(replica)


def test_the_answer_comes_after_the_follower_is_ready(tmp_path: Path) -> None:
    with slow_writer(tmp_path) as writer, following(writer) as (_, first):
        with pytest.raises(NotApplied, match="did not show it within") as caught:
            writer.commit(change([title("resource/a", "One")]))
        assert (first["generation"], caught.value.number) == (0, 1)
        assert writer.status()["generation"] == 1


@contextmanager
def slow_writer(directory: Path) -> Iterator[Writer]:
    """A writer that waits for its followers for a tenth of a second only."""
    from escrgraph.repository import spawn

    runtime = directory / "run"
    runtime.mkdir()
    config = {"store": str(directory / "slow"), "base": BASE.iri, "mode": "merge", "runtime": str(runtime)}
    process = spawn.start("escrgraph.repository.writer", json.dumps({**config, "ready_seconds": 0.1}), stdout=-1)
    try:
        assert process.stdout is not None
        with process.stdout as output:
            assert "ready" in json.loads(output.readline())
            yield Writer(runtime)
    finally:
        process.terminate()
        assert process.wait(10) == 0


def test_a_bulk_load_sends_no_delta_and_a_snapshot(writer: Writer) -> None:
    with following(writer, replica=True) as (connection, _):
        follower = Following(connection)
        writer.load([title("resource/a", "One")], "tester", "a load")
        follower.end()
    [(header, delta)] = follower.heard
    assert (header["generation"], header["added"], header["removed"], delta) == (1, None, None, None)
    assert named(Store.read_only(header["snapshot"])) == {title("resource/a", "One")}


def test_a_replica_is_told_before_the_snapshot_is_made(writer: Writer, tmp_path: Path) -> None:
    with following(writer, replica=True) as (connection, _):
        follower = Following(connection)
        writer.commit(change([title("resource/a", "One")]))
        until((tmp_path / "store" / "generations" / "000001").is_dir)
        follower.end()
    [(header, _)] = follower.heard
    quads = 1 + len(("type", "time", "number", "cause", "reason")) + len(("topic", "created", "modified", "change"))
    assert (header["snapshot"], header["added"]) == (None, 2 * quads)  # each in its graph and in the merge


def test_snapshots_that_nobody_uses_are_removed(writer: Writer, tmp_path: Path) -> None:
    generations = tmp_path / "store" / "generations"
    with following(writer) as (connection, first):
        wire.send(connection, {"ready": 0, "using": [0]})
        follower = Following(connection)
        writer.commit(change([title("resource/a", "One")]))
        writer.commit(change([title("resource/a", "Two")]))
        assert writer.status()["ready"]
        assert {path.name for path in generations.iterdir()} == {"000002"}
        assert not Path(first["snapshot"]).exists()
        follower.end()


def test_a_snapshot_in_use_stays(writer: Writer, tmp_path: Path) -> None:
    with following(writer) as (connection, first):
        threading.Thread(target=lambda: writer.commit(change([title("resource/a", "One")]))).start()
        packet = wire.receive(connection)
        assert packet is not None
        packet.close()
        wire.send(connection, {"ready": 1, "using": [0, 1]})
        assert writer.status()["ready"]
        assert Path(first["snapshot"]).is_dir()
        wire.send(connection, {"ready": 1, "using": [1]})
        assert writer.status()["ready"]
        generations = tmp_path / "store" / "generations"
        until(lambda: [path.name for path in generations.iterdir()] == ["000001"])


def test_a_follower_that_goes_away_holds_nobody_up(writer: Writer) -> None:
    with following(writer):
        pass
    assert writer.commit(change([title("resource/a", "One")])).number == 1


def test_a_client_that_sends_rubbish_is_dropped_and_nobody_else(writer: Writer) -> None:
    with wire.connect(writer._socket, timeout=10) as connection:
        connection.send(b"rubbish")
        assert wire.receive(connection) is None
    assert writer.commit(change([title("resource/a", "One")])).number == 1


def test_a_killed_writer_loses_nothing_and_its_client_gets_a_sentence(tmp_path: Path) -> None:
    with own_writer(tmp_path / "store", BASE.iri, Mode.MERGE) as writer:
        writer.commit(change([title("resource/a", "One")]))
        process = psutil.Process(writer.status()["pid"])
        os.kill(process.pid, signal.SIGKILL)
        psutil.wait_procs([process], timeout=10)
        with pytest.raises(Unavailable, match="is not there"):
            writer.status()
    with own_writer(tmp_path / "store", BASE.iri, Mode.MERGE) as writer:
        assert writer.status()["generation"] == 1


def test_half_made_snapshots_are_cleared_at_start(tmp_path: Path) -> None:
    half = tmp_path / "store" / "generations" / "000007.half"
    with own_writer(tmp_path / "store", BASE.iri, Mode.MERGE):
        pass
    half.mkdir()
    with own_writer(tmp_path / "store", BASE.iri, Mode.MERGE):
        assert not half.exists()


def test_the_writer_has_no_network(writer: Writer) -> None:
    status = Path(f"/proc/{writer.status()['pid']}/status").read_text()
    assert "Seccomp:\t2" in status


def test_a_writer_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    import subprocess
    import sys

    script = (
        "import os, sys; from pathlib import Path; from escrgraph.repository.writing import own_writer\n"
        "from escrgraph.repository.formats import Mode\n"
        f"with own_writer(Path({str(tmp_path / 'store')!r}), {BASE.iri!r}, Mode.MERGE) as writer:\n"
        "    print(writer.status()['pid'], flush=True)\n"
        "    sys.stdin.read()\n"
    )
    from escrgraph.repository import spawn

    starter = subprocess.Popen(
        [sys.executable, "-c", script], stdin=-1, stdout=-1, env={**spawn.environment(), "TMPDIR": str(tmp_path)}
    )
    assert starter.stdout is not None
    assert starter.stdin is not None
    with starter.stdin, starter.stdout as output:
        process = psutil.Process(int(output.readline()))
        starter.kill()
        starter.wait()
        assert psutil.wait_procs([process], timeout=10)[1] == []


def test_literals_of_one_record_do_not_disturb_another(writer: Writer) -> None:
    writer.commit(change([title("resource/a", "One"), title("resource/b", "One")]))
    receipt = writer.commit(change(withdrawn=["resource/a"]))
    assert (receipt.removed, receipt.withdrawn) == (1, 1)
    assert writer.commit(change([Quad(node("resource/b"), TITLE, Literal("more"), RESOURCE)])).modified == 1
