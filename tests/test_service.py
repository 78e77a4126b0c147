"""The composition root: a service is found, or made for as long as it is needed."""

from __future__ import annotations

import json

import pytest

from escrgraph.parts import address, listen
from escrgraph.repository.errors import Unavailable, WrongStore
from escrgraph.repository.formats import holder
from escrgraph.repository.readers import Query
from escrgraph.repository.supervisor import running
from escrgraph.service import attached, open_service
from escrgraph.settings import read_settings

HERE = "https://example.org/rights/"


def _settings(store, **more):
    return read_settings({"store": str(store), **more}, environment={})


def _values(service, query):
    bindings = json.loads(service.pages.ask(Query(query)).read())["results"]["bindings"]
    return [{name: term["value"] for name, term in row.items()} for row in bindings]


def test_where_nothing_runs_and_nothing_is_there_is_said(tmp_path):
    with pytest.raises(Unavailable, match="Start it with `escrgraph serve`"):
        open_service(_settings(tmp_path))
    with pytest.raises(WrongStore, match="There is no store"), attached(_settings(tmp_path / "none")):
        pass
    assert list(tmp_path.iterdir()) == []


def test_attaching_to_a_running_service_uses_it(library):
    with attached(_settings(library.store)) as service:
        assert service.runtime == running(library.store)
        assert service.pages.generation() == 1
        assert service.identity == open_service(_settings(library.store)).identity


def test_attaching_to_a_store_at_rest_starts_and_ends_its_parts(shipped_store, tmp_path):
    from escrgraph.repository.backups import restore

    restore(shipped_store, tmp_path / "store")
    with attached(_settings(tmp_path / "store")) as service:
        assert _values(service, "SELECT (COUNT(*) AS ?n) { ?s a <https://w3id.org/escrgraph/def/Finding> }") == [
            {"n": "87"}
        ]
        assert holder(tmp_path / "store") is not None
        assert service.runtime.is_dir()
    assert holder(tmp_path / "store") is None
    assert not service.runtime.exists()


def test_the_shipped_library_moves_to_the_base_of_the_repository(tmp_path):
    with attached(_settings(tmp_path / "store", base=HERE), create=True, empty=False) as service:
        graphs = _values(service, "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }")
        assert {row["g"].startswith(f"{HERE}graph/") for row in graphs} == {True}
        moved = "ASK { ?s ?p ?o FILTER(ISIRI(?o) && REGEX(STR(?o), '^https://w3id.org/escrgraph/(id|doc|graph)/')) }"
        assert json.loads(service.pages.ask(Query(moved)).read())["boolean"] is False
        kept = f"ASK {{ <{HERE}id/country/gtm> a <https://w3id.org/escrgraph/def/Country> }}"
        assert json.loads(service.pages.ask(Query(kept)).read())["boolean"] is True


def test_a_plain_store_gets_the_library_into_its_named_graphs(tmp_path):
    settings = _settings(tmp_path / "store", default_graph="own")
    with attached(settings, create=True, empty=False) as service:
        findings = "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s a <https://w3id.org/escrgraph/def/Finding> } }"
        assert _values(service, findings) == [{"n": "87"}]
        assert _values(service, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }") == [{"n": "0"}]


@pytest.mark.parametrize(("host", "begins"), [("127.0.0.1", "http://127.0.0.1:"), ("0.0.0.0", "http://127.0.0.1:")])
def test_the_address_told_can_be_opened_here(host, begins):
    with listen(host, 0) as listener:
        assert address(listener) == f"{begins}{listener.getsockname()[1]}/"
