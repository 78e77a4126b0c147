"""A curation database of its own for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from escrgraph.curation.database import Database
from escrgraph.curation.submissions import Submissions


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database.beside(tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def submissions(database: Database) -> Submissions:
    return Submissions(database)
