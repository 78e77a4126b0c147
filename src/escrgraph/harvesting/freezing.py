"""Frozen dumps: every version of a data set, as it was when it was published, at an address that stays.

A version begins with the entry of the log that gives a data set its `dcat:version`. Its dump is made from the log alone
and by way of a store on disk, where the order of statements follows from them: made again it is the same file, byte for
byte, unless a record in it was redacted.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

from pyoxigraph import Store

from escrgraph.harvesting.dumps import FORMATS, NICENESS, QUIET, WHOLE, Dump, Dumps, described, packed
from escrgraph.repository import addresses, replay, sandbox, spawn
from escrgraph.repository.addresses import Address
from escrgraph.repository.changes import Cause
from escrgraph.repository.errors import RepositoryError
from escrgraph.repository.evaluation import dump
from escrgraph.repository.log import ADDED, ChangeLog
from escrgraph.vocabulary.iris import Base
from escrgraph.vocabulary.namespaces import expand

LIBRARY = "dataset/library"
"""The record of the data set that is all of them."""

_MANIFEST, _FRESH = "frozen.json", "new-"
_VERSION = "[0-9A-Za-z][0-9A-Za-z._-]{0,60}"  # what can be the name of a directory


@dataclass(frozen=True, slots=True)
class Frozen:
    """A version of a data set.

    dataset: its record; graph: the graph that it is, None for all of them; number, issued: of the entry that made it.
    dump: its file, in a directory named after the version; None while it is not there.
    """

    dataset: str
    version: str
    graph: str | None
    number: int
    issued: datetime
    dump: Dump | None = None

    @classmethod
    def of(cls, found: Mapping[str, Any]) -> Frozen:
        """A version as it was written down."""
        dump = Dump(**found["dump"]) if found["dump"] else None
        return cls(**{**found, "issued": datetime.fromisoformat(found["issued"]), "dump": dump})

    @property
    def ending(self) -> str:
        """The format of its file."""
        return "ttl" if self.graph else "nq"

    @property
    def file(self) -> str:
        """The name of its file; the newest dump of the same has the same name."""
        return f"{self.graph.rpartition('/')[2] if self.graph else WHOLE}.{self.ending}.gz"


class FrozenDumps:
    """The frozen dumps there are, to be read. directory: where they are kept."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def there(self) -> list[Frozen]:
        """Every version whose file is there, in the order in which they were published."""
        return [version for version in _read(self.directory).versions if version.dump]


class Freezer:
    """Has the frozen dumps made, each by a process of its own, once the newest dumps are there: those come first."""

    name = "frozen"

    def __init__(self, directory: Path, dumps: Path, log: Address, base: Base) -> None:
        """directory: where they are, or will be; dumps: where the newest dumps are; log: where the change log is."""
        self._directory = directory
        self._dumps = Dumps(dumps)
        self._log = log
        self._base = base
        self._work: subprocess.Popen[bytes] | None = None

    def catch_up(self, log: ChangeLog, generation: int) -> float | None:
        """Have a dump of every version. Returns in how many seconds to ask again, None when all are there."""
        if self._work is not None:
            status = self._work.poll()
            if status is None:
                return QUIET / 10
            self._work = None
            if status:
                raise RepositoryError(f"a version of a data set could not be written (exit status {status})")
        known = self._looked(log, generation)
        missing = next((version.number for version in known.versions if not version.dump), None)
        if missing is None:
            return None
        newest = self._dumps.newest()
        if newest is None or newest[0].generation < missing:
            return QUIET
        for left in self._directory.glob(f"{_FRESH}*"):  # by a process that was ended
            shutil.rmtree(left)
        config = {"directory": str(self._directory), "log": addresses.handed(self._log), "base": self._base.iri}
        self._work = spawn.start(__name__, json.dumps({**config, "number": missing, "parent": os.getpid()}))
        return QUIET / 10

    def close(self) -> None:
        """Give up what is being made."""
        if self._work is not None:
            self._work.kill()
            self._work.wait()
            self._work = None

    def _looked(self, log: ChangeLog, generation: int) -> _Known:
        """The versions up to a generation; those not seen before are written down."""
        known = _read(self._directory)
        last = log.entry(known.number)
        fresh = log.entries(known.number, max(0, generation - known.number))
        other = bool(known.number) and (last is None or last.digest != known.digest)
        if other or any(entry.cause is Cause.REDACTION for entry in fresh):
            for path in self._directory.iterdir():
                shutil.rmtree(path) if path.is_dir() else path.unlink()
            known, fresh = _Known(), log.entries(0, generation)
        for entry in fresh:
            known = known.after(entry.number, entry.time, entry.digest, list(_said(log, entry.number, self._base)))
        if fresh:
            _write(self._directory, known)
        return known


