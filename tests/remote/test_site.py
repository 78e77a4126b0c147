"""The whole product on Virtuoso: what people and programs ask is answered as it is from the embedded store."""

from __future__ import annotations

import csv
import io
import json
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

import psutil
import pytest
from pyoxigraph import (
    BlankNode,
    DefaultGraph,
    Literal,
    NamedNode,
    QueryResultsFormat,
    QuerySolutions,
    QueryTriples,
    RdfFormat,
    Store,
    Triple,
    Variable,
    parse,
    parse_query_results,
)
from tests.engines import CAP, PASSWORD
from tests.remote.conftest import Behind
from tests.repository.worlds import by_the_log
from tests.running import Running
from tests.web.sites import BASE, texts

from escrgraph.repository.log import ChangeLog
from escrgraph.repository.questions import read_question
from escrgraph.repository.readers import Term
from escrgraph.repository.remote.literals import comparable
from escrgraph.vocabulary import shipped
from escrgraph.web.incoming import LATEST
from escrgraph.web.page_queries import page_query

PAGES = (
    "/", "/doc/country/gtm", "/doc/right/health", "/doc/finding/gtm-maternal-mortality-indigenous",
    "/doc/method/budget-analysis", "/doc/organization/cesr", "/doc/scheme/icescr", "/doc/right/health/history",
    "/search?q=budget", "/browse/resource", "/browse/finding", "/map", "/timeline", "/updates", "/discussions",
    "/methods", "/methods?right=right/health", "/coverage", "/mappings", "/translations", "/queries",
    "/queries/chain-gaps", "/submit/resource", "/def/", "/def/Finding.html", "/catalog", "/.well-known/void",
    "/oai?verb=ListRecords&metadataPrefix=oai_dc", "/ldes", "/feeds/all.atom", "/health", "/metrics", "/sitemap.xml",
)  # fmt: skip
"""One of each kind."""

NAMES = sorted(path.stem for path in shipped.path("queries/pages").glob("*.rq"))

UNLIKE = {
    "graph-counts": "graph/state is not shown",
    "graph-properties": "graph/state is not shown",
    "latest": "what compares is a number there",
    "incoming-first": "of several records of one day any may come first",
}
"""Queries behind pages whose answers differ from the embedded store's, and why."""


def snapshot(behind: Behind) -> Store:
    return Store.read_only(str(sorted((behind.running.store / "generations").iterdir())[-1]))


def rows(results: object) -> list[tuple[object, ...]]:
    """Rows or triples in no order, by value."""
    if isinstance(results, QueryTriples):
        return sorted(tuple(map(comparable, (t.subject, t.predicate, t.object))) for t in results)
    assert isinstance(results, QuerySolutions)
    return sorted(tuple(() if term is None else comparable(term) for term in row) for row in results)


def substituted(values: Mapping[str, Term]) -> dict[Variable, NamedNode | BlankNode | Literal | Triple]:
    return {Variable(key): value for key, value in values.items()}


def read(body: bytes) -> list[tuple[object, ...]]:
    if body.startswith(b"{"):
        return rows(parse_query_results(body, QueryResultsFormat.JSON))
    triples = ((quad.subject, quad.predicate, quad.object) for quad in parse(body, RdfFormat.N_TRIPLES))
    return sorted(tuple(map(comparable, triple)) for triple in triples)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_of_each_kind_is_there(behind: Behind, path: str) -> None:
    answer = behind.site.get(path)
    until = time.monotonic() + 120
    while answer.status_code == 503 and "are being made" in answer.text and time.monotonic() < until:
        time.sleep(1)  # dumps and counts come when nothing has changed for a while
        answer = behind.site.get(path)
    assert answer.status_code == 200, answer.text[:500]


@pytest.mark.parametrize("name", [name for name in NAMES if name not in UNLIKE])
def test_each_query_behind_pages_gives_what_the_embedded_store_gives(behind: Behind, name: str) -> None:
    question = read_question(shipped.path(f"queries/pages/{name}.rq"))
    values = question.bind()
    given = substituted(values)
    (body,) = behind.site.service.pages.ask_all([page_query(behind.site.service, name, values)])[:]
    assert read(body) == rows(snapshot(behind).query(question.text, substitutions=given))


def test_the_newest_records_that_name_one_are_of_the_same_days(behind: Behind) -> None:
    question = read_question(shipped.path("queries/pages/incoming-first.rq"))
    values = question.bind()
    given = substituted(values)
    (body,) = behind.site.service.pages.ask_all([page_query(behind.site.service, "incoming-first", values)])[:]
    store = snapshot(behind)

    def days(triples: Iterable[tuple[object, object, object]]) -> list[tuple[str, list[str]]]:
        found = []
        for subject, path, value in triples:
            if value == values["record"] and isinstance(subject, NamedNode):
                latest = store.quads_for_pattern(subject, NamedNode(LATEST), None, DefaultGraph())
                found.append((str(path), sorted({str(quad.object) for quad in latest})))
        return sorted(found)

    results = store.query(question.text, substitutions=given)
    assert isinstance(results, QueryTriples)
    there = days((quad.subject, quad.predicate, quad.object) for quad in parse(body, RdfFormat.N_TRIPLES))
    assert there == days((triple.subject, triple.predicate, triple.object) for triple in results)
    assert len(there) > 10


