"""The shipped library, served, with everything derived that is given out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.harvesting.clients import settle, settled_dump, waited_for
from tests.harvesting.taking import Taker, taker
from tests.places import restored
from tests.running import Running, serving
from tests.web.sites import Site, before_store


@pytest.fixture(scope="session")
def given(library: Running) -> Running:
    """The library once its register shows it; tests only read it."""
    settle(library)
    return library


@pytest.fixture(scope="session")
def dumps(given: Running) -> None:
    """Dumps and counts of it, which are made later than anything else."""
    settled_dump(given, "SHA256SUMS")
    waited_for(given, "dumps/1.0.0/escrgraph.nq.gz")


@pytest.fixture(scope="session")
def site(given: Running) -> Iterator[Site]:
    """The application in this process before it."""
    with before_store(given.store) as found:
        yield found


@pytest.fixture(scope="session")
def records(site: Site) -> dict[str, list[str]]:
    """The records of each type, in order."""
    rows = site.rows("SELECT ?r WHERE { ?d <http://xmlns.com/foaf/0.1/primaryTopic> ?r } ORDER BY ?r")
    by_type: dict[str, list[str]] = {}
    for (iri,) in rows:
        record = iri.strip("<>").partition("/id/")[2]
        by_type.setdefault(record.partition("/")[0], []).append(record)
    return by_type


@pytest.fixture(scope="session")
def here(shipped_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Taker]:
    """A repository with the shipped library that harvests; each source is one of its own."""
    store = tmp_path_factory.mktemp("taker") / "store"
    with serving(restored(shipped_store, store)) as running, taker(running) as found:
        yield found
