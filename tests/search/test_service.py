"""Search in a whole service: it follows what is published, answers inside SPARQL, and forgets what is redacted."""

from __future__ import annotations

from pathlib import Path

import requests
from tests.places import settings_of
from tests.repository.serving import until
from tests.repository.worlds import holding
from tests.running import serving
from tests.search.worlds import change, iri, records, resource

from escrgraph.repository.errors import Unavailable
from escrgraph.search.asking import Selection
from escrgraph.search.sparql import SERVICE, TERMS
from escrgraph.service import Service, open_service

SECRET = "Xicotencatl of the third house"
QUERY = f'SELECT ?r {{ SERVICE <{SERVICE}> {{ ?r <{TERMS}query> "WELLS" ; <{TERMS}limit> 5 }} }}'


def shows(service: Service, generation: int) -> bool:
    try:
        return service.search.generation >= generation
    except Unavailable:
        return False


def test_it_follows_answers_and_forgets(tmp_path: Path) -> None:
    with serving(tmp_path / "store", "--empty") as running:
        service = open_service(settings_of(running.store))
        assert service.search.generation == 0
        receipt = service.writer.commit(change([*resource("a", "Counting wells"), *resource("b", f"Of {SECRET}")]))
        until(lambda: shows(service, receipt.number), 60)
        assert records(service.search.search(Selection("wells"))) == ["resource/a"]
        answer = requests.get(f"{running.url}sparql", {"query": QUERY}, headers={"Accept": "text/csv"}, timeout=30)
        assert (answer.status_code, answer.text.split()) == (200, ["r", iri("resource/a")])
        assert "ETag" not in answer.headers
        wrong = requests.get(f"{running.url}sparql", {"query": QUERY.replace("query>", "quarry>")}, timeout=30)
        assert (wrong.status_code, "Write it so" in wrong.text) == (400, True)
        assert holding(running.store / "derived", "xicotencatl")
        redaction = service.writer.redact("resource/b", "curator", "asked for")
        assert holding(running.store, "icotencatl") == []
        until(lambda: shows(service, redaction.receipt.number), 60)
        assert records(service.search.search(Selection())) == ["resource/a"]
        assert holding(running.store, "icotencatl") == []


def test_a_plain_store_has_no_search_and_says_so(tmp_path: Path) -> None:
    variables = {"ESCRGRAPH_DEFAULT_GRAPH": "own"}
    with serving(tmp_path / "store", "--empty", **variables) as running:
        answer = requests.get(f"{running.url}sparql", {"query": QUERY}, timeout=30)
        assert (answer.status_code, "plain SPARQL store" in answer.text) == (403, True)
        assert not (running.store / "derived").exists()