def test_what_is_new_is_told_in_the_same_order(behind: Behind) -> None:
    question = read_question(shipped.path("queries/pages/latest.rq"))
    values = question.bind()
    given = substituted(values)
    (body,) = behind.site.service.pages.ask_all([page_query(behind.site.service, "latest", values)])[:]
    found = parse_query_results(body, QueryResultsFormat.JSON)
    expected = snapshot(behind).query(question.text, substitutions=given)
    assert isinstance(found, QuerySolutions)
    assert isinstance(expected, QuerySolutions)
    names = ("shelf", "record", "label", "date", "deadline")
    assert [[row[name] for name in names] for row in found] == [[row[name] for name in names] for row in expected]


@pytest.mark.drill
def test_the_front_page_says_the_same_numbers(behind: Behind, library: Running) -> None:
    from tests.web.sites import before_store

    with before_store(library.store) as embedded:
        for path in ("/", "/doc/right/health", "/browse/finding"):
            assert texts(behind.site.page(path), "//main//a") == texts(embedded.page(path), "//main//a")


def test_a_table_that_the_server_cuts_is_refused(behind: Behind) -> None:
    asked = {"query": "SELECT * WHERE { ?s ?p ?o }"}
    answer = behind.site.client.get("/sparql", query_string=asked | {"format": "csv"})
    assert (answer.status_code, f"{CAP:,} rows" in answer.text) == (413, True)
    asked = {"query": f"SELECT * WHERE {{ ?s ?p ?o }} LIMIT {CAP - 1}", "format": "csv"}
    answer = behind.site.client.get("/sparql", query_string=asked)
    assert (answer.status_code, len(list(csv.reader(io.StringIO(answer.text, newline=""))))) == (200, CAP)


def test_a_graph_that_the_server_cuts_without_a_word_is_refused(behind: Behind) -> None:
    asked = {"query": "CONSTRUCT WHERE { ?s ?p ?o }", "format": "nt"}
    answer = behind.site.client.get("/sparql", query_string=asked)
    assert answer.status_code == 413, answer.text[:300]


def test_things_are_described_whole(behind: Behind) -> None:
    iri = f"{behind.site.service.base.iri}id/country/gtm"
    asked = {"query": f"DESCRIBE <{iri}>", "format": "nt"}
    answer = behind.site.client.get("/sparql", query_string=asked)
    expected = snapshot(behind).query(f"CONSTRUCT {{ <{iri}> ?p ?o }} WHERE {{ <{iri}> ?p ?o }}")
    assert read(answer.data) == rows(expected)


def test_the_merge_is_the_default_graph_and_no_named_one(behind: Behind) -> None:
    site = behind.site
    named = "SELECT (COUNT(*) AS ?n) WHERE { SELECT DISTINCT ?s ?p ?o WHERE { GRAPH ?g { ?s ?p ?o } } }"
    whole = snapshot(behind)
    expected = len({(q.subject, q.predicate, q.object) for q in whole if "graph/state" not in str(q.graph_name)})
    assert site.rows(named) == site.rows("SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }") == [[str(expected)]]
    graphs = {row[0] for row in site.rows("SELECT DISTINCT ?g WHERE { GRAPH ?g { ?s ?p ?o } }")}
    assert graphs == {str(g) for g in whole.named_graphs() if not str(g).endswith("/state>")}


def test_nobody_reads_what_else_the_server_holds(behind: Behind) -> None:
    behind.server.sql("SPARQL INSERT DATA { GRAPH <urn:private> { <urn:a> <urn:b> 'hush' } }")
    for query in (
        "SELECT ?o WHERE { GRAPH <urn:private> { ?s ?p ?o } }",
        "SELECT ?o FROM <urn:private> WHERE { ?s ?p ?o }",
        "SELECT ?o FROM NAMED <urn:private> WHERE { GRAPH ?g { ?s ?p ?o } }",
        "PREFIX u: <urn:> SELECT ?o FROM u:private WHERE { ?s ?p ?o }",
        "SELECT ?o WHERE { <urn:a> <urn:b> ?o }",
    ):
        assert behind.site.rows(query) == [], query
    asked = {"query": "SELECT ?o WHERE { ?s ?p ?o }", "default-graph-uri": "urn:private", "format": "csv"}
    answer = behind.site.client.get("/sparql", query_string=asked)
    assert (answer.status_code, answer.text.split()) == (200, ["o"])


def test_a_dataset_of_the_request_is_what_is_read(behind: Behind) -> None:
    right = behind.site.service.base.graph("right")
    query = f"SELECT (COUNT(*) AS ?n) FROM <{right}> WHERE {{ ?s ?p ?o }}"
    expected = sum(1 for _ in snapshot(behind).quads_for_pattern(None, None, None, NamedNode(right)))
    assert behind.site.rows(query) == [[str(expected)]]


