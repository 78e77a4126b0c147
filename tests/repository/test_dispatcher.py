"""Requests reach workers of the newest generation, fairly; what breaks a worker costs that worker and nothing else."""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.repository import hostile
from tests.repository.serving import COUNT, CSV, Service, published, served, until
from tests.repository.worlds import change, title

from escrgraph.repository.errors import (
    Busy,
    Crashed,
    Declined,
    Interrupted,
    Malformed,
    OutOfMemory,
    OutOfTime,
    RateLimited,
    RepositoryError,
    TooLarge,
    Unavailable,
)
from escrgraph.repository.formats import Mode
from escrgraph.repository.nursery import ALONE
from escrgraph.repository.readers import Query

THINGS = 300
ENDLESS = hostile.ENDLESS["cross product of everything"]


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """One service for all hostile queries, so that what an earlier one left would harm a later one."""
    with served(tmp_path_factory.mktemp("store"), THINGS) as running:
        yield running


def outcome(service: Service, text: str, timeout: float = 0.5) -> str:
    """The name of the error that a query came to, or "answered"."""
    try:
        service.readers(timeout=timeout).ask(Query(text, formats=CSV)).read()
    except RepositoryError as error:
        return type(error).__name__
    return "answered"


def whole(service: Service) -> bool:
    """Whether the next query is answered right, and every worker is there again."""
    assert (service.count("public"), service.count("pages")) == (2 * THINGS, 2 * THINGS)
    return bool(until(lambda: all(pool["ready"] >= 2 for pool in service.status()["pools"].values())))


@pytest.mark.parametrize("kind", hostile.DEEP)
def test_deep_nesting_of_every_form_is_refused_or_costs_its_own_worker(service: Service, kind: str) -> None:
    came_to = outcome(service, hostile.DEEP[kind], timeout=10)
    if kind not in {"negations", "minus signs"}:  # they open no brackets
        assert came_to == "TooLarge"
    assert whole(service)


@pytest.mark.parametrize("kind", hostile.FLAT)
def test_a_flat_form_of_20000_terms_is_answered_or_costs_its_own_worker(service: Service, kind: str) -> None:
    assert outcome(service, hostile.FLAT[kind]) in {"answered", "OutOfTime", "OutOfMemory", "Crashed"}
    assert whole(service)


@pytest.mark.parametrize("kind", hostile.GREEDY)
def test_what_eats_memory_costs_its_own_worker(service: Service, kind: str) -> None:
    assert outcome(service, hostile.GREEDY[kind], 2) in {"OutOfTime", "OutOfMemory", "Interrupted"}
    assert whole(service)


def test_the_memory_limit_is_named(service: Service) -> None:
    with pytest.raises(OutOfMemory, match=r"256 MiB \(ESCRGRAPH_QUERY_MEMORY\)"):
        service.readers(timeout=20).ask(Query(hostile.GREEDY["strings doubled by BIND"], formats=CSV))


@pytest.mark.parametrize("kind", hostile.ENDLESS)
def test_what_never_ends_is_ended_and_the_limit_named(service: Service, kind: str) -> None:
    with pytest.raises(OutOfTime, match=r"0\.3 s \(ESCRGRAPH_QUERY_TIMEOUT\)") as caught:
        service.readers(timeout=0.3).ask(Query(hostile.ENDLESS[kind], formats=CSV))
    assert "share no variable" in str(caught.value)
    assert whole(service)


def test_nothing_reaches_out(service: Service) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        there = f"<http://127.0.0.1:{listener.getsockname()[1]}/>"
        for text in (
            f"SELECT * {{ SERVICE {there} {{ ?s ?p ?o }} }}",
            f"SELECT * {{ SERVICE SILENT {there} {{ ?s ?p ?o }} }}",
            f"SELECT * {{ VALUES ?there {{ {there} }} SERVICE ?there {{ ?s ?p ?o }} }}",
        ):
            assert outcome(service, text) == "Declined"
        for text in (f"LOAD {there}", "LOAD <file:///etc/passwd>"):
            assert outcome(service, text) == "Declined"
        for graph in (there, "<file:///etc/passwd>"):
            assert service.readers().ask(Query(f"ASK FROM {graph} {{ ?s ?p ?o }}", formats=CSV)).read() == b"false"
            dataset = Query("ASK { ?s ?p ?o }", default_graphs=(graph.strip("<>"),), formats=CSV)
            assert service.readers().ask(dataset).read() == b"false"
        with pytest.raises(BlockingIOError):
            listener.accept()


