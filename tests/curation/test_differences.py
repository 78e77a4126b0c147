"""Differences field by field: what a change does, what others did since, and what is left of it by choice."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad
from tests.curation.proposing import proposal
from tests.repository.worlds import BASE, FINDING, RESOURCE, TITLE, TYPE, finding, node

from escrgraph.curation.differences import Difference, applied, compare, key_of, rebased, reduced, title_of
from escrgraph.vocabulary.kinds import shipped_kinds
from escrgraph.vocabulary.namespaces import ESCR

RECORD = "resource/a"
METHOD = NamedNode(ESCR + "usesMethod")
KINDS = shipped_kinds()


def text(value: str, language: str = "en", record: str = RECORD) -> Quad:
    return Quad(node(record), TITLE, Literal(value, language=language), RESOURCE)


def method(name: str) -> Quad:
    return Quad(node(RECORD), METHOD, node(f"method/{name}"), RESOURCE)


def compared(before: list[Quad], after: list[Quad], current: list[Quad] | None = None) -> list[Difference]:
    return compare(RECORD, before, after, KINDS, BASE, current)


def test_a_field_tells_what_stays_comes_and_goes() -> None:
    before, after = [text("A"), text("B", "fr"), method("x")], [text("A"), text("C", "fr"), method("x")]
    (only,) = compared(before, after)
    assert only.field is not None
    assert (only.field.name, only.below, only.moved) == ("title", "", False)
    assert (only.kept, only.added, only.removed) == (
        (Literal("A", language="en"),), (Literal("C", language="fr"),), (Literal("B", language="fr"),),
    )  # fmt: skip


def test_parts_are_told_by_their_kind_after_the_record_itself() -> None:
    quads = [*finding("x"), Quad(node("finding/x", "deprivation"), TYPE, NamedNode(ESCR + "Deprivation"), FINDING)]
    listed = compare("finding/x", [], quads, KINDS, BASE)
    assert [found.below for found in listed] == sorted(found.below for found in listed)
    period = next(found for found in listed if found.path == ESCR + "period")
    assert period.kind is not None
    assert (period.below, period.kind.name) == ("deprivation", "Deprivation")


def test_what_others_changed_since_is_a_conflict_unless_they_did_the_same() -> None:
    before = [text("A"), method("x")]
    (other,) = compared(before, before, [text("B"), method("x")])
    assert (other.moved, other.conflicting) == (True, True)
    (same,) = compared(before, [text("B"), method("x")], [text("B"), method("x")])
    assert (same.moved, same.conflicting) == (True, False)


def test_on_top_of_others_a_title_replaces_theirs_and_lists_are_merged() -> None:
    before, current = [text("A"), method("x")], [text("Theirs"), method("x"), method("theirs")]
    mine = replace(proposal(RECORD), added=(text("Mine"), method("mine")), removed=(text("A"),))
    moved = rebased(mine, before, current, KINDS, BASE)
    after = applied(current, moved.added, moved.removed)
    assert after == {text("Mine"), method("x"), method("mine"), method("theirs")}
    french = replace(proposal(RECORD), added=(text("Mien", "fr"),), removed=())
    assert rebased(french, before, current, KINDS, BASE) == french


QUADS = st.sets(st.sampled_from([text(c, lang) for c in "ABC" for lang in ("en", "fr")] + [method(c) for c in "xyz"]))


@given(QUADS, QUADS)
def test_all_differences_together_are_the_change(before: set[Quad], after: set[Quad]) -> None:
    listed = compare(RECORD, before, after, KINDS, BASE)
    whole = replace(proposal(RECORD), added=tuple(after - before), removed=tuple(before - after))
    assert reduced(whole, [found.key for found in listed]) == whole
    assert applied(before, whole.added, whole.removed) == after
    assert {(found.path, value) for found in listed for value in found.added} == {
        (quad.predicate.value, quad.object) for quad in after - before
    }
    for found in listed:
        part = reduced(whole, [found.key])
        assert {quad.predicate.value for quad in (*part.added, *part.removed)} == {found.path}


@given(QUADS, QUADS)
def test_nobodys_change_is_undone_by_rebasing_on_nothing(before: set[Quad], after: set[Quad]) -> None:
    whole = replace(proposal(RECORD), added=tuple(after - before), removed=tuple(before - after))
    assert rebased(whole, before, before, KINDS, BASE) == whole


def test_what_a_thing_is_goes_with_its_fields() -> None:
    part = node(RECORD, "contribution", "1")
    kind = Quad(part, TYPE, NamedNode(ESCR + "Thing"), RESOURCE)
    position = Quad(part, NamedNode(ESCR + "position"), Literal("1"), RESOURCE)
    whole = replace(proposal(RECORD), added=(kind, position, text("A")))
    assert reduced(whole, [key_of(part.value, ESCR + "position")]).added == (kind, position)
    assert reduced(whole, [key_of(node(RECORD).value, TITLE.value)]).added == (text("A"),)


def test_a_record_without_a_title_is_called_by_its_address() -> None:
    assert title_of(RECORD, [text("B"), text("A", record="resource/b")], BASE) == "B"
    assert title_of(RECORD, [], BASE) == "a"
