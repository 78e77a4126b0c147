"""Editors elsewhere: what they ask an endpoint for, unasked by anybody, and what they get here."""

from __future__ import annotations

from urllib.parse import urlsplit

import rdflib
from tests.web.sites import Site

from escrgraph.repository.questions import read_questions
from escrgraph.vocabulary import shipped
from escrgraph.vocabulary.namespaces import PREFIXES

SH = "http://www.w3.org/ns/shacl#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"


def texts(rows: list[list[str]]) -> list[tuple[str, ...]]:
    return [tuple(str(rdflib.util.from_n3(term)) for term in row) for row in rows]


def test_the_prefixes_are_there(site: Site) -> None:
    rows = site.rows(
        f"SELECT DISTINCT ?prefix ?namespace WHERE {{ [] <{SH}namespace> ?namespace ; <{SH}prefix> ?prefix }}"
    )
    assert dict(texts(rows)) == dict(PREFIXES)
    assert len(rows) == len(PREFIXES)


def test_every_question_is_an_example_that_runs(site: Site) -> None:
    rows = site.rows(f"""PREFIX sh: <{SH}> PREFIX rdfs: <{RDFS}>
        SELECT DISTINCT ?example ?comment ?query WHERE {{
          ?example a sh:SPARQLExecutable ; rdfs:comment ?comment ; sh:select|sh:ask|sh:construct ?query
        }} ORDER BY ?example""")
    examples = texts(rows)
    names = [example.rpartition("/")[2] for example, _, _ in examples]
    assert sorted(names) == sorted(read_questions(shipped.path("queries")))
    for example, comment, query in examples:
        assert len(comment) > 20
        answer = site.client.get("/sparql", query_string={"query": query, "format": "csv"})
        assert answer.status_code in {200, 406}, f"{example}: {answer.text}"  # 406: a graph, which is no table
        assert site.get("/queries/" + example.rpartition("/")[2]).status_code == 200


def test_the_endpoint_leads_to_counts_and_catalogue(site: Site) -> None:
    told = rdflib.Graph().parse(data=site.get("/sparql", accept="text/turtle").data, format="turtle")
    further = {str(node) for node in told.objects(None, rdflib.RDFS.seeAlso)}
    assert {urlsplit(address).path for address in further} == {"/.well-known/void", "/catalog"}
