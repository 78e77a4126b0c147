"""The API of submissions: programs propose, follow and decide (problem details, RFC 9457; Idempotency-Key)."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, request, url_for
from sqlalchemy import Connection, insert

from escrgraph.curation.acts import create as keep
from escrgraph.curation.database import now, repeat_table
from escrgraph.curation.errors import NotReady
from escrgraph.curation.kept import Submission
from escrgraph.curation.proposals import Proposal
from escrgraph.curation.states import OPEN, State, Step
from escrgraph.curation.submissions import Filter
from escrgraph.repository.errors import Malformed, RepositoryError
from escrgraph.validation.gate import MAX_BYTES
from escrgraph.web.bodies import read_body
from escrgraph.web.context import here
from escrgraph.web.describing import JSON, Parameter, described
from escrgraph.web.pages import language
from escrgraph.web.problems import Refusal, problem
from escrgraph.web.visitors import Visitor, bearer, unkept

blueprint = Blueprint("submissions", __name__)

RDF = ("text/turtle", "application/n-triples", "application/ld+json", "application/n-quads", "application/trig",
       "application/rdf+xml")  # fmt: skip
_TEXT_BYTES = 64 << 10
_A_MINUTE = 60
_KEY = re.compile(r"[\x21-\x7e]{1,200}")
_CHANGE = (
    Parameter("note", "To the curators; not published."),
    Parameter("base", "Number of the version that the data started from; the newest when left out.", type="integer"),
    Parameter("submit", "Whether to hand it to the curators at once.", choices=("true", "false")),
)


@blueprint.post("/api/submissions")
@described("Curation", JSON, status=201, parameters=_CHANGE, bodies=RDF)
def create() -> Response:
    """Propose a record as it should be, new or changed, in any RDF format; a draft until it is submitted."""
    asks = _writes("submit")
    body = read_body(MAX_BYTES)
    key = request.headers.get("Idempotency-Key")
    digest = hashlib.sha256(request.full_path.encode() + b"\0" + body).hexdigest()
    desk = here().desks.get()
    with desk.database.reading() as connection:
        earlier = _earlier(connection, asks, key, digest)
    if earlier is None:
        proposal = _proposal(body)
        with desk.database.writing() as connection:
            earlier = _earlier(connection, asks, key, digest)  # the same request may have come meanwhile
            if earlier is None:
                made, _ = keep(connection, proposal, asks.actor)
                _remember(connection, asks, key, digest, made.id)
    if earlier is not None:
        return _answer(desk.submissions.get(earlier), 200)
    if request.args.get("submit") == "true" and desk.submissions.proposal(made.id).conforms:
        made = desk.submissions.submit(made.id, asks.actor)
        here().desks.mail()
    response = _answer(made, 201)
    response.headers["Location"] = url_for("submissions.one", id_=made.id)
    return response


@blueprint.get("/api/submissions")
@described("Curation", JSON, parameters=(Parameter("state", "Only those in this state.", choices=tuple(State)),))
def many() -> Response:
    """The submissions of the token's holder; with the scope “curate”, those that wait for curators."""
    asks = bearer("read")
    asked = request.args.get("state")
    states = [state for state in State if state.value == asked]
    if asked and not states:
        raise Refusal(400, "Malformed", f"“{asked[:40]}” is no state. States: {', '.join(State)}.")
    if asks.actor.curates:
        hidden = {State.DRAFT, State.HELD}
        wanted = Filter(states=[state for state in states or sorted(OPEN) if state not in hidden])
    else:
        wanted = Filter(states=states or None, account=asks.actor.account, order="-since")
    found = here().desks.get().submissions.find(wanted, 200)
    return _json({"submissions": [_told(one) for one in found]}, 200)


@blueprint.get("/api/submissions/<id_>")
@described("Curation", JSON)
def one(id_: str) -> Response:
    """One submission: where it stands, who acts next, what it proposes, its report and its thread."""
    asks = bearer("read")
    return _answer(here().desks.get().submissions.seen_by(id_, asks.actor), 200, asks)


@blueprint.patch("/api/submissions/<id_>")
@described("Curation", JSON, parameters=_CHANGE, bodies=RDF)
def revise(id_: str) -> Response:
    """Put another proposal in the place of the one before, which stays readable."""
    asks = _writes("submit")
    desk = here().desks.get()
    before = desk.submissions.seen_by(id_, asks.actor)
    proposal = _proposal(read_body(MAX_BYTES))
    if proposal.record != before.record:
        raise NotReady(f"The submission is about {before.record}, the data are about {proposal.record}.")
    return _answer(desk.submissions.revise(id_, proposal, asks.actor), 200, asks)


