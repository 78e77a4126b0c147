"""Where a submission stands and what can be done with it, in the reader's words."""

from __future__ import annotations

from flask_babel import gettext

from escrgraph.curation.actors import Party
from escrgraph.curation.proposals import Purpose
from escrgraph.curation.states import State, Step


def state_names() -> dict[State, str]:
    """The states."""
    return {
        State.HELD: gettext("Waits for confirmation"),
        State.DRAFT: gettext("Draft"),
        State.SUBMITTED: gettext("Submitted"),
        State.IN_REVIEW: gettext("In review"),
        State.CHANGES_REQUESTED: gettext("Changes requested"),
        State.ACCEPTED: gettext("Accepted"),
        State.PUBLISHED: gettext("Published"),
        State.REJECTED: gettext("Rejected"),
        State.WITHDRAWN: gettext("Taken back"),
        State.SUPERSEDED: gettext("Superseded by a later one"),
        State.UNPUBLISHED: gettext("No longer published"),
    }


def purpose_names() -> dict[Purpose, str]:
    """What submissions are for."""
    return {
        Purpose.NEW: gettext("New entry"),
        Purpose.CHANGE: gettext("Change"),
        Purpose.REPLY: gettext("Reply of an institution"),
        Purpose.POST: gettext("Post in a discussion"),
        Purpose.WITHDRAWAL: gettext("Withdrawal"),
        Purpose.UNDO: gettext("Undo"),
        Purpose.REQUEST: gettext("Request of a person concerned"),
    }


def step_names() -> dict[Step, str]:
    """What was done, as the history of a submission tells it."""
    return {
        Step.CREATE: gettext("Begun"),
        Step.REVISE: gettext("Changed"),
        Step.RENEW: gettext("Changed at its source"),
        Step.CONFIRM: gettext("Confirmed"),
        Step.SUBMIT: gettext("Submitted"),
        Step.TAKE: gettext("Taken into review"),
        Step.COMMENT: gettext("Commented"),
        Step.ASK: gettext("Changes asked for"),
        Step.ACCEPT: gettext("Accepted"),
        Step.REJECT: gettext("Rejected"),
        Step.WITHDRAW: gettext("Taken back"),
        Step.PUBLISH: gettext("Published"),
        Step.RETURN: gettext("Back in review"),
        Step.SUPERSEDE: gettext("Superseded by a later one"),
        Step.UNPUBLISH: gettext("No longer published"),
        Step.RESTORE: gettext("Published again"),
        Step.ERASE: gettext("Erased"),
    }


def next_names() -> dict[Party, str]:
    """Who acts next."""
    return {
        Party.SUBMITTER: gettext("Next: whoever sent it"),
        Party.CURATOR: gettext("Next: a curator"),
        Party.MACHINE: gettext("Being published"),
        Party.NOBODY: gettext("Closed"),
    }
