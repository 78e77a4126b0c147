"""Derived dates: earliest and latest of every node with an EDTF date."""

from __future__ import annotations

import pytest
from pyoxigraph import Literal, NamedNode, Quad

from escrgraph.vocabulary.derived_dates import EARLIEST, LATEST, derived_dates
from escrgraph.vocabulary.edtf import DATATYPE
from escrgraph.vocabulary.iris import Base
from escrgraph.vocabulary.namespaces import expand

NODE = NamedNode("https://example.org/id/update/a")


def dated(text: str, predicate: str = "dcterms:date", datatype: str = DATATYPE) -> Quad:
    return Quad(
        NODE,
        NamedNode(expand(predicate)),
        Literal(text, datatype=NamedNode(datatype)),
        NamedNode("https://example.org/graph/update"),
    )


def days(*quads: Quad) -> dict[str, str]:
    found = derived_dates(quads, Base("https://example.org/"))
    assert {q.graph_name.value for q in found} <= {"https://example.org/graph/inferred"}
    assert len({(q.subject, q.predicate) for q in found}) == len(found)
    return {q.predicate.value.rpartition("/")[2]: q.object.value for q in found}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2013-09/2013-10", {"earliest": "2013-09-01", "latest": "2013-10-31"}),
        ("2013/..", {"earliest": "2013-01-01"}),
        ("../2013", {"latest": "2013-12-31"}),
        ("XXXX-03-05", {}),
        ("in 2019", {}),
    ],
)
def test_known_ends_become_days(text, expected):
    assert days(dated(text)) == expected


def test_only_edtf_literals_count_whatever_the_property():
    assert days(dated("2013", datatype=expand("xsd:gYear"))) == {}
    assert days(dated("2013", "escr:anything")) == {"earliest": "2013-01-01", "latest": "2013-12-31"}


def test_the_day_on_which_a_source_was_read_is_no_date_of_the_thing():
    assert days(dated("2015-03", "escr:asOf"), dated("1978", "dcterms:date"))["latest"] == "1978-12-31"


def test_several_dates_of_a_node_give_one_span():
    found = days(dated("2013"), dated("2015-02", "escr:since"))
    assert found == {"earliest": "2013-01-01", "latest": "2015-02-28"}


def test_the_values_are_days_in_the_sense_of_xsd():
    assert {q.object.datatype.value for q in derived_dates([dated("2013")])} == {expand("xsd:date")}
    assert {q.predicate for q in derived_dates([dated("2013")])} == {EARLIEST, LATEST}
