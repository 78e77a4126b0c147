"""load, validate and export: what goes in comes out, or nothing goes in and a sentence says why."""

from __future__ import annotations

import json

import pytest
from pyoxigraph import RdfFormat, parse

from escrgraph.repository.log import ChangeLog

RECORD = "https://w3id.org/escrgraph/id/journal/test-journal"
GOOD = f"""@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix escr: <https://w3id.org/escrgraph/def/> .
<{RECORD}> a escr:Journal ; dcterms:title "A journal of tests"@en ; dcterms:source <https://example.org/journal> .
"""
UNTITLED = f"""@prefix escr: <https://w3id.org/escrgraph/def/> .
<{RECORD}> a escr:Journal .
"""
BROKEN = "@prefix dcterms: <http://purl.org/dc/terms/> .\n<https://example.org/a> dcterms:title “Curly” .\n"


@pytest.fixture
def files(tmp_path):
    for name, text in {"good.ttl": GOOD, "untitled.ttl": UNTITLED, "broken.ttl": BROKEN}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def test_a_file_is_published_as_one_change_in_the_graph_of_its_kind(escrgraph, files, store):
    done = escrgraph("load", "good.ttl", "--store", store)
    assert (done.code, done.out.partition(" (")[0]) == (
        0,
        "Change 2: 3 triples added; records created: 1, changed: 0.",
    )
    exported = escrgraph("export", "--graph", "journal", "--format", "nt", "--store", store)
    assert f'<{RECORD}> <http://purl.org/dc/terms/title> "A journal of tests"@en .' in exported.out
    again = escrgraph("load", "good.ttl", "--store", store)
    assert again.code == 0
    assert again.out.startswith("All of it is published already; nothing changed at version 2.")


def test_standard_input_is_a_file_like_others(escrgraph, store):
    done = escrgraph("load", "-", "--store", store, stdin=GOOD)
    assert done.code == 0
    asked = escrgraph("query", "-", "--format", "csv", "--store", store, stdin=f"SELECT ?p {{ <{RECORD}> ?p ?o }}")
    assert len(asked.out.splitlines()) == 4


def test_a_syntax_error_is_told_with_file_line_and_column_and_nothing_is_loaded(escrgraph, files, store):
    for option in ([], ["--unchecked"]):
        done = escrgraph("load", "good.ttl", "broken.ttl", "--store", store, *option)
        assert done.code == 2
        assert done.err.startswith("escrgraph load: broken.ttl, line 2, column ")
        assert done.err.endswith("Nothing was loaded.\n")
    spoken = escrgraph("load", "-", "--store", store, stdin=BROKEN)
    assert spoken.err.startswith("escrgraph load: standard input, line 2, column ")
    with ChangeLog(store / "log.sqlite") as log:
        assert len(log.entries()) == 1


def test_what_does_not_fit_the_shapes_is_not_published(escrgraph, files, store):
    done = escrgraph("load", "untitled.ttl", "--store", store)
    assert done.code == 1
    assert "must change" in done.err
    assert done.err.endswith("escrgraph load: The data do not fit the shapes. Nothing was loaded.\n")
    asked = escrgraph("query", "-", "--store", store, stdin=f"ASK {{ <{RECORD}> ?p ?o }}")
    assert asked.out == "no\n"


def test_unchecked_publishes_it_and_the_log_says_so(escrgraph, files, store):
    done = escrgraph("load", "untitled.ttl", "--unchecked", "--store", store)
    assert done.code == 0
    with ChangeLog(store / "log.sqlite") as log:
        head = log.head()
    assert head is not None
    assert (head.number, head.unchecked, head.reason) == (2, True, "Loaded from untitled.ttl.")


def test_an_export_loaded_elsewhere_gives_the_same_export(escrgraph, store, tmp_path):
    exported = escrgraph("export", "--store", store).out
    (tmp_path / "all.nq").write_text(exported, encoding="utf-8")
    done = escrgraph("load", "all.nq", "--unchecked", "--store", "other")
    assert done.code == 0
    again = escrgraph("export", "--store", "other").out
    assert said(again) == said(exported)


