"""“See this as SPARQL”: the address at which the editor holds the query behind a page."""

from __future__ import annotations

from urllib.parse import quote

from escrgraph.repository.readers import Query
from escrgraph.repository.written_out import written_out


def asked_address(query: Query) -> str:
    """The address at which the editor holds a query, parameters and all."""
    return "/sparql?query=" + quote(written_out(query.text, query.substitutions), safe="/:?*,;()=@")
