"""Who acts on a submission: a role, and what somebody is to one submission."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What an account may do at all; each may do what those before it may."""

    VISITOR = "visitor"
    MEMBER = "member"
    CURATOR = "curator"
    ADMIN = "admin"


class Party(StrEnum):
    """What somebody is to a submission, and who acts on it next."""

    SUBMITTER = "submitter"
    CURATOR = "curator"
    MACHINE = "machine"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who acts.

    account: id of an account, "" for somebody without one. key: the secret by which somebody without an account shows
    that a submission is theirs. machine: the repository itself.
    """

    account: str = ""
    role: Role = Role.VISITOR
    key: str = ""
    machine: bool = False

    @property
    def curates(self) -> bool:
        """Whether decisions are theirs to make."""
        return self.role in (Role.CURATOR, Role.ADMIN)


MACHINE = Actor(account="escrgraph", machine=True)
"""The repository itself, which publishes what was accepted."""

HARVESTER = Actor(account="harvest", role=Role.MEMBER, machine=True)
"""The repository as it brings in what others publish: it submits, and never decides."""

VISITOR = Actor()
"""Somebody of whom nothing is known."""
