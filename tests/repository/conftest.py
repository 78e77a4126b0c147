"""A merge-mode store that this process has open, and writer processes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.repository.worlds import BASE

from escrgraph.repository.formats import Mode
from escrgraph.repository.publishing import Publisher
from escrgraph.repository.room import Room
from escrgraph.repository.writing import Writer, own_writer


@pytest.fixture
def publisher(tmp_path: Path) -> Iterator[Publisher]:
    """An empty repository in merge mode."""
    directory = tmp_path / "store"
    directory.mkdir()
    opened = Publisher(directory, BASE, Room(directory, 0))
    yield opened
    opened.close()


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[Writer]:
    """The writer process of an empty store in merge mode."""
    with own_writer(tmp_path / "store", BASE.iri, Mode.MERGE) as asked:
        yield asked


@pytest.fixture
def plain(tmp_path: Path) -> Iterator[Writer]:
    """The writer process of an empty store in own mode."""
    with own_writer(tmp_path / "plain", BASE.iri, Mode.OWN) as asked:
        yield asked
