"""Duplicates: found by identifier, address and title; and names found again with a letter wrong."""

from __future__ import annotations

import random
import string

import pytest
from pyoxigraph import Literal, NamedNode, Quad
from tests.curation.test_forms import BASE, ID, records

from escrgraph.curation.duplicates import (
    Duplicates,
    Sign,
    normal_address,
    normal_doi,
    normal_isbn,
    normal_symbol,
    signs_of,
)
from escrgraph.vocabulary.lexicon import Lexicon
from escrgraph.vocabulary.namespaces import expand

NAMES = {expand(name) for name in ("skos:prefLabel", "skos:altLabel", "dcterms:title", "foaf:name")}


@pytest.fixture(scope="module")
def library() -> Duplicates:
    found = Duplicates()
    for record, quads in records().items():
        found.put(record, signs_of(record, quads, BASE))
    return found


def new(**values: str):
    node = NamedNode(ID + "resource/new")
    quads = []
    for name, value in values.items():
        path = expand(name.replace("_", ":"))
        term = NamedNode(value) if value.startswith("http") else Literal(value, language="en")
        quads.append(Quad(node, NamedNode(path), term))
    return signs_of("resource/new", quads, BASE)


def test_a_title_with_one_word_changed_is_found(library):
    chance = random.Random(7)
    tried = found = 0
    for record, quads in records().items():
        for quad in quads:
            words = quad.object.value.split()
            if record.startswith("resource/") and quad.predicate.value == expand("dcterms:title") and len(words) >= 4:
                words[chance.randrange(len(words))] = "zebra"
                matches = library.like(new(dcterms_title=" ".join(words)))
                tried += 1
                found += any(match.record == record for match in matches)
    assert tried > 350
    assert found / tried >= 0.98


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://www.example.org/a/?utm_source=x#top", "http://example.org/a"),
        ("https://example.org/index.html", "http://www.example.org"),
        ("https://example.org/%C3%A9t%C3%A9", "https://example.org/été/"),
        ("https://example.org./x?b=1&a=2", "https://example.org/x?a=2&b=1"),
    ],
)
def test_one_page_has_one_normal_address(one, other):
    assert normal_address(one) == normal_address(other) != ""


@pytest.mark.parametrize("text", ["", "not an address", "http://[", "mailto:a@b.org"])
def test_what_is_no_address_has_no_normal_form(text):
    assert normal_address(text) == ""


def test_identifiers_have_one_form():
    assert normal_doi("https://doi.org/10.1234/AbC.") == normal_doi("doi:10.1234/abc") == "10.1234/abc"
    assert normal_isbn("0-306-40615-2") == normal_isbn("978-0-306-40615-7") == "9780306406157"
    assert normal_isbn("978") == normal_doi("10") == ""
    assert normal_symbol("e/c.12/gc/ 19") == "E/C.12/GC/19"


def test_the_surest_sign_comes_first_and_a_record_is_not_like_itself(library):
    record, page = next(
        (record, quad.object.value)
        for record, quads in records().items()
        for quad in quads
        if record.startswith("resource/")
        and quad.predicate.value == expand("foaf:page")
        and not normal_doi(quad.object.value)
    )
    matches = library.like(new(foaf_page=page, dcterms_title="The right to food"))
    assert matches[0].sign is Sign.ADDRESS
    assert record in {match.record for match in matches}
    assert record not in {match.record for match in library.like(signs_of(record, records()[record], BASE), but=record)}


def test_the_index_is_kept_up_record_by_record():
    index = Duplicates()
    index.put("resource/a", new(dcterms_title="Budget analysis for human rights"))
    wanted = new(dcterms_title="Budget analysis for social rights")
    assert [match.record for match in index.like(wanted)] == ["resource/a"]
    index.put("resource/a", new(dcterms_title="Something else entirely, and long"))
    assert index.like(wanted) == []
    index.drop("resource/a")
    index.drop("resource/a")
    assert len(index) == 0
    assert index.like(new(dcterms_title="Something else entirely, and long")) == []


def test_a_name_with_one_letter_wrong_is_suggested_first():
    chance = random.Random(11)
    kinds = ("method", "right", "country", "region", "obligation", "organization")
    named = [
        (quad.subject.value, quad.object)
        for record, quads in records().items()
        for quad in quads
        if record.partition("/")[0] in kinds and quad.predicate.value in NAMES
    ]
    lexicon = Lexicon(named)
    tried = right = 0
    for iri, label in chance.sample(named, 600):
        text = label.value
        if len(text) >= 4:
            place, letter = chance.randrange(len(text) - 1), chance.choice(string.ascii_lowercase)
            mistaken = chance.choice(
                [
                    text[:place] + text[place + 1 :],
                    text[:place] + letter + text[place:],
                    text[:place] + letter + text[place + 1 :],
                    text[:place] + text[place + 1] + text[place] + text[place + 2 :],
                ]
            )
            tried += 1
            right += lexicon.nearest(mistaken)[:1] == [iri]
    assert right / tried >= 0.95


def test_a_lexicon_finds_names_whatever_their_case_and_accents():
    lexicon = Lexicon(
        [(ID + "country/mex", Literal("México", language="es")), (ID + "country/mex", Literal("Mexico", language="en"))]
    )
    assert lexicon.named("MEXICO") == lexicon.named("mex") == lexicon.beginning("mé") == [ID + "country/mex"]
    assert lexicon.label(ID + "country/mex", "es").text == "México"
    assert lexicon.nearest("") == lexicon.nearest("zzzzzzzz") == lexicon.beginning("") == []
    assert lexicon.label(ID + "country/none", "en").text == "none"
