"""Checks in processes of their own: right, soon over, and without a trace."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pyoxigraph import Quad, RdfFormat, parse
from tests.running import Running
from tests.validation.test_referee import PREFIXES, RESOURCE

from escrgraph.curation import checking
from escrgraph.curation.checking import DEADLINE, Checks, patience
from escrgraph.repository.errors import Malformed, OutOfTime, Unavailable
from escrgraph.validation import Referee, shipped_library
from escrgraph.vocabulary.iris import Base


def quads(text: str) -> list[Quad]:
    return list(parse(PREFIXES + text, RdfFormat.TURTLE))


@pytest.fixture
def checks(library: Running) -> Iterator[Checks]:
    found = Checks(library.store, Base())
    yield found
    found.close()


def test_a_check_elsewhere_says_what_one_here_says(checks: Checks, library: Running) -> None:
    change = quads(RESOURCE.replace('"A new guide"@en', '"A new guide"').replace("right/food", "right/fod"))
    checked = checks.check(change)
    here = Referee().check(change, shipped_library())
    assert set(map(str, checked.report.findings)) == set(map(str, here.findings))
    assert checked.report.shapes == here.shapes
    assert checked.generation >= 1
    assert not list((library.store / "checks").iterdir())


def test_checks_see_neither_each_other_nor_what_was_checked_before(checks: Checks) -> None:
    for _ in range(2):
        assert not any(f.constraint == "SPARQL" for f in checks.check(quads(RESOURCE)).report.findings)


def test_rules_see_what_is_published(checks: Checks) -> None:
    isbn = next(quad.object for quad in shipped_library() if quad.predicate.value.endswith("/isbn13"))
    shared = quads(RESOURCE.rstrip(" .") + f" ; bibo:isbn13 {isbn} .")
    assert "SPARQL" in {finding.constraint for finding in checks.check(shared).report.findings}


def test_a_store_without_a_snapshot_cannot_be_checked_against(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "generations").mkdir()
    monkeypatch.setattr(checking, "SNAPSHOT", 0.0)
    checks = Checks(tmp_path, Base())
    with pytest.raises(Unavailable, match="no snapshot"):
        checks.check(quads(RESOURCE))
    checks.close()


def test_nothing_is_checked_against_an_older_generation_than_readers_see(
    library: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checking, "SNAPSHOT", 0.0)
    newer = Checks(library.store, Base(), lambda: 1_000_000)
    with pytest.raises(Unavailable, match="no snapshot"):
        newer.check(quads(RESOURCE))
    newer.close()


def test_reading_elsewhere_says_where_a_mistake_is(checks: Checks) -> None:
    with pytest.raises(Malformed, match="Line 2"):
        checks.read(b"@prefix : <http://a/> .\n: : .", "text/turtle")


def test_a_table_gets_more_time_than_an_entry(checks: Checks) -> None:
    many = "".join(f"<https://w3id.org/escrgraph/id/resource/x{n}> a escr:Resource . " for n in range(2_000))
    assert checks.check(quads(many)).report.records == 2_000
    assert patience(2_000) > patience(0) == DEADLINE


def test_no_entry_is_read_or_checked_longer_than_its_deadline(
    library: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert patience(checking.A_FEW) == DEADLINE <= 2.5
    monkeypatch.setattr(checking, "DEADLINE", 0.001)
    hurried = Checks(library.store, Base())
    with pytest.raises(OutOfTime, match=r"0\.001 s"):
        hurried.read(b"<a> <b> <c> . " * 10_000, "text/turtle")
    with pytest.raises(OutOfTime, match=r"0\.001 s"):
        hurried.check(quads(RESOURCE))
    assert not list((library.store / "checks").iterdir())
    hurried.close()
