"""Letters: under which one a name stands in an alphabetical index, and in which order."""

from __future__ import annotations

import unicodedata

_ARTICLE = "ال"
_ALEF = str.maketrans("أإآٱ", "اااا")
_LAST = "\U0010ffff"
_OWN = {"es": "ñ"}
"""Letters with a mark that are letters of their own."""


def letter_key(text: str, language: str) -> str:
    """A key by which names are put in order: accents, capitals and the Arabic article do not count, ñ comes after n."""
    bare = _letters(text, language)
    return "".join(f"n{_LAST}" if letter in _OWN.get(language, "") else letter for letter in bare)


def initial(text: str, language: str) -> str:
    """The letter under which a name stands, as a capital; “#” for what begins with none."""
    first = _letters(text, language)[:1]
    return first.upper() if first.isalpha() else "#"


def _letters(text: str, language: str) -> str:
    kept = _OWN.get(language, "")
    letters = unicodedata.normalize("NFC", text.strip().casefold())
    bare = "".join(letter if letter in kept else _bare(letter) for letter in letters).translate(_ALEF)
    return bare[len(_ARTICLE) :] if language == "ar" and bare.startswith(_ARTICLE) else bare


def _bare(letter: str) -> str:
    return "".join(part for part in unicodedata.normalize("NFKD", letter) if not unicodedata.combining(part))
