"""Folding: the form in which words are compared, so that spelling with or without accents, hamza or article is one."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

LONGEST = 40
"""Letters of a word that count; no language of the library has longer ones, and hostile text has."""

# What joins the letters of one word without being a letter: combining marks, joiners, soft hyphens, tatweel.
_MARKS = "".join(
    chr(code) for code in (0xAD, *range(0x300, 0x2100)) if unicodedata.category(chr(code)) in {"Mn", "Me", "Mc", "Cf"}
)
_WORD = re.compile(rf"[^\W_](?:[^\W_]|[{re.escape(_MARKS)}])*+")

# Letters that differ by habit of writing, and Latin letters that do not decompose.
_LETTERS = str.maketrans(
    {
        "ٱ": "ا", "ى": "ي", "ی": "ي", "ې": "ي", "ة": "ه", "ۀ": "ه", "ە": "ه", "ک": "ك", "ء": "", "ـ": "",
        "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h",
    }
)  # fmt: skip

# The article, alone or written together with the particles that go before it (and, with, like, so; for the).
_ARTICLE = re.compile(r"[وفبك]?ال(?=[\u0620-\u064a]{2})|و?لل(?=[\u0620-\u064a]{2})")


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text. folded: as it is compared; start, end: where it stands, in characters."""

    text: str
    folded: str
    start: int
    end: int


def words(text: str) -> Iterator[Word]:
    """The words of a text, in order. Control characters, lone surrogates and signs are between words."""
    for match in _WORD.finditer(text):
        if folded := fold_word(match[0][: 4 * LONGEST]):
            yield Word(match[0], folded, match.start(), match.end())


def folded_words(text: str) -> list[str]:
    """The words of a text as they are compared."""
    return [word.folded for word in words(text)]


def key(text: str) -> str:
    """What two texts have in common that differ in nothing but accents, capitals, articles, signs and spaces."""
    return " ".join(folded_words(text))


@lru_cache(maxsize=1 << 16)
def fold_word(word: str) -> str:
    """A word as it is compared: without marks, capitals and the Arabic article, its letters unified."""
    plain = _plain(word)
    return plain[found.end() :] if (found := _ARTICLE.match(plain)) else plain


def beginnings(word: str) -> tuple[str, ...]:
    """The forms with which a word may begin that is still being typed: an article may not be one yet."""
    plain = _plain(word)
    bare = re.sub(r"^[وفبك]?ال(?=.)", "", plain)
    return tuple(dict.fromkeys((fold_word(word), bare, plain)))


def _plain(word: str) -> str:
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", word).casefold())
    letters = (_digit(letter) for letter in decomposed if unicodedata.category(letter) not in {"Mn", "Me", "Cf"})
    return "".join(letters).translate(_LETTERS)[:LONGEST]


def _digit(letter: str) -> str:
    value = unicodedata.decimal(letter, None)
    return letter if value is None else str(value)
