"""Statements read off the lines of N-Triples, as text: a page of records has thousands, too many to make terms of."""

from __future__ import annotations

import re
from typing import NamedTuple

_LINE = re.compile(r'<([^>]*)> <([^>]*)> (?:<([^>]+)>|"((?:[^"\\]|\\.)*)"(?:@([A-Za-z0-9-]+)|\^\^<([^>]*)>)?) \.\n')
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))", re.DOTALL)
_CHARACTERS = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f"}


class Statement(NamedTuple):
    """A triple about something with an address.

    iri: its value, when that is a thing; else the value is a literal, `escaped` as it stands in the line, with its
    language tag or its datatype, both empty for a plain string.
    """

    subject: str
    predicate: str
    iri: str
    escaped: str
    language: str
    datatype: str

    @property
    def text(self) -> str:
        """What the literal says."""
        return _ESCAPE.sub(_character, self.escaped) if "\\" in self.escaped else self.escaped


def statements(lines: bytes) -> list[Statement]:
    """The statements of N-Triples as Oxigraph writes them; those with blank nodes are passed over."""
    return list(map(Statement._make, _LINE.findall(lines.decode())))


def _character(match: re.Match[str]) -> str:
    short, long, letter = match.groups()
    return chr(int(short or long, 16)) if short or long else _CHARACTERS.get(letter, letter)
