"""Machines that share one change log in PostgreSQL: each with a store of its own, one of them writing at a time."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text
from tests.postgres import Server
from tests.repository.serving import until
from tests.repository.worlds import BASE, change, finding, named, title

from escrgraph.repository import databases
from escrgraph.repository.errors import Moved, Unavailable, WrongStore
from escrgraph.repository.formats import Mode, followed
from escrgraph.repository.log import ChangeLog
from escrgraph.repository.publishing import Publisher
from escrgraph.repository.room import Room
from escrgraph.repository.writing import Writer, own_writer

Machine = Callable[[str], Publisher]


@pytest.fixture
def machine(tmp_path: Path, database_address: str) -> Iterator[Machine]:
    """Opens the store of a machine by its name; all have the log in the same database."""
    with ExitStack() as stack:

        def opened(name: str) -> Publisher:
            directory = tmp_path / name
            directory.mkdir(exist_ok=True)
            made = Publisher(directory, BASE, Room(directory, 0), database=database_address)
            stack.callback(made.close)
            return made

        yield opened


@contextmanager
def writers(tmp_path: Path, address: str) -> Iterator[tuple[Writer, Writer]]:
    """The writer processes of two machines."""
    with (
        own_writer(tmp_path / "one", BASE.iri, Mode.MERGE, address) as one,
        own_writer(tmp_path / "two", BASE.iri, Mode.MERGE, address) as two,
    ):
        yield one, two


def test_each_machine_gets_what_the_other_published(machine: Machine) -> None:
    one, two = machine("one"), machine("two")
    one.commit(change([title("resource/a", "One"), *finding("x")]))
    told = two.follow()
    assert told is not None
    assert two.number == 1
    assert told.delta is not None
    assert title("resource/a", "One") in told.delta.added
    outcome = two.commit(change([title("resource/b", "Two")]))
    assert outcome.receipt.number == 2
    assert one.follow() is not None
    assert named(one.store) == named(two.store)
    assert set(one.store) == set(two.store)
    assert one.follow() is None


def test_who_writes_is_up_to_the_log_first_and_tells_readers_all_of_it(machine: Machine) -> None:
    one, two = machine("one"), machine("two")
    one.commit(change([title("resource/a", "One")]))
    one.commit(change([title("resource/a", "Uno")], [title("resource/a", "One")]))
    outcome = two.commit(change([title("resource/b", "Two")]))
    assert outcome.receipt.number == 3
    assert outcome.delta is not None
    assert {title("resource/a", "Uno"), title("resource/b", "Two")} <= set(outcome.delta.added)
    assert title("resource/a", "One") not in outcome.delta.added
    assert title("resource/a", "One") not in outcome.delta.removed


def test_what_came_from_elsewhere_is_told_even_when_the_change_is_refused(machine: Machine) -> None:
    one, two = machine("one"), machine("two")
    one.commit(change([title("resource/a", "One")]))
    with pytest.raises(Moved):
        two.commit(replace(change([title("resource/a", "Two")]), expected={"resource/a": 0}))
    told = two.follow()
    assert told is not None
    assert told.changed
    assert told.delta is not None
    assert title("resource/a", "One") in told.delta.added


def test_a_redaction_reaches_the_other_machine_and_leaves_nothing_in_the_tables(
    machine: Machine, postgres: Server, tmp_path: Path
) -> None:
    secret = "Llewellyn-Thistlethwaite"
    one, two = machine("one"), machine("two")
    one.commit(change([*finding("person-of-that-name"), title("finding/person-of-that-name", secret)], reason=secret))
    one.commit(change([title("resource/a", "One")]))
    two.follow()
    assert secret in {quad.object.value for quad in two.store}
    mark = one.log.parts("finding/person-of-that-name")[0].encode()
    assert postgres.holds(b"person-of-that-name")
    assert postgres.holds(mark)
    one.redact("finding/person-of-that-name", "curator", "asked for")
    told = two.follow()
    assert told is not None
    assert told.delta is None
    assert [quad for quad in (*one.store, *two.store) if secret in str(quad) or "that-name" in str(quad)] == []
    assert (one.log.verify(), two.log.verify()) == (3, 3)
    assert not one.log.owing()
    assert postgres.holds(secret.encode()) == postgres.holds(b"person-of-that-name") == []


def test_while_somebody_looks_back_the_rewriting_is_owed_and_done_later(
    machine: Machine, postgres: Server, database_address: str
) -> None:
    one = machine("one")
    one.commit(change([title("finding/person-of-this-name", "One")]))
    reader = databases.engine(database_address, read_only=True)
    with reader.connect() as connection:
        connection.execute(text("SELECT 1"))
        one.redact("finding/person-of-this-name", "curator", "asked for")
        assert one.log.owing()
        assert postgres.holds(b"person-of-this-name")
    one.follow()
    assert not one.log.owing()
    assert postgres.holds(b"person-of-this-name") == []


def test_a_machine_that_comes_new_makes_its_store_from_the_log(machine: Machine) -> None:
    one = machine("one")
    one.commit(change([title("resource/a", "One"), *finding("x")]))
    one.commit(change(withdrawn=["finding/x"]))
    one.redact("resource/a", "curator", "asked for")
    assert set(machine("two").store) == set(one.store)


def test_a_machine_waits_for_its_turn_and_gives_up_in_the_end(
    machine: Machine, database_address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = machine("one"), machine("two")
    monkeypatch.setattr(databases, "WAITING", 1)
    with one.turn(), pytest.raises(Unavailable, match="Another machine of this repository is publishing"):
        two.commit(change([title("resource/a", "One")]))
    assert two.commit(change([title("resource/a", "One")])).receipt.number == 1


def test_who_lost_its_turn_unknowingly_changes_nothing(machine: Machine, postgres: Server) -> None:
    one, two = machine("one"), machine("two")
    one.commit(change([title("resource/a", "One")]))
    two.follow()
    with one.turn():
        postgres.execute("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'")
        two.commit(change([title("resource/a", "Two")]))  # the lock went with its connection
        with pytest.raises(Unavailable, match="published meanwhile"):
            one._commit(change([title("resource/b", "Three")]))
    assert one.commit(change([title("resource/b", "Three")])).receipt.number == 3
    assert [entry.number for entry in one.log.entries()] == [1, 2, 3]
    assert one.log.verify() == 3


def test_a_database_put_back_to_an_earlier_time_is_the_truth(
    machine: Machine, tmp_path: Path, database_address: str
) -> None:
    directory = tmp_path / "one"
    directory.mkdir()
    with closing(Publisher(directory, BASE, Room(directory, 0), database=database_address)) as one:
        one.commit(change([title("resource/a", "One")]))
        one.commit(change([title("resource/b", "Two")]))
    with databases.engine(database_address).begin() as connection:
        for table in ("chunk", "record_change", "part", "entry"):
            condition = "record = 'resource/b'" if table == "part" else "number = 2"
            connection.execute(text(f"DELETE FROM {table} WHERE {condition}"))
    again = machine("one")
    assert (again.number, named(again.store)) == (1, {title("resource/a", "One")})


def test_writers_on_two_machines_at_once_leave_no_gap_and_a_chain_that_verifies(
    tmp_path: Path, database_address: str
) -> None:
    with writers(tmp_path, database_address) as (one, two), ThreadPoolExecutor(4) as pool:

        def publish(number: int) -> int:
            asked = one if number % 2 else two
            return asked.commit(change([title(f"resource/r{number}", f"Title {number}")])).number

        numbers = list(pool.map(publish, range(1, 13)))
        assert sorted(numbers) == list(range(1, 13))
        until(lambda: one.status()["generation"] == two.status()["generation"] == 12)
        assert (one.verify(), two.verify()) == (12, 12)
    assert followed(tmp_path / "one") == followed(tmp_path / "two") != ""


def test_a_writer_killed_while_it_has_its_turn_is_taken_over(
    tmp_path: Path, database_address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with own_writer(tmp_path / "two", BASE.iri, Mode.MERGE, database_address) as two:
        monkeypatch.setenv("ESCRGRAPH_FAULT", "after-log")
        one = own_writer(tmp_path / "one", BASE.iri, Mode.MERGE, database_address)
        with one as dying, pytest.raises(Unavailable):
            dying.commit(change([title("resource/a", "One")]))
        monkeypatch.delenv("ESCRGRAPH_FAULT")
        assert two.commit(change([title("resource/b", "Two")])).number == 2
        with own_writer(tmp_path / "one", BASE.iri, Mode.MERGE, database_address) as again:
            assert again.status()["generation"] == 2
            assert again.verify() == 2


def test_postgresql_goes_away_and_comes_back(tmp_path: Path, own_server: Server) -> None:
    address = own_server.address()
    with writers(tmp_path, address) as (one, two):
        one.commit(change([title("resource/a", "One")]))
        until(lambda: two.status()["generation"] == 1)
        own_server.stop(signal.SIGQUIT)
        with pytest.raises(Unavailable, match="does not answer"):
            one.commit(change([title("resource/b", "Two")]))
        assert two.status()["generation"] == 1
        own_server.start()
        assert one.commit(change([title("resource/c", "Three")])).number == 2
        until(lambda: two.status()["generation"] == 2)
        assert two.verify() == 2
    databases.forget()


@pytest.mark.drill
def test_nothing_acknowledged_is_lost_when_postgresql_crashes_under_load(tmp_path: Path, own_server: Server) -> None:
    with writers(tmp_path, own_server.address()) as (one, two):
        acknowledged: set[int] = set()
        ending = threading.Event()

        def publish(asked: Writer, name: str) -> None:
            number = 0
            while not ending.is_set():
                number += 1
                try:
                    acknowledged.add(asked.commit(change([title(f"resource/{name}{number}", "x")])).number)
                except Unavailable:
                    ending.wait(0.05)

        threads = [threading.Thread(target=publish, args=pair) for pair in ((one, "one"), (two, "two"))]
        for thread in threads:
            thread.start()
        for _ in range(3):
            seen = len(acknowledged)
            until(lambda: len(acknowledged) > seen + 3)  # noqa: B023 - waited for here
            own_server.stop(signal.SIGQUIT)
            own_server.start()
        ending.set()
        for thread in threads:
            thread.join()
        count = one.verify()
        assert acknowledged <= set(range(1, count + 1))
        until(lambda: one.status()["generation"] == two.status()["generation"] == count)
    databases.forget()


def test_a_database_of_another_base_is_refused(database_address: str) -> None:
    first = databases.claimed(database_address, BASE.iri)
    assert databases.claimed(database_address, BASE.iri) == first
    with pytest.raises(WrongStore, match="is that of the base"):
        databases.claimed(database_address, "https://example.org/")


def test_a_log_that_is_not_there_yet_is_told_without_its_password(database_address: str) -> None:
    with pytest.raises(WrongStore, match="There is no change log in postgresql") as caught:
        ChangeLog(database_address)
    assert "wheel-of-fortune" not in str(caught.value)


def test_tables_of_a_newer_version_are_refused(database_address: str) -> None:
    databases.claimed(database_address, BASE.iri)
    with databases.engine(database_address).begin() as connection:
        connection.execute(text("UPDATE repository SET version = version + 1"))
    databases.forget()
    with pytest.raises(WrongStore, match="newer version of escrgraph"):
        databases.claimed(database_address, BASE.iri)
