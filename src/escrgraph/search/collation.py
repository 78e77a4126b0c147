"""Collation: the order in which readers of a language look titles up (letters first, then accents, then capitals)."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from escrgraph.search.folding import DIGITS, without_marks

LONGEST = 120
"""Letters of a title that its place in the order depends on."""

_SIGNS = re.compile(r"[\W_]+")
_LAST = "\U0003134a"  # a letter after all others

# A letter of its own in the Spanish alphabet, after n.
_OWN = {"es": {"n\u0303": f"n{_LAST}"}}
_ALIKE = str.maketrans({"ٱ": "ا", "ى": "ي", "ة": "ه", "ـ": "", "ø": "o", "ł": "l", "æ": "ae", "œ": "oe"})
# The article, which Arabic lists, such as that of the United Nations' members, pass over.
_ARTICLES = {"ar": re.compile(r"ال(?=[\u0620-\u064a]{2})")}
_FIRST_SCRIPT = {"ar": "ARABIC"}
_TAILORED = frozenset((*_OWN, *_ARTICLES, *_FIRST_SCRIPT))


def collation_key(text: str, language: str) -> str:
    """A key whose order, by code point, is the order of titles for readers of a language.

    Numbers come first, then the script of the language, then the others; the Arabic article is passed over. Texts
    that differ in letters are ordered by them alone; accents, then capitals, then signs decide between the others.
    """
    return _key(text[: 2 * LONGEST], language if language in _TAILORED else "")


@lru_cache(maxsize=1 << 12)
def _key(text: str, language: str) -> str:
    text = unicodedata.normalize("NFKD", text)
    letters = text.casefold()
    for composed, own in _OWN.get(language, {}).items():
        letters = letters.replace(composed, own)
    bare = letters if letters.isascii() else without_marks(letters).translate(DIGITS).translate(_ALIKE)
    spaced = _SIGNS.sub(" ", bare).strip()[:LONGEST]
    if (article := _ARTICLES.get(language)) and (found := article.match(spaced)):
        spaced = spaced[found.end() :]
    return f"{_rank(spaced, language)}{spaced}\x01{_safe(letters)}\x01{_safe(text.swapcase())}"


def _rank(bare: str, language: str) -> str:
    if not bare:
        return "9"
    if bare[0].isdecimal():
        return "1"
    first = _FIRST_SCRIPT.get(language, "LATIN")
    return "2" if unicodedata.name(bare[0], "").startswith(first) else "3"


def _safe(text: str) -> str:
    """Without what cannot be written as UTF-8, and without what parts the key."""
    return text[:LONGEST].encode("utf-8", "replace").decode().replace("\x01", " ").replace("\x00", " ")
