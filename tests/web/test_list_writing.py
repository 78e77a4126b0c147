"""Pieces of lists: cells, passages, panels, lists of terms in queries."""

from __future__ import annotations

import csv
import io

import pytest
from pyoxigraph import Literal, NamedNode
from tests.web.sites import BASE

from escrgraph.search.asking import Count, Facet, Selection, Snippet
from escrgraph.search.facets import facets_of
from escrgraph.vocabulary.iris import Base
from escrgraph.vocabulary.kinds import shipped_kinds
from escrgraph.vocabulary.labels import Label
from escrgraph.web.entity import Value
from escrgraph.web.facet_panel import FIRST, PanelMaker, Term
from escrgraph.web.hits import Listed, Names, Told, passage
from escrgraph.web.list_writing import harmless, rows
from escrgraph.web.page_queries import with_list
from escrgraph.web.selecting import Listing
from escrgraph.web.sparql_text import values, with_prefixes

LABEL = Label("Facet", "en", fallback=False)


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1", '=HYPERLINK("http://x")'])
def test_no_cell_begins_a_formula(cell: str) -> None:
    assert harmless(cell) == "'" + cell


@pytest.mark.parametrize("cell", ["", "a=b", "2012-01", "الصحة", '"quoted"'])
def test_other_cells_stay_as_they_are(cell: str) -> None:
    assert harmless(cell) == cell


def test_rows_are_read_back_whole() -> None:
    facets = facets_of(shipped_kinds())
    title = '=cmd|"/c calc"!A1, with\nlines and "quotes"'
    iri = BASE + "id/right/food"
    record = Listed("right/food", iri, Value(title, "en"), LABEL, "2012", (), (), 1.0)
    told = Told([], facets, shipped_kinds(), Base())
    (row,) = csv.reader(io.StringIO(rows([record], told, Names({}, Base(), "en"), facets).decode(), newline=""))
    assert row[:5] == [iri, "right", "'" + title, "en", "2012"]


@pytest.mark.parametrize(
    ("marks", "pieces"),
    [
        ((), (("one two three", False),)),
        (((0, 3),), (("one", True), (" two three", False))),
        (((8, 13), (4, 7)), (("one ", False), ("two", True), (" ", False), ("three", True))),
        (((0, 5), (3, 7)), (("one t", True), ("wo three", False))),
        (((4, 4),), (("one two three", False),)),
    ],
)
def test_a_passage_is_cut_at_its_marks(
    marks: tuple[tuple[int, int], ...], pieces: tuple[tuple[str, bool], ...]
) -> None:
    found = passage(Snippet("one two three", "ar", marks))
    assert found.pieces == pieces
    assert found.direction == "rtl"


def names(terms: tuple[Term, ...]) -> list[object]:
    return [(term.iri, names(term.narrower)) if term.narrower else term.iri for term in terms]


def panel(counts: list[tuple[str, int]], broader: dict[str, list[str]], listing: Listing | None = None) -> list[object]:
    facet = Facet("right", tuple(Count(*count) for count in counts))
    maker = PanelMaker(listing or Listing(), {}, broader)
    return names(maker.panel(facet, LABEL, open_=False).terms)


def test_narrower_terms_hang_below() -> None:
    assert panel([("a", 9), ("b", 5), ("c", 3)], {"b": ["a"], "c": ["b"]}) == [("a", [("b", ["c"])])]
    assert panel([("b", 5), ("c", 3)], {"b": ["a"], "c": ["gone", "b"]}) == [("b", ["c"])]


def test_a_ring_of_terms_hides_none() -> None:
    assert panel([("a", 9), ("b", 5), ("c", 1)], {"a": ["b"], "b": ["a"], "c": ["a"]}) == ["a", "b", "c"]


def test_the_first_terms_are_shown_and_those_chosen() -> None:
    counts = [(f"t{number:02}", 99 - number) for number in range(30)]
    assert len(panel(counts, {})) == FIRST
    chosen = Listing(Selection(chosen={"right": ("t20",)}))
    assert panel(counts, {}, chosen)[-1] == "t20"
    assert len(panel(counts, {}, chosen.opened("right"))) == 30


def test_years_come_from_the_latest() -> None:
    facet = Facet("year", (Count("2010", 9), Count("2012", 5), Count("1999", 7)))
    maker = PanelMaker(Listing(), {}, {})
    assert names(maker.panel(facet, LABEL, open_=False).terms) == ["2012", "2010", "1999"]


def test_a_list_takes_the_place_of_the_one_in_the_file() -> None:
    query = "SELECT * { VALUES ?x { <a:b> } VALUES ?y { 1 } }"
    hostile = Literal('"} DROP ALL #\n\\', language="en")
    filled = with_list(query, "x", [NamedNode("http://x/"), hostile])
    assert filled == query.replace("<a:b>", values([NamedNode("http://x/"), hostile]))
    assert "\n" not in filled
    with pytest.raises(LookupError, match="0 blocks"):
        with_list(query, "z", [])


def test_a_query_declares_the_prefixes_that_it_uses() -> None:
    text = 'SELECT * { ?x dcterms:title "skos:x" , <http://foaf:x/> ; (escr:a|escr:b/skos:broader*) ?y }'
    assert [line.split()[1] for line in with_prefixes(text).splitlines()[:-1]] == ["escr:", "skos:", "dcterms:"]
