"""Tables on pages: the empty table of a kind, its allowed values, how to fill it in, and what became of it."""

from __future__ import annotations

import json

from flask import Blueprint, Response, make_response, render_template, request

from escrgraph.curation.batches import Batch, Mistake, notes_of
from escrgraph.curation.forms import Form, Question, form_of
from escrgraph.curation.proposals import Proposal, Purpose
from escrgraph.curation.tables import allowed_values, columns_of, corrected, template
from escrgraph.repository.errors import Malformed
from escrgraph.validation import Report
from escrgraph.vocabulary.kinds import Kind
from escrgraph.vocabulary.labels import choose_label
from escrgraph.web import senders
from escrgraph.web.context import here
from escrgraph.web.describing import CSV, HTML, JSON, LANG, Parameter, described
from escrgraph.web.pages import language, localized, page
from escrgraph.web.problems import Refusal
from escrgraph.web.validating import BIBTEX, RIS, TABLE_BYTES, checked_table
from escrgraph.web.visitors import demand_own_form

blueprint = Blueprint("sheets", __name__)

MULTIPART = "multipart/form-data"

_ENDINGS = {"csv": CSV, "tsv": CSV, "txt": CSV, "bib": BIBTEX, "ris": RIS}


@blueprint.get("/submit/<type_>.csv")
@described("Submissions", CSV, parameters=(LANG,), place={"type_": "resource"})
def empty(type_: str) -> Response:
    """An empty table for a kind of record."""
    return _file(template(_form(type_), language()), f"{type_}.csv")


@blueprint.get("/submit/<type_>/values.csv")
@described("Submissions", CSV, parameters=(LANG,), place={"type_": "resource"})
def values(type_: str) -> Response:
    """The values that may stand in the columns of a table."""
    return _file(allowed_values(_form(type_), here().reception.lexicon, language()), f"{type_}-values.csv")


@blueprint.get("/submit/<type_>/help")
@described("Submissions", HTML, parameters=(LANG,), place={"type_": "resource"})
def help_(type_: str) -> Response:
    """How to fill in the form of a kind of record."""
    form = _form(type_)
    service = here().service
    return page(
        "form_help.html",
        service.pages.generation(),
        type=type_,
        title=form.kind.label(language()),
        description=choose_label(form.kind.descriptions, language()),
        form=form,
        told=lambda question: question.help(language()),
        messages=lambda question: choose_label(question.field.messages, language()),
    )


@blueprint.get("/api/fields/<type_>")
@described("Submissions", JSON, parameters=(LANG,), place={"type_": "resource"})
def fields(type_: str) -> Response:
    """The fields of a kind of record, as its form asks them, and the columns of its table."""
    form = _form(type_)
    body = {
        "kind": form.kind.name,
        "class": form.kind.target_class,
        "fields": [_described(question) for question in form.questions],
        "columns": [column.name for column in columns_of(form)],
    }
    response = Response(json.dumps(body, ensure_ascii=False, indent=1) + "\n", content_type=JSON)
    return localized(response)


@blueprint.get("/submit/<type_>/entries")
@described(
    "Submissions", JSON, place={"type_": "resource"},
    parameters=(
        Parameter("field", "The field, by its key; those in parts with the keys of the parts.", "publisher", True),
        Parameter("q", "The beginning of a name.", "center", True),
        LANG,
    ),
)  # fmt: skip
def entries(type_: str) -> Response:
    """Entries that a field of a form may have, whose names begin with some text."""
    question: Question | None = None
    form: Form | None = _form(type_)
    for word in request.args.get("field", "").split("."):
        question = form.question(word) if form else None
        form = question.part if question else None
    lexicon = here().reception.lexicon(question.field) if question is not None and question.is_term else None
    if lexicon is None:
        raise Malformed("The parameter field names no field of this form that takes entries.")
    home, wanted = here().service.base.iri + "id/", request.args.get("q", "")[:200]
    found = lexicon.beginning(wanted) or lexicon.nearest(wanted)
    labels = [(iri, lexicon.label(iri, language())) for iri in found]
    told = [
        {"value": label.text if lexicon.named(label.text) == [iri] else iri.removeprefix(home), "label": label.text,
         "language": label.language}
        for iri, label in labels
    ]  # fmt: skip
    response = Response(json.dumps({"entries": told}, ensure_ascii=False) + "\n", content_type=JSON)
    response.headers["Cache-Control"] = "no-cache"
    return localized(response)


@blueprint.get("/submit/<type_>/table")
@described("Submissions", HTML, parameters=(LANG,), place={"type_": "resource"})
def table(type_: str) -> Response:
    """Where a filled-in table is sent from."""
    form = _form(type_)
    return page(
        "table.html", here().service.pages.generation(), type=type_, title=form.kind.label(language()), batch=None
    )


