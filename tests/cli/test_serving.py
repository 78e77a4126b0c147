"""serve: one service a store, commands beside it, earlier versions, and a clean end."""

from __future__ import annotations

import signal
import socket
import urllib.error
import urllib.request

import pytest
from tests.running import serving

RECORD = "https://w3id.org/escrgraph/id/journal/test-journal"
FILE = f"""@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix escr: <https://w3id.org/escrgraph/def/> .
<{RECORD}> a escr:Journal ; dcterms:title "A journal of tests"@en ; dcterms:source <https://example.org/journal> .
"""
ASK = f"ASK {{ <{RECORD}> ?p ?o }}"


def _asked(url: str, query: str) -> str:
    request = urllib.request.Request(
        f"{url}sparql", query.encode(), {"Content-Type": "application/sparql-query", "Accept": "text/csv"}
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return answer.read().decode().strip()


def test_an_empty_store_gets_the_shipped_library_unless_told_otherwise(library, tmp_path):
    counting = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
    assert int(_asked(library.url, counting).split()[1]) > 30_000
    with serving(tmp_path / "store", "--empty") as empty:
        assert int(_asked(empty.url, counting).split()[1]) == 0


def test_commands_go_through_the_service_that_runs(escrgraph, store):
    with serving(store) as running:
        done = escrgraph("load", "-", "--store", store, stdin=FILE)
        assert done.code == 0
        assert _asked(running.url, ASK) == "true"
        assert escrgraph("stats", "--store", store).code == 0
    assert escrgraph("query", "-", "--store", store, stdin=ASK).out == "yes\n"


def test_a_second_service_on_the_store_is_refused_and_names_the_first(escrgraph, library):
    done = escrgraph("serve", "-p", "0", "--store", library.store)
    assert done.code == 3
    assert f"The store {library.store} is in use by another escrgraph service, pid " in done.err
    assert _asked(library.url, "ASK {}") == "true"


def test_a_taken_port_is_told(escrgraph, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = escrgraph("serve", "-p", port, "--store", tmp_path / "store")
    assert done.code == 3
    assert f"Cannot listen at 127.0.0.1, port {port}: Address already in use." in done.err


def test_an_earlier_version_is_served_beside_the_newest_so_that_a_cited_answer_is_had_again(escrgraph, store):
    path = "queries/changes-since.csv?since=2020-01-01T00:00:00Z"
    with serving(store) as cited:
        before, generation = _got(cited.url + path)
    assert escrgraph("load", "-", "--store", store, stdin=FILE).code == 0
    with serving(store) as newest, serving(store, "--at", generation) as earlier:
        assert (_asked(newest.url, ASK), _asked(earlier.url, ASK)) == ("true", "false")
        assert _got(earlier.url + path) == (before, generation)
        after, number = _got(newest.url + path)
    assert int(number) == int(generation) + 1
    assert RECORD in after
    assert RECORD not in before


def _got(address):
    with urllib.request.urlopen(address, timeout=30) as answer:
        return answer.read().decode(), answer.headers["X-Generation"]


def test_a_version_that_never_was_is_told(escrgraph, store):
    done = escrgraph("serve", "-p", "0", "--at", "9", "--store", store)
    assert done.code == 2
    assert "There is no version 9: the log goes from 0 (empty) to 1." in done.err


def test_get_answers_one_request_and_ends(escrgraph, store):
    done = escrgraph("serve", "--get", "/sparql?query=ASK%20%7B%7D&format=csv", "--store", store)
    assert (done.code, done.out.strip()) == (0, "true")
    missing = escrgraph("serve", "--get", "/nowhere", "--store", store)
    assert missing.code == 1
    assert "/nowhere answered 404" in missing.err


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_however_it_ends_the_next_start_needs_no_hand(escrgraph, store, number):
    with serving(store) as running:
        assert escrgraph("load", "-", "--store", store, stdin=FILE).code == 0
        running.process.send_signal(number)
        assert running.process.wait(30) == (-signal.SIGKILL if number == signal.SIGKILL else 0)
    with serving(store) as again:
        assert _asked(again.url, ASK) == "true"


def test_the_web_answers_problems_with_sentences(library):
    with pytest.raises(urllib.error.HTTPError) as caught:
        _asked(library.url, "SELEC")
    assert caught.value.code == 400
    assert "is not SPARQL 1.1" in caught.value.read().decode()