@dataclass(frozen=True, slots=True)
class _Known:
    """The versions up to an entry, which has that digest. graphs: of each data set the graph that it is."""

    number: int = 0
    digest: str = ""
    graphs: Mapping[str, str] = field(default_factory=dict)
    versions: tuple[Frozen, ...] = ()

    def after(self, number: int, time: datetime, digest: str, said: list[tuple[str, str, str]]) -> _Known:
        """The versions after one more entry. said: data set, "graph" or "version", and which."""
        graphs = {**self.graphs, **{dataset: value for dataset, what, value in said if what == "graph"}}
        there = {(version.dataset, version.version) for version in self.versions}
        fresh = [
            Frozen(dataset, value, graphs.get(dataset), number, time)
            for dataset, what, value in said
            if what == "version" and (dataset, value) not in there and (dataset == LIBRARY or dataset in graphs)
        ]
        return _Known(number, digest, graphs, (*self.versions, *fresh))

    def of(self, number: int) -> list[Frozen]:
        """The versions that an entry made and that have no dump."""
        return [version for version in self.versions if version.number == number and not version.dump]

    def holding(self, dumps: Mapping[Frozen, Dump]) -> _Known:
        """The same with the dumps of some versions."""
        versions = tuple(replace(version, dump=dumps.get(version, version.dump)) for version in self.versions)
        return replace(self, versions=versions)


def make(log: Address, base: Base, number: int) -> None:
    """Make the dumps of the versions of an entry, by making the store of that entry. Raises OSError.

    It works in the current directory, which is that of the frozen dumps: when what is derived is taken away meanwhile,
    what is written goes with it, and never to another directory that has got the same name.
    """
    here = Path()
    known = _read(here)
    dumps = {}
    with TemporaryDirectory(prefix=_FRESH, dir=here, ignore_cleanup_errors=True) as name:
        with ChangeLog(log) as changes:
            replay.materialise(changes, number, Path(name) / "store", base)
        store = Store.read_only(str(Path(name) / "store"))
        for version in known.of(number):
            media_type, fresh = FORMATS[version.ending], Path(name) / version.file
            with packed(fresh) as file:
                asked = {"format": media_type, "graph": version.graph, "without": [base.graph("state")]}
                dump(store, number, asked, _Whole(file))
            target = here / version.version / version.file
            target.parent.mkdir(exist_ok=True)
            fresh.replace(target)
            dumps[version] = described(target, f"{version.version}/{version.file}", version.graph, media_type)
    _write(here, known.holding(dumps))


class _Whole:
    """An answer that goes to a file."""

    def __init__(self, file: IO[bytes]) -> None:
        self.write = file.write

    def begin(self, head: Mapping[str, Any]) -> None:
        """Nothing: what the file is, the manifest says."""

    def flush(self) -> None:
        """Nothing: the file is closed."""


def _said(log: ChangeLog, number: int, base: Base) -> Iterator[tuple[str, str, str]]:
    """What an entry says of data sets: (record, "graph" or "version", which)."""
    line = re.compile(
        rf"^<{re.escape(base.iri)}id/(?P<dataset>dataset/[a-z0-9-]+)> "
        rf'(?:<{re.escape(expand("dcat:version"))}> "(?P<version>{_VERSION})"'
        rf"|<{re.escape(expand('escr:namedGraph'))}> <(?P<graph>{re.escape(base.iri)}graph/[a-z0-9-]+)>) ".encode(),
        re.MULTILINE,
    )
    for chunk in log.lines(number, ADDED):
        for match in line.finditer(chunk):
            what = "version" if match["version"] else "graph"
            yield match["dataset"].decode(), what, match[what].decode()


def _read(directory: Path) -> _Known:
    try:
        found = json.loads((directory / _MANIFEST).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return _Known()
    versions = tuple(Frozen.of(version) for version in found["versions"])
    return _Known(found["number"], found["digest"], found["graphs"], versions)


def _write(directory: Path, known: _Known) -> None:
    """Write down what is known, in one step."""
    fresh = directory / f"{_MANIFEST}.new"
    fresh.write_text(json.dumps(asdict(known), default=str), encoding="utf-8")
    fresh.replace(directory / _MANIFEST)


def main(argument: str) -> None:
    """Run as a process of its own, so that the memory that a store takes is given back."""
    config = json.loads(argument)
    sandbox.die_with(config["parent"])
    os.nice(NICENESS)
    os.chdir(config["directory"])
    make(addresses.taken(config["log"]), Base(config["base"]), config["number"])


if __name__ == "__main__":
    main(sys.argv[1])