def test_a_worker_killed_in_mid_answer_breaks_the_answer(service: Service) -> None:
    everything = Query("SELECT * { ?a ?b ?c . ?d ?e ?f }", formats=CSV)
    before = set(service.status()["pools"]["public"]["pids"])
    answer = service.readers().ask(everything)
    chunks = answer.chunks
    next(chunks)
    for pid in before:
        os.kill(pid, signal.SIGKILL)
    with pytest.raises(Interrupted):
        list(chunks)
    assert whole(service)


def test_a_deadline_in_mid_answer_breaks_the_answer(service: Service) -> None:
    with pytest.raises(Interrupted, match=r"0\.3 s"):
        service.readers(timeout=0.3).ask(Query("SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }", formats=CSV)).read()


def runaways(service: Service, number: int) -> list[socket.socket]:
    """Connections whose queries run until they are closed, each of a client of its own."""
    readers = service.readers(timeout=60)
    found = []
    for client in range(number):
        found.append(connection := readers.connect())
        readers.send(connection, {"queries": [Query(ENDLESS, formats=CSV).request()]}, f"client {client}")
    return found


def running(service: Service) -> int:
    """How many public queries run now."""
    return int(service.status()["pools"]["public"]["busy"])


def test_a_client_that_leaves_takes_its_query_along(service: Service) -> None:
    for connection in runaways(service, 2):
        until(lambda: running(service) > 0)
        connection.close()
    until(lambda: running(service) == 0)
    assert whole(service)


def test_pages_do_not_wait_for_the_public(service: Service) -> None:
    gone = runaways(service, 4)
    until(lambda: running(service) == 4)  # two of them once the first two are told to stand aside
    assert service.count("pages") == 2 * THINGS
    for connection in gone:
        connection.close()
    until(lambda: running(service) == 0)


def test_queries_that_run_long_stand_aside_for_short_ones(service: Service) -> None:
    gone = runaways(service, 3)  # by three clients, more than there are workers
    until(lambda: running(service) == 3)
    for _ in range(20):
        assert service.readers().ask(Query(COUNT, formats=CSV), "modest").read()
    assert running(service) == 3
    for connection in gone:
        connection.close()
    until(lambda: running(service) == 0)


def test_more_workers_than_twice_as_many_there_never_are(service: Service) -> None:
    gone = runaways(service, 7)
    until(lambda: running(service) == 4)
    until(lambda: service.status()["pools"]["public"]["queued"] == 3)
    assert service.status()["pools"]["public"]["workers"] == 4
    for connection in gone:
        connection.close()
    until(lambda: running(service) == 0)
    until(lambda: service.status()["pools"]["public"]["ready"] == 2)


def test_one_client_leaves_one_of_two_workers_to_others(service: Service) -> None:
    greedy = service.readers(timeout=60)
    taken = []
    for _ in range(3):
        taken.append(connection := greedy.connect())
        greedy.send(connection, {"queries": [Query(ENDLESS, formats=CSV).request()]}, "greedy")
    until(lambda: service.status()["pools"]["public"]["queued"] == 2)
    assert running(service) == 1
    assert service.readers().ask(Query(COUNT, formats=CSV), "modest").read()
    for connection in taken:
        connection.close()
    until(lambda: running(service) == 0)


def test_a_client_that_asks_too_much_at_once_is_told_to_wait(service: Service) -> None:
    greedy = service.readers(timeout=60)
    taken = []
    for _ in range(17):  # one runs, 16 wait
        taken.append(connection := greedy.connect())
        greedy.send(connection, {"queries": [Query(ENDLESS, formats=CSV).request()]}, "greedy")
    until(lambda: service.status()["pools"]["public"]["queued"] == 16)
    with pytest.raises(Busy, match="as many queries waiting"):
        greedy.ask(Query(COUNT, formats=CSV), "greedy")
    for connection in taken:
        connection.close()
    until(lambda: running(service) == 0)
    assert whole(service)


