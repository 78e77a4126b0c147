"""A server that goes away, hangs, is changed behind our back or belongs to somebody else: what is lost, who says so."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import requests
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, parse
from tests.engines import Virtuoso, demand_virtuoso, virtuoso
from tests.remote.conftest import Behind, standing_before
from tests.repository.worlds import BASE, RESOURCE, change, finding, node, title
from tests.running import COMMAND, environment, serving

from escrgraph.repository.errors import NotApplied, RepositoryError
from escrgraph.repository.store import normalised

XSD = "http://www.w3.org/2001/XMLSchema#"


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Virtuoso]:
    demand_virtuoso()
    with virtuoso(tmp_path_factory.mktemp("faults") / "virtuoso") as found:
        yield found


@pytest.fixture
def empty(shared: Virtuoso) -> Iterator[Virtuoso]:
    """A server without a repository; what a test leaves is taken away."""
    yield shared
    names = ("merged", "state", "resource", "finding", "inferred", "provenance", "links")
    for name in names:
        shared.sql(f"SPARQL CLEAR GRAPH <{BASE.graph(name)}>")


def until(condition: Callable[[], object], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.1)


def held(server: Virtuoso, record: str, name: str = "merged") -> int:
    """How many statements the server has about a record and its parts in a graph."""
    asked = (
        f"SELECT (COUNT(*) AS ?n) WHERE {{ GRAPH <{BASE.graph(name)}> {{ ?s ?p ?o "
        f'FILTER(STRSTARTS(STR(?s), "{BASE.record_iri(record)}")) }} }}'
    )
    return int(server.rows(asked)[0][0])


def number(server: Virtuoso) -> list[str]:
    asked = (
        f"SELECT ?n WHERE {{ GRAPH <{BASE.graph('state')}> {{ ?s <https://w3id.org/escrgraph/def/generation> ?n }} }}"
    )
    return [row[0] for row in server.rows(asked)]


def said(behind: Behind, record: str) -> str:
    answer = requests.get(f"{behind.running.url}doc/{record}.nt", timeout=60)
    return answer.text if answer.status_code == 200 else str(answer.status_code)


@contextmanager
def service(server: Virtuoso, directory: Path, **variables: str) -> Iterator[Behind]:
    directory.mkdir(exist_ok=True)
    with standing_before(server, directory / "store", "--empty", **variables) as found:
        yield found


def test_changes_go_to_the_server_and_leave_it_again(empty: Virtuoso, tmp_path: Path) -> None:
    with service(empty, tmp_path) as behind:
        writer = behind.site.service.writer
        receipt = writer.commit(change([title("resource/a", "First"), *finding("f")]))
        assert (number(empty), receipt.number) == (["1"], 1)
        assert (held(empty, "resource/a"), held(empty, "resource/a", "resource")) == (1, 1)
        assert held(empty, "finding/f") > 5  # with what follows from it
        assert "First" in said(behind, "resource/a")
        writer.commit(change([title("resource/a", "Second")], [title("resource/a", "First")]))
        assert ("Second" in said(behind, "resource/a"), "First" in said(behind, "resource/a")) == (True, False)
        writer.commit(change(withdrawn=["finding/f"]))
        assert (held(empty, "finding/f"), held(empty, "finding/f", "finding"), number(empty)) == (0, 0, ["3"])
        writer.redact("resource/a", "tester", "it harms")
        assert (held(empty, "resource/a"), said(behind, "resource/a")) == (0, "410")
        assert (
            empty.rows(
                f"SELECT ?s WHERE {{ GRAPH <{BASE.graph('provenance')}> {{ ?s ?p <{node('resource/a').value}> }} }}"
            )
            == []
        )


def test_literals_of_which_the_server_makes_others_stay_what_they_are(empty: Virtuoso, tmp_path: Path) -> None:
    literals = [
        Literal("1.50", datatype=NamedNode(XSD + "decimal")),
        Literal("true", datatype=NamedNode(XSD + "boolean")),
        Literal("P1D", datatype=NamedNode(XSD + "duration")),
        Literal("99999999999999999999", datatype=NamedNode(XSD + "integer")),
        Literal("1.1234567890123456789", datatype=NamedNode(XSD + "decimal")),
        Literal("a\n\"b\" \\ '''c''' <d> {e}", language="en-GB"),
        Literal("POINT(1 2)", datatype=NamedNode("http://www.opengis.net/ont/geosparql#wktLiteral")),
    ]
    odd = [
        Quad(node("resource/a"), NamedNode(f"urn:p{place}"), literal, RESOURCE)
        for place, literal in enumerate(literals)
    ]
    with service(empty, tmp_path) as behind:
        writer = behind.site.service.writer
        writer.commit(change([title("resource/a", "Odd"), *odd]))
        assert held(empty, "resource/a") == len(odd) + 1
        with behind.site.service.pages.dump("application/n-quads", RESOURCE.value) as answer:
            assert {quad.object for quad in parse(answer.read(), RdfFormat.N_QUADS)} >= {
                quad.object for quad in normalised(odd)
            }
        writer.commit(change(removed=odd))
        assert held(empty, "resource/a") == 1


def test_a_server_that_is_killed_comes_back_with_all_that_was_acknowledged(server: Virtuoso, tmp_path: Path) -> None:
    with service(server, tmp_path) as behind:
        writer = behind.site.service.writer
        writer.commit(change([title("resource/a", "Before")]))
        server.sql("checkpoint")  # what it keeps of itself in a power cut is its own affair
        server.kill()
        answer = requests.get(f"{behind.running.url}doc/resource/a.nt", timeout=60)
        assert (answer.status_code, "SPARQL server" in answer.text) == (503, True)
        with pytest.raises(NotApplied, match="look for it"):
            writer.commit(change([title("resource/b", "Meanwhile")]))
        assert requests.get(f"{behind.running.url}health", timeout=60).status_code == 200
        server.start()
        until(lambda: "Meanwhile" in said(behind, "resource/b"))
        assert ("Before" in said(behind, "resource/a"), number(server)) == (True, ["2"])
        assert writer.commit(change([title("resource/c", "After")])).number == 3


@pytest.mark.drill
def test_a_server_that_hangs_costs_its_queries_and_nothing_else(empty: Virtuoso, tmp_path: Path) -> None:
    with service(empty, tmp_path, ESCRGRAPH_QUERY_TIMEOUT="2") as behind:
        behind.site.service.writer.commit(change([title("resource/a", "Here")]))
        empty.pause()
        try:
            answer = requests.get(f"{behind.running.url}sparql", params={"query": "ASK { ?s ?p ?o }"}, timeout=60)
            assert (answer.status_code, "out of time" in answer.text) == (503, True)
            assert requests.get(f"{behind.running.url}health", timeout=60).status_code == 200
        finally:
            empty.go_on()
        until(lambda: "Here" in said(behind, "resource/a"))


@pytest.mark.drill
@pytest.mark.parametrize("point", ["after-log", "between-remote-updates", "before-remote-number", "before-answer"])
def test_whatever_dies_on_the_way_to_the_server_is_made_good(empty: Virtuoso, tmp_path: Path, point: str) -> None:
    with service(empty, tmp_path) as behind:
        behind.site.service.writer.commit(change([title("resource/a", "First")]))
    # An armed point kills again after each restart, so this service never gets there.
    with service(empty, tmp_path, ESCRGRAPH_FAULT=f"{point}:{1 if point != 'before-answer' else 2}") as behind:
        added = [title("resource/a", "Second"), *finding("f")]
        with suppress(RepositoryError):
            behind.site.service.writer.commit(change(added, [title("resource/a", "First")]))
    with service(empty, tmp_path) as behind:
        assert number(empty) == ["2"]
        assert ("Second" in said(behind, "resource/a"), "First" in said(behind, "resource/a")) == (True, False)
        assert held(empty, "finding/f", "finding") == 5


@pytest.mark.drill
def test_what_is_changed_behind_our_back_is_mended_by_a_restart(empty: Virtuoso, tmp_path: Path) -> None:
    with service(empty, tmp_path) as behind:
        behind.site.service.writer.commit(change([title("resource/a", "Mine")]))
    graph, record = BASE.graph("merged"), node("resource/a").value
    empty.sql(f"SPARQL DELETE WHERE {{ GRAPH <{graph}> {{ <{record}> ?p ?o }} }}")
    empty.sql(f"SPARQL INSERT DATA {{ GRAPH <{graph}> {{ <urn:other> <urn:p> 1 . <urn:other> <urn:p> 2 }} }}")
    with service(empty, tmp_path) as behind:
        assert "Mine" in said(behind, "resource/a")
        assert empty.rows(f"SELECT ?o WHERE {{ GRAPH <{graph}> {{ <urn:other> ?p ?o }} }}") == []


@pytest.mark.drill
def test_the_library_of_another_log_is_not_overwritten_unasked(empty: Virtuoso, tmp_path: Path) -> None:
    with service(empty, tmp_path / "one") as behind:
        behind.site.service.writer.commit(change([title("resource/a", "Mine")]))
    variables = empty.settings() | {"ESCRGRAPH_DIRECTORY": str(tmp_path / "two" / "store")}

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [*COMMAND, *arguments]
        return subprocess.run(
            command,
            env=environment(**variables),
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    refused = run("serve", "--empty", "-p", "0")
    assert refused.returncode == 3
    assert "change 1 of another change log" in refused.stderr
    assert held(empty, "resource/a") == 1
    assert run("rebuild").returncode == 0
    assert (held(empty, "resource/a"), number(empty)) == (0, ["0"])


def test_a_wrong_password_is_told_before_anything_starts(empty: Virtuoso, tmp_path: Path) -> None:
    variables = empty.settings() | {"ESCRGRAPH_DIRECTORY": str(tmp_path / "store"), "ESCRGRAPH_STORE_PASSWORD": "no"}
    command = [*COMMAND, "config", "--check"]
    done = subprocess.run(
        command, env=environment(**variables), cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1
    assert "ESCRGRAPH_STORE_PASSWORD" in done.stdout
    assert empty.settings()["ESCRGRAPH_STORE_PASSWORD"] not in done.stdout + done.stderr


def test_check_says_what_the_server_lacks_and_leaves_nothing(empty: Virtuoso, tmp_path: Path) -> None:
    variables = empty.settings() | {"ESCRGRAPH_DIRECTORY": str(tmp_path / "store")}
    command = [*COMMAND, "config", "--check"]
    before = empty.rows("SELECT (COUNT(*) AS ?n) WHERE { GRAPH ?g { ?s ?p ?o } }")
    done = subprocess.run(
        command, env=environment(**variables), cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    for told in ("The profile is virtuoso", "cuts long answers and says so", "HAVING", "holds no repository"):
        assert told in done.stdout
    assert empty.rows("SELECT (COUNT(*) AS ?n) WHERE { GRAPH ?g { ?s ?p ?o } }") == before


def test_a_server_that_cuts_in_silence_is_found_out(empty: Virtuoso, tmp_path: Path) -> None:
    """Virtuoso says where it cuts; to the default profile, which does not know in which header, it is silent."""
    from escrgraph.repository.remote.addresses import address

    settings = empty.settings()
    user, password = settings["ESCRGRAPH_STORE_USER"], settings["ESCRGRAPH_STORE_PASSWORD"]
    assert address(empty.url, user, password, "default").cap == 10_000
    assert address(empty.url, user, password, "virtuoso").cap == 0
    assert tmp_path.is_dir()


def test_a_server_that_is_not_there_is_named(tmp_path: Path) -> None:
    variables = {"ESCRGRAPH_STORE": "http://me:hush@127.0.0.1:9/sparql", "ESCRGRAPH_DIRECTORY": str(tmp_path / "store")}
    with (
        pytest.raises(AssertionError, match=r"http://127\.0\.0\.1:9/sparql cannot be reached") as told,
        serving(tmp_path / "store", "--empty", **variables),
    ):
        pass
    assert "hush" not in str(told.value)
