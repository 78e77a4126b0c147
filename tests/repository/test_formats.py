"""A store says what it is, and lets in one service at a time."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from tests.repository.worlds import BASE

from escrgraph.repository.errors import WrongStore
from escrgraph.repository.formats import FILE, Format, Mode, holder, locked, open_format, read_format
from escrgraph.repository.writing import Writer, own_writer


def test_a_new_store_says_its_base_mode_and_version(tmp_path: Path) -> None:
    assert read_format(tmp_path) is None
    made = open_format(tmp_path / "new" / "store", BASE.iri, Mode.MERGE)
    assert made == open_format(tmp_path / "new" / "store", BASE.iri, Mode.MERGE) == Format(BASE.iri, Mode.MERGE, 1)
    assert json.loads((tmp_path / "new" / "store" / FILE).read_text()) == {
        "base": BASE.iri,
        "mode": "merge",
        "version": 1,
    }


@pytest.mark.parametrize(
    ("base", "mode", "words"),
    [
        ("https://example.org/", Mode.MERGE, "made for the base https://w3id.org/escrgraph/"),
        (BASE.iri, Mode.OWN, "ESCRGRAPH_DEFAULT_GRAPH=merge"),
    ],
)
def test_a_store_of_another_base_or_mode_is_refused(tmp_path: Path, base: str, mode: Mode, words: str) -> None:
    open_format(tmp_path, BASE.iri, Mode.MERGE)
    with pytest.raises(WrongStore, match=words):
        open_format(tmp_path, base, mode)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"version": 2, "base": "x", "mode": "merge", "more": 1}', "has format version 2"),
        ("{", "cannot be read"),
        ('{"version": 1}', "cannot be read"),
    ],
)
def test_a_newer_or_damaged_format_is_refused(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / FILE).write_text(text)
    with pytest.raises(WrongStore, match=words):
        open_format(tmp_path, BASE.iri, Mode.MERGE)


def test_a_directory_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(WrongStore, match="is not a store"):
        open_format(tmp_path, BASE.iri, Mode.MERGE)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_the_lock_names_who_holds_it(tmp_path: Path) -> None:
    assert holder(tmp_path) is None
    with locked(tmp_path):
        assert holder(tmp_path) == os.getpid()
        with pytest.raises(WrongStore, match=rf"pid {os.getpid()}"), locked(tmp_path):
            pass
    assert holder(tmp_path) is None
    with locked(tmp_path):
        pass


def test_a_second_service_on_a_store_is_refused_with_the_pid_of_the_first(writer: Writer, tmp_path: Path) -> None:
    pid = writer.status()["pid"]
    with pytest.raises(WrongStore, match=rf"in use by another escrgraph service, pid {pid}"):  # noqa: SIM117
        with own_writer(tmp_path / "store", BASE.iri, Mode.MERGE):
            pass
    assert writer.status()["generation"] == 0


def test_a_store_of_another_base_does_not_start(tmp_path: Path) -> None:
    with own_writer(tmp_path / "store", BASE.iri, Mode.MERGE):
        pass
    with pytest.raises(WrongStore, match="made for the base"):  # noqa: SIM117
        with own_writer(tmp_path / "store", "https://example.org/", Mode.MERGE):
            pass
