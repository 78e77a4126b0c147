"""A curation database of its own for each test, in SQLite and in PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.places import DATABASES

from escrgraph.curation.database import Database
from escrgraph.curation.submissions import Submissions
from escrgraph.repository.addresses import curation_of


@pytest.fixture(params=DATABASES)
def address(request: pytest.FixtureRequest) -> str:
    """The address of an empty PostgreSQL, "" for SQLite beside the store."""
    return request.getfixturevalue("database_address") if request.param == "postgresql" else ""


@pytest.fixture
def sqlite_alone(address: str) -> None:
    """Skip a test of SQLite's own ways where the database is elsewhere."""
    if address:
        pytest.skip("This is about the files of SQLite.")


@pytest.fixture
def database(tmp_path: Path, address: str) -> Iterator[Database]:
    opened = Database(curation_of(tmp_path, address))
    yield opened
    opened.close()


@pytest.fixture
def submissions(database: Database) -> Submissions:
    return Submissions(database)