@blueprint.post("/api/submissions/<id_>/<step>")
@described("Curation", JSON, bodies=("application/json",), place={"id_": "0", "step": "submit"})
def act(id_: str, step: str) -> Response:
    """Take a step: submit, withdraw, comment; with the scope “curate” also take, ask, reject, accept."""
    named = {s.value: s for s in (Step.SUBMIT, Step.WITHDRAW, Step.COMMENT, Step.TAKE, Step.ASK, Step.REJECT)}
    named["accept"] = Step.ACCEPT
    found = named.get(step)
    if found is None:
        raise Refusal(404, "Not found", f"There is no step “{step[:40]}”. Steps: {', '.join(named)}.")
    asks = _writes("curate" if found in (Step.TAKE, Step.ASK, Step.REJECT, Step.ACCEPT) else "submit")
    said = _said()
    desk, text, turn = here().desks.get(), str(said.get("text", "")), said.get("turn")
    submissions, actor = desk.submissions, asks.actor
    if found is Step.SUBMIT:
        done = submissions.submit(id_, actor, turn)
    elif found is Step.WITHDRAW:
        done = submissions.withdraw(id_, actor, turn)
    elif found is Step.COMMENT:
        done = submissions.comment(id_, actor, text)
    elif found is Step.TAKE:
        done = submissions.take(id_, actor, None, turn)
    elif found is Step.ACCEPT:
        keys = said.get("fields")
        done = desk.decisions.accept(id_, actor, turn, keys=keys, seen=said.get("seen"), text=text)
    else:
        done = (submissions.ask if found is Step.ASK else submissions.reject)(id_, actor, text, turn)
    here().desks.mail()
    return _answer(done, 200, asks)


@blueprint.errorhandler(RepositoryError)
def _refused(error: RepositoryError) -> Response:
    """Refusals carry the report, when there is one."""
    report = getattr(error, "report", None)
    headers = {} if error.retry_after is None else {"Retry-After": str(error.retry_after)}
    members: dict[str, object] = {"error": type(error).__name__, "retry_after": error.retry_after}
    if isinstance(error, Malformed):
        members |= {"line": error.line, "column": error.column}
    if report is not None:
        members["report"] = report.to_dict()
    return problem(error.status, error.title, str(error), members, headers)


def _writes(scope: str) -> Visitor:
    """The program that asks, held back when it asks for too much."""
    asks = bearer(scope)
    here().desks.get().throttle.take("api", asks.actor.account, _A_MINUTE, 60)
    return asks


def _proposal(body: bytes) -> Proposal:
    media, given = request.headers.get("Content-Type", ""), request.args.get("base")
    if not media:
        raise Refusal(415, "Unsupported media type", f"The body has no Content-Type. Send one of {', '.join(RDF)}.")
    if given is not None and not (given.isascii() and given.isdecimal() and len(given) < 10):
        raise Malformed("base is the number of a version, such as 12.")
    note = request.args.get("note", "")[:10_000]
    base = int(given) if given else None
    return (
        here().desks.get().making.of_file(body, media.split(";")[0].strip(), language=language(), note=note, base=base)
    )


def _remember(connection: Connection, asks: Visitor, key: str | None, digest: str, made: str) -> None:
    if key is not None:
        values = {"account": asks.actor.account, "key": key, "digest": digest, "submission": made, "made": now()}
        connection.execute(insert(repeat_table).values(**values))


def _earlier(connection: Connection, asks: Visitor, key: str | None, digest: str) -> str | None:
    """The submission that the same request made before. Raises Refusal (422) when the key came with another one."""
    if key is None:
        return None
    if not _KEY.fullmatch(key):
        raise Malformed("Idempotency-Key is 1 to 200 visible ASCII characters.")
    table = repeat_table.c
    asked = repeat_table.select().where(table.account == asks.actor.account, table.key == key)
    row = connection.execute(asked).first()
    if row is None:
        return None
    if row.digest != digest:
        raise Refusal(422, "Key used before", "This Idempotency-Key came with another request. Use a new one for each.")
    return str(row.submission)


def _said() -> dict[str, Any]:
    body = read_body(_TEXT_BYTES)
    if not body.strip():
        return {}
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        raise Malformed("The body is not JSON.") from None
    numbers = ("turn", "seen")
    right = isinstance(said, dict) and all(isinstance(said.get(name, 0), int) for name in numbers)
    if not right or not isinstance(said.get("text", ""), str) or not isinstance(said.get("fields", []), list):
        raise Malformed('The body is {"text": "…", "turn": number, "seen": number, "fields": [keys]}, each if wanted.')
    return said if isinstance(said, dict) else {}


def _told(found: Submission) -> dict[str, Any]:
    return {
        "id": found.id,
        "purpose": found.purpose,
        "record": found.record,
        "title": found.title,
        "language": found.language,
        "state": found.state,
        "since": found.since.isoformat(),
        "next": found.next,
        "turn": found.turn,
        "revision": found.revision,
        "base": found.base,
        "change": found.change,
        "verified": found.verified,
    }


def _answer(found: Submission, status: int, asks: Visitor | None = None) -> Response:
    desk = here().desks.get()
    proposal = desk.submissions.proposal(found.id)
    curates = bool(asks and asks.actor.curates)
    comments = desk.submissions.comments(found.id, internal=curates)
    origin = desk.harvests.origin(found.id, found.revision)
    more = {
        "added": [str(quad) for quad in proposal.added],
        "removed": [str(quad) for quad in proposal.removed],
        "report": dict(proposal.report),
        "note": proposal.note,
        "origin": origin and {**asdict(origin), "taken": origin.taken.isoformat()},
        "comments": [{"made": c.made.isoformat(), "party": c.party, "text": c.text} for c in comments],
    }
    return _json(_told(found) | more, status)


def _json(value: object, status: int) -> Response:
    body = json.dumps(value, ensure_ascii=False, indent=1) + "\n"
    return unkept(Response(body, status, content_type=JSON))
