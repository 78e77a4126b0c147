"""What is found at another repository: records in pages, and the mark from which a reader goes on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from pyoxigraph import Quad

from escrgraph.repository.errors import RepositoryError
from escrgraph.validation import Problem


class SourceFailed(RepositoryError):
    """The other repository did not answer as its protocol has it; what was taken before stays."""

    status = 502
    title = "The source failed"


@dataclass(frozen=True, slots=True)
class Value:
    """A text that a source gives. language: its tag, empty where the source says none."""

    text: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """A record as a source tells it.

    identifier: what the source calls it; an IRI where it is RDF. datestamp: as the source writes it, empty for none.
    rank: orders versions with one datestamp, None where a source gives only the newest. gone: deleted at the source.
    quads: what it says, where it is RDF; problems: what of that could not be read. values: its texts by name
    ("dc:title"). trouble: why it could not be read, empty for one that could.
    """

    identifier: str
    datestamp: str = ""
    rank: int | None = None
    gone: bool = False
    quads: tuple[Quad, ...] = ()
    problems: tuple[Problem, ...] = ()
    values: Mapping[str, Sequence[Value]] = field(default_factory=dict)
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """How far a source was read, in words of its protocol.

    since: what a whole reading began with, from which the next one asks for changes. position: where a reading that
    was interrupted goes on; both empty at first.
    """

    since: str = ""
    position: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """Some records, and where to go on after them.

    mark: has no position when this was the last page. total: how many records there are in all, where that is told.
    whole: on the last page, whether what no page named is gone.
    """

    records: tuple[Found, ...]
    mark: Mark
    total: int | None = None
    whole: bool = False

    @property
    def last(self) -> bool:
        """Whether nothing comes after it."""
        return not self.mark.position


class Source(Protocol):
    """Another repository."""

    def pages(self, mark: Mark) -> Iterator[Page]:
        """What is new since a mark. Raises SourceFailed; what was given before then is good."""
