"""Who sends something, and what becomes of it once it is sent: the place where accounts take hold of forms."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Response, make_response, render_template

from escrgraph.curation.actors import Actor, Party, Role
from escrgraph.curation.kept import Submission
from escrgraph.curation.proposals import Proposal
from escrgraph.curation.receiving import receive
from escrgraph.curation.states import Step
from escrgraph.web.context import client, here
from escrgraph.web.pages import language, localized
from escrgraph.web.visitors import see, visitor


def sender() -> Actor:
    """Who sends this request."""
    return visitor().actor


def is_visitor() -> bool:
    """Whether it is somebody without an account."""
    return sender().role is Role.VISITOR


def is_machine(form: Mapping[str, str]) -> bool:
    """Whether a field was filled in that people do not see."""
    return bool(form.get("website", "").strip())


def hand_in(proposal: Proposal, *, submit: bool, contact: str, submission: str = "") -> Response:
    """Keep a proposal, and hand it to the curators when `submit` says so; the page that tells so.

    submission: the one whose proposal this takes the place of, "" for none.
    """
    if submission:
        return _revised(submission, proposal, submit=submit)
    made, key = keep(proposal, submit=submit, contact=contact)
    body = render_template("sent.html", submission=made, key=key, language=language())
    response = make_response(body, 201)
    response.headers["Cache-Control"] = "no-store"
    return localized(response)


def _revised(id_: str, proposal: Proposal, *, submit: bool) -> Response:
    desk, actor = here().desks.get(), sender()
    found = desk.submissions.revise(id_, proposal, actor)
    if submit and Step.SUBMIT in found.steps(actor):
        desk.submissions.submit(id_, actor)
    here().desks.mail()
    own = Party.SUBMITTER in found.parties(actor)
    return see(f"/{'submissions' if own else 'curate'}/{id_}")


def keep(proposal: Proposal, *, submit: bool, contact: str = "") -> tuple[Submission, str]:
    """Keep a proposal: the submission, and the secret with which somebody without an account confirms it."""
    desk, actor = here().desks.get(), sender()
    made, key = receive(desk.database, proposal, actor, client=client(), contact=contact)
    if submit and not key:
        made = desk.submissions.submit(made.id, actor)
    here().desks.mail()
    return made, key
