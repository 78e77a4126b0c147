"""A curation database of its own for each test, in SQLite and in PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from escrgraph.curation.database import Database
from escrgraph.curation.submissions import Submissions
from escrgraph.repository.databases import CURATION


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.drill)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    address = request.getfixturevalue("database_address") if request.param == "postgresql" else tmp_path / CURATION
    opened = Database(address)
    yield opened
    opened.close()


@pytest.fixture
def submissions(database: Database) -> Submissions:
    return Submissions(database)
