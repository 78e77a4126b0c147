"""Submitting: forms for every kind of record, for changes, replies, posts and requests (`/submit`)."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Response, make_response, render_template, request
from flask_babel import gettext as _
from pyoxigraph import NamedNode, Quad

from escrgraph.curation import differences
from escrgraph.curation.answers import MOST_ANSWERS, Answers
from escrgraph.curation.forms import Form, form_of
from escrgraph.curation.proposals import Proposal, Purpose
from escrgraph.curation.states import Step
from escrgraph.curation.writing import Writer, Written, answers_of
from escrgraph.repository.errors import TooLarge
from escrgraph.repository.preparing import RESERVED
from escrgraph.vocabulary.iris import Base
from escrgraph.vocabulary.kinds import Kind
from escrgraph.vocabulary.labels import choose_label
from escrgraph.web import senders
from escrgraph.web.checked import Verdict, judged, unheard
from escrgraph.web.context import here
from escrgraph.web.describing import HTML, LANG, Parameter, described
from escrgraph.web.entity import plural
from escrgraph.web.forms import Note, Sheet, languages
from escrgraph.web.intake import FormState, addressed, applied, begun, slugged
from escrgraph.web.page_queries import ask, page_query
from escrgraph.web.pages import language, localized, page
from escrgraph.web.problems import Refusal
from escrgraph.web.visitors import demand_own_form

blueprint = Blueprint("submitting", __name__)

FORM = "application/x-www-form-urlencoded"
FORM_BYTES = 2 << 20
"""A form that a person fills in."""

FIRST = ("resource", "update", "discussion", "finding", "organization", "person", "method")
"""What members bring most often comes first."""

PARTIAL = {Purpose.REPLY: ("finding", ("reply",)), Purpose.POST: ("discussion", ("container_of",))}
"""Purposes with a form of few questions: the type that they are about, and the keys."""

_PURPOSES = {
    "": Purpose.CHANGE,
    "reply": Purpose.REPLY,
    "post": Purpose.POST,
    "request": Purpose.REQUEST,
}

_FACETS = ("right", "method", "country")
_PARAMETERS = (
    Parameter("record", "The record to change, to answer or to complain about, as type/slug.", "right/food"),
    Parameter("for", "What it is for, when not a new record or a change.", choices=("reply", "post", "request")),
    *(Parameter(facet, "A record to fill in, as type/slug, where the form asks for it.") for facet in _FACETS),
    LANG,
)


@dataclass(frozen=True, slots=True)
class Task:
    """What somebody is about to send. record: what it is about, empty for something new. published: as it is now.

    submission: the one that is being changed, "" for none; answers: what it says.
    """

    purpose: Purpose
    kind: Kind
    form: Form
    record: str
    title: str
    base: int | None
    published: tuple[Quad, ...]
    answers: Answers | None = None
    submission: str = ""


@blueprint.get("/submit")
@described("Submissions", HTML, parameters=(LANG,))
def index() -> Response:
    """What can be sent."""
    service = here().service
    types = [*FIRST, *(type_ for type_ in service.kinds.by_type if type_ not in FIRST and type_ != "dataset")]
    shelves = []
    for type_ in types:
        kind = service.kinds.by_type.get(type_)
        if kind is not None:
            told = {"description": choose_label(kind.descriptions, language())}
            shelves.append((type_, kind.label(language()), plural(service.kinds, type_, language()), told))
    return page("submit.html", service.pages.generation(), shelves=shelves, first=len(FIRST))


@blueprint.get("/submit/<type_>")
@described("Submissions", HTML, parameters=_PARAMETERS, place={"type_": "right"})
def form(type_: str) -> Response:
    """A form: empty for something new, filled in for a change to what is published."""
    task = _task(type_)
    answers = task.answers
    if answers is None:
        answers = answers_of(task.form, task.published, task.record, _base()) if task.published else Answers()
        if task.purpose in PARTIAL:
            answers = Answers()
        if task.purpose is Purpose.NEW:
            answers = begun(
                task.form, here().service.kinds, _base(), {facet: request.args.get(facet, "") for facet in _FACETS}
            )
    return _shown(task, FormState(answers))


@blueprint.post("/submit/<type_>")
@described(
    "Submissions",
    HTML,
    method="POST",
    parameters=_PARAMETERS,
    place={"type_": "resource"},
    bodies=(FORM,),
)
def filled_in(type_: str) -> Response:
    """Check, keep or send what was filled in; add or take out a field."""
    demand_own_form()
    task = _task(type_)
    state = _posted(task)
    if state.step == "edit":
        return _shown(task, applied(task.form, state))
    return _decided(task, state)


def looked_at(type_: str) -> Verdict:
    """What is said of a form while it is filled in."""
    task = _task(type_)
    return _proposed(task, _posted(task))[1]


def _posted(task: Task) -> FormState:
    request.max_content_length = request.max_form_memory_size = FORM_BYTES
    request.max_form_parts = 2 * MOST_ANSWERS
    pairs = [(name, value) for name in request.form for value in request.form.getlist(name)]
    if sum(len(value) for _name, value in pairs) > FORM_BYTES:  # where the form was read before this
        raise TooLarge(f"The form holds more than {FORM_BYTES:,} characters. Shorten its texts.")
    return FormState.read(task.form, pairs)


def _decided(task: Task, state: FormState) -> Response:
    if task.purpose is Purpose.REQUEST:
        return _requested(task, state)
    written, verdict, proposal = _proposed(task, state)
    if state.step in {"save", "submit"} and not senders.is_machine(request.form):
        blocked = state.step == "submit" and (verdict.violated or (verdict.light and state.seen != verdict.seen))
        if not blocked and (written.added or written.removed):
            submit = state.step == "submit"
            return senders.hand_in(proposal, submit=submit, contact=state.contact, submission=task.submission)
        if not blocked:
            verdict = unheard(verdict, _("Nothing was changed or entered, so there is nothing to send."))
    return _shown(task, state, verdict, status=422 if state.step == "submit" else 200)


def _proposed(task: Task, state: FormState) -> tuple[Written, Verdict, Proposal]:
    service = here().service
    record = task.record or slugged(task.form, state.answers, task.kind, state.record)
    writer = Writer(task.form, service.kinds, service.base, here().reception.resolve)
    answers = state.answers
    if task.purpose in PARTIAL:
        answers = addressed(task.form, answers, task.published, task.record, service.base)
    written = writer.write(answers, record, task.published)
    written = state.related(written, record, service.base)
    verdict = judged(written, record, language())
    title = state.title(task.form, task.kind) or task.title or record
    proposal = Proposal(
        purpose=task.purpose,
        type=task.kind.type or "",
        record=record,
        title=title[:300],
        language=language(),
        base=task.base,
        added=written.added,
        removed=written.removed,
        report=verdict.checked.report.to_dict() if verdict.checked else {},
        note=state.note,
    )
    return written, verdict, proposal


def _requested(task: Task, state: FormState) -> Response:
    """A person concerned asks for correction or removal: nothing but words, for curators alone."""
    if state.step == "submit" and state.note.strip() and not senders.is_machine(request.form):
        proposal = Proposal(
            Purpose.REQUEST, task.kind.type or "", task.record, task.title, language(), task.base, note=state.note
        )
        return senders.hand_in(proposal, submit=True, contact=state.contact)
    verdict = None
    if not state.note.strip():
        wrong = Note(_("Say what is to be corrected or removed, and why."), grave=True)
        verdict = Verdict.of_notes({"note": [wrong]})
    return _shown(task, state, verdict, status=422 if state.step == "submit" else 200)


def _shown(task: Task, state: FormState, verdict: Verdict | None = None, status: int = 200) -> Response:
    service, known = here().service, here().reception
    sheet = Sheet(
        task.form, state.answers, language(), service.base, known.lexicon,
        verdict.notes if verdict else {}, state.blanks,
    )  # fmt: skip
    tags = languages(
        next((q.field for q in task.form.everything if q.field.languages), task.form.kind.fields[0]), language()
    )
    response = make_response(
        render_template(
            "form.html",
            title=_title(task),
            type=task.kind.type,
            about={"record": task.record, "title": task.title} if task.published else None,
            intro=_intro(task),
            whole=task.purpose is Purpose.NEW,
            blocks=sheet.blocks() if task.purpose is not Purpose.REQUEST else (),
            tags=tags,
            summary=verdict or Verdict.of_notes({}),
            checked=verdict is not None,
            matches=verdict.matches(state.relations, language()) if verdict else (),
            relations=_relations(),
            visitor=senders.is_visitor(),
            note=state.note,
            note_label=_("What is to be corrected or removed") if task.purpose is Purpose.REQUEST else _("Remarks"),
            note_hint=_note_hint(task),
            note_required=task.purpose is Purpose.REQUEST,
            contact=state.contact,
            seen=state.seen,
        ),
        status,
    )
    response.headers["Cache-Control"] = "no-store"
    return localized(response)


def _relations() -> list[tuple[str, str]]:
    return [
        ("", _("not said")),
        ("different", _("something else")),
        ("same", _("the same")),
        ("version", _("a new version of it")),
        ("translation", _("a translation of it")),
    ]


def _title(task: Task) -> str:
    kind = task.kind.label(language()).text
    titles = {
        Purpose.NEW: _("New entry: %(kind)s", kind=kind),
        Purpose.CHANGE: _("Suggest a change: %(kind)s", kind=kind),
        Purpose.REPLY: _("Reply of an institution"),
        Purpose.POST: _("Post in a discussion"),
        Purpose.REQUEST: _("Ask for correction or removal"),
    }
    return str(titles[task.purpose])


def _intro(task: Task) -> str:
    intros = {
        Purpose.CHANGE: _("Change what is wrong or add what is missing. Curators see only what differs."),
        Purpose.REPLY: _("The reply is shown with the finding, in the institution’s own words."),
        Purpose.POST: _("The post is shown with the discussion once a curator has read it."),
        Purpose.REQUEST: _(
            "For persons and institutions whom an entry concerns. Only curators read this, and they read it first. "
            "It is never published."
        ),
    }
    return str(intros.get(task.purpose, ""))


def _note_hint(task: Task) -> str:
    hints = {
        Purpose.REQUEST: _("Say what is wrong or harmful, and what should be done. You need not say who you are."),
        Purpose.REPLY: _("Say for which institution you write, and how we can verify that. Not published."),
    }
    return str(hints.get(task.purpose, _("What a curator should know. Not published.")))


def _task(type_: str) -> Task:
    service = here().service
    kind = service.kinds.by_type.get(type_)
    if kind is None:
        known = ", ".join(service.kinds.by_type)
        raise Refusal(404, "Not found", f"There is no type of record “{type_[:60]}”. Types: {known}.")
    whole = form_of(kind, service.kinds)
    if sent := request.args.get("submission"):
        return _sent_before(sent, kind, whole)
    record = request.args.get("record", "").strip()
    wanted = request.args.get("for", "")
    if not record:
        if wanted:
            raise Refusal(400, "Malformed", "Name the record that it is about: record=type/slug.")
        return Task(Purpose.NEW, kind, whole, "", "", None, ())
    if record.partition("/")[0] != type_ or service.base.record_of(f"{service.base.iri}id/{record}") != record:
        raise Refusal(400, "Malformed", f"“{record[:100]}” is no {type_}. Write record={type_}/… as in its address.")
    published = _published(record)
    if not published:
        raise Refusal(404, "Not found", f"There is no record {record}, or it was withdrawn.")
    purpose = _PURPOSES.get(wanted)
    if purpose is None or (purpose in PARTIAL and PARTIAL[purpose][0] != type_):
        able = "It can be: reply (to a finding), post (in a discussion), request."
        raise Refusal(400, "Malformed", f"for=“{wanted[:60]}” is not done with a {type_}. {able}")
    last = here().records.last_change(record, service.pages.generation())
    part = whole.only(*PARTIAL[purpose][1]) if purpose in PARTIAL else whole
    title = _name(kind, record, published)
    return Task(purpose, kind, part, record, title, last.number if last else None, published)


def _sent_before(id_: str, kind: Kind, whole: Form) -> Task:
    """A submission that its sender, or the curator who looks at it, changes. Raises Refusal when it cannot be now."""
    desk, actor = here().desks.get(), senders.sender()
    found = desk.submissions.seen_by(id_, actor)
    if Step.REVISE not in found.steps(actor) or found.type != kind.type:
        raise Refusal(409, "Not possible now", "This submission cannot be changed where it stands now.")
    proposal = desk.submissions.proposal(id_)
    with desk.versions() as versions:
        before = versions.at(found.record, proposal.base) if proposal.base else frozenset()
    after = differences.applied(before, proposal.added, proposal.removed)
    form = whole.only(*PARTIAL[found.purpose][1]) if found.purpose in PARTIAL else whole
    answers = answers_of(form, after if found.purpose not in PARTIAL else proposal.added, found.record, _base())
    published = tuple(sorted(before, key=str))
    return Task(found.purpose, kind, form, found.record, found.title, proposal.base, published, answers, id_)


def _published(record: str) -> tuple[Quad, ...]:
    """The quads of a record as people wrote them: nothing inferred, nothing of its document."""
    service = here().service
    iri = service.base.record_iri(record)
    made = {service.base.graph(name) for name in RESERVED}
    asked = ask(service, [page_query(service, "entity-graphs", {"record": NamedNode(iri)})])
    found = []
    for row in asked.solutions(0):
        graph, subject, path, value = row.get("graph"), row.get("subject"), row.get("property"), row.get("value")
        ours = isinstance(subject, NamedNode) and service.base.record_of(subject.value) == record
        if ours and isinstance(graph, NamedNode) and graph.value not in made and value is not None:
            found.append(Quad(subject, path, value, graph))  # type: ignore[arg-type]
    return tuple(found)


def _name(kind: Kind, record: str, published: tuple[Quad, ...]) -> str:
    iri = _base().record_iri(record)
    names = [
        quad.object
        for quad in published
        if quad.subject == NamedNode(iri) and quad.predicate.value in kind.label_properties
    ]
    label = choose_label(names, language())  # type: ignore[arg-type]
    return label.text if label else record


def _base() -> Base:
    return here().service.base
