"""Listings as shapes declare them."""

from __future__ import annotations

from pathlib import Path

import pytest

from escrgraph.vocabulary import shipped
from escrgraph.vocabulary.fields import BrokenShape
from escrgraph.vocabulary.kinds import Kinds, kinds_of, shipped_kinds
from escrgraph.vocabulary.languages import LANGUAGES

LISTED = [(kind, listing) for kind in shipped_kinds().values() for listing in kind.listings]


def with_listing(folder: Path, turtle: str) -> Kinds:
    """The shipped kinds and one listing more."""
    extra = folder / "extra.ttl"
    extra.write_text(
        "@prefix shape: <https://w3id.org/escrgraph/shapes/> . @prefix sh: <http://www.w3.org/ns/shacl#> .\n"
        f"@prefix escr: <https://w3id.org/escrgraph/def/> .\n{turtle}",
        encoding="utf-8",
    )
    return kinds_of([*shipped.shape_files(), extra], shipped.ontology_files())


@pytest.mark.parametrize("pair", LISTED, ids=lambda pair: pair[1].name)
def test_each_is_called_something_and_lists_what_there_is(pair: tuple) -> None:  # type: ignore[type-arg]
    kind, listing = pair
    for language in LANGUAGES:
        assert listing.label(language).language == language
    kinds = shipped_kinds()
    if listing.of:
        listed = kinds.by_type[listing.of]
        parts = [part for part in kinds.values() if part.part_of == listed.name]
        known = {field.path for each in (listed, *parts) for field in each.fields}
        assert {listing.named_by, *listing.columns} <= known
    assert kind.type


def test_no_kind_lists_the_same_twice() -> None:
    for kind in shipped_kinds().values():
        keys = [(listing.of, listing.named_by, listing.then) for listing in kind.listings]
        assert len(set(keys)) == len(keys)
        assert len([listing for listing in kind.listings if listing.then]) <= 4


def test_one_more_is_an_edit_of_turtle(tmp_path: Path) -> None:
    kinds = with_listing(
        tmp_path,
        'shape:Right shape:listing shape:x . shape:x sh:name "X"@en ; sh:order 1 ;'
        ' shape:of "method" ; shape:namedBy escr:suits .',
    )
    assert kinds["Right"].listings[0].name == "x"


@pytest.mark.parametrize(
    ("turtle", "told"),
    [
        ('shape:x shape:of "right" ; shape:namedBy escr:suits .', "sh:name"),
        ('shape:x shape:of "right" ; sh:name "X"@en .', "shape:namedBy"),
        ('shape:x shape:namedBy escr:suits ; sh:name "X"@en .', "shape:of"),
        ('shape:x shape:of "right" ; shape:namedBy escr:suits ; sh:name "X"@en ; sh:order "soon" .', "sh:order"),
    ],
)
def test_what_is_wrong_with_one_is_told(tmp_path: Path, turtle: str, told: str) -> None:
    with pytest.raises(BrokenShape, match=told):
        with_listing(tmp_path, f"shape:Right shape:listing shape:x . {turtle}")
