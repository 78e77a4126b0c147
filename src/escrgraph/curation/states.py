"""The life of a submission as one table: which step leads from which state to which, and who may take it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from escrgraph.curation.actors import Party


class State(StrEnum):
    """Where a submission stands."""

    HELD = "held"
    DRAFT = "draft"
    SUBMITTED = "submitted"
    IN_REVIEW = "in-review"
    CHANGES_REQUESTED = "changes-requested"
    ACCEPTED = "accepted"
    PUBLISHED = "published"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    SUPERSEDED = "superseded"
    UNPUBLISHED = "unpublished"


class Step(StrEnum):
    """What is done to a submission."""

    CREATE = "create"
    REVISE = "revise"
    RENEW = "renew"  # of what was harvested, when it changed at its source
    CONFIRM = "confirm"
    SUBMIT = "submit"
    TAKE = "take"
    COMMENT = "comment"
    ASK = "ask"
    ACCEPT = "accept"
    REJECT = "reject"
    WITHDRAW = "withdraw"
    PUBLISH = "publish"
    RETURN = "return"
    SUPERSEDE = "supersede"
    UNPUBLISH = "unpublish"
    RESTORE = "restore"
    ERASE = "erase"  # of what it says, when its record is redacted; where it stands does not change


@dataclass(frozen=True, slots=True)
class Rule:
    """From these states, by these parties, a step leads to a state; None: it stays where it is."""

    step: Step
    sources: frozenset[State]
    parties: frozenset[Party]
    target: State | None


def _rule(step: Step, sources: Collection[State], parties: Collection[Party], target: State | None) -> Rule:
    return Rule(step, frozenset(sources), frozenset(parties), target)


_S, _P = State, Party
_OPEN = (_S.SUBMITTED, _S.IN_REVIEW)

RULES: tuple[Rule, ...] = (
    _rule(Step.REVISE, (_S.DRAFT, _S.CHANGES_REQUESTED), (_P.SUBMITTER,), None),
    _rule(Step.REVISE, (_S.IN_REVIEW,), (_P.CURATOR,), None),
    _rule(Step.CONFIRM, (_S.HELD,), (_P.SUBMITTER,), _S.SUBMITTED),
    _rule(Step.SUBMIT, (_S.DRAFT, _S.CHANGES_REQUESTED), (_P.SUBMITTER,), _S.SUBMITTED),
    _rule(Step.TAKE, (*_OPEN, _S.CHANGES_REQUESTED), (_P.CURATOR,), _S.IN_REVIEW),
    _rule(Step.COMMENT, (*_OPEN, _S.CHANGES_REQUESTED, _S.REJECTED), (_P.SUBMITTER, _P.CURATOR), None),
    _rule(Step.ASK, _OPEN, (_P.CURATOR,), _S.CHANGES_REQUESTED),
    _rule(Step.ACCEPT, _OPEN, (_P.CURATOR,), _S.ACCEPTED),
    _rule(Step.REJECT, (*_OPEN, _S.CHANGES_REQUESTED), (_P.CURATOR,), _S.REJECTED),
    _rule(
        Step.WITHDRAW, (_S.HELD, _S.DRAFT, _S.SUBMITTED, _S.IN_REVIEW, _S.CHANGES_REQUESTED), (_P.SUBMITTER,),
        _S.WITHDRAWN,
    ),
    _rule(Step.RENEW, (*_OPEN, _S.CHANGES_REQUESTED), (_P.MACHINE,), None),
    _rule(Step.PUBLISH, (_S.ACCEPTED,), (_P.MACHINE,), _S.PUBLISHED),
    _rule(Step.RETURN, (_S.ACCEPTED,), (_P.MACHINE,), _S.IN_REVIEW),
    _rule(Step.SUPERSEDE, (_S.PUBLISHED,), (_P.MACHINE,), _S.SUPERSEDED),
    _rule(Step.UNPUBLISH, (_S.PUBLISHED, _S.SUPERSEDED), (_P.MACHINE,), _S.UNPUBLISHED),
    _rule(Step.RESTORE, (_S.SUPERSEDED,), (_P.MACHINE,), _S.PUBLISHED),
)  # fmt: skip

NEXT: dict[State, Party] = {
    _S.HELD: _P.SUBMITTER,
    _S.DRAFT: _P.SUBMITTER,
    _S.SUBMITTED: _P.CURATOR,
    _S.IN_REVIEW: _P.CURATOR,
    _S.CHANGES_REQUESTED: _P.SUBMITTER,
    _S.ACCEPTED: _P.MACHINE,
    _S.PUBLISHED: _P.NOBODY,
    _S.REJECTED: _P.NOBODY,
    _S.WITHDRAWN: _P.NOBODY,
    _S.SUPERSEDED: _P.NOBODY,
    _S.UNPUBLISHED: _P.NOBODY,
}
"""Who acts next in each state."""

OPEN = frozenset({_S.SUBMITTED, _S.IN_REVIEW, _S.CHANGES_REQUESTED})
"""The states in which curators see a submission in their queue."""


def rule(state: State, step: Step, parties: Collection[Party]) -> Rule | None:
    """The rule by which somebody who is all these parties may take a step; None when they may not."""
    return next((r for r in RULES if r.step is step and state in r.sources and r.parties & set(parties)), None)


def steps(state: State, parties: Collection[Party]) -> tuple[Step, ...]:
    """What somebody who is all these parties may do, in the order of the table."""
    return tuple(dict.fromkeys(r.step for r in RULES if state in r.sources and r.parties & set(parties)))
