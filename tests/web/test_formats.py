"""A format for each kind of answer, from what clients send."""

from __future__ import annotations

import pytest
from pyoxigraph import QueryResultsFormat, RdfFormat

from escrgraph.web.formats import GRAPHS, NAMES, RESULTS, Kind, choose, choose_for_query, named, named_for_query
from escrgraph.web.negotiation import NotAcceptable


def types(choices: object) -> list[str]:
    found = [choices.get(kind) for kind in Kind]  # type: ignore[attr-defined]
    return [chosen.content_type if chosen else "" for chosen in found]


JSON, XML = "application/sparql-results+json", "application/sparql-results+xml"
CSV, TURTLE, HTML = "text/csv; charset=utf-8", "text/turtle; charset=utf-8", "text/html; charset=utf-8"


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, [JSON, JSON, TURTLE]),
        ("*/*", [JSON, JSON, TURTLE]),
        (JSON, [JSON, JSON, ""]),
        (XML + ", text/turtle;q=0.5", [XML, XML, TURTLE]),
        ("text/csv", [CSV, CSV, ""]),
        ("text/turtle", ["", "", TURTLE]),
        # the type that was asked for is the type that is sent
        ("application/json", ["application/json", "application/json", "application/json"]),
        ("application/xml", ["application/xml"] * 3),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", [HTML, HTML, HTML]),
        # what SPARQLWrapper sends
        ("application/sparql-results+json,text/javascript,application/json", [JSON, JSON, "application/json"]),
        ("application/rdf+xml", ["", "", "application/rdf+xml"]),
        ("application/turtle,text/turtle", ["", "", TURTLE]),
        ("application/n-triples;q=0.5,application/n-quads", ["", "", "application/n-quads"]),
    ],
)
def test_choose_for_query(accept: str | None, expected: list[str]) -> None:
    assert types(choose_for_query(accept)) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("json", [JSON, JSON, "application/ld+json"]),
        ("xml", [XML, XML, "application/rdf+xml"]),
        ("csv", [CSV, CSV, ""]),
        ("tsv", ["text/tab-separated-values; charset=utf-8"] * 2 + [""]),
        ("ttl", ["", "", TURTLE]),
        ("nt", ["", "", "application/n-triples"]),
        ("nq", ["", "", "application/n-quads"]),
        ("trig", ["", "", "application/trig"]),
        ("rdf", ["", "", "application/rdf+xml"]),
        ("jsonld", ["", "", "application/ld+json"]),
        ("n3", ["", "", "text/n3; charset=utf-8"]),
        ("html", [HTML] * 3),
    ],
)
def test_named_for_query(name: str, expected: list[str]) -> None:
    assert types(named_for_query(name)) == expected
    assert name in NAMES


def test_unknown_names_and_types() -> None:
    with pytest.raises(KeyError):
        named_for_query("parquet")
    with pytest.raises(KeyError):
        named("csv", GRAPHS)
    with pytest.raises(NotAcceptable) as caught:
        choose_for_query("application/pdf")
    assert {"text/csv", "text/turtle", "text/html"} <= {str(offer) for offer in caught.value.offers}
    with pytest.raises(NotAcceptable, match=r"Available: application/sparql-results\+json, "):
        choose("text/turtle", RESULTS)


def test_every_format_of_the_store_is_there() -> None:
    """Streaming JSON-LD, a profile of JSON-LD, says nothing that JSON-LD does not."""
    results = [QueryResultsFormat.JSON, QueryResultsFormat.XML, QueryResultsFormat.CSV, QueryResultsFormat.TSV]
    assert [QueryResultsFormat.from_media_type(format_.media_type) for format_ in RESULTS] == results
    graphs = {value for name, value in vars(RdfFormat).items() if name.isupper() and name != "STREAMING_JSON_LD"}
    assert {format_.media_type for format_ in GRAPHS} == {found.media_type for found in graphs}
