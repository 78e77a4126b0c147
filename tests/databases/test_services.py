"""Whole services on one PostgreSQL, as people start them: what is done on one machine holds on the other."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
import requests
from pyoxigraph import RdfFormat, serialize
from tests.postgres import PASSWORD, Server
from tests.repository.serving import until
from tests.repository.worlds import change, finding, title
from tests.running import COMMAND, Running, environment, serving

from escrgraph.curation.actors import Role
from escrgraph.curation.database import Database, verify
from escrgraph.curation.people import TOKEN, People
from escrgraph.repository import databases
from escrgraph.repository.addresses import VARIABLE
from escrgraph.repository.log import ChangeLog
from escrgraph.repository.supervisor import running
from escrgraph.repository.writing import Writer

WORDS = "four words of mine"


@dataclass(frozen=True, slots=True)
class Pair:
    """Two services on one database."""

    address: str
    one: Running
    two: Running

    @property
    def both(self) -> tuple[Running, Running]:
        return self.one, self.two


@contextmanager
def pair(directory: Path, address: str) -> Iterator[Pair]:
    """Start them, the one after the other, on an empty log."""
    for name in ("one", "two"):
        (directory / name).mkdir()
    stores = [directory / name / "store" for name in ("one", "two")]
    where = {VARIABLE: address}
    with serving(stores[0], "--empty", **where) as one, serving(stores[1], "--empty", **where) as two:
        yield Pair(address, one, two)


@pytest.fixture
def machines(tmp_path: Path, database_address: str) -> Iterator[Pair]:
    with pair(tmp_path, database_address) as made:
        yield made


def writer(service: Running) -> Writer:
    found = running(service.store)
    assert found is not None
    return Writer(found)


def generation(service: Running) -> int:
    return int(requests.get(f"{service.url}health", timeout=10).json()["generation"] or 0)


def shows(service: Running, record: str) -> bool:
    return requests.get(f"{service.url}doc/{record}.nt", timeout=10).status_code == 200


def escrgraph(*arguments: object, address: str = "") -> str:
    """What a command prints that has to end well."""
    variables = {VARIABLE: address} if address else {}
    done = subprocess.run(
        [*COMMAND, *map(str, arguments)], env=environment(**variables), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_what_is_done_on_one_machine_holds_on_the_other(machines: Pair, tmp_path: Path) -> None:
    one, two = machines.both
    assert writer(one).commit(change(finding("first"))).number == 1
    until(lambda: shows(two, "finding/first"))
    assert writer(two).commit(change(finding("second"))).number == 2
    until(lambda: shows(one, "finding/second"))
    tags = {requests.get(f"{service.url}doc/finding/first.nt", timeout=10).headers["ETag"] for service in machines.both}
    assert len(tags) == 1

    database = Database(machines.address)
    people = People(database)
    people.add("carla", Role.CURATOR, password=WORDS)
    token = people.open(people.named("carla").id, TOKEN, scope="curate")
    session = requests.Session()
    form = {"name": "carla", "password": WORDS}
    assert session.post(f"{one.url}account/sign-in", data=form, timeout=20, allow_redirects=False).status_code == 303
    assert session.get(f"{two.url}account", timeout=20, allow_redirects=False).status_code == 200
    program = {"Authorization": f"Bearer {token}"}
    for service in machines.both:
        assert requests.get(f"{service.url}api/submissions", headers=program, timeout=20).status_code == 200

    # What a client may do so often, it may do so often on both together.
    asked = [f"{service.url}account/reset" for service in (one, two) * 3]
    answers = [requests.post(to, data={"mail": "a@example.org"}, timeout=20).status_code for to in asked]
    assert answers == [200, 200, 200, 200, 200, 429]
    database.close()

    # Secrets are in the environment, never where everybody can read them.
    for service in machines.both:
        parts = [service.process, *psutil.Process(service.process.pid).children(recursive=True)]
        told = [" ".join(psutil.Process(part.pid).cmdline()) for part in parts]
        assert len(told) > 4
        assert not [line for line in told if PASSWORD in line]

    # A copy while both serve says what the log does.
    escrgraph("backup", tmp_path / "copy", "--store", one.store, address=machines.address)
    with ChangeLog(machines.address) as log, ChangeLog(tmp_path / "copy" / "log.sqlite") as copied:
        assert [entry.digest for entry in copied.entries()] == [entry.digest for entry in log.entries()]
        assert copied.verify() == 2


@pytest.mark.drill
def test_a_backup_is_put_back_into_either_database_and_served(machines: Pair, postgres: Server, tmp_path: Path) -> None:
    database = Database(machines.address)
    People(database).add("carla", Role.CURATOR, password=WORDS)
    events = verify(database)
    database.close()
    writer(machines.two).commit(change(finding("kept")))
    escrgraph("backup", tmp_path / "copy", "--store", machines.two.store, address=machines.address)
    number = writer(machines.one).commit(change(finding("later"))).number
    with postgres.schema() as fresh:
        for name, address in (("sqlite", ""), ("again", fresh)):
            store = tmp_path / name / "store"
            told = escrgraph("restore", tmp_path / "copy", "--store", store, address=address)
            assert f"Version {number - 1} is restored" in told
            where = {VARIABLE: address} if address else {}
            with serving(store, **where) as service:
                assert shows(service, "finding/kept")
                assert not shows(service, "finding/later")
                form = {"name": "carla", "password": WORDS}
                answer = requests.post(f"{service.url}account/sign-in", data=form, timeout=20, allow_redirects=False)
                assert answer.status_code == 303
                assert writer(service).commit(change(finding("after"))).number == number
        back = Database(fresh)
        assert verify(back) == events
        back.close()
        refused = subprocess.run(
            [*COMMAND, "restore", str(tmp_path / "copy"), "--store", str(tmp_path / "third")],
            env=environment(**{VARIABLE: fresh}), capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert refused.returncode == 2
        assert "overwrites nothing" in refused.stderr
        databases.forget()


@pytest.mark.drill
def test_a_log_moves_from_sqlite_to_postgresql(shipped_store: Path, database_address: str, tmp_path: Path) -> None:
    escrgraph("restore", shipped_store, "--store", tmp_path / "store", address=database_address)
    with serving(tmp_path / "store", **{VARIABLE: database_address}) as service:
        assert generation(service) == 1
        assert writer(service).commit(change(finding("moved"))).number == 2
        assert writer(service).verify() == 2


@pytest.mark.drill
def test_services_go_on_by_themselves_after_postgresql_was_away(tmp_path: Path, own_server: Server) -> None:
    with pair(tmp_path, own_server.address()) as machines:
        writer(machines.one).commit(change(finding("before")))
        until(lambda: shows(machines.two, "finding/before"))
        own_server.stop(signal.SIGQUIT)
        query = {"query": "ASK { ?finding a <https://w3id.org/escrgraph/def/Finding> }"}
        for service in machines.both:
            assert requests.get(f"{service.url}sparql", params=query, timeout=20).json()["boolean"]
            assert requests.get(f"{service.url}doc/finding/before", timeout=20).status_code in (200, 503)
            answer = requests.get(f"{service.url}doc/finding/never-asked-for", timeout=20)
            assert answer.status_code == 503
            assert "does not answer" in answer.text
            assert PASSWORD not in answer.text
            assert "127.0.0.1" not in answer.text.replace(service.url, "")
        own_server.start()
        until(lambda: shows(machines.one, "finding/before"))
        assert writer(machines.two).commit(change(finding("after"))).number == 2
        until(lambda: shows(machines.one, "finding/after"))
    databases.forget()


@pytest.mark.drill
def test_a_machine_killed_in_the_middle_of_a_commit_is_taken_over(tmp_path: Path, database_address: str) -> None:
    with pair(tmp_path, database_address) as machines:
        for round_ in range(3):
            found = psutil.Process(int(writer(machines.one).status()["pid"]))
            asked = subprocess.Popen(
                [*COMMAND, "load", "--store", str(machines.one.store), "-"],
                env=environment(**{VARIABLE: database_address}),
                stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip
            quads = [title(f"resource/r{round_}-{number}", f"Title {number}") for number in range(5_000)]
            assert asked.stdin is not None
            asked.stdin.write(serialize(quads, format=RdfFormat.N_QUADS) or b"")
            asked.stdin.close()
            until(lambda: _holds_turn(database_address) or asked.poll() is not None)  # noqa: B023 - waited for here
            found.send_signal(signal.SIGKILL)
            number = writer(machines.two).commit(change(finding(f"of-round-{round_}"))).number
            asked.wait(120)
            until(lambda: _number(machines.one) >= number)  # noqa: B023 - waited for here
        until(lambda: generation(machines.one) == generation(machines.two))
        assert writer(machines.one).verify() == writer(machines.two).verify()


def _holds_turn(address: str) -> bool:
    with databases.engine(address).connect() as connection:
        found = connection.exec_driver_sql("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted")
        return bool(found.scalar_one())


def _number(service: Running) -> int:
    try:
        return int(writer(service).status()["generation"])
    except databases.Unavailable:
        return -1
