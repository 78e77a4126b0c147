"""The curators' desk and the submitter's view: what waits, what a submission changes, and what is decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, request
from flask_babel import gettext

from escrgraph.curation import differences
from escrgraph.curation.actors import Party
from escrgraph.curation.decisions import Failed
from escrgraph.curation.duplicates import signs_of
from escrgraph.curation.errors import NotNow, NotReady, NotYours
from escrgraph.curation.kept import Submission
from escrgraph.curation.proposals import Proposal, Purpose
from escrgraph.curation.states import OPEN, State, Step
from escrgraph.curation.submissions import Filter
from escrgraph.repository.changes import Action
from escrgraph.repository.errors import Moved, RepositoryError, Unavailable
from escrgraph.vocabulary.iris import TYPES, is_slug
from escrgraph.vocabulary.labels import Label
from escrgraph.web import worklists
from escrgraph.web.comparing import Row, mentioned, rows
from escrgraph.web.context import here
from escrgraph.web.describing import described
from escrgraph.web.entity import plural
from escrgraph.web.pages import language
from escrgraph.web.problems import Refusal
from escrgraph.web.standing import next_names, purpose_names, state_names, step_names
from escrgraph.web.thing_names import names_of
from escrgraph.web.visitors import curator, demand_own_form, person, private, see, visitor

blueprint = Blueprint("curating", __name__)

FORM = ("application/x-www-form-urlencoded",)
_FORM = 256 << 10
_PAGE = 50
_MOST_TEXT = 10_000
BULK = (Step.TAKE, Step.ACCEPT, Step.REJECT)


@dataclass(frozen=True, slots=True)
class Line:
    """A submission in a list."""

    submission: Submission
    kind: Label
    sender: str | None
    curator: str | None
    days: int
    warnings: int = 0


@blueprint.before_request
def _small() -> None:
    request.max_content_length = _FORM


@blueprint.get("/curate")
@described("Curation", status=303)
def queue() -> Response:
    """What waits for curators, the longest waiting first, with filters."""
    return _queue(curator().id)


@blueprint.post("/curate")
@described("Curation", status=303, method="POST", bodies=FORM)
def bulk() -> Response:
    """Do the same with several submissions; each is decided by itself, and what did not work is told."""
    me = curator()
    demand_own_form()
    form = request.form
    try:
        step = Step(form.get("step", ""))
    except ValueError:
        step = Step.CREATE
    if step not in BULK:
        raise Refusal(400, "Malformed", "Several submissions can be taken, accepted or rejected at once.")
    failed: list[tuple[Submission, str]] = []
    done = 0
    for id_ in form.getlist("id")[:_PAGE]:
        try:
            _take_step(id_, step, None, form.get("text", ""))
            done += 1
        except RepositoryError as error:
            if isinstance(error, Unavailable):
                raise
            failed.append((here().desks.get().submissions.get(id_), told(error)))
    here().desks.mail()
    return _queue(me.id, done=done, failed=failed)


@blueprint.get("/curate/lists/<name>")
@described("Curation", status=303)
def worklist(name: str) -> Response:
    """What in the library wants looking after, by a query."""
    curator()
    found = worklists.read(name)
    return private("worklist.html", found=found, names=worklists.titles())


@blueprint.post("/curate/undo")
@described("Curation", status=303, method="POST", bodies=FORM)
def undo() -> Response:
    """Take back what a change did to a record."""
    me = curator()
    demand_own_form()
    record, number = _record(request.form.get("record", "")), request.form.get("number", "")
    if not number.isascii() or not number.isdecimal() or len(number) > 9:
        raise Refusal(400, "Malformed", "Name the change to take back by its number.")
    done = here().desks.get().decisions.undo(int(number), record, me.actor, request.form.get("text", ""))
    here().desks.mail()
    return see(f"/curate/{done.id}")


@blueprint.post("/curate/withdraw")
@described("Curation", status=303, method="POST", bodies=FORM)
def withdraw() -> Response:
    """Propose to withdraw a record; another curator decides."""
    me = curator()
    demand_own_form()
    record, desk = _record(request.form.get("record", "")), here().desks.get()
    proposal = desk.making.withdrawal(record, request.form.get("text", ""), language())
    made, _ = desk.submissions.create(proposal, me.actor)
    if proposal.conforms:
        desk.submissions.submit(made.id, me.actor)
        here().desks.mail()
        return see(f"/curate/{made.id}")
    return see(f"/submissions/{made.id}")


@blueprint.get("/curate/<id_>")
@described("Curation", status=303)
def review(id_: str) -> Response:
    """One submission as a curator sees it."""
    me = curator()
    here().desks.get().notices.seen(me.id, id_)
    return _submission(id_, curating=True)


@blueprint.post("/curate/<id_>")
@described("Curation", status=303, method="POST", bodies=FORM)
def decide(id_: str) -> Response:
    """Take a step on a submission."""
    curator()
    demand_own_form()
    return _step(id_, curating=True)


@blueprint.get("/submissions")
@described("Curation", status=303)
def mine() -> Response:
    """What somebody submitted, and what they were told."""
    me, desk = person(), here().desks.get()
    lines = _lines(desk.submissions.find(Filter(account=me.id, order="-since"), limit=200))
    told_ = desk.notices.of(me.id, 30)
    desk.notices.seen(me.id)
    return private("mine.html", lines=lines, notices=told_, states=state_names(), steps=step_names(), **_words())


@blueprint.get("/submissions/<id_>")
@described("Curation", status=303)
def followed(id_: str) -> Response:
    """One submission as whoever sent it sees it, signed in or by the link they were given."""
    if (me := visitor().person) is not None:
        here().desks.get().notices.seen(me.id, id_)
    elif not visitor().actor.key:
        person()  # asks them to sign in
    return _submission(id_, curating=False)


@blueprint.post("/submissions/<id_>")
@described("Curation", status=303, method="POST", bodies=FORM)
def go_on(id_: str) -> Response:
    """Submit, confirm, comment or take back."""
    demand_own_form()
    if not visitor().actor.key:
        person()
    return _step(id_, curating=False)


def _step(id_: str, *, curating: bool) -> Response:
    form = request.form
    try:
        step = Step(form.get("step", ""))
    except ValueError:
        raise Refusal(400, "Malformed", "The form names no step. Open the page again.") from None
    turn = form.get("turn", "")
    try:
        _take_step(id_, step, int(turn) if turn.isdecimal() and len(turn) < 9 else None, form.get("text", ""))
    except (NotReady, NotNow, NotYours, Moved) as error:
        report = error.report.to_dict() if isinstance(error, Failed) else None
        return _submission(id_, curating=curating, wrong=told(error), report=report, status=error.status)
    here().desks.mail()
    key = visitor().actor.key
    return see(f"/{'curate' if curating else 'submissions'}/{id_}" + (f"?key={key}" if key else ""))


def _take_step(id_: str, step: Step, turn: int | None, text: str) -> None:
    """Take a step as whoever asks."""
    desk, actor, form = here().desks.get(), visitor().actor, request.form
    submissions, said = desk.submissions, text[:_MOST_TEXT]
    if step is Step.ACCEPT:
        seen = form.get("seen", "")
        keys = form.getlist("field") if "fields" in form else None
        version = int(seen) if seen.isdecimal() and len(seen) < 10 else None
        desk.decisions.accept(id_, actor, turn, keys=keys, seen=version, text=said)
    elif step is Step.COMMENT:
        if not said.strip():
            raise NotReady(gettext("There is nothing to send yet: write something."))
        submissions.comment(id_, actor, said, internal="internal" in form)
    elif step is Step.TAKE:
        submissions.take(id_, actor, form.get("curator") or None, turn)
    else:
        acts: dict[Step, Any] = {
            Step.ASK: lambda: submissions.ask(id_, actor, said, turn),
            Step.REJECT: lambda: submissions.reject(id_, actor, said, turn),
            Step.SUBMIT: lambda: submissions.submit(id_, actor, turn),
            Step.CONFIRM: lambda: submissions.confirm(id_, actor),
            Step.WITHDRAW: lambda: submissions.withdraw(id_, actor, turn),
        }
        if step not in acts:
            raise Refusal(400, "Malformed", "That is not done by a form.")
        acts[step]()


def told(error: RepositoryError) -> str:
    """Why a step was not taken, in the reader's language where there are words for it."""
    if isinstance(error, Failed):
        return str(gettext("It does not fit what is published now; the findings below say why. It stays in review."))
    if isinstance(error, Moved):
        return str(
            gettext("The record was changed meanwhile. Both changes stand side by side below: look, then decide.")
        )
    if isinstance(error, NotYours) and "themselves" in str(error):
        return str(gettext("Nobody accepts what they submitted themselves: another curator has to look at it."))
    if isinstance(error, NotNow) and "after you opened" in str(error):
        return str(gettext("Somebody acted on this submission after you opened it. Look at it again, then decide."))
    if isinstance(error, NotReady) and "Say why" in str(error):
        return str(gettext("Say why: the submitter reads it, and it is kept."))
    if isinstance(error, NotReady) and "mended" in str(error):
        return str(gettext("Something has to be mended before this can be submitted; the findings below say what."))
    return str(error)


