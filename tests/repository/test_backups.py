"""A backup is taken while the store is in use, holds log and store of one number, and comes back whole."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyoxigraph import Store
from tests.repository.mirrored import own_writer
from tests.repository.worlds import BASE, change, finding, merge_is_right, named, title

from escrgraph.repository.addresses import LOG
from escrgraph.repository.backups import restore
from escrgraph.repository.errors import Declined, Malformed, WrongStore
from escrgraph.repository.formats import Mode
from escrgraph.repository.log import ChangeLog
from escrgraph.repository.replay import materialise
from escrgraph.repository.writing import Writer


def test_a_backup_comes_back_as_it_was_taken(writer: Writer, tmp_path: Path) -> None:
    writer.commit(change(finding("x")))
    assert writer.backup(tmp_path / "copy") == 1
    writer.commit(change([title("resource/a", "later")]))
    assert restore(tmp_path / "copy", tmp_path / "again") == 1
    with own_writer(tmp_path / "again", BASE.iri, Mode.MERGE) as other:
        assert other.status()["generation"] == 1
        assert other.verify() == 1
        assert other.commit(change([title("resource/b", "Two")])).number == 2
    assert writer.status()["generation"] == 2


def test_the_backup_itself_is_left_as_it_is(writer: Writer, tmp_path: Path) -> None:
    writer.commit(change(finding("x")))
    writer.backup(tmp_path / "copy")
    before = {path: path.read_bytes() for path in (tmp_path / "copy").rglob("*") if path.is_file()}
    restore(tmp_path / "copy", tmp_path / "again")
    with own_writer(tmp_path / "again", BASE.iri, Mode.MERGE) as other:
        other.commit(change([title("resource/b", "Two")]))
    assert {path: path.read_bytes() for path in (tmp_path / "copy").rglob("*") if path.is_file()} == before


def test_a_backup_in_own_mode_comes_back(plain: Writer, tmp_path: Path) -> None:
    plain.update("INSERT DATA { <a:a> <b:b> 1 }", 10)
    plain.backup(tmp_path / "copy")
    restore(tmp_path / "copy", tmp_path / "again")
    assert len(Store.read_only(str(tmp_path / "again" / "current"))) == 1


def test_a_backup_overwrites_nothing(writer: Writer, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.txt").write_text("mine")
    with pytest.raises(Declined, match="not empty"):
        writer.backup(tmp_path / "full")
    assert [path.name for path in (tmp_path / "full").iterdir()] == ["thesis.txt"]


def test_a_store_in_use_or_with_data_is_not_overwritten(writer: Writer, tmp_path: Path) -> None:
    writer.commit(change(finding("x")))
    writer.backup(tmp_path / "copy")
    with pytest.raises(WrongStore, match="in use"):
        restore(tmp_path / "copy", tmp_path / "store")
    restore(tmp_path / "copy", tmp_path / "again")
    with pytest.raises(Declined, match="holds a store already"):
        restore(tmp_path / "copy", tmp_path / "again")


def test_what_is_no_backup_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Malformed, match="is no backup"):
        restore(tmp_path, tmp_path / "again")


def test_an_earlier_version_is_made_from_the_log(writer: Writer, database: str, tmp_path: Path) -> None:
    writer.commit(change([title("resource/a", "One")]))
    writer.commit(change([title("resource/a", "Two")], [title("resource/a", "One")]))
    with ChangeLog(database or tmp_path / "store" / LOG) as log:
        assert materialise(log, 1, tmp_path / "earlier", BASE) == 1
        assert materialise(log, 0, tmp_path / "empty", BASE) == 0
        with pytest.raises(Malformed, match="no version 3: the log goes from 0"):
            materialise(log, 3, tmp_path / "never", BASE)
    earlier = Store.read_only(str(tmp_path / "earlier"))
    assert (named(earlier), merge_is_right(earlier)) == ({title("resource/a", "One")}, True)
    assert len(Store.read_only(str(tmp_path / "empty"))) == 0
