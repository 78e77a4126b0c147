from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from benchmarks.generator import Manifest

from benchmarks import generator


@dataclass(frozen=True)
class Generated:
    """A generated library on disk."""

    directory: Path
    manifest: Manifest

    @property
    def text(self) -> str:
        return "".join((self.directory / name).read_text("utf-8") for name in (generator.DATA, generator.INFERRED))


@pytest.fixture(scope="session")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Generated:
    """A library of about ten thousand triples."""
    directory = tmp_path_factory.mktemp("generated")
    return Generated(directory, generator.generate(10_000, 1, directory))
