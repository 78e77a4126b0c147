"""Who sends something, and what becomes of it once it is sent: the place where accounts take hold of forms."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Response, make_response, render_template

from escrgraph.curation.actors import VISITOR, Actor, Role
from escrgraph.curation.proposals import Proposal
from escrgraph.curation.submissions import Submission
from escrgraph.web.context import here
from escrgraph.web.pages import language, localized


def sender() -> Actor:
    """Who sends this request."""
    return VISITOR


def is_visitor() -> bool:
    """Whether it is somebody without an account."""
    return sender().role is Role.VISITOR


def is_machine(form: Mapping[str, str]) -> bool:
    """Whether a field was filled in that people do not see."""
    return bool(form.get("website", "").strip())


def hand_in(proposal: Proposal, *, submit: bool, contact: str) -> Response:
    """Keep a proposal, and hand it to the curators when `submit` says so; the page that tells so."""
    made, key = keep(proposal, submit=submit, contact=contact)
    body = render_template("sent.html", submission=made, key=key, language=language())
    response = make_response(body, 201)
    response.headers["Cache-Control"] = "no-store"
    return localized(response)


def keep(proposal: Proposal, *, submit: bool, contact: str = "") -> tuple[Submission, str]:
    """Keep a proposal: the submission, and the secret with which somebody without an account confirms it."""
    submissions, actor = here().reception.submissions, sender()
    made, key = submissions.create(proposal, actor, contact=contact)
    if submit and not key:
        made = submissions.submit(made.id, actor)
    return made, key
