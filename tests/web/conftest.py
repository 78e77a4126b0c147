"""The shipped library behind the application in this process; tests may only read it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest
from pyoxigraph import NamedNode, Store
from tests.places import DATABASES
from tests.running import Running
from tests.web import desks
from tests.web.desks import Office
from tests.web.sites import Site, before_store

from escrgraph.curation.database import METADATA
from escrgraph.repository.backups import restore


@pytest.fixture(scope="session")
def site(library: Running) -> Iterator[Site]:
    with before_store(library.store) as found:
        yield found


@pytest.fixture(scope="session")
def whole(site: Site) -> Store:
    """All public graphs of the library."""
    return site.whole()


@pytest.fixture(scope="session")
def records(site: Site, whole: Store) -> dict[str, list[str]]:
    """The records of each type, in order."""
    found = {site.service.base.record_of(quad.subject.value) for quad in whole if isinstance(quad.subject, NamedNode)}
    by_type: dict[str, list[str]] = {}
    for record in sorted(name for name in found if name):
        by_type.setdefault(record.partition("/")[0], []).append(record)
    return by_type


@pytest.fixture(scope="session", params=DATABASES)
def office(
    request: pytest.FixtureRequest, shipped_store: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Office]:
    """A service of its own, with people; tests make the records that they change."""
    store = tmp_path_factory.mktemp("office") / "store"
    schema = request.getfixturevalue("postgres").schema() if request.param == "postgresql" else nullcontext("")
    with schema as address:
        restore(shipped_store, store, address, METADATA)
        with desks.office(store, address) as found:
            yield found
