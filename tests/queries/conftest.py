"""The shipped library in a store, and its tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.queries.asking import ELSEWHERE, HOME, World, written
from tools.library.tables import Library

from escrgraph.repository.releases import shipped_quads


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The shipped library."""
    world = World(tmp_path_factory.mktemp("questions") / "store", shipped_quads(HOME))
    yield world
    world.close()


@pytest.fixture(scope="session")
def moved(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The shipped library at another base, its quads put in the other way round."""
    quads = sorted(shipped_quads(ELSEWHERE), key=str, reverse=True)
    world = World(tmp_path_factory.mktemp("questions") / "store", quads, ELSEWHERE)
    yield world
    world.close()


@pytest.fixture(scope="session")
def tables() -> Library:
    """The tables from which the library was made."""
    return Library()


@pytest.fixture
def seeded(tmp_path: Path) -> Iterator[Callable[[dict[str, str]], World]]:
    """Makes a world of a few records from Turtle: graph -> text."""
    worlds: list[World] = []

    def make(graphs: dict[str, str]) -> World:
        quads = [quad for name, turtle in graphs.items() for quad in written(name, turtle)]
        worlds.append(World(tmp_path / f"store-{len(worlds)}", quads))
        return worlds[-1]

    yield make
    for world in worlds:
        world.close()
