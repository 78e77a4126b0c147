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

_UNSEEN = re.compile(f"[{re.escape(_MARKS)}]+")

DIGITS = {
    code: str(value) for code in range(0x660, 0x10000) if (value := unicodedata.decimal(chr(code), None)) is not None
}
"""The decimal digits of other scripts."""

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


def places(text: str) -> Iterator[tuple[str, int, int]]:
    """Each word of a text as it is written, with where it starts and ends.

    Control characters, lone surrogates and signs are between words.
    """
    return ((match[0], match.start(), match.end()) for match in _WORD.finditer(text))


def words(text: str) -> Iterator[Word]:
    """The words of a text, in order."""
    for word, start, end in places(text):
        if folded := fold_word(word[: 4 * LONGEST]):
            yield Word(word, folded, start, end)


def folded_words(text: str) -> list[str]:
    """The words of a text as they are compared."""
    return [folded for word in _WORD.findall(text) if (folded := fold_word(word[: 4 * LONGEST]))]


def key(text: str) -> str:
    """What two texts have in common that differ in nothing but accents, capitals, articles, signs and spaces."""
    return " ".join(folded_words(text))


@lru_cache(maxsize=1 << 16)
def fold_word(word: str) -> str:
    """A word as it is compared: without marks, capitals and the Arabic article, its letters unified."""
    plain = _plain(word)
    return plain[found.end() :] if (found := _ARTICLE.match(plain)) else plain


def without_marks(text: str) -> str:
    """A decomposed text without combining marks, joiners and the like."""
    return _UNSEEN.sub("", text)


def beginnings(word: str) -> tuple[str, ...]:
    """The forms with which a word may begin that is still being typed: an article may not be one yet."""
    plain = _plain(word)
    bare = re.sub(r"^[وفبك]?ال(?=.)", "", plain)
    return tuple(dict.fromkeys((fold_word(word), bare, plain)))


def _plain(word: str) -> str:
    letters = word.casefold()
    if not letters.isascii():
        letters = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", word).casefold())
        letters = without_marks(letters).translate(DIGITS).translate(_LETTERS)
    return letters[:LONGEST]
