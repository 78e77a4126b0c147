"""A copy is taken while people publish, and put back: what was acknowledged before it began is there, as it was."""

from __future__ import annotations

import subprocess
import threading
from pathlib import Path

import pytest
import requests
from tests.repository.serving import until
from tests.repository.worlds import change, finding
from tests.running import COMMAND, environment, serving

from escrgraph.repository.addresses import VARIABLE
from escrgraph.repository.supervisor import running
from escrgraph.repository.writing import Writer


def escrgraph(*arguments: object, address: str) -> None:
    variables = {VARIABLE: address} if address else {}
    command = [*COMMAND, *map(str, arguments)]
    done = subprocess.run(command, env=environment(**variables), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


class Publishing(threading.Thread):
    """Publishes one finding after the other until told to end."""

    def __init__(self, writer: Writer) -> None:
        super().__init__()
        self.acknowledged: list[int] = []
        self.ending = threading.Event()
        self._writer = writer

    def run(self) -> None:
        while not self.ending.is_set():
            self.acknowledged.append(self._writer.commit(change(finding(f"n{len(self.acknowledged) + 1}"))).number)


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.drill)])
def test_a_copy_taken_while_people_publish_is_put_back(
    tmp_path: Path, kind: str, request: pytest.FixtureRequest
) -> None:
    address = request.getfixturevalue("database_address") if kind == "postgresql" else ""
    where = {VARIABLE: address} if address else {}
    with serving(tmp_path / "store", "--empty", **where) as service:
        found = running(service.store)
        assert found is not None
        publishing = Publishing(Writer(found))
        publishing.start()
        try:
            until(lambda: len(publishing.acknowledged) >= 3)
            before = publishing.acknowledged[-1]
            escrgraph("backup", tmp_path / "copy", "--store", service.store, address=address)
            after = publishing.acknowledged[-1]
            until(lambda: publishing.acknowledged[-1] > after + 1)
        finally:
            publishing.ending.set()
            publishing.join()
        assert publishing.acknowledged == list(range(1, len(publishing.acknowledged) + 1))

    # What happened to the machine need not be known: its copy is put back elsewhere.
    escrgraph("restore", tmp_path / "copy", "--store", tmp_path / "again", address="")
    with serving(tmp_path / "again") as service:
        found = running(service.store)
        assert found is not None
        number = Writer(found).verify()
        assert before <= number <= after + 1
        assert requests.get(f"{service.url}doc/finding/n{before}.nt", timeout=30).status_code == 200
        assert requests.get(f"{service.url}doc/finding/n{number + 1}.nt", timeout=30).status_code == 404
        assert Writer(found).commit(change(finding("goes-on"))).number == number + 1
