"""What is asked of the search index and what it answers: plain objects, the same for pages, the API and SPARQL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Order(StrEnum):
    """By what the records that match are put in order."""

    RELEVANCE = "relevance"
    DATE = "date"
    TITLE = "title"


@dataclass(frozen=True, slots=True)
class Selection:
    """Which records are wanted.

    text: words as a person typed them; empty for all records. types: of record; empty for all.
    chosen: facet name -> terms (IRIs, or plain texts such as a year); a record must have every one of them, itself or
    by a narrower term.
    """

    text: str = ""
    types: tuple[str, ...] = ()
    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Hit:
    """One record that matches. record: "{type}/{slug}"; snippets: pieces of its texts around the words that matched."""

    record: str
    score: float
    snippets: tuple[Snippet, ...] = ()


@dataclass(frozen=True, slots=True)
class Snippet:
    """A piece of text of one language. marks: (start, end) of the words that matched, in characters."""

    text: str
    language: str | None
    marks: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One record that what was typed so far may mean, with a text of it that has it, and where."""

    record: str
    text: str
    language: str | None
    marks: tuple[tuple[int, int], ...]


@dataclass(slots=True)  # a facet may have thousands, and frozen ones take three times as long to make
class Count:
    """How many records of a selection have a term."""

    term: str
    count: int


@dataclass(frozen=True, slots=True)
class Facet:
    """One way to narrow a selection, with every term that records of the selection have, most frequent first."""

    name: str
    counts: tuple[Count, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """An answer of the index.

    generation: the one that it shows; total: of all records that match, counted exactly. cut: the text had more words
    than are looked for.
    """

    generation: int
    total: int
    hits: tuple[Hit, ...]
    facets: tuple[Facet, ...]
    cut: bool = False
