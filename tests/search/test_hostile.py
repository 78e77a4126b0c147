"""Whatever is asked, an answer comes in bounded time, and the process lives."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.search.worlds import World

from escrgraph.search.asking import Order, Selection
from escrgraph.search.queries import MOST, read_text

HOSTILE = {
    "many terms": " ".join(f"word{number}" for number in range(20_000)),
    "nested parentheses": "(" * 50_000 + "food" + ")" * 50_000,
    "syntax of query languages": 'title:"food" AND NOT (record:* OR [a TO z]) ~5 ^9 /.*/ {!raw} \\',
    "control characters": "".join(map(chr, range(32))) + "food\x7f\x80\x9f",
    "lone surrogates": "\ud800food\udfff \udc00",
    "megabytes": "é" * 5_000_000,
    "one endless word": "a" * 1_000_000,
    "marks without end": "e" + "\u0301" * 1_000_000,
    "directions": "\u202efood\u2066\u200f",
    "regular expressions": "(a+)+$ .* [^]",
    "nothing but signs": "?!… — «»",
    "the mark of the index's own state": "#state",
    "empty": "",
    "blank": " \n\t ",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_gets_an_answer(shipped: World, name: str) -> None:
    text = HOSTILE[name]
    asked = read_text(text)
    assert len(asked.words) <= MOST
    for order in Order:
        found = shipped.searcher.search(Selection(text), order=order, size=5)
        assert 0 <= len(found.hits) <= 5
        assert found.cut == asked.cut
        assert found.total <= shipped.searcher.search(Selection()).total
    assert len(shipped.searcher.complete(text)) <= 8


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_terms_and_types_find_nothing(shipped: World, name: str) -> None:
    text = HOSTILE[name] or "\x00"
    assert shipped.searcher.search(Selection(chosen={"right": (text,)})).total == 0
    assert shipped.searcher.search(Selection(types=(text,))).total == 0
    assert shipped.searcher.search(Selection(chosen={text: ("food",)})).total == 0


def test_pages_far_away_and_sizes_out_of_range_are_empty(shipped: World) -> None:
    far = shipped.searcher.search(Selection("food"), first=10**12, size=10)
    assert (len(far.hits), far.total) == (0, shipped.searcher.search(Selection("food")).total)
    assert shipped.searcher.search(Selection("food"), first=-5, size=-1).hits == ()


def test_an_unknown_language_reads_as_english(shipped: World) -> None:
    ways = [shipped.searcher.search(Selection("food"), order=Order.TITLE, language=tag).hits for tag in ("en", "x-y")]
    assert ways[0] == ways[1]


def test_the_state_of_the_index_is_no_record(shipped: World) -> None:
    found = shipped.searcher.search(Selection(), size=3000)
    assert not [hit for hit in found.hits if "/" not in hit.record]
    assert sum(c.count for facet in found.facets if facet.name == "type" for c in facet.counts) == found.total


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60), st.sampled_from(sorted(Order)), st.sampled_from(["en", "es", "fr", "ar"]))
def test_any_text_gets_an_answer_with_marks_inside_their_pieces(
    shipped: World, text: str, order: Order, language: str
) -> None:
    found = shipped.searcher.search(Selection(text), order=order, language=language, size=3)
    for hit in found.hits:
        for piece in hit.snippets:
            assert piece.marks
            assert all(0 <= start < end <= len(piece.text) for start, end in piece.marks)
