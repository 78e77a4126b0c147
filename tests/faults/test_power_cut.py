"""A power cut at any write: whatever reached the disk of the last change, all that was acknowledged is there.

What a cut leaves is made by hand from files: a change is written to the log's write-ahead file and synced before it is
acknowledged or touches the store; later its pages go into the log's database, and only then the write-ahead file goes.
Everything after a sync may be there in part, nothing before it may be missing.
"""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import islice, pairwise
from pathlib import Path

import pytest
from pyoxigraph import Quad, Store
from tests.faults.services import counted
from tests.repository.worlds import BASE, by_the_log, change, finding, merge_is_right, named, title
from tests.running import serving

from escrgraph.repository.formats import Mode, open_format
from escrgraph.repository.log import ChangeLog
from escrgraph.repository.publishing import Publisher

PAGE, HEAD, FRAME = 4096, 32, 4096 + 24
"""Bytes of a page, of the head of a write-ahead file, of a frame in it (https://sqlite.org/fileformat.html)."""

CHANGES = 4


@dataclass(frozen=True, slots=True)
class Moment:
    """A store right after a change was acknowledged. wal: bytes of the log's write-ahead file then."""

    copy: Path
    number: int
    wal: int
    quads: frozenset[Quad]


def moments(directory: Path) -> list[Moment]:
    """A store after each of some changes, as its disk has it then; the first is new."""
    store = directory / "store"
    open_format(store, BASE.iri, Mode.MERGE)
    publisher = Publisher(store, BASE)
    found: list[Moment] = []
    # As in a service somebody reads the log all the time, so that its write-ahead file stays.
    with closing(sqlite3.connect(store / "log.sqlite")) as reader:
        reader.execute("SELECT count(*) FROM entry").fetchall()
        publisher.commit(change(finding("f0")))
        for number in range(1, CHANGES + 1):
            copy = directory / f"after-{number}"
            shutil.copytree(store, copy, ignore=shutil.ignore_patterns("current"))
            publisher.store.backup(str(copy / "current"))
            wal = (copy / "log.sqlite-wal").stat().st_size
            found.append(Moment(copy, number, wal, frozenset(named(publisher.store))))
            publisher.commit(change([title(f"resource/r{number}", f"{number}-{step}") for step in range(400)]))
    publisher.close()
    return found


def cuts(before: Moment, after: Moment) -> Iterator[tuple[str, int, bytes]]:
    """What may be left of the writes of a change: how it was cut, how many bytes are whole, what stands after them."""
    noise = random.Random(after.number)
    assert (before.wal - HEAD) % FRAME == (after.wal - HEAD) % FRAME == 0
    for end in range(before.wal, after.wal, FRAME):
        yield "between frames", end, b""
        yield "in the head of a frame", end + 11, b""
        yield "in a page", end + 24 + 512 * noise.randrange(1, 8), b""
        yield "the file is longer, its blocks are empty", end, bytes(after.wal - end)
        yield "its blocks hold something else", end + 512, noise.randbytes(after.wal - end - 512)
    yield "whole", after.wal, b""


def started(directory: Path) -> tuple[int, set[Quad]]:
    """Open a store as the writer does; its number and its quads, with log and store seen to agree."""
    publisher = Publisher(directory, BASE)
    try:
        number = publisher.number
        publisher.store.backup(str(directory / "seen"))
    finally:
        publisher.close()
    store = Store.read_only(str(directory / "seen"))
    with ChangeLog(directory / "log.sqlite") as log:
        assert log.verify() == number
        assert by_the_log(log) == named(store)
    assert merge_is_right(store)
    return number, named(store)


@pytest.mark.parametrize("step", [23, pytest.param(1, marks=pytest.mark.drill)])
def test_the_log_s_write_ahead_file_may_be_cut_anywhere_in_a_change(tmp_path: Path, step: int) -> None:
    found = moments(tmp_path)
    tried = 0
    for before, after in pairwise(found):
        wal = (after.copy / "log.sqlite-wal").read_bytes()
        for how, whole, then in islice(cuts(before, after), 0, None, step):
            # The store is touched only once the change is in the log and synced.
            copy = tmp_path / "cut"
            shutil.copytree(before.copy, copy)
            (copy / "log.sqlite").write_bytes((after.copy / "log.sqlite").read_bytes())
            (copy / "log.sqlite-wal").write_bytes(wal[:whole] + then)
            (copy / "log.sqlite-shm").unlink(missing_ok=True)
            number, quads = started(copy)
            expected = after if how == "whole" else before
            assert (number, quads) == (expected.number, expected.quads), (how, whole)
            shutil.rmtree(copy)
            tried += 1
    assert tried > 80 // step


