"""Arrivals: records as they come from another repository, and what became of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from pyoxigraph import Quad

from escrgraph.curation.duplicates import Duplicates, Match
from escrgraph.curation.forms import Question
from escrgraph.curation.mapping import Said
from escrgraph.validation import Problem


class Arrival(Protocol):
    """A record as it comes from a source; see `escrgraph.harvesting.taking.Found`."""

    @property
    def identifier(self) -> str:
        """What the source calls it."""

    @property
    def datestamp(self) -> str:
        """As the source writes it."""

    @property
    def rank(self) -> int | None:
        """Orders versions with one datestamp; None where only the newest is given."""

    @property
    def gone(self) -> bool:
        """Whether it was deleted at the source."""

    @property
    def quads(self) -> tuple[Quad, ...]:
        """What it says, where it is RDF."""

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What of that could not be read."""

    @property
    def values(self) -> Mapping[str, Sequence[Said]]:
        """Its texts by name, where it is no RDF."""

    @property
    def trouble(self) -> str:
        """Why it could not be read, empty for one that could."""


class Known(Protocol):
    """What is known of the library's entries."""

    def duplicates(self) -> Duplicates:
        """The signs of all records."""

    def resolve(self, question: Question, text: str) -> str | None:
        """The entry that somebody named."""

    def taken(self, record: str) -> bool:
        """Whether a record has, had, or may get this address."""


class Fate(StrEnum):
    """What became of a record that was found."""

    NEW = "new"
    CHANGE = "change"
    REVISED = "revised"
    WITHDRAWAL = "withdrawal"
    NOTED = "noted"
    SAME = "same"
    KNOWN = "known"
    ALIKE = "alike"
    LEFT = "left"
    BARRED = "barred"
    TROUBLE = "trouble"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a record that was found. record: "type/slug" here, "" for none. alike: what is here already."""

    identifier: str
    record: str
    fate: Fate
    why: str = ""
    alike: tuple[Match, ...] = ()


@dataclass(frozen=True, slots=True)
class Gone:
    """A record that a source holds no longer."""

    identifier: str
    datestamp: str = ""
    rank: int | None = None
    gone: bool = True
    quads: tuple[Quad, ...] = ()
    problems: tuple[Problem, ...] = ()
    values: Mapping[str, Sequence[Said]] = field(default_factory=dict)
    trouble: str = ""
