"""A store that an earlier version left is taken up where it stands; what this version cannot read it leaves alone."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest
import requests
from tests.repository.serving import until
from tests.repository.worlds import change, title
from tests.running import COMMAND, environment, serving

from escrgraph.curation.actors import Role
from escrgraph.curation.database import Database
from escrgraph.curation.people import People
from escrgraph.repository.backups import restore
from escrgraph.repository.formats import FILE, VERSION
from escrgraph.repository.log import ChangeLog
from escrgraph.repository.supervisor import running
from escrgraph.repository.writing import Writer


@pytest.fixture
def store(shipped_store: Path, tmp_path: Path) -> Path:
    restore(shipped_store, tmp_path / "store")
    return tmp_path / "store"


def change_database(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def test_a_store_of_an_earlier_version_is_brought_up_to_this_one(store: Path) -> None:
    database = Database.beside(store)
    People(database).add("carla", Role.CURATOR, password="four words of mine")
    database.close()
    with ChangeLog(store / "log.sqlite") as log:
        before = log.head()
    # What there was before record changes had places, decisions were told and other repositories were harvested.
    change_database(
        store / "log.sqlite",
        "DROP TABLE decision",
        "DROP INDEX record_change_in_order",
        "DROP INDEX entry_by_cause",
        "ALTER TABLE record_change DROP COLUMN position",
    )
    change_database(
        store / "curation.sqlite", *(f"DROP TABLE {name}" for name in ("origin", "taken", "source", "link", "repeat"))
    )
    shutil.rmtree(store / "derived", ignore_errors=True)

    with serving(store) as service:
        found = running(store)
        assert found is not None
        writer = Writer(found)
        assert writer.verify() == 1
        assert writer.commit(change([title("resource/of-the-new-version", "New")])).number == 2
        answer = requests.get(f"{service.url}search", params={"q": "New"}, timeout=30)
        assert answer.status_code == 200
        until(lambda: requests.get(f"{service.url}health", timeout=10).json()["search"] == 2, 60)
        form = {"name": "carla", "password": "four words of mine"}
        entered = requests.post(f"{service.url}account/sign-in", data=form, timeout=30, allow_redirects=False)
        assert entered.status_code == 303
    with ChangeLog(store / "log.sqlite") as log:
        first = log.entry(1)
        assert before is not None
        assert first is not None
        assert first.digest == before.digest
        assert [found.position for found in log.revisions(0, 1)][:2] == [1, 2]


def test_a_store_of_a_newer_version_is_refused_and_left_as_it_is(store: Path) -> None:
    told = json.loads((store / FILE).read_text(encoding="utf-8"))
    (store / FILE).write_text(json.dumps({**told, "version": VERSION + 1}), encoding="utf-8")
    before = {path: path.stat().st_mtime_ns for path in store.rglob("*") if path.is_file()}
    command = [*COMMAND, "serve", "-p", "0", "--store", str(store)]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 3
    assert f"has format version {VERSION + 1}" in done.stderr
    assert "Install the escrgraph that made it" in done.stderr
    assert {path: path.stat().st_mtime_ns for path in before if path.name != "lock"} == {
        path: time for path, time in before.items() if path.name != "lock"
    }
