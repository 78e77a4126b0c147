"""load --release: what nobody touched is brought up to date, what both sides changed is set apart."""

from __future__ import annotations

import shutil

import pytest
from pyoxigraph import NamedNode, Quad, RdfFormat, parse

from escrgraph.repository.changes import Cause, Change
from escrgraph.service import attached
from escrgraph.settings import read_settings
from escrgraph.vocabulary import shipped

MINE, THEIRS = "Changed here", "Changed in the release"


@pytest.fixture
def newer(tmp_path, monkeypatch):
    """A newer release: the shipped files with other titles for two journals."""
    root = tmp_path / "newer"
    for part in ("ontology", "shapes", "data", "queries"):
        shutil.copytree(shipped.root() / part, root / part)
    file = root / "data" / "journal.ttl"
    first, second = _journals(file)[:2]
    text = file.read_text(encoding="utf-8")
    for quad in (first, second):
        assert f'"{quad.object.value}"' in text
        text = text.replace(f'"{quad.object.value}"', f'"{THEIRS}"')
    file.write_text(text, encoding="utf-8")
    monkeypatch.setattr(shipped, "root", lambda: root)
    return first, second


def _journals(file):
    quads = parse(path=file, format=RdfFormat.TURTLE)
    return sorted((q for q in quads if q.predicate.value.endswith("/title")), key=lambda q: q.subject.value)


def _retitle(store, quad, title):
    """Publish another title, as a curator here would."""
    graph = NamedNode("https://w3id.org/escrgraph/graph/journal")
    old = Quad(quad.subject, quad.predicate, quad.object, graph)
    new = Quad(quad.subject, quad.predicate, type(quad.object)(title, language=quad.object.language), graph)
    with attached(read_settings({"store": str(store)}, environment={})) as service:
        service.writer.commit(Change(Cause.SUBMISSION, "a curator", "Better.", added=[new], removed=[old]))


def test_an_unchanged_library_brings_nothing(escrgraph, store):
    done = escrgraph("load", "--release", "--store", store)
    assert (done.code, done.out) == (0, "There is nothing new to bring in; the version stays 1.\n")


def test_both_sides_keep_their_changes_and_conflicts_are_set_apart(escrgraph, store, newer):
    contested, untouched = newer
    _retitle(store, contested, MINE)
    done = escrgraph("load", "--release", "--store", store)
    assert done.code == 1
    assert done.out == "Change 3: 1 triples added, 1 removed, 1 records.\n"
    record = contested.subject.value.partition("/id/")[2]
    assert f"changed here and in the release: {record}" in done.err
    (file,) = (store / "conflicts" / "3").rglob("*.ttl")
    assert {q.object.value for q in parse(path=file, format=RdfFormat.TURTLE)} >= {THEIRS}
    titles = "SELECT ?s ?t { ?s <http://purl.org/dc/terms/title> ?t }"
    shown = escrgraph("query", "-", "--format", "csv", "--store", store, stdin=titles).out.splitlines()
    assert f"{contested.subject.value},{MINE}" in shown
    assert f"{untouched.subject.value},{THEIRS}" in shown
    again = escrgraph("load", "--release", "--store", store)
    assert again.code == 1
    assert again.out == "There is nothing new to bring in; the version stays 3.\n"


def test_a_redacted_record_does_not_come_back_with_a_release(escrgraph, store, newer):
    contested, _ = newer
    record = contested.subject.value.partition("/id/")[2]
    _retitle(store, contested, MINE)
    escrgraph("load", "--release", "--store", store)
    escrgraph("redact", record, "--reason", "Asked for.", "--store", store)
    done = escrgraph("load", "--release", "--store", store)
    assert done.code == 0
    assert list((store / "conflicts").rglob("*.ttl")) == []
    asked = escrgraph("query", "-", "--store", store, stdin=f"ASK {{ <{contested.subject.value}> ?p ?o }}")
    assert asked.out == "no\n"


def test_release_and_files_exclude_each_other(escrgraph):
    done = escrgraph("load", "--release", "x.ttl")
    assert done.code == 2
