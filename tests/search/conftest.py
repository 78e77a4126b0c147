"""The shipped library with its index, for tests that only read; and an empty store with one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.search.worlds import World, library, world

from escrgraph.repository.changes import Cause, Change


@pytest.fixture(scope="session")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The shipped library with its index."""
    with world(tmp_path_factory.mktemp("shipped") / "store") as made:
        quads = tuple(quad for quads in library().values() for quad in quads)
        made.publisher.commit(Change(Cause.RELEASE, "tester", "the library", quads))
        made.index()
        yield made


@pytest.fixture
def small(tmp_path: Path) -> Iterator[World]:
    """An empty store with an index."""
    with world(tmp_path / "store") as made:
        yield made
