"""Every text of the pages in every language, with the same places for values."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from tests.running import PROJECT

from escrgraph.vocabulary.languages import LANGUAGES

WEB = PROJECT / "src/escrgraph/web"
TRANSLATED = [language for language in LANGUAGES if language != "en"]
PLACE = re.compile(r"%\(\w+\)[sd]|%%")
ARABIC = re.compile(r"[\u0600-\u06ff]")
SAME = {
    "es": {"Interfaces", "No", "no"},
    "fr": {"Classes", "Discussions", "Formats", "Interfaces", "Pages", "Questions", "Type", "Version"},
}


@cache
def used() -> dict[str, list[str]]:
    """Every text that templates and modules have translated, and where."""
    found: dict[str, list[str]] = {}
    methods = [("**.py", "python"), ("templates/**.html", "jinja2.ext:babel_extract")]
    for name, line, message, _, _ in extract_from_dir(WEB, methods, keywords={"_": None, "gettext": None}):
        assert isinstance(message, str), f"{name}:{line}: plural forms need a test of their own"
        found.setdefault(message, []).append(f"{name}:{line}")
    return found


def folder(language: str) -> Path:
    return WEB / "translations" / language / "LC_MESSAGES"


@cache
def catalogue(language: str) -> Catalog:
    with (folder(language) / "messages.po").open("rb") as file:
        return read_po(file, locale=language)


def test_texts_are_found() -> None:
    assert {"Skip to the content", "Further facts", "Next", "Withdrawn"} <= set(used())


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_text_is_translated(language: str) -> None:
    missing = {text: where for text, where in used().items() if not translation(language, text)}
    assert not missing


@pytest.mark.parametrize("language", TRANSLATED)
def test_values_have_the_same_places(language: str) -> None:
    for text in used():
        assert sorted(PLACE.findall(translation(language, text))) == sorted(PLACE.findall(text)), text


@pytest.mark.parametrize("language", TRANSLATED)
def test_no_translation_is_left_from_a_text_that_is_gone(language: str) -> None:
    assert {str(message.id) for message in catalogue(language) if message.id} == set(used())
    assert not [message.id for message in catalogue(language) if message.fuzzy and message.id]


@pytest.mark.parametrize("language", TRANSLATED)
def test_what_is_compiled_is_what_is_written(language: str) -> None:
    with (folder(language) / "messages.mo").open("rb") as file:
        compiled = read_mo(file)
    assert {m.id: m.string for m in compiled if m.id} == {m.id: m.string for m in catalogue(language) if m.id}


def test_arabic_is_written_in_arabic() -> None:
    assert not [text for text in used() if not ARABIC.search(translation("ar", text))]


@pytest.mark.parametrize("language", TRANSLATED)
def test_no_text_is_left_in_english(language: str) -> None:
    assert {text for text in used() if translation(language, text) == text} <= SAME.get(language, set())


def translation(language: str, text: str) -> str:
    message = catalogue(language).get(text)
    return str(message.string) if message and message.string else ""
