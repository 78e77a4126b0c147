"""What the tests of validation share: the shipped library in memory, and a referee."""

from __future__ import annotations

import pytest
from pyoxigraph import Store

from escrgraph.validation import Referee, shipped_library


@pytest.fixture
def library() -> Store:
    return shipped_library()


@pytest.fixture(scope="session")
def referee() -> Referee:
    return Referee()