def test_a_budget_of_query_seconds_is_kept(tmp_path: Path) -> None:
    with served(tmp_path, THINGS, "--rate-limit", "0.2") as service:
        with pytest.raises(OutOfTime):
            service.readers(timeout=0.5).ask(Query(ENDLESS, formats=CSV), "greedy")
        with pytest.raises(RateLimited, match="ESCRGRAPH_RATE_LIMIT"):
            service.readers().ask(Query(COUNT, formats=CSV), "greedy")
        assert service.readers().ask(Query(COUNT, formats=CSV), "modest").read()
        assert service.readers("pages").ask(Query(COUNT, formats=CSV), "greedy").read()


def test_many_clients_at_once_all_get_their_answer(service: Service) -> None:
    found: list[bytes] = []

    def ask(number: int) -> None:
        text = f"SELECT ?o {{ <https://example.org/id/{number}> <https://example.org/label> ?o }}"
        for pool in ("public", "pages"):
            found.append(service.readers(pool, 30).ask(Query(text, formats=CSV), f"client {number}").read())

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == sorted(f"o\r\nthing number {number}\r\n".encode() for number in range(24) for _ in "12")


def test_a_dead_nursery_is_replaced(service: Service) -> None:
    pids = {int(pid) for pid in Path(f"/proc/{service.pid}/task/{service.pid}/children").read_text().split()}
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    until(
        lambda: (
            not pids & {int(p) for p in Path(f"/proc/{service.pid}/task/{service.pid}/children").read_text().split()}
        )
    )
    assert until(lambda: whole(service))


def test_the_replica_takes_over_and_answers_the_same(tmp_path: Path) -> None:
    with served(tmp_path, THINGS, "--replica-triples", str(2 * THINGS)) as service:
        assert service.count() == 2 * THINGS
        until(lambda: service.status()["replica"])
        until(lambda: all(pool["ready"] >= 2 for pool in service.status()["pools"].values()))
        assert service.count() == 2 * THINGS
        assert outcome(service, ENDLESS) == "OutOfTime"
        assert outcome(service, hostile.GREEDY["strings doubled by BIND"], 120) == "OutOfMemory"
        assert service.count() == 2 * THINGS


def test_what_is_too_large_for_memory_stays_on_disk(tmp_path: Path) -> None:
    with served(tmp_path, THINGS, "--replica-triples", str(2 * THINGS - 1)) as service:
        children = Path(f"/proc/{service.pid}/task/{service.pid}/children")
        until(lambda: len(children.read_text().split()) == 1)  # the nursery of the replica has gone again
        assert not service.status()["replica"]
        assert service.count() == 2 * THINGS


@pytest.mark.parametrize("replica", ["0", "1000"])
def test_a_commit_is_visible_when_it_is_acknowledged(tmp_path: Path, replica: str) -> None:
    with published(tmp_path / "store", Mode.MERGE, "--replica-triples", replica) as (writer, service):
        if replica != "0":
            until(lambda: service.status()["replica"])
        texts = [f"version {number}" for number in range(5)]
        for earlier, text in zip([None, *texts], texts, strict=False):
            removed = [title("resource/opera", earlier)] if earlier else []
            receipt = writer.commit(change([title("resource/opera", text)], removed))
            for pool in ("pages", "public"):
                asked = Query("SELECT ?t { ?s <http://purl.org/dc/terms/title> ?t }", formats=CSV)
                answer = service.readers(pool).ask(asked)
                assert (answer.generation, answer.read()) == (receipt.number, f"t\r\n{text}\r\n".encode())
            assert service.readers().generation() == receipt.number
        assert service.status()["replica"] is (replica != "0")


