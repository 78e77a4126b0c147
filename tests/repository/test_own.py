"""In own mode the store is plain SPARQL 1.1: whatever Oxigraph does in process, the writer does."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import pytest
from pyoxigraph import Store
from tests.repository.worlds import BASE

from escrgraph.repository import own
from escrgraph.repository.errors import Declined, Malformed, OutOfTime
from escrgraph.repository.formats import Mode
from escrgraph.repository.own import OwnStore
from escrgraph.repository.using import with_dataset
from escrgraph.repository.writing import Writer, own_writer

TURTLE, TRIPLES = "text/turtle", "application/n-triples"


def held(store: Store) -> set[str]:
    return {str(quad) for quad in store}


def content(writer: Writer, directory: Path) -> set[str]:
    """What the store holds, read from a backup: the live directory must not be opened beside its writer."""
    return held(Store.read_only(str(copied(writer, directory))))


def copied(writer: Writer, directory: Path) -> Path:
    target = Path(tempfile.mkdtemp(dir=directory))
    writer.backup(target)
    return target / "current"


def update(writer: Writer, text: str, **more: object) -> int:
    return writer.update(text, 20, **more)  # type: ignore[arg-type]


def test_an_update_is_whole_and_numbered(plain: Writer, tmp_path: Path) -> None:
    first = update(plain, "INSERT DATA { <a:a> <b:b> 1 } ; INSERT DATA { GRAPH <g:g> { <a:a> <b:b> 2 } }")
    assert update(plain, "DELETE WHERE { <a:a> <b:b> 1 }") == first + 1
    assert len(content(plain, tmp_path)) == 1


def test_blank_nodes_are_allowed_and_nothing_is_added(plain: Writer, tmp_path: Path) -> None:
    update(plain, "INSERT DATA { _:a <b:b> [ <c:c> 1 ] }")
    assert len(content(plain, tmp_path)) == 2


def test_the_base_of_the_request_is_used(plain: Writer, tmp_path: Path) -> None:
    update(plain, "INSERT DATA { <x> <y> <z> }", base="http://example.org/d/")
    assert content(plain, tmp_path) == {"<http://example.org/d/x> <http://example.org/d/y> <http://example.org/d/z>"}


@pytest.mark.parametrize(
    "text",
    [
        "LOAD <http://127.0.0.1:1/x>",
        "LOAD SILENT <file:///etc/passwd>",
        "INSERT { ?s ?p ?o } WHERE { SERVICE SILENT <http://127.0.0.1:1/> { ?s ?p ?o } }",
    ],
)
def test_reaching_out_is_declined(plain: Writer, text: str) -> None:
    with pytest.raises(Declined):
        update(plain, text)


def test_a_malformed_update_names_the_place(plain: Writer) -> None:
    with pytest.raises(Malformed, match=r"not SPARQL 1\.1") as caught:
        update(plain, "INSERT DATA {\n <a:a> <b:b> }")
    assert caught.value.line == 2


def test_a_failing_operation_undoes_those_before_it(plain: Writer, tmp_path: Path) -> None:
    with pytest.raises(Malformed):
        update(plain, "INSERT DATA { <a:a> <b:b> 1 } ; CREATE GRAPH <g:g> ; CREATE GRAPH <g:g>")
    assert content(plain, tmp_path) == set()


def test_a_runaway_update_is_ended_and_nothing_of_it_is_applied(tmp_path: Path) -> None:
    with own_writer(tmp_path / "plain", BASE.iri, Mode.OWN) as writer:
        before = update(writer, "INSERT DATA {" + "".join(f"<a:{n}> <b:b> {n} ." for n in range(3000)) + "}")
        began = time.monotonic()
        with pytest.raises(OutOfTime, match=r"0\.5 s \(ESCRGRAPH_QUERY_TIMEOUT\)"):
            writer.update(
                "INSERT DATA { <a:new> <b:b> 1 } ;"
                "INSERT { ?a <c:c> ?c } WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(?c + ?f + ?i < 0) }",
                0.5,
            )
        assert time.monotonic() - began < 5
    with own_writer(tmp_path / "plain", BASE.iri, Mode.OWN) as writer:
        assert writer.status()["generation"] > before
        assert len(content(writer, tmp_path)) == 3000


def test_graphs_are_put_posted_to_and_deleted(plain: Writer, tmp_path: Path) -> None:
    assert plain.put_graph("http://g/g", b'<a:a> <b:b> "x" .', TURTLE).existed is False
    assert plain.put_graph("http://g/g", b'<a:a> <b:b> "y" .', TURTLE).existed is True
    assert plain.post_graph("http://g/g", b'<a:a> <b:b> "z" .', TRIPLES).existed is True
    assert plain.post_graph(None, b'<a:a> <b:b> "d" .', TURTLE).existed is True
    assert content(plain, tmp_path) == {
        '<a:a> <b:b> "y" <http://g/g>',
        '<a:a> <b:b> "z" <http://g/g>',
        '<a:a> <b:b> "d"',
    }
    assert plain.put_graph(None, b'<a:a> <b:b> "e" .', TURTLE).existed is True
    assert plain.delete_graph("http://g/g").existed is True
    assert plain.delete_graph("http://g/g").existed is False
    assert content(plain, tmp_path) == {'<a:a> <b:b> "e"'}
    plain.delete_graph(None)
    assert content(plain, tmp_path) == set()


def test_an_empty_graph_that_was_put_is_there(plain: Writer) -> None:
    plain.put_graph("http://g/empty", b"", TURTLE)
    assert plain.delete_graph("http://g/empty").existed is True


@pytest.mark.parametrize(
    ("graph", "data", "media_type", "words"),
    [
        ("http://g/g", b"<a:a> <b:b> ", TURTLE, "are not Turtle"),
        ("http://g/g", b"<a:a> <b:b> <c:c> <g:g> .", "application/n-quads", "a graph of their own"),
        ("http://g/g", b"", "image/png", "no syntax for a graph"),
        ("no iri", b"", TURTLE, "absolute IRI"),
    ],
)
def test_a_graph_that_cannot_be_put_stays_as_it_was(
    plain: Writer, tmp_path: Path, graph: str, data: bytes, media_type: str, words: str
) -> None:
    plain.put_graph("http://g/g", b'<a:a> <b:b> "x" .', TURTLE)
    for change in (plain.put_graph, plain.post_graph):
        with pytest.raises(Malformed, match=words):
            change(graph, data, media_type)
    assert content(plain, tmp_path) == {'<a:a> <b:b> "x" <http://g/g>'}


def test_large_data_take_the_bulk_road_with_the_same_result(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own, "LARGE", 10)
    (tmp_path / "store").mkdir()
    store = OwnStore(tmp_path / "store")
    store.put("http://g/g", b'<a:a> <b:b> "x", "y" .', TURTLE, None)
    store.post("http://g/g", b'<a:a> <b:b> "z" .', TURTLE, None)
    assert len(list(store.store)) == 3
    with pytest.raises(Malformed):
        store.post("http://g/g", b'<a:a> <b:b> "w" . <a:a> nonsense', TURTLE, None)
    assert len(list(store.store)) == 3
    store.close()


def test_a_restart_moves_the_number_on(tmp_path: Path) -> None:
    numbers = []
    for _ in range(2):
        with own_writer(tmp_path / "plain", BASE.iri, Mode.OWN) as writer:
            numbers.append(writer.status()["generation"])
    assert numbers[1] > numbers[0]


DATA = [
    '<a:s> <a:p> "d" .',
    'GRAPH <http://g/1> { <a:s> <a:p> "1" } GRAPH <http://g/2> { <a:s> <a:p> "2" }',
]
RESULTS = {
    "INSERT { <r:r> <r:r> ?o } WHERE { ?s <a:p> ?o }": {"1"},
    "INSERT { <r:r> <r:r> ?o } WHERE { GRAPH ?g { ?s <a:p> ?o } }": {"2"},
    "# WHERE {\nPREFIX where: <a:> INSERT { <r:r> <r:r> ?o } wHeRe { ?s where:p ?o . FILTER(?o != 'WHERE {') }": {"1"},
    "INSERT { <r:r> <r:r> ?o } WHERE { { SELECT ?o WHERE { ?s <a:p> ?o } } }": {"1"},
    "DELETE { ?s <a:p> ?o } INSERT { <r:r> <r:r> ?o } WHERE { ?s <a:p> ?o }": {"1"},
    "INSERT DATA { <r:r> <r:r> 'x' } ; INSERT { <r:r> <r:r> ?o } WHERE { ?s <a:p> ?o }": {"x", "1"},
}


@pytest.mark.parametrize("text", RESULTS)
def test_the_dataset_of_the_request_is_what_where_sees(plain: Writer, tmp_path: Path, text: str) -> None:
    update(plain, f"INSERT DATA {{ {' '.join(DATA)} }}")
    update(plain, text, using=["http://g/1"], using_named=["http://g/2"])
    inserted = Store.read_only(str(copied(plain, tmp_path))).quads_for_pattern(None, None, None)
    assert {quad.object.value for quad in inserted if quad.predicate.value == "r:r"} == RESULTS[text]


def test_delete_where_takes_the_dataset_too(plain: Writer, tmp_path: Path) -> None:
    update(plain, f"INSERT DATA {{ {' '.join(DATA)} <a:s> <a:p> '1' }}")
    update(plain, "DELETE WHERE { ?s <a:p> ?o }", using=["http://g/1"])
    left = content(plain, tmp_path)
    assert '<a:s> <a:p> "1"' not in left
    assert '<a:s> <a:p> "d"' in left


@pytest.mark.parametrize(
    "text",
    [
        "WITH <http://g/1> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }",
        "DELETE { ?s ?p ?o } USING <http://g/1> WHERE { ?s ?p ?o }",
    ],
)
def test_a_dataset_in_both_places_is_refused(text: str) -> None:
    with pytest.raises(Malformed, match="one way only"):
        with_dataset(text, ["http://g/1"], [])


def test_a_dataset_of_no_iris_is_refused() -> None:
    with pytest.raises(Malformed, match="absolute IRIs"):
        with_dataset("DELETE WHERE { ?s ?p ?o }", ["x> WHERE {} ; DROP ALL #"], [])


def test_text_that_is_no_update_passes_through_to_be_refused_by_the_engine() -> None:
    for text in ("", "}", "WHERE", "DELETE WHERE", "{{{{", "INSERT { } WHERE"):
        assert isinstance(with_dataset(text, ["http://g/1"], []), str)
