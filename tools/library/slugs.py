"""Slugs: the last part of an address, made from a name or taken from a table."""

from __future__ import annotations

import re
import unicodedata

# A comma between digits only groups them: "10,000 live births" is one number.
_GROUPED_DIGITS = re.compile(r"(?<=\d),(?=\d)")
# Letters that Unicode does not split into a base letter and a mark.
_UNSPLIT = str.maketrans(
    {"ø": "o", "Ø": "o", "ß": "ss", "ı": "i", "ł": "l", "Ł": "l", "æ": "ae", "Æ": "ae", "’": "", "'": ""}
)


def bare(label: str) -> str:
    """Take case and marks off a label, so that two spellings of one name can be compared in any script."""
    return "".join(each for each in unicodedata.normalize("NFKD", label) if not unicodedata.combining(each)).casefold()


def slugify(name: str) -> str:
    """Fold a name to a slug: "Dobšiná municipal council" becomes "dobsina-municipal-council".

    Raises ValueError when nothing that a slug may hold is left.
    """
    words = _GROUPED_DIGITS.sub("", name).replace("%", " percent ").translate(_UNSPLIT)
    folded = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode("ascii").lower()
    slug = re.sub(r"[^a-z0-9]+", "-", folded).strip("-")
    if not slug:
        raise ValueError(
            f"No slug can be made from {name!r}: it has no letter that folds to a-z and no digit. Give one by hand."
        )
    return slug
