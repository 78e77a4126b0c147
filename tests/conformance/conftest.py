"""One service for the conformance tests; each test says what its store holds."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.conformance.serving import Own, serve


@pytest.fixture(scope="session")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Own]:
    """The service, shared by the session."""
    with serve(tmp_path_factory.mktemp("own") / "store") as service:
        yield service
