"""The default graph stays the set merge of the named graphs, whatever is added and removed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, Store
from tests.repository.worlds import BASE, LINKS, RESOURCE, TITLE, merge_is_right, named, node, title

from escrgraph.repository.store import AT_ONCE, MergedStore, normalised

TERMS = st.one_of(
    st.text(st.characters(codec="utf-8"), max_size=8).map(Literal),
    st.sampled_from(["\\u0041", "\\\\u0041", "\\U00000041", '"""', "'\\", "a\nb\r\t", "\x00\x7f", "{ } ; #"]).map(
        Literal
    ),
    st.sampled_from(["en", "ar-latn"]).map(lambda tag: Literal("x", language=tag)),
    st.sampled_from(["1", "01", "+1"]).map(
        lambda text: Literal(text, datatype=NamedNode("http://www.w3.org/2001/XMLSchema#integer"))
    ),
    st.sampled_from(["country/gtm", "right/food"]).map(node),
)
QUADS = st.builds(Quad, st.sampled_from([node("resource/a"), node("resource/b")]), st.just(TITLE), TERMS,
                  st.sampled_from([RESOURCE, LINKS]))  # fmt: skip


@pytest.fixture
def store(tmp_path: Path) -> Iterator[MergedStore]:
    opened = MergedStore(tmp_path / "merged", BASE)
    yield opened
    opened.close()


def test_a_copy_goes_with_the_last_graph_that_holds_the_triple(store: MergedStore) -> None:
    one, two = title("resource/a", "Right to food"), title("resource/a", "Right to food", LINKS)
    store.apply(1, [one, two], [])
    assert len(store.store) == 4  # two quads, one copy, one number
    assert store.apply(2, [], [one]).removed == (one,)
    assert merge_is_right(store.store)
    delta = store.apply(3, [], [two])
    assert (len(delta.removed), named(store.store), merge_is_right(store.store)) == (2, set(), True)


def test_a_triple_that_moves_to_another_graph_keeps_its_copy(store: MergedStore) -> None:
    one, two = title("resource/a", "Right to food"), title("resource/a", "Right to food", LINKS)
    store.apply(1, [one], [])
    delta = store.apply(2, [two], [one])
    assert (delta.added, delta.removed) == ((two,), (one,))
    assert merge_is_right(store.store)


def test_applying_a_change_again_changes_nothing(store: MergedStore) -> None:
    one, two = title("resource/a", "One"), title("resource/a", "Two")
    store.apply(1, [one], [])
    for _ in range(2):
        store.apply(2, [two], [one])
        assert (store.number, named(store.store), merge_is_right(store.store)) == (2, {two}, True)


def test_a_replay_mends_a_copy_that_is_missing_or_too_many(store: MergedStore) -> None:
    one, two = title("resource/a", "One"), title("resource/a", "Two")
    store.apply(1, [one, two], [])
    store.store.remove(Quad(*one.triple))
    store.store.remove(two)
    store.apply(2, [one], [two])
    assert merge_is_right(store.store)


def test_a_change_larger_than_a_transaction_is_applied_whole(store: MergedStore) -> None:
    many = [title("resource/a", str(number)) for number in range(AT_ONCE + 1)]
    store.apply(1, many, [])
    assert (len(named(store.store)), merge_is_right(store.store), store.number) == (AT_ONCE + 1, True, 1)
    store.apply(2, [], many[1:])
    assert (named(store.store), merge_is_right(store.store), store.number) == ({many[0]}, True, 2)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sets(QUADS, max_size=6), st.sets(QUADS, max_size=6)), max_size=4))
def test_any_changes_leave_what_plain_sets_say_and_the_merge_of_it(
    store: MergedStore, changes: list[tuple[set[Quad], set[Quad]]]
) -> None:
    model: set[Quad] = set()
    store.store.clear()
    replica = Store()
    for number, (added, removed) in enumerate(changes, start=1):
        come, gone = normalised(added), normalised(removed)
        delta = store.apply(number, list(come), list(gone))
        model = (model - gone) | come
        for quad in delta.removed:
            replica.remove(quad)
        replica.extend(delta.added)
        assert (named(store.store), merge_is_right(store.store)) == (model, True)
        assert set(replica) == {quad for quad in store.store if quad.graph_name != NamedNode(BASE.graph("state"))}
