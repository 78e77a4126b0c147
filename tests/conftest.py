"""For every test: a place for temporary stores, and a check that no process, socket or temporary file stays behind."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from tests import places
from tests.beyond import passed_over
from tests.engines import demand_virtuoso, template
from tests.postgres import LASTING, Server, kept_connections
from tests.postgres import running as server_running
from tests.running import Running, serving

from escrgraph.repository.writing import Writer

LONG = ("tests/remote/", "tests/faults/", "tests/browser/test_pages.py")
"""Files that one worker should not be left with when the others have ended."""

_before = tempfile.gettempdir()
TEMPORARY = Path(tempfile.mkdtemp(prefix="escrgraph-tests-"))


def pytest_configure() -> None:
    """Give this run a temporary folder of its own, so that what is left in it was left by a test."""
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", _before)
    os.environ["TMPDIR"] = tempfile.tempdir = str(TEMPORARY)
    for name in [name for name in os.environ if name.startswith("ESCRGRAPH_")]:
        del os.environ[name]


@pytest.hookimpl(trylast=True)  # when the order is a random one
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes long, and pass over what cannot be where the environment says that this run is."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))
    if places.ON_VIRTUOSO and places.ON_POSTGRESQL:
        passed_over(items)


def pytest_unconfigure() -> None:
    """Remove the folder."""
    tempfile.tempdir = None
    os.environ["TMPDIR"] = _before
    shutil.rmtree(TEMPORARY, ignore_errors=True)


@pytest.fixture(autouse=True)
def nothing_leaks() -> Iterator[None]:
    """Fail a test that leaves a process, a socket or a temporary file of its own behind."""
    children, sockets, files = _children(), _sockets(), set(TEMPORARY.iterdir())
    yield
    left = [psutil.Process(number) for number in _children() - children - LASTING if psutil.pid_exists(number)]
    _, alive = psutil.wait_procs(left, timeout=2)  # what was told to end may need a moment
    for process in alive:
        process.kill()
    assert not alive, f"processes left behind: {alive}"
    opened = _sockets() - sockets
    assert not opened or opened <= kept_connections(), "sockets left open"
    assert not set(TEMPORARY.iterdir()) - files, "temporary files left behind"


@pytest.fixture(scope="session", autouse=True)
def nothing_outlives() -> Iterator[None]:
    """Fail the run when a process that it started, at whatever depth, is still there at its end."""
    yield
    _, alive = psutil.wait_procs(_started_by_this_run(), timeout=5)
    for process in alive:
        process.kill()
    assert not alive, f"processes outlive the tests: {alive}"


def _children() -> set[int]:
    # proc(5), task/[tid]/children: psutil would look at every process of the machine, twice a test.
    lists = list(Path("/proc/self/task").glob("*/children"))
    if not lists:  # a kernel without CONFIG_PROC_CHILDREN
        return {process.pid for process in psutil.Process().children()}
    found: set[int] = set()
    for listed in lists:
        with suppress(OSError):  # the thread has ended
            found.update(map(int, listed.read_text().split()))
    return found


def _sockets() -> set[str]:
    found = set()
    for entry in Path("/proc/self/fd").iterdir():
        with suppress(OSError):
            target = str(entry.readlink())
            if target.startswith("socket:"):
                found.add(target)
    return found


def _started_by_this_run() -> list[psutil.Process]:
    """Every other process whose environment names the temporary folder of this run."""
    found = []
    for process in psutil.process_iter():
        try:
            ours = process.environ().get("TMPDIR") == str(TEMPORARY)
        except psutil.Error:
            continue
        if ours and process.pid != os.getpid():
            found.append(process)
    return found


@pytest.fixture(scope="session", autouse=True)
def servers(request: pytest.FixtureRequest, nothing_outlives: None) -> None:
    """What services of this run stand before, if the environment says so (tests/places.py)."""
    if places.ON_VIRTUOSO:
        demand_virtuoso()
        template()  # made here, so that no test is said to have left it
    if places.ON_POSTGRESQL:
        places.SERVERS.append(request.getfixturevalue("postgres"))


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The shipped library, served; for tests that only read."""
    with serving(tmp_path_factory.mktemp("library") / "store") as running:
        yield running


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A PostgreSQL for all tests that need one and leave it running."""
    with server_running() as server:
        assert server.process is not None
        LASTING.add(server.process.pid)
        yield server


@pytest.fixture
def database_address(postgres: Server) -> Iterator[str]:
    """The address of an empty schema in PostgreSQL."""
    with postgres.schema() as address:
        yield address


@pytest.fixture(scope="session")
def shipped_store(library: Running, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of a store that holds the shipped library; to be restored, never to be served itself."""
    target = tmp_path_factory.mktemp("backup") / "store"
    Writer(Path((library.store / "runtime").read_text().strip())).backup(target)
    return target
