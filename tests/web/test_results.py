"""Result tables, read from what the store itself writes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, QueryResultsFormat, RdfFormat, Store, Triple

from escrgraph.repository.errors import TooLarge
from escrgraph.vocabulary.namespaces import XSD
from escrgraph.web.results import BYTES, Cell, read_graph, read_solutions

ONE = Cell("1", datatype=XSD + "integer")
S, P = NamedNode("http://example.org/s"), NamedNode("http://example.org/p")


def solutions(store: Store, query: str, size: int = 7) -> list[bytes]:
    whole = store.query(query).serialize(format=QueryResultsFormat.TSV)
    assert isinstance(whole, bytes)
    return [whole[i : i + size] for i in range(0, len(whole), size)]


@pytest.mark.parametrize(
    ("term", "cell"),
    [
        ("<http://example.org/é>", Cell("http://example.org/é", iri="http://example.org/é")),
        ("<urn:isbn:1>", Cell("urn:isbn:1")),
        ("<javascript:alert(1)>", Cell("javascript:alert(1)")),
        ('"a\\tb\\n\\"c\\"\\\\"', Cell('a\tb\n"c"\\')),
        ('"derecho"@es', Cell("derecho", language="es")),
        ("12", Cell("12", datatype=XSD + "integer")),
        ("2.50", Cell("2.5", datatype=XSD + "decimal")),
        ("true", Cell("true", datatype=XSD + "boolean")),
        ("1e3", Cell("1000", datatype=XSD + "double")),
        ('"12"', Cell("12")),
        (
            '"2020"^^<http://www.w3.org/2001/XMLSchema#gYear>',
            Cell("2020", datatype="http://www.w3.org/2001/XMLSchema#gYear"),
        ),
        ('""', Cell("")),
    ],
)
def test_each_term_has_its_cell(term: str, cell: Cell) -> None:
    table = read_solutions(solutions(Store(), f"SELECT (1 AS ?a) ?b WHERE {{ VALUES ?b {{ {term} }} }}"))
    assert (table.columns, table.rows, table.more) == (("a", "b"), ((ONE, cell),), False)


def test_a_triple_term_is_shown_as_it_is_written() -> None:
    table = read_solutions(solutions(Store(), "SELECT (TRIPLE(<http://a>, <http://b>, 1) AS ?t) {}"))
    assert table.rows == ((Cell("<<( <http://a> <http://b> 1 )>>"),),)


def test_unbound_and_no_columns() -> None:
    assert read_solutions(solutions(Store(), "SELECT ?a ?b { VALUES ?b { 1 } }")).rows == ((Cell(""), ONE),)
    assert read_solutions(solutions(Store(), "SELECT ?a { VALUES ?a { UNDEF } }")).rows == ((Cell(""),),)
    assert read_solutions(solutions(Store(), "SELECT * {}")).rows == ((),)
    assert read_solutions(solutions(Store(), "SELECT ?a { FILTER(false) }")).rows == ()


def test_more_rows_than_a_page_shows() -> None:
    query = "SELECT ?a { VALUES ?a { 1 2 3 4 } }"
    assert read_solutions(solutions(Store(), query), limit=3).more
    assert len(read_solutions(solutions(Store(), query), limit=3).rows) == 3
    assert not read_solutions(solutions(Store(), query), limit=4).more


def test_pages_of_rows_make_the_whole() -> None:
    query = "SELECT ?a { VALUES ?a { 1 2 3 4 5 } }"
    pages = [read_solutions(solutions(Store(), query), limit=2, start=start) for start in (0, 2, 4, 6)]
    assert [[row[0].text for row in page.rows] for page in pages] == [["1", "2"], ["3", "4"], ["5"], []]
    assert [page.more for page in pages] == [True, True, False, False]
    assert [page.whole for page in pages] == [False] * 4


def test_no_more_is_read_than_is_shown() -> None:
    read = 0

    def endless() -> object:
        nonlocal read
        yield b"?a\n"
        while True:
            read += 1
            yield b"1\n"

    assert read_solutions(endless(), limit=10).more  # type: ignore[arg-type]
    assert read == 11


def test_a_row_too_long_for_a_page_is_refused() -> None:
    with pytest.raises(TooLarge, match="CSV"):
        read_solutions([b"?a\n", b'"' + b"x" * (BYTES + 1)])


def test_graph() -> None:
    store = Store()
    store.add(Quad(S, P, Literal("a b .", language="en")))
    store.add(Quad(S, P, Triple(S, P, Literal("x y"))))
    whole = store.query("CONSTRUCT WHERE { ?s ?p ?o }").serialize(format=RdfFormat.N_TRIPLES)
    assert isinstance(whole, bytes)
    table = read_graph([whole])
    assert table.columns == ("subject", "predicate", "object")
    assert {row[2].text for row in table.rows} == {
        "a b .",
        '<<( <http://example.org/s> <http://example.org/p> "x y" )>>',
    }


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0")))
def test_any_text_comes_through(text: str) -> None:
    store = Store()
    store.add(Quad(S, P, Literal(text)))
    assert read_solutions(solutions(store, "SELECT ?o { ?s ?p ?o }")).rows == ((Cell(text),),)
    whole = store.query("CONSTRUCT WHERE { ?s ?p ?o }").serialize(format=RdfFormat.N_TRIPLES)
    assert isinstance(whole, bytes)
    assert read_graph([whole]).rows[0][2] == Cell(text)
