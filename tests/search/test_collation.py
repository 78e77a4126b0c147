"""Titles stand where readers of a language look for them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from escrgraph.search.collation import collation_key

ORDERS = {
    "en": ["1966 Covenant", "cafe", "café", "Café", "cafés", "«Coffee» prices", "naive", "Zambia", "الصحة"],
    "es": ["árbol", "artículo", "nube", "ñame", "oro", "¿Qué es?", "quién"],
    "fr": ["cote", "coté", "côte", "côté", "Élan", "élève", "œuvre", "official"],
    "ar": ["2013", "أثر", "إثيوبيا", "البيئة", "بيئة", "حق", "سكن", "مؤسسة", "يمن", "Budget"],
}


@pytest.mark.parametrize("language", ORDERS)
def test_titles_are_in_the_order_of_the_language(language: str) -> None:
    titles = ORDERS[language]
    backwards = titles[::-1]
    assert sorted(backwards, key=lambda title: collation_key(title, language)) == titles


def test_the_tilde_makes_a_letter_in_spanish_and_an_accent_elsewhere() -> None:
    words = ["nz", "ña", "nb"]
    assert sorted(words, key=lambda word: collation_key(word, "es")) == ["nb", "nz", "ña"]
    assert sorted(words, key=lambda word: collation_key(word, "en")) == ["ña", "nb", "nz"]


@given(st.text(), st.sampled_from(sorted(ORDERS)))
def test_every_title_has_a_key_that_can_be_written(text: str, language: str) -> None:
    assert collation_key(text, language).encode()
