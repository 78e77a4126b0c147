"""Results by the names of what stands in them, and the views that fit the shape of the rows."""

from __future__ import annotations

import pytest
from pyoxigraph import Literal

from escrgraph.vocabulary.iris import Base
from escrgraph.vocabulary.namespaces import EDTF, ESCR, RDF, XSD
from escrgraph.web.results import Cell, Table
from escrgraph.web.showing import BARS, NODES, Result, records_in, show

BASE = Base()


def thing(record: str) -> Cell:
    iri = BASE.iri + "id/" + record
    return Cell(iri, iri=iri)


def number(text: str, type_: str = "integer") -> Cell:
    return Cell(text, datatype=XSD + type_)


def table(columns: str, *rows: tuple[Cell, ...], start: int = 0) -> Table:
    return Table(tuple(columns.split()), rows, more=False, start=start)


def shown(found: Table, *, graph: bool = False) -> Result:
    return show(found, {}, BASE, "en", graph=graph)


def views(result: Result) -> set[str]:
    found = {"chart": result.chart, "timeline": result.timeline, "map": result.places, "graph": result.network}
    return {name for name, view in found.items() if view is not None}


GTM, COL, PER = thing("country/gtm"), thing("country/col"), thing("country/per")
FOOD, WATER = thing("right/food"), thing("right/water")
DAY, YEAR = Cell("2001-05-01", datatype=XSD + "date"), Cell("2004", datatype=XSD + "gYear")
SPAN = Cell("1996/2009", datatype=EDTF)
EMPTY = Cell("")


@pytest.mark.parametrize(
    ("found", "fitting"),
    [
        (table("right n", (FOOD, number("2")), (WATER, number("3.5", "decimal"))), {"chart"}),
        (table("name n", (Cell("a"), number("2")), (Cell("b"), number("3"))), {"chart"}),
        (table("country n", (GTM, number("2")), (COL, number("3"))), {"chart", "map"}),
        (table("country n", (GTM, number("2.5", "decimal")), (COL, number("3"))), {"chart"}),  # shades are of counts
        (table("country right", (GTM, FOOD), (COL, FOOD), (COL, WATER)), {"map", "graph"}),
        (table("country right", (GTM, FOOD), (COL, WATER)), {"map"}),  # pairs apart make no graph
        (table("right n", (FOOD, number("2"))), set()),  # one bar says nothing
        (table("right n", (FOOD, number("-2")), (WATER, number("3"))), set()),
        (table("right n", (FOOD, number("2")), (FOOD, number("3"))), set()),
        (table("right n", (FOOD, number("2")), (WATER, Cell("many"))), set()),
        (table("right n", (FOOD, number("INF", "double")), (WATER, number("2"))), set()),
        (table("right at", (FOOD, DAY), (WATER, YEAR)), {"timeline"}),
        (table("right at", (FOOD, SPAN), (WATER, YEAR), (GTM, EMPTY)), {"timeline"}),
        (table("right at", (FOOD, YEAR), (WATER, YEAR)), set()),  # one year is no line
        (table("at n", (YEAR, number("2")), (DAY, number("3"))), {"chart"}),
        (table("a", (Cell("x"),), (Cell("y"),)), set()),
        (table("a"), set()),
        (table("", (), ()), set()),
        (table("a b", (EMPTY, EMPTY), (EMPTY, EMPTY)), set()),
    ],
)
def test_a_view_is_offered_where_it_fits(found: Table, fitting: set[str]) -> None:
    assert views(shown(found)) == fitting


def test_a_chart_measures_by_the_longest_bar_and_leaves_out_what_is_no_measure() -> None:
    rows = [(number("3"), FOOD, number("4")), (number("3"), WATER, number("1"))]
    chart = shown(table("minimum right n", *rows)).chart
    assert chart is not None
    assert (chart.label, chart.number) == ("right", "n")
    assert [(bar.label.short, bar.value.text, bar.share) for bar in chart.bars] == [
        ("right/food", "4", 1.0),
        ("right/water", "1", 0.25),
    ]
    many = shown(table("name n", *((Cell(f"x{i}"), number(str(i))) for i in range(BARS + 5)))).chart
    assert many is not None
    assert (len(many.bars), many.more) == (BARS, 5)
    zero = shown(table("name n", (Cell("a"), number("0")), (Cell("b"), number("0")))).chart
    assert zero is not None
    assert [bar.share for bar in zero.bars] == [0, 0]