@pytest.mark.parametrize("step", [15, pytest.param(1, marks=pytest.mark.drill)])
def test_the_log_s_database_may_be_cut_anywhere_while_pages_are_brought_into_it(tmp_path: Path, step: int) -> None:
    last = moments(tmp_path)[-1]
    old = (last.copy / "log.sqlite").read_bytes()
    new = checkpointed(last.copy, tmp_path / "checkpointed")
    assert len(new) > len(old) > 0
    for name, database in islice(halves(old, new, random.Random(1)), 0, None, step):
        copy = tmp_path / "cut"
        shutil.copytree(last.copy, copy)
        (copy / "log.sqlite").write_bytes(database)
        (copy / "log.sqlite-shm").unlink(missing_ok=True)
        assert started(copy) == (last.number, last.quads), name
        shutil.rmtree(copy)
    for wal in (b"", (last.copy / "log.sqlite-wal").read_bytes()[:HEAD], None):  # what a removal may leave
        copy = tmp_path / "cut"
        shutil.copytree(last.copy, copy)
        (copy / "log.sqlite").write_bytes(new)
        for side in copy.glob("log.sqlite-*"):
            side.unlink()
        if wal is not None:
            (copy / "log.sqlite-wal").write_bytes(wal)
        assert started(copy) == (last.number, last.quads)
        shutil.rmtree(copy)


def checkpointed(store: Path, target: Path) -> bytes:
    """The log's database with everything in it."""
    shutil.copytree(store, target)
    (target / "log.sqlite-shm").unlink(missing_ok=True)
    with closing(sqlite3.connect(target / "log.sqlite")) as log:
        assert log.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0
    return (target / "log.sqlite").read_bytes()


def halves(old: bytes, new: bytes, noise: random.Random) -> Iterator[tuple[str, bytes]]:
    """Databases of which some pages are new, some old and one, perhaps, by half."""
    pages = range(0, len(new), PAGE)

    def mixed(fresh: Iterable[int], cut: int = -1) -> bytes:
        made = bytearray(old.ljust(len(new), b"\0"))
        for place in fresh:
            size = PAGE // 2 if place == cut else PAGE
            made[place : place + size] = new[place : place + size]
        return bytes(made)

    for end in pages[:: max(1, len(pages) // 12)]:
        yield f"up to {end}", mixed(range(0, end, PAGE))
        yield f"up to the middle of the page at {end}", mixed(range(0, end + 1, PAGE), cut=end)
    for number in range(6):
        yield f"pages in any order, {number}", mixed(noise.sample(list(pages), noise.randrange(1, len(pages))))
    yield "shorter than it was to be", mixed(pages)[: len(new) - PAGE]


@pytest.mark.drill
def test_the_store_s_own_log_may_be_cut_anywhere_once_the_change_is_in_ours(tmp_path: Path) -> None:
    last = moments(tmp_path)[-1]
    files = [path.name for path in (last.copy / "current").glob("*.log") if path.stat().st_size]
    assert files  # its tables are synced before it names them
    for name in files:
        size = (last.copy / "current" / name).stat().st_size
        for end in range(0, size, max(1, size // 20)):
            copy = tmp_path / "cut"
            shutil.copytree(last.copy, copy)
            cut = copy / "current" / name
            cut.write_bytes(cut.read_bytes()[:end])
            assert started(copy) == (last.number, last.quads), (name, end)
            shutil.rmtree(copy)


@pytest.mark.drill
@pytest.mark.parametrize("share", [0.4, 0.99])
def test_a_service_comes_up_by_itself_after_a_cut(tmp_path: Path, share: float) -> None:
    *_, before, after = moments(tmp_path)
    wal = (after.copy / "log.sqlite-wal").read_bytes()
    store = before.copy
    (store / "log.sqlite").write_bytes((after.copy / "log.sqlite").read_bytes())
    (store / "log.sqlite-wal").write_bytes(wal[: before.wal + int((after.wal - before.wal) * share)])
    (store / "log.sqlite-shm").unlink(missing_ok=True)
    with serving(store, "--empty") as running:
        public = [quad for quad in before.quads if "/graph/inferred" not in str(quad.graph_name)]
        assert counted(running, BASE.graph("resource"), BASE.graph("finding")) == len(public)
