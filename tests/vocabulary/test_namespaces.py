"""Prefixes and shipped files."""

from __future__ import annotations

import pytest
from pyoxigraph import Store

from escrgraph.vocabulary import shipped
from escrgraph.vocabulary.namespaces import PREFIXES, UnknownPrefix, compact, expand, local_name, prologue


def test_a_prefixed_name_there_and_back():
    for prefix in PREFIXES:
        assert compact(expand(f"{prefix}:Thing")) == f"{prefix}:Thing"


def test_an_iri_without_a_plain_local_name_stays_whole():
    for iri in ("https://example.org/x", expand("escr:") + "a/b", expand("escr:")):
        assert compact(iri) == iri


@pytest.mark.parametrize("name", ["nope:Thing", "Thing", ""])
def test_an_unknown_prefix_is_refused(name):
    with pytest.raises(UnknownPrefix, match="no known prefix"):
        expand(name)


def test_the_prologue_is_sparql():
    assert Store().query(prologue() + "ASK { ?s a escr:Finding, edtf:EDTF }") is not None


def test_a_local_name_is_what_comes_last():
    assert [local_name(iri) for iri in ("https://a/b#c", "https://a/b/c", "https://a/b/c/")] == ["c", "c", "c"]


@pytest.mark.parametrize("name", ["../pyproject.toml", "src/escrgraph", "ontology/../pyproject.toml", ""])
def test_only_shipped_names_are_shipped(name):
    with pytest.raises(shipped.MissingFiles, match="not a shipped file"):
        shipped.path(name)


def test_a_missing_file_names_the_place():
    with pytest.raises(shipped.MissingFiles, match=r"looked for .*nothing\.ttl"):
        shipped.path("data/nothing.ttl")


def test_inside_a_wheel_the_files_are_in_the_package(tmp_path, monkeypatch):
    (tmp_path / "shipped" / "shapes").mkdir(parents=True)
    (tmp_path / "shipped" / "shapes" / "b.ttl").touch()
    (tmp_path / "shipped" / "shapes" / "a.ttl").touch()
    monkeypatch.setattr(shipped, "_PACKAGE", tmp_path)
    assert [file.name for file in shipped.shape_files()] == ["a.ttl", "b.ttl"]
