"""One Virtuoso for all tests that only read, and one for each that breaks something."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.engines import Virtuoso, demand_virtuoso, template, virtuoso
from tests.running import Running, serving
from tests.web.sites import Site, before

from escrgraph.service import open_service
from escrgraph.settings import read_settings


@dataclass(frozen=True, slots=True)
class Behind:
    """A service, the server behind it, and the application before both in this process."""

    server: Virtuoso
    running: Running
    site: Site


@pytest.fixture(scope="session")
def behind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Behind]:
    """The shipped library on Virtuoso; for tests that only read, or undo what they do."""
    demand_virtuoso()
    directory = tmp_path_factory.mktemp("remote")
    with virtuoso(directory / "virtuoso") as server, standing_before(server, directory / "store") as found:
        # It plans queries by what it counted when it was empty, until it is started again.
        server.stop()
        server.start()
        yield found


@pytest.fixture(scope="session")
def made() -> None:
    """The files that each server begins with, so that no test is said to have left them."""
    demand_virtuoso()
    template()


@pytest.fixture
def server(made: None, tmp_path: Path) -> Iterator[Virtuoso]:
    """A server of the test's own."""
    with virtuoso(tmp_path / "virtuoso") as found:
        yield found


@contextmanager
def standing_before(server: Virtuoso, store: Path, *arguments: str, **variables: str) -> Iterator[Behind]:
    """A service before a server."""
    settings = server.settings() | {"ESCRGRAPH_DIRECTORY": str(store)} | variables
    with (
        serving(store, *arguments, **settings) as running,
        before(open_service(read_settings(environment=settings))) as site,
    ):
        yield Behind(server, running, site)