def _queue(me: str, done: int | None = None, failed: Sequence[tuple[Submission, str]] = ()) -> Response:
    desk, asked = here().desks.get(), request.args
    wanted = Filter(
        states=_states(asked.get("state", "")),
        type=asked.get("type") or None,
        purpose=next((p for p in Purpose if p.value == asked.get("purpose")), None),
        curator={"me": me, "nobody": ""}.get(asked.get("assigned", "")),
    )
    page = asked.get("page", "1")
    number = int(page) if page.isascii() and page.isdecimal() and 0 < len(page) < 5 else 1
    count = desk.submissions.count(wanted)
    lines = _lines(desk.submissions.find(wanted, _PAGE, (max(number, 1) - 1) * _PAGE))
    types = [(type_, plural(here().service.kinds, type_, language())) for type_ in here().service.kinds.by_type]
    return private(
        "queue.html", lines=lines, count=count, number=number, more=number * _PAGE < count, types=types, done=done,
        failed=failed, lists=worklists.titles(), chosen=asked, **_words(),
    )  # fmt: skip


def _states(asked: str) -> list[State]:
    if asked == "all":
        return [state for state in State if state not in (State.DRAFT, State.HELD)]
    return [state for state in State if state.value == asked and state not in (State.DRAFT, State.HELD)] or sorted(OPEN)


