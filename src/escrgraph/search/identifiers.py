"""Identifiers in the forms in which people type them: DOI or its address, ISBN with and without hyphens."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 500
"""Characters of a text that can be an identifier."""

_BEFORE = re.compile(
    r"(?:https?://)?(?:www\.)?(?:(?:dx\.)?doi\.org/)?(?:(?:doi|isbn(?:-1[03])?|urn:isbn|urn:doi|info:doi/?)[:\s]\s*)?"
)
_DIGIT = re.compile(r"\d")
_SIGNS = re.compile(r"[\W_]+")


def identifier_forms(text: str) -> tuple[str, ...]:
    """The keys under which an identifier is kept and looked up; none for what is too long to be one.

    "https://doi.org/10.1000/ABC" gives "10.1000/abc" and "101000abc"; "978-0-8122-4112-8" gives itself and its digits.
    """
    if len(text) > LONGEST:
        return ()
    plain = unicodedata.normalize("NFKC", text.encode("utf-8", "replace").decode()).casefold().strip()
    bare = _BEFORE.sub("", plain, count=1).rstrip("/") if (found := _BEFORE.match(plain)) and found.end() else plain
    bare = " ".join(bare.rstrip("/").split())
    compact = _SIGNS.sub("", bare)
    forms = (bare, compact if _DIGIT.search(compact) else "")
    return tuple(dict.fromkeys(form for form in forms if form))
