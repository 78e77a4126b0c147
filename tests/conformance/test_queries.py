"""Nothing is lost over HTTP: each query answers what pyoxigraph answers in process, in every format it can write."""

from __future__ import annotations

import pytest
from pyoxigraph import (
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    QueryTriples,
    RdfFormat,
    Store,
)
from tests.conformance.comparing import canonical, graph, normal
from tests.conformance.queries import ASKS, DATA, GRAPHS, MALFORMED, PREFIXES, SELECTS
from tests.conformance.serving import Own

RESULTS = {
    "json": QueryResultsFormat.JSON,
    "xml": QueryResultsFormat.XML,
    "csv": QueryResultsFormat.CSV,
    "tsv": QueryResultsFormat.TSV,
}
RDF = {
    "ttl": RdfFormat.TURTLE,
    "nt": RdfFormat.N_TRIPLES,
    "nq": RdfFormat.N_QUADS,
    "trig": RdfFormat.TRIG,
    "rdf": RdfFormat.RDF_XML,
    "jsonld": RdfFormat.JSON_LD,
    "n3": RdfFormat.N3,
}
ORDERED = {"order", "order-desc", "order-expression", "limit-offset", "limit-zero", "unbound-column"}


@pytest.fixture(scope="module")
def reference() -> Store:
    store = Store()
    store.load(DATA.encode(), format=RdfFormat.TRIG)
    return store


@pytest.fixture(autouse=True)
def _loaded(own: Own) -> None:
    own.hold(DATA)


@pytest.mark.parametrize("form", RESULTS)
@pytest.mark.parametrize("name", SELECTS)
def test_solutions(own: Own, reference: Store, name: str, form: str) -> None:
    text = PREFIXES + SELECTS[name]
    here = reference.query(text, base_iri=own.base + "sparql")
    assert isinstance(here, QuerySolutions)
    expected = here.serialize(format=RESULTS[form])
    answer = own.query(text, format=form)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"].split(";")[0] == RESULTS[form].media_type.split(";")[0]
    if answer.content != expected:  # rows may come in another order where none was asked for
        assert name not in ORDERED
        assert normal(answer.content, form) == normal(expected, form)


@pytest.mark.parametrize("form", RESULTS)
@pytest.mark.parametrize("name", ASKS)
def test_booleans(own: Own, reference: Store, name: str, form: str) -> None:
    text = PREFIXES + ASKS[name]
    here = reference.query(text)
    assert isinstance(here, QueryBoolean)
    assert own.query(text, format=form).content == here.serialize(format=RESULTS[form])


@pytest.mark.parametrize("form", RDF)
@pytest.mark.parametrize("name", GRAPHS)
def test_graphs(own: Own, reference: Store, name: str, form: str) -> None:
    text = PREFIXES + GRAPHS[name]
    here = reference.query(text)
    assert isinstance(here, QueryTriples)
    expected = canonical(here)
    answer = own.query(text, format=form)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"].split(";")[0] == RDF[form].media_type
    assert graph(answer.content, RDF[form]) == expected


@pytest.mark.parametrize("name", MALFORMED)
def test_malformed_queries_are_refused_with_their_place(own: Own, reference: Store, name: str) -> None:
    text = PREFIXES + MALFORMED[name]
    with pytest.raises((SyntaxError, RuntimeError)):
        list(reference.query(text))  # type: ignore[arg-type]
    answer = own.query(text)
    assert answer.status_code == 400
    told = answer.json()
    if name != "unknown-function":
        assert told["line"] >= PREFIXES.count("\n") + 1
        assert told["column"] >= 1
    assert "Traceback" not in answer.text


def test_the_comparison_would_see_a_difference(reference: Store) -> None:
    text = PREFIXES + "SELECT ?n { ?s foaf:name ?n } ORDER BY ?n"
    for form, written in RESULTS.items():
        one = reference.query(text).serialize(format=written)  # type: ignore[union-attr]
        other = reference.query(text + " LIMIT 4").serialize(format=written)  # type: ignore[union-attr]
        assert normal(one, form) != normal(other, form)  # type: ignore[arg-type]
    triples = canonical(reference.query(PREFIXES + "DESCRIBE :alice"))  # type: ignore[arg-type]
    assert triples != canonical(reference.query(PREFIXES + "DESCRIBE :bob"))  # type: ignore[arg-type]
