"""A change: what one publication adds to and removes from the named graphs, who made it and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from pyoxigraph import Quad


class Cause(StrEnum):
    """Why a change was made; the first word of its entry in the log."""

    IMPORT = "import"
    RELEASE = "release"
    SUBMISSION = "submission"
    WITHDRAWAL = "withdrawal"
    UNDO = "undo"
    REDACTION = "redaction"


class Action(StrEnum):
    """What a change did to a record."""

    CREATED = "created"
    MODIFIED = "modified"
    WITHDRAWN = "withdrawn"
    RENAMED = "renamed"


@dataclass(frozen=True, slots=True)
class Decision:
    """What led to a change that curators decided: kept with its entry, so that PROV can tell it. It names nobody.

    submission: its id; one submission makes one entry, however often the change is asked for. submitted, checked: when
    it was handed in, and checked against what was published. shapes: the version of the shapes it was checked by.
    warnings: how many the check had. alone: whether the only curator there is accepted what they had submitted.
    undoes: number of the change that it takes back.
    """

    submission: str
    submitted: datetime
    checked: datetime
    shapes: str = ""
    warnings: int = 0
    alone: bool = False
    undoes: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """The decision for JSON."""
        times = {"submitted": self.submitted.isoformat(), "checked": self.checked.isoformat()}
        return asdict(self) | times

    @classmethod
    def from_dict(cls, found: Mapping[str, Any]) -> Decision:
        """What `to_dict` made."""
        times = {name: datetime.fromisoformat(found[name]) for name in ("submitted", "checked")}
        return cls(**{**found, **times})


@dataclass(frozen=True, slots=True)
class Change:
    """One publication, as asked for.

    agent: pseudonymous IRI or plain name of who decides; reason: one sentence for people.
    added, removed: quads of named graphs.
    withdrawn: records ("resource/opera") to be removed whole; `reason` goes on their tombstones.
    renamed: old record -> new record. unchecked: published without validation, and logged as such.
    decision: what led to it. expected: record -> number of the change that last touched it, 0 for none, as whoever
    asks has seen it; Moved is the answer when that is not so any more.
    """

    cause: Cause
    agent: str
    reason: str
    added: Sequence[Quad] = ()
    removed: Sequence[Quad] = ()
    withdrawn: Sequence[str] = ()
    renamed: dict[str, str] = field(default_factory=dict)
    unchecked: bool = False
    decision: Decision | None = None
    expected: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RecordChange:
    """What happened to one record in one entry. record: "{type}/{slug}"; successor: the new record when renamed."""

    record: str
    action: Action
    successor: str | None = None


@dataclass(frozen=True, slots=True)
class Revision:
    """One record change in the order of the whole log.

    position: 1 for the first; without gaps, and the same for ever. number, time: of its entry. record: "{type}/{slug}",
    None when it was redacted since; action: what the change made of it; successor: the new record when renamed.
    """

    position: int
    number: int
    time: datetime
    record: str | None
    action: Action
    successor: str | None = None

    @property
    def gone(self) -> bool:
        """Whether there is no such record after this change."""
        return self.record is None or self.action in (Action.WITHDRAWN, Action.RENAMED)


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the change log. digest and previous chain the entries (SHA-256, hexadecimal)."""

    number: int
    time: datetime
    cause: Cause
    agent: str
    reason: str
    unchecked: bool
    added: int
    removed: int
    records: int
    redacted: bool
    previous: str
    digest: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the writer acknowledges: the change's number, which is also the generation in which readers see it."""

    number: int
    added: int
    removed: int
    created: int
    modified: int
    withdrawn: int


UNKNOWN = (
    "Backups, exports and dumps made before, wherever they are, still hold the record, and so may other sites that "
    "took it. Remove them, or make them again; restoring an older backup brings the record back."
)


@dataclass(frozen=True, slots=True)
class Redaction:
    """What was erased. entries: numbers of the entries that were blanked; remaining: what this could not reach."""

    receipt: Receipt
    entries: tuple[int, ...]
    remaining: str = UNKNOWN
