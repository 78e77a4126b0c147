"""Where the bars are measured: generated libraries, loaded stores and running services, made once a run."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import generator, service
from benchmarks.figures import shown
from benchmarks.load import Drivers
from benchmarks.service import Service


@dataclass(slots=True)
class Setting:
    """A directory for everything that a run makes, and what is measured there.

    rounds, seconds: how often and how long a cell is measured. libraries: where generated libraries are kept, else in
    `work`. told: hears what is being done.
    """

    work: Path
    triples: int = 1_000_000
    large: int = 10_000_000
    seed: int = 1
    rounds: int = 5
    seconds: float = 1
    processes: int = 1
    told: Callable[[str], None] = lambda _: None
    libraries: Path | None = None
    _stores: dict[int, Path] = field(default_factory=dict)
    _served: int = 0

    def library(self, triples: int) -> Path:
        """A generated library of that size; made when it is not there."""
        directory = (self.libraries or self.work) / f"library-{triples}-{self.seed}"
        if not (directory / generator.MANIFEST).exists():
            self.told(f"Generating {triples:,} triples …")
            generator.generate(triples, self.seed, directory)
        return directory

    def manifest(self, triples: int) -> generator.Manifest:
        """What that library holds."""
        return generator.read_manifest(self.library(triples))

    def store(self, triples: int) -> Path:
        """A store with that library, loaded once a run by `escrgraph load --unchecked`. Raises NotStarted."""
        if triples not in self._stores:
            library = self.library(triples)
            self.told(f"Loading {triples:,} triples …")
            self._stores[triples] = service.loaded(library, self.work, f"store-{triples}")
        return self._stores[triples]

    def adopt(self, triples: int, store: Path) -> None:
        """Use a store that was loaded otherwise."""
        self._stores[triples] = store

    def copy(self, triples: int) -> Path:
        """A store of its own with that library, for what writes. Raises NotStarted."""
        self._served += 1
        target = self.work / f"copy-{self._served}"
        subprocess.run(["cp", "-a", str(self.store(triples)), str(target)], check=True)
        return target

    def serving(self, store: Path, name: str, settings: Mapping[str, str]) -> AbstractContextManager[Service]:
        """The service over a store. Raises NotStarted."""
        self._served += 1
        self.told(f"Serving {name} …")
        return service.serving(store, name, self.work / f"{name}-{self._served}.log", settings)

    def drivers(self) -> Drivers:
        """Client processes."""
        return Drivers(self.processes)


def milliseconds(seconds: float) -> str:
    """A time as people read it in notes."""
    return f"{shown(1e3 * seconds)} ms"
