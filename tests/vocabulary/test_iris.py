"""Addresses: records, slugs, and moving from one base to another."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import BlankNode, Literal, NamedNode, Quad

from escrgraph.vocabulary.iris import TYPES, BadAddress, Base, is_slug
from escrgraph.vocabulary.namespaces import HOME

BASE = Base()
OTHER = Base("https://example.org/library/")
SLUGS = st.from_regex(r"[a-z0-9]{1,5}(-[a-z0-9]{1,5}){0,3}", fullmatch=True)


@pytest.mark.parametrize(
    ("rest", "record"),
    [
        ("id/finding/guatemala-food", "finding/guatemala-food"),
        ("id/finding/guatemala-food/evidence/1", "finding/guatemala-food"),
        ("id/scheme/unit/percent", "scheme/unit"),
        ("id/finding/guatemala-food#x", "finding/guatemala-food"),
        ("id/finding", None),
        ("id/finding/", None),
        ("id/finding/Guatemala", None),
        ("id/novel/a", None),
        ("doc/finding/guatemala-food", None),
        ("graph/finding", None),
        ("def/Finding", None),
    ],
)
def test_a_record_is_its_iri_and_what_is_below(rest, record):
    assert BASE.record_of(HOME + rest) == record
    assert BASE.record_of(OTHER.iri + rest) is None


@given(st.sampled_from(TYPES), SLUGS, st.lists(SLUGS, max_size=3))
def test_an_address_is_found_again_as_its_record(kind, slug, below):
    iri = BASE.id(kind, slug, *below)
    assert BASE.record_of(iri) == f"{kind}/{slug}"
    assert BASE.record_of(BASE.record_iri(f"{kind}/{slug}")) == f"{kind}/{slug}"


@pytest.mark.parametrize("slug", ["", "-a", "a-", "a--b", "A", "é", "a_b", "a b", "a/b", "a\n"])
def test_a_bad_slug_is_refused(slug):
    assert not is_slug(slug)
    with pytest.raises(BadAddress, match="slug"):
        BASE.id("finding", slug)


@pytest.mark.parametrize(
    "iri",
    [
        "",
        "example.org/",
        "https://example.org",
        "ftp://x/",
        "https://x/?a=/",
        "https://x/#/",
        "https://x/ /",
        "https:///",
    ],
)
def test_a_base_is_an_address_that_ends_in_a_slash(iri):
    with pytest.raises(BadAddress, match="base"):
        Base(iri)


@pytest.mark.parametrize("part", ["id/finding/a", "doc/finding/a", "graph/finding"])
def test_things_documents_and_graphs_move(part):
    assert OTHER.rebase(HOME + part, BASE) == OTHER.iri + part


@pytest.mark.parametrize("part", ["def/Finding", "shapes/Finding", "", "identity"])
def test_vocabulary_and_shapes_never_move(part):
    assert OTHER.rebase(HOME + part, BASE) == HOME + part


def test_every_iri_of_a_quad_moves_and_its_text_does_not():
    text = Literal(HOME + "id/finding/a")
    old = Quad(NamedNode(HOME + "id/finding/a"), NamedNode(HOME + "def/forum"), text, NamedNode(HOME + "graph/finding"))
    new = OTHER.rebase(old, BASE)
    assert (new.subject.value, new.predicate.value, new.object, new.graph_name.value) == (
        OTHER.iri + "id/finding/a",
        HOME + "def/forum",
        text,
        OTHER.iri + "graph/finding",
    )
    blank = Quad(BlankNode("a"), NamedNode(HOME + "def/forum"), NamedNode("https://example.net/"))
    assert OTHER.rebase(blank, BASE) == blank
    assert BASE.rebase(new, OTHER) == old
    assert BASE.rebase(old, BASE) is old


@given(st.sampled_from(["id/", "doc/", "graph/", "def/", "shapes/"]), SLUGS)
def test_there_and_back_changes_nothing(part, slug):
    iri = HOME + part + slug
    assert BASE.rebase(OTHER.rebase(iri, BASE), OTHER) == iri
