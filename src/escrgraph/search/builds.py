"""Where an index stands on the disk: one directory a build, the newest of which counts, and what it shows."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

import tantivy
from tantivy import Document, Query, Schema

from escrgraph.repository import faults
from escrgraph.search.schema import STATE

ABOUT = "about.json"
"""The file in a build that says by which format and shapes it was made."""

_HALF = ".half"


@dataclass(frozen=True, slots=True)
class State:
    """What an index shows. digest: of the log's entry of that number, so that it is known to be of this log."""

    generation: int
    digest: str

    def document(self) -> Document:
        """The document that keeps it, so that it changes in the same commit as the records."""
        made = Document()
        made.add_text("record", STATE)
        made.add_bytes("facts", json.dumps(asdict(self)).encode())
        return made


def state(searcher: tantivy.Searcher, schema: Schema) -> State:
    """What an index shows. Raises ValueError when it does not say."""
    found = searcher.search(Query.term_query(schema, "record", STATE, "basic"), limit=1)
    if not found.hits:
        raise ValueError("the index does not say which generation it shows")
    return State(**json.loads(bytes(searcher.doc(found.hits[0][1]).get_first("facts") or b"")))


def newest(directory: Path, fingerprint: str) -> Path:
    """The build that counts. Raises OSError when there is none, ValueError when it is of another format or shapes."""
    numbers = _numbers(directory)
    if not numbers:
        raise FileNotFoundError(f"there is no index in {directory}")
    path = directory / f"{numbers[-1]:06}"
    if json.loads((path / ABOUT).read_text(encoding="utf-8")).get("fingerprint") != fingerprint:
        raise ValueError(f"the index in {path} is of another format or other shapes")
    return path


def looks(directory: Path) -> object:
    """Something that differs once another build counts, or the build was committed to; cheap to ask."""
    try:
        outer = directory.stat()
        numbers = _numbers(directory)
        inner = (directory / f"{numbers[-1]:06}" / "meta.json").stat() if numbers else outer
    except OSError:
        return None
    return (outer.st_ino, outer.st_mtime_ns, inner.st_ino, inner.st_mtime_ns)


def begin(directory: Path) -> Path:
    """A directory for a new build, which does not count yet. What earlier ones left half made is removed.

    Raises OSError: `directory` is not made, since whoever makes it answers for what is read from then on.
    """
    for half in directory.glob(f"*{_HALF}"):
        shutil.rmtree(half, ignore_errors=True)
    path = directory / f"{next(iter(_numbers(directory)[::-1]), 0) + 1:06}{_HALF}"
    path.mkdir()
    return path


def finish(path: Path, fingerprint: str) -> Path:
    """Let a build count, and remove those before it."""
    (path / ABOUT).write_text(json.dumps({"fingerprint": fingerprint}), encoding="utf-8")
    done = path.with_suffix("")
    path.rename(done)
    faults.point("after-build")
    for number in _numbers(done.parent):
        if number < int(done.name):
            shutil.rmtree(done.parent / f"{number:06}", ignore_errors=True)
    return done


def clear(directory: Path) -> None:
    """Remove every build. What cannot be removed is left."""
    for path in directory.glob("*"):
        shutil.rmtree(path, ignore_errors=True)


def _numbers(directory: Path) -> list[int]:
    return sorted(int(entry.name) for entry in directory.iterdir() if entry.name.isdigit())
