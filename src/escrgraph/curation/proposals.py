"""A proposal: what somebody wants published, as a change against a version of its record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from pyoxigraph import Quad


class Purpose(StrEnum):
    """What a submission is for."""

    NEW = "new"
    CHANGE = "change"
    REPLY = "reply"
    POST = "post"
    WITHDRAWAL = "withdrawal"
    UNDO = "undo"
    REQUEST = "request"


PRIVATE = frozenset({Purpose.REQUEST})
"""Purposes of which nothing is ever published: a person concerned asks for correction or removal."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is proposed.

    type: word of the record's address ("resource"); record: "type/slug", that a proposal makes, changes or is about.
    base: number of the change that last touched the record as the submitter saw it; None for a record that is new.
    added, removed: quads of named graphs, the change against that version. title: of the record, for lists.
    report: Report.to_dict of the check. note: to the curators, not published.
    """

    purpose: Purpose
    type: str
    record: str
    title: str
    language: str = "en"
    base: int | None = None
    added: tuple[Quad, ...] = ()
    removed: tuple[Quad, ...] = ()
    report: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""

    @property
    def private(self) -> bool:
        """Whether only curators and the submitter ever see it."""
        return self.purpose in PRIVATE

    @property
    def conforms(self) -> bool:
        """Whether it may be submitted: violations prevent that, warnings never do. A withdrawal needs no check."""
        return self.private or bool(self.report.get("conforms"))