@pytest.mark.parametrize(
    ("form", "kind"), [("json", "solutions"), ("xml", "solutions"), ("csv", "solutions"), ("tsv", "solutions")]
)
def test_tables_come_in_every_format(behind: Behind, form: str, kind: str) -> None:
    query = (
        "SELECT ?label WHERE { <https://w3id.org/escrgraph/id/country/gtm> ?p ?label "
        'FILTER(CONTAINS(STR(?label), "Guatemala")) } LIMIT 3'
    )
    answer = behind.site.client.get("/sparql", query_string={"query": query, "format": form})
    assert answer.status_code == 200
    assert "Guatemala" in answer.text, kind


@pytest.mark.parametrize("form", ["ttl", "nt", "jsonld", "rdf", "trig"])
def test_graphs_come_in_every_format(behind: Behind, form: str) -> None:
    answer = behind.site.get(f"/doc/finding/gtm-maternal-mortality-indigenous.{form}")
    assert (answer.status_code, "maternal" in answer.text) == (200, True)


def test_yes_and_no(behind: Behind) -> None:
    for query, expected in (("ASK { ?s ?p ?o }", True), ("ASK { <urn:none> ?p ?o }", False)):
        answer = behind.site.client.get("/sparql", query_string={"query": query, "format": "json"})
        assert answer.json == {"head": {}, "boolean": expected}


def test_truth_is_written_as_truth(behind: Behind) -> None:
    query = (
        "SELECT ?yes WHERE { ?s ?p ?yes FILTER(DATATYPE(?yes) = <http://www.w3.org/2001/XMLSchema#boolean>) } LIMIT 1"
    )
    answer = behind.site.client.get("/sparql", query_string={"query": query, "format": "json"})
    assert json.loads(answer.data)["results"]["bindings"][0]["yes"]["value"] in {"true", "false"}


def test_a_mistake_is_told_with_its_place(behind: Behind) -> None:
    answer = behind.site.client.get("/sparql", query_string={"query": "SELECT ?x WHERE {\n ?x nonsense }"})
    assert answer.status_code == 400
    assert answer.json is not None
    assert (answer.json["line"], "Virtuoso" in answer.text) == (2, False)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * WHERE { ?a <http://www.w3.org/2004/02/skos/core#broader>* ?b }",
        "SELECT ?s (BNODE() AS ?b) WHERE { ?s ?p ?o } LIMIT 1",
        "SELECT ?s WHERE { ?s a ?c LATERAL { SELECT ?s WHERE { ?s ?p ?o } LIMIT 1 } } LIMIT 1",
    ],
)
def test_what_the_server_does_not_do_is_declined_in_words(behind: Behind, query: str) -> None:
    answer = behind.site.client.get("/sparql", query_string={"query": query})
    assert answer.status_code == 403
    assert "the server behind this service does not evaluate it" in answer.text


def test_a_runaway_is_ended_there_and_told_here(behind: Behind) -> None:
    from escrgraph.repository.errors import OutOfTime
    from escrgraph.repository.readers import Query, Readers

    runaway = "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
    with pytest.raises(OutOfTime, match="ran out of time"):
        Readers(behind.site.service.runtime, "public", 2.0).ask(Query(runaway)).read()
    assert behind.site.rows("SELECT (COUNT(?m) AS ?n) WHERE { ?m a <https://w3id.org/escrgraph/def/Method> }")


def test_dumps_are_as_the_log_says_to_the_letter(behind: Behind) -> None:
    with behind.site.service.pages.dump("application/n-quads", without=[f"{BASE}graph/state"]) as answer:
        dumped = set(parse(answer.read(), RdfFormat.N_QUADS))
    with ChangeLog(behind.running.store / "log.sqlite") as log:
        logged = by_the_log(log)
    provenance = NamedNode(behind.site.service.base.graph("provenance"))
    assert {quad for quad in dumped if quad.graph_name != provenance} == logged
    assert any(isinstance(q.object, Literal) and q.object.value == "true" for q in dumped)


def test_no_process_shows_the_password(behind: Behind) -> None:
    family = psutil.Process(behind.running.process.pid).children(recursive=True)
    assert len(family) > 5
    assert not [process for process in family if PASSWORD in " ".join(process.cmdline())]
    assert PASSWORD not in behind.site.get("/health").text + behind.site.get("/metrics").text


@pytest.mark.drill
def test_the_store_of_a_version_is_served_without_the_server(behind: Behind, tmp_path: Path) -> None:
    from tests.running import serving

    variables = behind.server.settings() | {
        "ESCRGRAPH_DIRECTORY": str(behind.running.store),
        "ESCRGRAPH_STORE_PASSWORD": "wrong",
    }
    with serving(tmp_path / "none", "--at", "1", **variables) as earlier:
        import requests

        assert requests.get(f"{earlier.url}doc/country/gtm.ttl", timeout=30).status_code == 200
