"""“See this as SPARQL”: the address at which the editor holds the query behind a page."""

from __future__ import annotations

from urllib.parse import quote

from escrgraph.repository.readers import Query
from escrgraph.repository.written_out import written_out

_SAFE = "/:?*,;()=@"
_QUOTED = str.maketrans({character: quote(character, safe=_SAFE) for character in map(chr, range(128))})


def asked_address(query: Query) -> str:
    """The address at which the editor holds a query, parameters and all."""
    return "/sparql?query=" + _quoted(written_out(query.text, query.substitutions))


def _quoted(text: str) -> str:
    # Queries are long and stand on every page, and quote() goes through a text in Python, character by character.
    return text.translate(_QUOTED) if text.isascii() else quote(text, safe=_SAFE)
