"""Where counts, cells and chips lead: the list behind a number, and the form behind a gap."""

from __future__ import annotations

from urllib.parse import urlencode


def list_address(type_: str, **chosen: str) -> str:
    """The list of the records of a type that have what is chosen.

    chosen: facet -> term, a record as {type}/{slug}: country="country/gtm", year="2014".
    """
    return f"/browse/{type_}" + (f"?{_query(chosen)}" if chosen else "")


def contribute_address(type_: str, **chosen: str) -> str:
    """Where somebody who knows what is missing goes: the form of the type, with what is chosen filled in."""
    return f"/submit/{type_}?{_query(chosen)}"


def _query(parameters: dict[str, str]) -> str:
    return urlencode(parameters, safe="/:")
