"""The endpoint before the shipped library: it reads, and sends those who want to write elsewhere."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from pyoxigraph import DefaultGraph, RdfFormat, Store
from tests.places import settings_of
from tests.running import Running, environment

from escrgraph.parts import listen
from escrgraph.repository import spawn

BASE = "https://w3id.org/escrgraph/"


@pytest.fixture(scope="module")
def http() -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.trust_env = False
        session.headers["Connection"] = "close"
        yield session


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "update"),
        ("PUT", "store?default"),
        ("POST", "store?default"),
        ("DELETE", "store?default"),
        ("POST", "store"),
        ("PUT", f"store?graph={BASE}graph/resource"),
        ("DELETE", "graph/resource"),
    ],
)
def test_writing_is_declined_and_the_way_is_shown(
    library: Running, http: requests.Session, method: str, path: str
) -> None:
    for headers in ({}, {"Authorization": "Bearer anything"}):
        answer = http.request(method, library.url + path, data={"update": "CLEAR ALL"}, headers=headers)
        assert answer.status_code == 403
        assert "/api/submissions" in answer.json()["detail"]
        assert "escrgraph load" in answer.json()["detail"]


def test_each_graph_has_its_own_address(library: Running, http: requests.Session) -> None:
    triples = {"Accept": "application/n-triples"}
    direct = http.get(library.url + "graph/right", headers=triples)
    named = http.get(library.url + "store", params={"graph": BASE + "graph/right"}, headers=triples)
    assert direct.status_code == 200
    assert sorted(direct.text.splitlines()) == sorted(named.text.splitlines()) != []
    assert http.get(library.url + "graph/nowhere").status_code == 404
    default = http.get(library.url + "store?default", headers=triples).text.splitlines()
    assert set(direct.text.splitlines()) <= set(default)
    assert len(default) == len(set(default))


def test_the_whole_store_is_its_named_graphs(library: Running, http: requests.Session) -> None:
    answer = http.get(library.url + "store", headers={"Accept": "application/n-quads"})
    store = Store()
    store.load(answer.content, format=RdfFormat.N_QUADS)
    names = {name.value.removeprefix(BASE + "graph/") for name in store.named_graphs() if hasattr(name, "value")}
    assert {"resource", "organization", "finding", "def", "shapes"} <= names
    assert "state" not in names
    assert not list(store.quads_for_pattern(None, None, None, DefaultGraph()))


def test_the_default_graph_is_the_merge_of_the_named_ones(library: Running, http: requests.Session) -> None:
    query = "SELECT (COUNT(*) AS ?n) { { SELECT DISTINCT ?s ?p ?o { GRAPH ?g { ?s ?p ?o } FILTER(?g != ?state) } } }"
    query = query.replace("?state", f"<{BASE}graph/state>")
    merged = http.post(library.url + "sparql", data={"query": query, "format": "csv"})
    default = http.post(library.url + "sparql", data={"query": "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", "format": "csv"})
    assert merged.text == default.text


def test_the_description_says_that_graphs_are_merged_and_offers_no_update(
    library: Running, http: requests.Session
) -> None:
    store = Store()
    store.load(http.get(library.url + "sparql", headers={"Accept": "text/turtle"}).content, format=RdfFormat.TURTLE)
    prefix = "PREFIX sd: <http://www.w3.org/ns/sparql-service-description#> "
    assert store.query(prefix + "ASK { ?s sd:feature sd:UnionDefaultGraph }")
    assert not store.query(prefix + "ASK { ?s sd:supportedLanguage sd:SPARQL11Update }")


def test_service_is_declined(library: Running, http: requests.Session) -> None:
    query = "SELECT * { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }"
    answer = http.post(library.url + "sparql", data={"query": query})
    assert (answer.status_code, "SERVICE" in answer.json()["detail"]) == (403, True)


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (None, "application/problem+json"),
        ("*/*", "application/problem+json"),
        ("application/sparql-results+xml", "application/problem+json"),
        ("application/json", "application/json"),
        ("text/plain", "text/plain; charset=utf-8"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html; charset=utf-8"),
    ],
)
@pytest.mark.parametrize("path", ["nowhere", "sparql?query=SELECT", "sparql?format=nothing", "store?graph=x"])
def test_problems_are_told_as_the_client_reads(
    library: Running, http: requests.Session, path: str, accept: str | None, media_type: str
) -> None:
    answer = http.get(library.url + path, headers={"Accept": accept})
    assert (answer.status_code, answer.headers["Content-Type"]) == (404 if path == "nowhere" else 400, media_type)
    assert "Traceback" not in answer.text
    assert answer.headers["Vary"].startswith("Accept")


def test_health_and_metrics(library: Running, http: requests.Session) -> None:
    told = http.get(library.url + "health").json()
    assert (told["well"], told["parts"]["readers"]["well"], told["parts"]["writer"]["well"]) == (True, True, True)
    assert told["search"] == told["generation"]
    assert "pid" not in str(told)
    http.get(library.url + "sparql?query=ASK%7B%7D")
    http.request("BREW", library.url + "sparql")
    measured = http.get(library.url + "metrics")
    assert measured.headers["Content-Type"].startswith("text/plain")
    assert 'escrgraph_requests_total{endpoint="sparql.sparql",method="GET",status="200"}' in measured.text
    assert 'method="other"' in measured.text
    assert "BREW" not in measured.text
    assert f"escrgraph_generation {float(told['generation'])}" in measured.text
    assert 'escrgraph_pool{figure="ready",pool="public"}' in measured.text


def test_every_process_counts_to_the_same_metrics(library: Running, http: requests.Session) -> None:
    def counted() -> float:
        name = 'escrgraph_requests_total{endpoint="none",method="GET",status="404"} '
        lines = http.get(library.url + "metrics").text.splitlines()
        return next((float(line.removeprefix(name)) for line in lines if line.startswith(name)), 0.0)

    before = counted()
    for _ in range(20):
        http.get(library.url + "nowhere")
    assert counted() == before + 20


def test_neither_addresses_nor_queries_are_in_a_log(library: Running, http: requests.Session, tmp_path: Path) -> None:
    log, access = tmp_path / "log", tmp_path / "access"
    runtime = (library.store / "runtime").read_text().strip()
    with listen("127.0.0.1", 0) as listener, log.open("wb") as output:
        number = listener.fileno()
        process = subprocess.Popen(
            spawn.command("escrgraph.web.server", "--fd", str(number), "--access-log", str(access)),
            env=environment(**settings_of(library.store).environment(), ESCRGRAPH_RUNTIME=runtime),
            stdout=output, stderr=output, pass_fds=[number],
        )  # fmt: skip
        try:
            url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
            for query in ("SELECT ?unforgettable {}", "SELECT ?unforgettable"):
                http.get(url + "sparql", params={"query": query}, timeout=60)
                http.post(url + "sparql", data={"query": query}, timeout=60)
            http.get(url + "nowhere", headers={"X-Forwarded-For": "192.0.2.77"}, timeout=60)
        finally:
            process.terminate()
            process.wait(30)
    logged = access.read_text()
    assert "GET /sparql 200" in logged
    assert "POST /sparql 400" in logged
    for text in (logged, log.read_text()):
        assert "unforgettable" not in text
        assert "192.0.2" not in text
        assert "127.0.0.1" not in text


def test_a_slow_query_is_noted_by_its_shape_alone(library: Running, http: requests.Session, tmp_path: Path) -> None:
    log = tmp_path / "log"
    runtime = (library.store / "runtime").read_text().strip()
    given = settings_of(library.store, slow_query="0").environment() | {"ESCRGRAPH_RUNTIME": runtime}
    with listen("127.0.0.1", 0) as listener, log.open("wb") as output:
        number = listener.fileno()
        process = subprocess.Popen(
            spawn.command("escrgraph.web.server", "--fd", str(number)),
            env=environment(**given), stdout=output, stderr=output, pass_fds=[number],
        )  # fmt: skip
        try:
            url = f"http://127.0.0.1:{listener.getsockname()[1]}/sparql"
            for query in ('SELECT ?who { ?who ?p "Ana Torres" }', "SELECT Ana"):
                http.get(url, params={"query": query}, timeout=60)
        finally:
            process.terminate()
            process.wait(30)
    told = log.read_text()
    assert re.search(r"slow query, \d+\.\d s, answered: SELECT \?1 \{ \?1 \?2 “…” \}", told)
    assert "Ana" not in told
    assert "127.0.0.1" not in told