@blueprint.post("/submit/<type_>/table")
@described(
    "Submissions",
    HTML,
    CSV,
    method="POST",
    parameters=(LANG,),
    place={"type_": "resource"},
    bodies=("multipart/form-data",),
)
def sent_table(type_: str) -> Response:
    """Check a table; send its good rows, or give it back with what is to be mended."""
    request.max_content_length = TABLE_BYTES + (1 << 20)
    demand_own_form()
    form = _form(type_)
    data, media = _uploaded()
    batch, report = checked_table(data, media, form.kind)
    mistakes = batch.mistakes(report, here().service.base)
    bad = {mistake.row for mistake in mistakes if mistake.finding.severity == "Violation"}
    wanted = request.form.get("do", "check")
    if wanted == "download":
        return _file(corrected(batch.table, notes_of(mistakes, language(), grave=False)), f"{type_}-please-fix.csv")
    sent: tuple[tuple[str, str, str], ...] = ()
    if wanted == "submit" and not senders.is_machine(request.form):
        sent = _sent(batch, report, bad)
    response = make_response(
        render_template(
            "table.html",
            type=type_,
            title=form.kind.label(language()),
            batch=batch,
            bad=bad,
            mistakes=[
                (m.row, m.column, m.finding.messages[language()], m.finding.severity == "Violation") for m in mistakes
            ],
            sent=sent,
            text=data.decode("utf-8-sig", "replace"),
            ending=next(ending for ending, name in _ENDINGS.items() if name == media),
        )
    )
    response.headers["Cache-Control"] = "no-store"
    return localized(response)


def _told(mistake: Mistake) -> tuple[int, str, str, bool]:
    finding = mistake.finding
    return mistake.row, mistake.column, finding.messages[language()], finding.severity == "Violation"


def _sent(batch: Batch, report: Report, bad: set[int]) -> tuple[tuple[str, str, str], ...]:
    """Hand in every good row as a submission of its own: id, secret, title."""
    found = []
    by_record: dict[str, list[dict[str, object]]] = {}
    for finding in report.to_dict()["findings"]:
        by_record.setdefault(finding["record"] or "", []).append(finding)
    for entry in batch.entries:
        if entry.row.number in bad:
            continue
        told = {"conforms": True, "shapes": report.shapes, "records": 1, "findings": by_record.get(entry.record, [])}
        keys = [q.key for path in batch.form.kind.label_properties if (q := batch.form.asks(path))]
        title = next((text for key in keys if (text := entry.row.answers.first(key))), entry.record)
        proposal = Proposal(
            Purpose.NEW, batch.form.kind.type or "", entry.record, title[:300], language(), None,
            entry.written.quads, (), told,
        )  # fmt: skip
        made, key = senders.keep(proposal, submit=True)
        found.append((made.id, key, title))
    return tuple(found)


def _uploaded() -> tuple[bytes, str]:
    file = request.files.get("file")
    if file is not None and file.filename:
        ending = file.filename.rpartition(".")[2].lower()
        if ending not in _ENDINGS:
            raise Malformed(f"A file that ends in “.{ending[:20]}” is not read. Send .csv, .bib or .ris.")
        return file.read(TABLE_BYTES + 1), _ENDINGS[ending]
    pasted = request.form.get("text", "")
    if not pasted.strip():
        raise Malformed("No table was sent. Choose a file, or paste the rows into the field.")
    return pasted.encode(), _ENDINGS.get(request.form.get("ending", "csv"), CSV)


def _described(question: Question) -> dict[str, object]:
    told = question.help(language())
    return {
        "key": question.key,
        "property": question.path,
        "label": question.label(language()).text,
        "description": told.text if told else None,
        "widget": question.widget.value,
        "required": question.required,
        "recommended": question.recommended,
        "multiple": question.multiple,
        "localized": question.localized,
        "datatypes": list(question.field.datatypes),
        "classes": list(question.field.classes),
        "scheme": question.field.scheme,
        "fields": [_described(inner) for inner in question.part.questions] if question.part else [],
    }


def _form(type_: str) -> Form:
    kinds = here().service.kinds
    kind: Kind | None = kinds.by_type.get(type_)
    if kind is None:
        raise Refusal(
            404, "Not found", f"There is no type of record “{type_[:60]}”. Types: {', '.join(kinds.by_type)}."
        )
    return form_of(kind, kinds)


def _file(body: str, name: str) -> Response:
    response = Response(body, content_type="text/csv; charset=utf-8; header=present")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-cache"
    return localized(response)
