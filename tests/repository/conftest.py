"""A merge-mode store that this process has open, and writer processes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.places import DATABASES
from tests.repository.mirrored import own_writer
from tests.repository.worlds import BASE

from escrgraph.repository.formats import Mode
from escrgraph.repository.publishing import Publisher
from escrgraph.repository.room import Room
from escrgraph.repository.writing import Writer


@pytest.fixture(params=DATABASES)
def database(request: pytest.FixtureRequest) -> str:
    """The address of a database for the change log, "" for SQLite beside the store."""
    return request.getfixturevalue("database_address") if request.param == "postgresql" else ""


@pytest.fixture
def sqlite_alone(database: str) -> None:
    """Skip a test of SQLite's own ways where the log is elsewhere."""
    if database:
        pytest.skip("This is about the file of SQLite.")


@pytest.fixture
def publisher(tmp_path: Path, database: str) -> Iterator[Publisher]:
    """An empty repository in merge mode."""
    directory = tmp_path / "store"
    directory.mkdir()
    opened = Publisher(directory, BASE, Room(directory, 0), database=database)
    yield opened
    opened.close()


@pytest.fixture
def writer(tmp_path: Path, database: str) -> Iterator[Writer]:
    """The writer process of an empty store in merge mode."""
    with own_writer(tmp_path / "store", BASE.iri, Mode.MERGE, database) as asked:
        yield asked


@pytest.fixture
def plain(tmp_path: Path) -> Iterator[Writer]:
    """The writer process of an empty store in own mode."""
    with own_writer(tmp_path / "plain", BASE.iri, Mode.OWN) as asked:
        yield asked