def test_a_timeline_has_every_year_of_its_span() -> None:
    found = shown(table("right at", (FOOD, DAY), (WATER, YEAR), (GTM, EMPTY), (COL, YEAR))).timeline
    assert found is not None
    assert found.years == ((2001, 1), (2002, 0), (2003, 0), (2004, 2))
    assert (found.undated, found.most, found.column) == (1, 2, "at")


def test_a_map_has_the_number_of_each_country_or_counts_its_rows() -> None:
    numbers = shown(table("country n", (GTM, number("2")), (COL, number("3")))).places
    assert numbers is not None
    assert numbers.number == "n"
    assert [(place.code, place.record, place.total) for place in numbers.places] == [
        ("320", "country/gtm", 2),
        ("170", "country/col", 3),
    ]
    counts = shown(table("country right", (GTM, FOOD), (COL, FOOD), (COL, WATER))).places
    assert counts is not None
    assert counts.number is None
    assert {place.record: place.total for place in counts.places} == {"country/gtm": 1, "country/col": 2}


def test_a_graph_is_made_of_things_not_of_texts_and_classes() -> None:
    type_, says, label = (Cell(iri, iri=iri) for iri in (RDF + "type", ESCR + "right", ESCR + "label"))
    class_ = Cell(ESCR + "Finding", iri=ESCR + "Finding")
    rows = [(GTM, says, FOOD), (COL, says, FOOD), (GTM, type_, class_), (GTM, label, Cell("Guatemala", language="es"))]
    network = shown(table("subject predicate object", *rows), graph=True).network
    assert network is not None
    assert [node.short for node in network.nodes] == ["country/gtm", "right/food", "country/col"]
    assert [edge[:2] for edge in network.edges] == [(0, 1), (2, 1)]
    assert network.degrees == (1, 2, 1)
    assert shown(table("subject predicate object", rows[3]), graph=True).network is None
    star = [(GTM, says, thing(f"resource/r{i}")) for i in range(NODES + 10)]
    cut = shown(table("subject predicate object", *star), graph=True).network
    assert cut is not None
    assert (len(cut.nodes), len(cut.edges), cut.more) == (NODES, NODES - 1, 11)


def test_things_have_their_names_in_the_readers_language_and_lead_to_their_pages() -> None:
    part, elsewhere = thing("finding/x/evidence/1"), Cell("https://example.org/a", iri="https://example.org/a")
    spanish = Cell(
        "http://publications.europa.eu/resource/authority/language/SPA",
        iri="http://publications.europa.eu/resource/authority/language/SPA",
    )
    class_ = Cell(ESCR + "Finding", iri=ESCR + "Finding")
    names = {GTM.text: [Literal("Guatemala", language="en"), Literal("غواتيمالا", language="ar")]}
    found = table("a b c d e", (GTM, part, elsewhere, class_, spanish))
    assert records_in(found, BASE) == [GTM.text, part.text]
    ((country, below, other, term, tongue),) = show(found, names, BASE, "ar").rows
    assert (country.text, country.language, country.direction) == ("غواتيمالا", "ar", "rtl")
    assert (country.href, country.short, country.external) == ("/doc/country/gtm", "country/gtm", False)
    assert (below.text, below.href) == ("finding/x/evidence/1", "/doc/finding/x#evidence/1")
    assert (other.text, other.href, other.external) == ("https://example.org/a", "https://example.org/a", True)
    assert (term.short, term.language) == ("escr:Finding", "ar")
    assert (tongue.text, tongue.language) == ("الإسبانية", "ar")
