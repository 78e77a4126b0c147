"""Texts as they are compared: without case and marks, so that "alimentacion" finds "alimentación"."""

from __future__ import annotations

import unicodedata


def folded(text: str) -> str:
    """A text in small letters, without accents and vowel signs."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in apart if not unicodedata.combining(character))
