"""A release takes what nobody here touched, and names the rest."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad

from escrgraph.repository.releases import three_way
from escrgraph.vocabulary.iris import Base

IRIS = Base()
TITLE = NamedNode("http://purl.org/dc/terms/title")
GRAPH = NamedNode(IRIS.graph("resource"))


def title(slug: str, text: str, *below: str) -> Quad:
    return Quad(NamedNode(IRIS.id("resource", slug, *below)), TITLE, Literal(text, language="en"), GRAPH)


def test_a_record_untouched_here_takes_its_new_version():
    merge = three_way([title("a", "old")], [title("a", "new")], [title("a", "old")], IRIS)
    assert (merge.added, merge.removed, merge.records) == ({title("a", "new")}, {title("a", "old")}, 1)
    assert merge.conflicts == ()


def test_a_record_changed_here_only_stays():
    merge = three_way([title("a", "old")], [title("a", "old")], [title("a", "mine")], IRIS)
    assert (merge.added, merge.removed, merge.conflicts) == (set(), set(), ())


def test_a_record_changed_on_both_sides_is_a_conflict_and_stays():
    part = title("a", "step", "step", "1")
    merge = three_way([title("a", "old")], [title("a", "new"), part], [title("a", "mine")], IRIS)
    assert (merge.added, merge.removed) == (set(), set())
    (conflict,) = merge.conflicts
    assert (conflict.record, conflict.theirs) == ("resource/a", {title("a", "new"), part})


def test_the_same_change_on_both_sides_is_no_conflict():
    merge = three_way([title("a", "old")], [title("a", "new")], [title("a", "new")], IRIS)
    assert (merge.added, merge.removed, merge.conflicts) == (set(), set(), ())


def test_new_records_come_and_dropped_ones_go():
    merge = three_way([title("gone", "x")], [title("come", "y")], [title("gone", "x"), title("own", "z")], IRIS)
    assert (merge.added, merge.removed) == ({title("come", "y")}, {title("gone", "x")})


def test_what_was_withdrawn_here_does_not_come_back():
    merge = three_way([], [title("harm", "x")], [], IRIS, gone={"resource/harm"})
    assert merge.added == set()
    assert [conflict.record for conflict in merge.conflicts] == ["resource/harm"]


_side = st.frozensets(st.builds(title, st.sampled_from("abc"), st.sampled_from(["1", "2"])))


@given(base=_side, theirs=_side, ours=_side)
def test_outside_conflicts_the_result_holds_both_sides_changes(base, theirs, ours):
    merge = three_way(base, theirs, ours, IRIS)
    result = (ours - merge.removed) | merge.added
    contested = {conflict.record for conflict in merge.conflicts}
    for record in ("resource/a", "resource/b", "resource/c"):
        was, new, now, then = (
            {q for q in side if IRIS.record_of(q.subject.value) == record} for side in (base, theirs, ours, result)
        )
        if record in contested:
            assert then == now
            assert new != was != now
        else:
            assert then == (now if new == was else new)
