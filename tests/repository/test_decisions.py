"""What curators decided: one entry for one submission, only on what they saw, told as PROV; and versions of records."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pyoxigraph import NamedNode, Quad, Store
from tests.repository.worlds import BASE, PROVENANCE, change, finding, named, title

from escrgraph.repository import replay
from escrgraph.repository.changes import Action, Cause, Change, Decision
from escrgraph.repository.errors import Moved
from escrgraph.repository.log import BrokenLog
from escrgraph.repository.publishing import Publisher
from escrgraph.repository.versions import Versions
from escrgraph.repository.writing import Writer
from escrgraph.vocabulary.namespaces import expand

DECISION = Decision("s1", datetime(2026, 1, 2, 3, tzinfo=UTC), datetime(2026, 1, 3, 4, tzinfo=UTC), "shapes-1", 2)


def decided(quads: list[Quad], decision: Decision = DECISION, **more: object) -> Change:
    return replace(change(quads), decision=decision, **more)  # type: ignore[arg-type]


def test_a_submission_is_published_once_however_often_it_is_asked(publisher: Publisher) -> None:
    first = publisher.commit(decided([title("resource/a", "One")]))
    publisher.commit(change([title("resource/b", "Two")]))
    again = publisher.commit(decided([title("resource/a", "One")]))
    assert (again.receipt, again.changed) == (first.receipt, False)
    head = publisher.log.head()
    assert head is not None
    assert head.number == 2
    assert publisher.log.decision(1) == DECISION
    assert publisher.log.decision(2) is None
    assert publisher.verify() == 2


def test_the_writer_hands_a_decision_on(writer: Writer) -> None:
    receipt = writer.commit(decided([title("resource/a", "One")], expected={"resource/a": 0}))
    assert writer.commit(decided([title("resource/a", "One")])) == receipt
    with pytest.raises(Moved, match="change 1 touched it"):
        writer.commit(
            decided([title("resource/a", "Two")], replace(DECISION, submission="s2"), expected={"resource/a": 0})
        )
    assert writer.status()["generation"] == 1


def test_a_decision_cannot_be_changed_unseen(publisher: Publisher) -> None:
    publisher.commit(decided([title("resource/a", "One")]))
    with publisher.log.transaction() as connection:
        connection.exec_driver_sql("UPDATE decision SET body = replace(body, 'shapes-1', 'shapes-9')")
    with pytest.raises(BrokenLog):
        publisher.verify()


def test_prov_tells_submission_validation_and_decision_without_names(publisher: Publisher, tmp_path: Path) -> None:
    publisher.commit(decided([title("resource/a", "One")]))
    undo = replace(DECISION, submission="s2", undoes=1)
    publisher.commit(replace(change(removed=[title("resource/a", "One")]), decision=undo, cause=Cause.UNDO))
    base = f"{BASE.iri}change/"
    found = {
        (quad.subject.value.removeprefix(base), quad.predicate.value, quad.object.value.removeprefix(base))
        for quad in publisher.store.quads_for_pattern(None, None, None, PROVENANCE)
    }
    assert {
        ("1", expand("prov:wasInformedBy"), "1/validation"),
        ("1/validation", expand("prov:wasInformedBy"), "1/submission"),
        ("1/validation", expand("escr:shapesVersion"), "shapes-1"),
        ("1/submission", expand("prov:endedAtTime"), "2026-01-02T03:00:00Z"),
        ("2", expand("escr:undoes"), "1"),
    } <= found
    assert not [fact for fact in found if "tester" in str(fact) or "s1" in fact]
    target = tmp_path / "again"
    replay.rebuilt(publisher.log, target, BASE)
    assert set(Store.read_only(str(target))) == set(publisher.store)


def test_each_version_of_a_record_is_what_the_store_held_then(publisher: Publisher) -> None:
    versions = Versions(publisher.log, BASE)
    steps = [
        change([*finding("x"), title("finding/x", "One"), title("finding/xy", "Other")]),
        change([title("finding/x", "Two")], [title("finding/x", "One")]),
        change([title("resource/b", "Elsewhere")]),
        change(withdrawn=["finding/x"], reason="wrong"),
        change(finding("x", "gov-per")),
    ]
    held = []
    for step in steps:
        publisher.commit(step)
        about = BASE.record_iri("finding/x")
        inferred = NamedNode(BASE.graph("inferred"))
        held.append(
            {
                quad
                for quad in named(publisher.store)
                if quad.graph_name != inferred and (quad.subject.value + "/").startswith(about + "/")
            }
        )
    for number, quads in enumerate(held, 1):
        assert versions.at("finding/x", number) == quads, number
    assert versions.at("finding/x") == held[-1]
    assert versions.at("finding/x", 0) == versions.at("finding/none") == frozenset()
    assert [(v.number, v.action) for v in versions.of("finding/x")] == [
        (5, Action.CREATED),
        (4, Action.WITHDRAWN),
        (2, Action.MODIFIED),
        (1, Action.CREATED),
    ]
    assert (versions.newest("finding/x"), versions.newest("finding/none")) == (5, 0)
    added, removed = versions.change(2)
    assert (added, removed) == (frozenset([title("finding/x", "Two")]), frozenset([title("finding/x", "One")]))
