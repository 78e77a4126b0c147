"""Addresses for new records, made from their titles."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable

from anyascii import anyascii

LONGEST = 60

_OTHER = re.compile(r"[^a-z0-9]+")
_INSIDE = re.compile(r"(?<=\w)['’ʼ](?=\w)")


def slug_of(title: str) -> str:
    """A slug in Latin letters from a title in any script, cut at a word; empty when the title has no letter."""
    words = _OTHER.split(_INSIDE.sub("", anyascii(title)).lower())
    slug = ""
    for word in filter(None, words):
        longer = f"{slug}-{word}" if slug else word[:LONGEST]
        if len(longer) > LONGEST:
            break
        slug = longer
    return slug


def free_slug(title: str, taken: Callable[[str], bool], fallback: str = "entry") -> str:
    """A slug that no record has. taken: whether a slug is in use; fallback: for titles without a letter."""
    stem = slug_of(title) or fallback
    if not taken(stem):
        return stem
    for number in range(2, 100):
        if not taken(f"{stem}-{number}"):
            return f"{stem}-{number}"
    return f"{stem}-{secrets.token_hex(4)}"
