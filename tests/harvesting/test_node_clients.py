"""Comunica, which follows links through the data, and ldes-client, which follows the event stream: as from npm."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Quad
from tests.harvesting import node
from tests.harvesting.clients import AS, BASE
from tests.running import Running, serving
from tests.web.sites import Site

from escrgraph.parts import listen
from escrgraph.repository.changes import Cause, Change
from escrgraph.repository.writing import Writer
from escrgraph.vocabulary.iris import Base

JSON = "application/sparql-results+json"
LABEL = "http://www.w3.org/2004/02/skos/core#prefLabel"
SUBJECT = "http://purl.org/dc/terms/subject"


@pytest.fixture(scope="module", autouse=True)
def clients() -> None:
    node.install()


def answers(name: str, source: str, query: str, *options: str) -> list[dict[str, str]]:
    found = json.loads(node.run(name, source, "-q", query, "-t", JSON, *options))
    return [{key: value["value"] for key, value in row.items()} for row in found["results"]["bindings"]]


def test_comunica_finds_out_by_itself_that_it_speaks_to_an_endpoint(given: Running, site: Site) -> None:
    query = f"SELECT (COUNT(*) AS ?n) WHERE {{ ?x a <{BASE}def/Finding> }}"
    (row,) = answers("comunica-sparql", f"{given.url}sparql", query)
    assert [[row["n"]]] == site.rows(query)


def test_comunica_follows_links_from_record_to_record(tmp_path: Path) -> None:
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
    base = Base(f"http://127.0.0.1:{port}/")
    with serving(tmp_path / "store", "--empty", "-p", str(port), ESCRGRAPH_BASE=base.iri) as running:
        writer = Writer(Path((running.store / "runtime").read_text(encoding="utf-8").strip()))
        graph = NamedNode(base.graph("resource"))
        work, right = (NamedNode(base.record_iri(record)) for record in ("resource/work", "right/water"))
        quads = (
            Quad(work, NamedNode(SUBJECT), right, graph),
            Quad(right, NamedNode(LABEL), Literal("Water", language="en"), graph),
        )
        writer.commit(Change(Cause.IMPORT, "tester", "a test", quads, unchecked=True))
        query = f"SELECT ?label WHERE {{ <{work.value}> <{SUBJECT}> ?right . ?right <{LABEL}> ?label }}"
        found = answers("comunica-sparql-link-traversal", work.value, query, "--lenient")
        assert found == [{"label": "Water"}]


def test_ldes_client_takes_every_version(given: Running, site: Site) -> None:
    said = node.run("ldes-client", f"{given.url}ldes")
    objects = re.findall(rf"^<[^>]+> <{re.escape(AS)}object> (<[^>]+>) \.$", said, re.MULTILINE)
    rows = site.rows("SELECT ?r WHERE { ?d <http://xmlns.com/foaf/0.1/primaryTopic> ?r }")
    assert sorted(objects) == sorted(row[0] for row in rows)