def said(export: str) -> set[str]:
    """The lines of an export but those of graph/provenance: when records were made here is this store's own affair."""
    return {line for line in export.splitlines() if not line.endswith("/graph/provenance> .")}


@pytest.mark.parametrize("form", ["nq", "trig", "jsonld", "ttl", "nt", "rdf"])
def test_every_format_of_an_export_can_be_read_again(escrgraph, library, form):
    done = escrgraph("export", "--graph", "method", "--format", form, "--store", library.store)
    read = RdfFormat.from_extension(form)
    assert read is not None
    assert len({quad.triple for quad in parse(done.out.encode(), read)}) > 500


def test_an_export_of_no_graph_is_told(escrgraph, library):
    done = escrgraph("export", "--graph", "nothing", "--store", library.store)
    assert (done.code, done.out) == (2, "")
    assert "There is no graph https://w3id.org/escrgraph/graph/nothing in the store." in done.err


def test_a_plain_store_takes_anything_into_its_own_graphs(escrgraph, tmp_path, monkeypatch):
    monkeypatch.setenv("ESCRGRAPH_DEFAULT_GRAPH", "own")
    (tmp_path / "any.trig").write_text("<urn:a> <urn:b> 1 . GRAPH <urn:g> { <urn:a> <urn:b> 2, 3 }", encoding="utf-8")
    done = escrgraph("load", "any.trig", "--store", "plain")
    assert done.code == 0
    assert "the default graph has 1 triples more" in done.out
    exported = escrgraph("export", "--store", "plain").out
    assert len(exported.splitlines()) == 3
    refused = escrgraph("export", "--format", "ttl", "--store", "plain")
    assert refused.code == 2
    assert "holds one graph" in refused.err


def test_validate_tells_what_is_wrong_in_three_ways(escrgraph, files, library):
    text = escrgraph("validate", "untitled.ttl", "--store", library.store)
    assert text.code == 1
    assert text.out.startswith("journal/test-journal\n  must change: ")
    report = json.loads(escrgraph("validate", "untitled.ttl", "--format", "json", "--store", library.store).out)
    assert report["conforms"] is False
    assert report["findings"][0]["record"] == "journal/test-journal"
    turtle = escrgraph("validate", "untitled.ttl", "--format", "ttl", "--store", library.store)
    assert any(quad.predicate.value.endswith("shacl#conforms") for quad in parse(turtle.out.encode(), RdfFormat.TURTLE))


def test_validate_without_a_file_checks_all_that_is_published(escrgraph, library, tmp_path):
    done = escrgraph("validate", "--store", library.store)
    assert done.code == 0
    assert ": 0 violations," in done.out.splitlines()[-1]
    shipped = escrgraph("validate", "--store", tmp_path / "none")
    assert shipped.code == 0
    assert shipped.out.splitlines()[-1] == done.out.splitlines()[-1]


def test_validate_takes_the_kind_from_the_command(escrgraph, tmp_path, library):
    (tmp_path / "bare.ttl").write_text(f'<{RECORD}> <http://purl.org/dc/terms/title> "T"@en .', encoding="utf-8")
    done = escrgraph("validate", "bare.ttl", "--kind", "journal", "--store", library.store)
    assert done.code == 0
    wrong = escrgraph("validate", "bare.ttl", "--kind", "planet", "--store", library.store)
    assert wrong.code == 2
    assert "“planet” is no kind" in wrong.err


def test_a_file_in_no_rdf_format_is_told(escrgraph, tmp_path, library):
    (tmp_path / "table.xlsx").write_bytes(b"PK")
    done = escrgraph("validate", "table.xlsx", "--store", library.store)
    assert done.code == 2
    assert "no RDF format that is read here" in done.err
