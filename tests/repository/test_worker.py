"""What a worker makes of a request: every kind of result in every format, datasets, values put in, dumps, errors."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pyoxigraph import (
    BlankNode,
    Literal,
    NamedNode,
    QueryResultsFormat,
    RdfFormat,
    Store,
    parse,
    parse_query_results,
)
from tests.repository.serving import COUNT, CSV, GRAPH, Service, lines, served

from escrgraph.repository import evaluation, spawn
from escrgraph.repository.errors import Malformed, TooLarge, Unacceptable
from escrgraph.repository.readers import Formats, Query

THINGS = 20
LABELS = "SELECT ?s ?o { ?s <https://example.org/label> ?o } ORDER BY ?o"
THING = NamedNode("https://example.org/id/3")


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """One service for all requests."""
    with served(tmp_path_factory.mktemp("store"), THINGS) as running:
        yield running


@pytest.fixture(scope="module")
def local() -> Store:
    """The same quads in this process."""
    store = Store()
    store.load(lines(THINGS), RdfFormat.N_QUADS)
    return store


Ask = Callable[..., bytes]


@pytest.fixture
def ask(service: Service) -> Ask:
    """Ask a query and read its answer."""

    def asked(text: str, **options: object) -> bytes:
        return service.readers().ask(Query(text, **{"formats": CSV, **options})).read()  # type: ignore[arg-type]

    return asked


@pytest.mark.parametrize("form", ["JSON", "XML", "CSV", "TSV"])
@pytest.mark.parametrize("text", [LABELS, "ASK { ?s ?p ?o }", "SELECT * { ?s ?p <urn:none> }"])
def test_tables_are_what_the_engine_gives_in_process(ask: Ask, local: Store, form: str, text: str) -> None:
    wanted: QueryResultsFormat = getattr(QueryResultsFormat, form)
    expected = local.query(text).serialize(format=wanted)  # type: ignore[union-attr]
    assert ask(text, formats=Formats(wanted.media_type, wanted.media_type)) == expected


@pytest.mark.parametrize("form", ["TURTLE", "TRIG", "N_TRIPLES", "N_QUADS", "RDF_XML", "JSON_LD", "N3"])
@pytest.mark.parametrize("text", ["CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }", f"DESCRIBE {THING}"])
def test_graphs_are_what_the_engine_gives_in_process(ask: Ask, local: Store, form: str, text: str) -> None:
    wanted: RdfFormat = getattr(RdfFormat, form)
    answer = ask(text, formats=Formats(graph=wanted.media_type))
    assert {quad.triple for quad in parse(answer, wanted)} == set(local.query(text))  # type: ignore[call-overload]


def test_turtle_comes_with_the_prefixes_of_the_project(ask: Ask) -> None:
    answer = ask("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }", formats=Formats(graph="text/turtle"))
    assert b"@prefix escr: <https://w3id.org/escrgraph/def/> ." in answer


def test_the_head_says_what_the_answer_is(service: Service) -> None:
    for text, kind, media_type in (
        (LABELS, "solutions", "text/csv"),
        ("ASK {}", "boolean", "text/csv"),
        (f"DESCRIBE {THING}", "graph", "application/n-triples"),
    ):
        with service.readers().ask(Query(text, formats=CSV)) as answer:
            assert (answer.generation, answer.kind, answer.media_type) == (7, kind, media_type)
            assert answer.read()
            assert answer.milliseconds is not None


@pytest.mark.parametrize("text", [LABELS, "ASK {}", f"DESCRIBE {THING}"])
def test_a_kind_of_result_that_no_format_fits_is_refused(ask: Ask, text: str) -> None:
    with pytest.raises(Unacceptable, match="none of the formats accepted"):
        ask(text, formats=Formats())


def test_a_graph_format_does_not_hold_a_table(ask: Ask) -> None:
    with pytest.raises(Unacceptable, match="cannot hold a table"):
        ask(LABELS, formats=Formats(solutions="text/turtle"))


@pytest.mark.parametrize(
    "value",
    [
        THING,
        Literal("two\nlines and “quotes” \\ \" '"),
        Literal("نص", language="ar"),
        Literal("2024-02-29", datatype=NamedNode("http://www.w3.org/2001/XMLSchema#date")),
    ],
)
def test_values_are_put_in_place_of_variables(ask: Ask, value: NamedNode | Literal) -> None:
    answer = ask("SELECT ?v {}", substitutions={"v": value}, formats=Formats("application/sparql-results+json"))
    rows = list(parse_query_results(answer, QueryResultsFormat.JSON))  # type: ignore[arg-type]
    assert [row["v"] for row in rows] == [value]


def test_a_value_for_a_variable_that_is_not_selected_is_refused(ask: Ask) -> None:
    with pytest.raises(Malformed, match=r"\?other"):
        ask("SELECT ?v {}", substitutions={"other": THING})


def test_terms_are_read_as_in_n_triples() -> None:
    for term in (THING, Literal("a"), Literal("a", language="en"), Literal("1", datatype=THING)):
        assert evaluation.term(str(term)) == term
    assert isinstance(evaluation.term("_:b"), BlankNode)
    for text in ("", "<urn:a", '"a', "<urn:a> <urn:b>", "<urn:a> . <urn:b> <urn:c> <urn:d>"):
        with pytest.raises(Malformed):
            evaluation.term(text)


IN_GRAPH = "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }"
ALL = 2 * THINGS


@pytest.mark.parametrize(
    ("options", "default", "named"),
    [
        ({}, ALL, ALL),
        ({"union": True}, 2 * ALL, ALL),  # each triple stands in both
        ({"default_graphs": (GRAPH,)}, ALL, 0),
        ({"named_graphs": (GRAPH,)}, 0, ALL),
        ({"default_graphs": ("urn:none",), "named_graphs": ("urn:none",)}, 0, 0),
        ({"default_graphs": ("urn:none",), "union": True}, 0, 0),
        ({"default_graphs": (GRAPH,), "named_graphs": (GRAPH,)}, ALL, ALL),
    ],
)
def test_the_dataset_is_what_the_request_names(ask: Ask, options: dict[str, object], default: int, named: int) -> None:
    counts = [int(ask(text, **options).split()[1]) for text in (COUNT, IN_GRAPH)]
    assert counts == [default, named]


def test_the_dataset_of_the_request_goes_before_that_of_the_query(ask: Ask) -> None:
    text = COUNT.replace("WHERE", "FROM <urn:none> WHERE")
    assert ask(text).split()[1] == b"0"
    assert ask(text, union=True).split()[1] == b"0"
    assert int(ask(text, default_graphs=(GRAPH,)).split()[1]) == ALL


def test_relative_iris_need_a_base(ask: Ask) -> None:
    text = "SELECT ?o { <3> <../label> ?o }"
    assert ask(text, base="https://example.org/id/") == b"o\r\nthing number 3\r\n"
    with pytest.raises(Malformed):
        ask(text)
    with pytest.raises(Malformed, match="cannot be evaluated"):
        ask(text, base="no base")


@pytest.mark.parametrize(
    ("text", "line", "column", "says"),
    [
        ("SELECT * {", 1, 11, "something is missing"),
        ("SELECT *\n{ ?s ex:p ?o }", 2, 11, "the prefix “ex:” is not declared"),
        ("SELECT *\n{\n  ?s ?p FILTER }", 3, 15, "after “?s ?p FILTER” comes “}”"),
        ("", 1, 1, "something is missing"),
    ],
)
def test_a_syntax_error_names_its_place(ask: Ask, text: str, line: int, column: int, says: str) -> None:
    with pytest.raises(Malformed, match=r"is not SPARQL 1\.1") as caught:
        ask(text)
    assert (caught.value.line, caught.value.column) == (line, column)
    assert says in str(caught.value)
    assert "\\u{" not in str(caught.value)


def test_a_text_over_the_limit_is_refused(ask: Ask) -> None:
    assert ask(COUNT + " #" + "x" * 500_000).split()[1] == str(ALL).encode()
    with pytest.raises(TooLarge):
        ask(COUNT + " #" + "x" * 1_100_000)


def test_several_queries_are_answered_in_turn_from_one_generation(service: Service) -> None:
    texts = [COUNT, "ASK { ?s ?p <urn:none> }", LABELS, "SELECT ?s { ?s ?p <urn:none> }", f"DESCRIBE {THING}"]
    big = "SELECT * { ?a ?b ?c . ?d ?e ?f . FILTER(STRLEN(STR(?c)) > 0) }"
    readers = service.readers("pages")
    bodies = readers.ask_all([Query(text, formats=CSV) for text in [*texts, big, COUNT]])
    assert bodies.generation == 7
    assert bodies[:] == [readers.ask(Query(text, formats=CSV)).read() for text in [*texts, big, COUNT]]
    with pytest.raises(Malformed):
        len(readers.ask_all([Query(COUNT, formats=CSV), Query("SELEC", formats=CSV)]))


@pytest.mark.parametrize("form", ["N_QUADS", "TRIG", "JSON_LD"])
def test_a_dump_of_everything_holds_the_named_graphs(service: Service, local: Store, form: str) -> None:
    wanted: RdfFormat = getattr(RdfFormat, form)
    named = set(local.quads_for_pattern(None, None, None, NamedNode(GRAPH)))
    with service.readers().dump(wanted.media_type) as answer:
        assert answer.kind == "dataset"
        assert set(parse(answer.read(), wanted)) == named
    assert set(parse(service.readers().dump(wanted.media_type, default=True).read(), wanted)) == set(local)
    assert not list(parse(service.readers().dump(wanted.media_type, without=[GRAPH]).read(), wanted))


@pytest.mark.parametrize("form", ["TURTLE", "N_TRIPLES", "RDF_XML", "N_QUADS", "TRIG", "JSON_LD"])
@pytest.mark.parametrize("graph", [GRAPH, "default"])
def test_one_graph_can_be_had_in_every_format(service: Service, local: Store, form: str, graph: str) -> None:
    wanted: RdfFormat = getattr(RdfFormat, form)
    with service.readers().dump(wanted.media_type, graph) as answer:
        assert answer.kind == "graph"
        assert {quad.triple for quad in parse(answer.read(), wanted)} == {quad.triple for quad in local}


def test_a_graph_that_is_not_there_is_absent(service: Service) -> None:
    with service.readers().dump("text/turtle", "urn:none") as answer:
        assert (answer.kind, answer.read()) == ("absent", b"")


def test_many_graphs_do_not_fit_a_format_for_one(service: Service) -> None:
    with pytest.raises(Unacceptable, match="Name a graph"):
        service.readers().dump("text/turtle")


def test_lines_are_rewritten_wherever_the_pieces_end() -> None:
    class Sink:
        def __init__(self) -> None:
            self.data = b""

        def write(self, data: bytes) -> int:
            self.data += data
            return len(data)

    triples = b'<urn:a> <urn:b> "x . y\\n ." .\n' * 5
    for size in range(1, 40):
        sink = Sink()
        lines_to = evaluation.Lines(sink, NamedNode("urn:g"))
        for start in range(0, len(triples), size):
            lines_to.write(triples[start : start + size])
        assert sink.data == triples.replace(b'" .\n', b'" <urn:g> .\n')


PROGRAM = """
import sys
from pyoxigraph import Store
from escrgraph.repository import sandbox
sandbox.confine(256 << 20)
store, there = Store(), sys.argv[1]
for text in (f"SELECT * {{ SERVICE <{there}> {{ ?s ?p ?o }} }}", f"LOAD <{there}>", "LOAD <file:///etc/passwd>"):
    try:
        list(store.query(text)) if text.startswith("SELECT") else store.update(text)
    except OSError as error:
        print("refused", end=" ")
"""


def test_even_a_query_that_was_not_checked_reaches_nobody(tmp_path: Path) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        there = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        command = [sys.executable, "-P", "-c", PROGRAM, there]
        done = subprocess.run(command, env=spawn.environment(), capture_output=True, text=True, timeout=60, check=True)
        assert done.stdout.split() == ["refused"] * 3
        with pytest.raises(BlockingIOError):
            listener.accept()


def test_a_request_travels_as_json() -> None:
    query = Query("ASK {}", {"v": Literal("a", language="en")}, named_graphs=("urn:g",))
    assert json.loads(json.dumps(query.request()))["substitutions"] == {"v": '"a"@en'}