@pytest.mark.parametrize("replica", ["0", "1000", "1000000"])
def test_named_graphs_are_seen_from_memory_as_from_disk(tmp_path: Path, replica: str) -> None:
    """In a large replica the default graph stands once more, alone, for queries that see nothing else."""
    opera = title("resource/opera", "two")
    pattern, graph = f"{{ {opera.subject} {opera.predicate} ?t }}", str(opera.graph_name)
    with published(tmp_path / "store", Mode.MERGE, "--replica-triples", replica) as (writer, service):
        if replica != "0":
            until(lambda: service.status()["replica"])
        if int(replica) > ALONE:
            writer.commit(change([title("resource/many", f"{number}") for number in range(ALONE // 2)]))
        writer.commit(change([title("resource/opera", text) for text in ("one", "two")]))
        writer.commit(change([title("resource/opera", "three")], [title("resource/opera", "one")]))

        def titles(text: str, **named: tuple[str, ...]) -> list[str]:
            answers = service.readers().ask(Query(f"SELECT ?t {text} ORDER BY ?t", formats=CSV, **named)).read()
            return answers.decode().split()[1:]

        both = ["three", "two"]
        assert titles(pattern) == both
        assert titles(f"{{ graph ?g {pattern} }}") == both
        assert titles(f"{{ {pattern} GRAPH ?g {pattern} }}") == both
        assert titles(f"FROM {graph} {pattern}") == both
        assert titles(f"FROM <urn:other> {pattern}") == []
        assert titles(pattern, default_graphs=(graph[1:-1],)) == both
        assert titles(pattern, named_graphs=(graph[1:-1],)) == []
        assert service.status()["replica"] is (replica != "0")


def test_a_replica_that_grows_too_large_gives_way_to_the_disk(tmp_path: Path) -> None:
    with published(tmp_path / "store", Mode.MERGE, "--replica-triples", "40") as (writer, service):
        until(lambda: service.status()["replica"])
        writer.commit(change([title("resource/few", f"title {number}") for number in range(10)]))
        assert service.status()["replica"]
        receipt = writer.commit(change([title("resource/many", f"title {number}") for number in range(50)]))
        until(lambda: not service.status()["replica"])
        asked = Query("SELECT (COUNT(*) AS ?n) { ?s <http://purl.org/dc/terms/title> ?t }", formats=CSV)
        answer = service.readers().ask(asked)
        assert (answer.generation, answer.read()) == (receipt.number, b"n\r\n60\r\n")


def test_a_query_that_began_earlier_ends_on_its_own_generation(tmp_path: Path) -> None:
    with published(tmp_path / "store") as (writer, service):
        first = writer.commit(change([title("resource/opera", f"title {number}") for number in range(300)]))
        asked = Query("SELECT * { ?a <http://purl.org/dc/terms/title> ?c . ?d ?e ?f }", formats=CSV)
        answer = service.readers(timeout=60).ask(asked)
        chunks = answer.chunks
        size = len(next(chunks))
        second = writer.commit(change([title("resource/opera", "one more")]))
        later = service.readers().ask(Query(COUNT, formats=CSV))
        assert (later.generation, bool(later.read())) == (second.number, True)
        size += sum(map(len, chunks))
        assert (answer.generation, size > 0, answer.milliseconds is not None) == (first.number, True, True)


def test_without_its_writer_the_dispatcher_serves_on(tmp_path: Path) -> None:
    with published(tmp_path / "store") as (writer, service):
        receipt = writer.commit(change([title("resource/opera", "title")]))
        os.kill(service.writer, signal.SIGKILL)
        answer = service.readers().ask(Query(COUNT, formats=CSV))
        assert answer.generation == receipt.number
        assert answer.read()


def test_without_a_dispatcher_the_client_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("escrgraph.repository.readers.RESTART", 0.0)
    readers = Service(tmp_path, 0).readers()
    for asking in (readers.generation, readers.status, lambda: readers.ask(Query(COUNT))):
        with pytest.raises(Unavailable):
            asking()


def test_errors_keep_their_kind_on_the_way(service: Service) -> None:
    expected: list[tuple[str, type[RepositoryError], Any]] = [
        ("SELECT * {\n ?s ?p x:o }", Malformed, (2, 11)),
        ("SELECT * { SERVICE ?x { ?s ?p ?o } }", Declined, None),
        ("{" * 501, TooLarge, None),
        ("SELECT (<urn:f>(1) AS ?x) {}", Malformed, None),
    ]
    for text, kind, place in expected:
        with pytest.raises(kind) as caught:
            service.readers().ask(Query(text, formats=CSV))
        if place:
            assert isinstance(caught.value, Malformed)
            assert (caught.value.line, caught.value.column) == place


def test_a_worker_that_crashes_is_told_of(service: Service) -> None:
    connection = runaways(service, 1)[0]
    until(lambda: running(service) == 1)
    for pid in service.status()["pools"]["public"]["pids"]:
        os.kill(pid, signal.SIGSEGV)
    with connection, pytest.raises(Crashed, match="SIGSEGV"):
        service.readers().first(connection)
    assert whole(service)
