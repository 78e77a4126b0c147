"""The command check-links, as far as it goes without a network."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.cli.test_people import run

from escrgraph.curation.database import Database
from escrgraph.curation.links import Link, Links
from escrgraph.repository.backups import restore


@pytest.fixture
def store(shipped_store: Path, tmp_path: Path) -> Path:
    restore(shipped_store, tmp_path / "store")
    return tmp_path / "store"


def test_what_leads_nowhere_is_listed_while_it_is_named(store: Path) -> None:
    assert run("check-links", "--report", "--store", str(store)).returncode == 0
    database = Database.beside(store)
    day = datetime(2026, 1, 2, tzinfo=UTC)
    named = "http://www.cesr.org/es/opera-landing"
    for address, status in ((named, 404), ("https://example.org/nobody-names-this", 404)):
        Links(database).keep(Link(address, status, "", day))
    database.close()
    told = run("check-links", "--report", "--store", str(store))
    assert (told.returncode, told.stdout) == (1, f"{named}\t404\t2026-01-02\n"), told.stderr
    assert run("check-links", "--most", "0", "--store", str(store)).returncode == 2
