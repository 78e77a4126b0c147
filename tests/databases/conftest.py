"""A PostgreSQL that a test may stop."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.postgres import Server, running


@pytest.fixture
def own_server() -> Iterator[Server]:
    """A server of the test's own."""
    with running() as server:
        yield server
