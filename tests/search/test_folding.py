"""Words that people hold to be the same are folded to the same form."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from escrgraph.search.folding import LONGEST, beginnings, folded_words, key, words

SAME = [
    # Spanish, French, English: accents, capitals, ligatures, apostrophes
    ("alimentacion", "alimentación"),
    ("ALIMENTACIÓN", "alimentacio\u0301n"),
    ("ninez", "Niñez"),
    ("sante", "Santé"),
    ("oeuvre", "œuvre"),
    ("l’éducation", "l'education"),
    ("Straße", "strasse"),
    ("Women’s rights", "women's RIGHTS"),
    ("naïve", "naive"),
    ("Łódź", "lodz"),
    # Arabic: hamza and its seats, ta marbuta, alif maqsura, vowel signs, tatweel, the article with its particles
    ("الإنسان", "الانسان"),
    ("أطفال", "اطفال"),
    ("آثار", "اثار"),
    ("الصحة", "صحه"),
    ("الصحة", "صحة"),
    ("مستشفى", "مستشفي"),
    ("مسؤولية", "مسوولية"),
    ("شؤون", "شوون"),
    ("بيئة", "بيية"),
    ("حُقُوق", "حقوق"),
    ("حـقـوق", "حقوق"),
    ("الحق في الصحة", "حق في صحه"),
    ("والتعليم", "تعليم"),
    ("بالغذاء", "غذاء"),
    ("للسكن", "السكن"),
    ("السماء", "سما"),
    ("کتاب", "كتاب"),
    # digits and compatibility forms
    ("٢٠١٣", "2013"),
    ("２０１３", "2013"),
    ("ﬁscal", "fiscal"),
    ("ﷲ", "الله"),
]

DIFFERENT = [
    ("salud", "saludo"),
    ("right", "rights"),
    ("حق", "حقوق"),
    ("ماء", "ما هو"),
    ("القلم", "العلم"),
    ("niño", "nido"),
    ("2013", "2014"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_spellings_of_one_word_are_folded_alike(one: str, other: str) -> None:
    assert key(one) == key(other) != ""


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_words_that_differ_stay_apart(one: str, other: str) -> None:
    assert key(one) != key(other)


def test_a_word_keeps_its_article_when_little_would_be_left() -> None:
    assert folded_words("ال الم لل") == ["ال", "الم", "لل"]


def test_a_word_that_is_being_typed_begins_in_every_form_it_may_take() -> None:
    assert "ح" in beginnings("الح")
    assert beginnings("bud") == ("bud",)


def test_words_say_where_they_stand() -> None:
    text = "— «L’alimentacio\u0301n», حُقُوق (2013)"
    found = [(word.folded, text[word.start : word.end]) for word in words(text)]
    assert found == [("l", "L"), ("alimentacion", "alimentacio\u0301n"), ("حقوق", "حُقُوق"), ("2013", "2013")]


def test_a_word_counts_up_to_a_length() -> None:
    assert folded_words("x" * 1_000_000) == ["x" * LONGEST]


@given(st.text())
def test_no_text_breaks_it_and_folding_again_changes_nothing(text: str) -> None:
    once = folded_words(text)
    assert all(word and word == word.casefold() for word in once)
    assert not [c for word in once for c in word if unicodedata.category(c) in {"Mn", "Cs", "Cc"} or c == "ـ"]


@given(st.text(alphabet=st.characters(codec="ascii", categories=("L", "N", "Zs"))))
def test_ascii_words_are_lower_case_and_nothing_else(text: str) -> None:
    assert folded_words(text) == [word[:LONGEST] for word in text.lower().split()]
