"""The sets in which records are given out: by type, and by the rights, countries, methods and languages they name.

A set has a name of two words, "country:gtm"; every set lies in the one that its first word names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from escrgraph.vocabulary.iris import Base
from escrgraph.vocabulary.languages import AUTHORITY, authority_tag
from escrgraph.vocabulary.namespaces import expand

NAMED = ("right", "country", "method")
"""The types of record that make sets of those that name them."""

TYPE, LANGUAGE, OPPORTUNITY = "type", "language", "opportunity"


class Naming:
    """Tells from the lines of quads which sets the records in them are in."""

    def __init__(self, base: Base) -> None:
        self._base = base
        things, types = re.escape(base.iri + "id/"), "|".join(NAMED)
        language, a = re.escape(expand("dcterms:language")), re.escape(expand("rdf:type"))
        self._line = re.compile(
            rf"^<(?P<subject>{things}[^>]+)> (?:"
            rf"<{language}> <(?P<language>{re.escape(AUTHORITY)}[A-Z]+)>"
            rf"|<{a}> <(?P<opportunity>{re.escape(expand('escr:Opportunity'))})>"
            rf"|<[^>]+> <{things}(?P<type>{types})/(?P<slug>[a-z0-9-]+)[^>]*>"
            r") ".encode(),
            re.MULTILINE,
        )

    def in_lines(self, lines: bytes) -> Iterator[tuple[str, str]]:
        """Pairs of record and set, one for each of the N-Quads that speaks for it: ("resource/x", "right:food") …"""
        for match in self._line.finditer(lines):
            record = self._base.record_of(match["subject"].decode())
            if record is None:
                continue
            for name in self._names(record, match):
                yield record, name

    def _names(self, record: str, match: re.Match[bytes]) -> tuple[str, ...]:
        if match["opportunity"]:
            return (OPPORTUNITY,)
        if match["language"]:
            tag = authority_tag(match["language"].decode())
            return (LANGUAGE, f"{LANGUAGE}:{tag}") if tag else ()
        family, slug = match["type"].decode(), match["slug"].decode()
        return () if record == f"{family}/{slug}" else (family, f"{family}:{slug}")


def record_of_set(name: str) -> str | None:
    """The record that a set is named after ("country:gtm" -> "country/gtm"); None for other sets."""
    family, _, word = name.partition(":")
    return f"{family}/{word}" if family in NAMED and word else None


def language_of_set(name: str) -> str | None:
    """The language tag of a set of records in one language; None for other sets."""
    family, _, word = name.partition(":")
    return word if family == LANGUAGE and word else None
