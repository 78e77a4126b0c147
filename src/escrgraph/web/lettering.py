"""How much room text takes in a drawing, and where its lines break: an estimate, for no font is known on the server."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

_WIDTHS = {
    **dict.fromkeys("iljtfrI.,:;'’‘|!()[]{}/\\-·“” ", 0.36),
    **dict.fromkeys("mwMW@%—…", 0.95),
    **dict.fromkeys("0123456789", 0.6),
}
_SAFETY = 1.04


def width(text: str, size: float) -> float:
    """The room a text takes at a size, in the unit of the size; on the safe side for the fonts that are usual."""
    return _SAFETY * size * sum(map(_width, text))


def wrap(text: str, size: float, room: float) -> list[str]:
    """The lines of a text in a room. Words that are too long are broken; a text without words has no lines."""
    lines: list[str] = []
    line = ""
    for word in text.split():
        longer = f"{line} {word}" if line else word
        if width(longer, size) <= room:
            line = longer
            continue
        if line:
            lines.append(line)
        *whole, line = _pieces(word, size, room)
        lines += whole
    return [*lines, line] if line else lines


def _pieces(word: str, size: float, room: float) -> list[str]:
    """A word in pieces that fit, better broken after a mark than anywhere."""
    pieces = []
    while width(word, size) > room and len(word) > 1:
        fit = 1
        while fit < len(word) and width(word[: fit + 1], size) <= room:
            fit += 1
        mark = max(word.rfind(sign, 0, fit) for sign in "/-_.?&=")
        cut = mark + 1 if mark > fit // 2 else fit
        pieces.append(word[:cut])
        word = word[cut:]
    return [*pieces, word]


@lru_cache(maxsize=4096)
def _width(character: str) -> float:
    if character in _WIDTHS:
        return _WIDTHS[character]
    if unicodedata.combining(character):
        return 0
    if unicodedata.east_asian_width(character) in "WF":
        return 1
    if "\u0600" <= character <= "\u06ff":
        return 0.52
    return 0.7 if character.isupper() else 0.57