def _lines(found: Sequence[Submission]) -> list[Line]:
    people = here().desks.get().people.names({name for one in found for name in (one.account, one.curator) if name})
    kinds, now = here().service.kinds, datetime.now(UTC)
    lines = []
    for one in found:
        kind = kinds.by_type.get(one.type)
        label = kind.label(language()) if kind else Label(one.type, None, fallback=True)
        sender, looking = people.get(one.account), people.get(one.curator)
        lines.append(Line(one, label, sender, looking, (now - one.since).days))
    return lines


def _words() -> dict[str, Any]:
    return {"state_names": state_names(), "purpose_names": purpose_names(), "next_names": next_names()}


def _submission(
    id_: str, *, curating: bool, wrong: str | None = None, report: dict[str, Any] | None = None, status: int = 200
) -> Response:
    desk, actor = here().desks.get(), visitor().actor
    _resume(desk)
    found = desk.submissions.seen_by(id_, actor)
    if not curating and Party.SUBMITTER not in found.parties(actor):
        return see(f"/curate/{id_}")
    proposal = desk.submissions.proposal(id_)
    compared, newest, gone = _compared(proposal, found)
    comments = desk.submissions.comments(id_, internal=curating)
    events = desk.submissions.events(id_)
    ids = {c.author for c in comments} | {e.actor for e in events} | {found.account, found.curator}
    return private(
        "submission.html",
        status,
        found=found,
        line=_lines([found])[0],
        origin=desk.harvests.origin(id_, found.revision),
        proposal=proposal,
        rows=compared,
        three=any(row.moved for row in compared),
        newest=newest,
        gone=gone,
        report=report or dict(proposal.report),
        comments=comments,
        events=events,
        people=desk.people.names(ids),
        curators=desk.people.curators() if curating else [],
        steps=set(found.steps(actor)),
        curating=curating,
        own=found.account == actor.account,
        key=actor.key,
        alike=_alike(found, proposal) if curating else [],
        wrong=wrong,
        step_names=step_names(),
        **_words(),
    )


def _alike(found: Submission, proposal: Proposal) -> list[tuple[str, str]]:
    """The records, by name, that are like one that would be new."""
    if found.state not in OPEN or proposal.purpose is not Purpose.NEW:
        return []
    reception = here().reception
    signs = signs_of(found.record, proposal.added, here().service.base)
    matches = reception.duplicates().like(signs, but=found.record)
    return [(match.record, reception.title(match.record, language())) for match in matches]


def _resume(desk: Any) -> None:
    """What a crash left accepted and unpublished is taken up by whoever looks; when it cannot be, they still look."""
    if desk.submissions.count(Filter(states=[State.ACCEPTED], private=False)):
        try:
            desk.decisions.resume()
        except RepositoryError:
            return


def _compared(proposal: Proposal, found: Submission) -> tuple[list[Row], int, bool]:
    """The rows of the comparison, the newest version of the record, and whether the record is withdrawn."""
    if not found.record or proposal.private:
        return [], 0, False
    desk, service = here().desks.get(), here().service
    open_ = found.state in (*OPEN, State.DRAFT, State.HELD)
    with desk.versions() as versions:
        newest = versions.newest(found.record)
        last = versions.of(found.record)
        before = versions.at(found.record, proposal.base) if proposal.base else frozenset()
        current = versions.at(found.record) if open_ and newest != (proposal.base or 0) else None
    removed = before if proposal.purpose is Purpose.WITHDRAWAL else proposal.removed
    after = differences.applied(before, proposal.added, removed)
    listed = differences.compare(found.record, before, after, service.kinds, service.base, current)
    gone = bool(last) and last[0].action is Action.WITHDRAWN
    return rows(listed, names_of(mentioned(listed)), service.base, language()), newest, gone


def _record(text: str) -> str:
    kind, _, slug = text.partition("/")
    if kind not in TYPES or not is_slug(slug):
        raise Refusal(400, "Malformed", "Name a record as type/slug.")
    return text
