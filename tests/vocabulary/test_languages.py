"""Languages: negotiation (RFC 9110, RFC 4647), direction, names, and the one choice of a label."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal

from escrgraph.vocabulary.labels import choose_label
from escrgraph.vocabulary.languages import (
    AUTHORITY,
    LANGUAGES,
    authority_tag,
    direction,
    fallbacks,
    language_name,
    negotiate,
)

TEXTS = [
    Literal("Food", language="en"),
    Literal("Alimentación", language="es"),
    Literal("غذاء", language="ar"),
    Literal("FD"),
]


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, "en"),
        ("", "en"),
        ("es", "es"),
        ("ES", "es"),
        ("ar-EG,en;q=0.5", "ar"),
        ("de,fr;q=0.5", "fr"),
        ("de", "en"),
        ("en;q=0.1,fr;q=0.9", "fr"),
        ("en;q=0,es;q=0.2", "es"),
        ("en;q=0", "es"),
        ("en;q=0, *", "es"),
        ("*", "en"),
        ("fr-CA-x-private, es;q=0.9", "fr"),
        ("es;q=2, fr;q=0.3", "fr"),
        (";;;,q=1,fr", "fr"),
        ("es; q=0.5 , fr ; q = 0.6", "fr"),
        ("en;q=0,es;q=0,fr;q=0,ar;q=0", "en"),
    ],
)
def test_the_header_chooses_the_language(header, expected):
    assert negotiate(None, header) == expected


def test_the_parameter_wins_and_an_unknown_one_is_ignored():
    assert negotiate("fr", "es") == "fr"
    assert negotiate("es-MX", None) == "es"
    assert negotiate("xx", "es") == "es"


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_header_and_parameter_choose_one_of_ours(parameter, header):
    assert negotiate(parameter, header) in LANGUAGES


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("ar", "rtl"),
        ("fa-IR", "rtl"),
        ("he", "rtl"),
        ("ur", "rtl"),
        ("en", "ltr"),
        (None, "ltr"),
        ("ar-Latn", "ltr"),
        ("az-Arab", "rtl"),
        ("pa", "ltr"),
    ],
)
def test_a_tag_has_a_direction(tag, expected):
    assert direction(tag) == expected


def test_languages_have_names_in_the_four_languages():
    assert [language_name("es", language) for language in LANGUAGES] == ["Spanish", "español", "espagnol", "الإسبانية"]
    assert language_name("pt-BR", "en") == "Brazilian Portuguese"
    assert language_name("en", "fr") == "anglais"
    assert language_name("x-none", "en") == "x-none"


def test_an_authority_iri_has_a_tag():
    assert [authority_tag(AUTHORITY + code) for code in ("ENG", "SPA", "FRA", "ARA", "ZZZ", "MUL")] == [
        "en",
        "es",
        "fr",
        "ar",
        None,
        "mul",
    ]
    assert authority_tag("https://example.org/ENG") is None


def test_fallbacks_go_from_the_language_over_its_parents_to_english():
    assert fallbacks("fr-CA") == ("fr-ca", "fr", "en")
    assert fallbacks("en") == ("en",)


@pytest.mark.parametrize(
    ("asked", "text", "fallback"),
    [
        ("es", "Alimentación", False),
        ("es-MX", "Alimentación", False),
        ("fr", "Food", True),
        ("en", "Food", False),
        (["de", "ar"], "غذاء", False),
    ],
)
def test_the_label_is_in_the_language_or_english_and_says_so(asked, text, fallback):
    label = choose_label(TEXTS, asked)
    assert (label.text, label.fallback) == (text, fallback)


def test_without_english_a_text_without_language_then_any_stands_in():
    assert choose_label(TEXTS[1:], "fr").text == "FD"
    assert not choose_label(TEXTS[3:], "fr").fallback
    assert choose_label(TEXTS[1:3], "fr").text == "غذاء"
    assert choose_label(TEXTS[1:3], "fr").direction == "rtl"
    assert choose_label([], "fr") is None


def test_a_regional_text_serves_who_asks_for_the_language():
    assert choose_label([Literal("Food", language="en"), Literal("comida", language="es-MX")], "es").text == "comida"


@given(
    st.permutations([*TEXTS, Literal("Foods", language="en"), Literal("Essen", language="de")]),
    st.sampled_from([*LANGUAGES, "de", "xx"]),
)
def test_the_order_of_the_texts_never_matters(texts, language):
    assert choose_label(texts, language) == choose_label(sorted(texts, key=str), language)
