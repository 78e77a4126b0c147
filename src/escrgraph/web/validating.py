"""`/api/validate`: check anything that could be submitted; nothing is stored."""

from __future__ import annotations

import json

from flask import Blueprint, Response, request

from escrgraph.curation.batches import Batch, batch_of, notes_of
from escrgraph.curation.forms import form_of
from escrgraph.curation.references import read_bibtex, read_ris
from escrgraph.curation.tables import Table, corrected, read_table
from escrgraph.repository.errors import Malformed
from escrgraph.validation import Limits, Parsed, Report
from escrgraph.validation.gate import MAX_BYTES, MAX_QUADS
from escrgraph.vocabulary.kinds import Kind
from escrgraph.web import submitting
from escrgraph.web.bodies import read_body
from escrgraph.web.context import here
from escrgraph.web.describing import CSV, JSON, LANG, Parameter, described
from escrgraph.web.negotiation import MediaType, negotiate
from escrgraph.web.pages import language, localized

blueprint = Blueprint("validating", __name__)

TURTLE, TEXT = "text/turtle", "text/plain"
BIBTEX, RIS = "application/x-bibtex", "application/x-research-info-systems"
RDF = (
    "text/turtle",
    "application/n-triples",
    "application/ld+json",
    "application/trig",
    "application/n-quads",
    "application/rdf+xml",
)
TABLE_BYTES = 5 << 20
TABLES = {CSV: read_table, BIBTEX: read_bibtex, "text/x-bibtex": read_bibtex, RIS: read_ris}
"""Media types of tables, and what reads them."""

_OFFERS = [MediaType(kind, name) for kind, _, name in (each.partition("/") for each in (JSON, TURTLE, TEXT, CSV))]


@blueprint.post("/api/validate")
@described(
    "Submissions",
    JSON, TURTLE, TEXT, CSV,
    method="POST",
    parameters=(
        Parameter("kind", "What the rows of a table or the references are.", "resource"),
        Parameter("record", "IRI under which relative addresses and unnamed things are put."),
        LANG,
    ),
    bodies=(*RDF, CSV, BIBTEX, RIS, submitting.FORM),
    schema="Report",
)  # fmt: skip
def validate() -> Response:
    """The report on what was sent: as JSON, as a SHACL validation report in Turtle, or as text; a table also as CSV."""
    media = (request.mimetype or "").lower()
    chosen = negotiate(request.headers.get("Accept"), _OFFERS if media in TABLES else _OFFERS[:3])
    if media == submitting.FORM:
        return _form_answer()
    if media in TABLES:
        batch, report = checked_table(read_body(TABLE_BYTES), media, kind_named(request.args.get("kind", "")))
        return _table_answer(batch, report, str(chosen))
    parsed = parsed_body(media)
    checked = here().reception.checks.check(parsed.quads, (), parsed.problems)
    return _answer(here().reception.advised(checked.report), str(chosen), checked.generation)


def _form_answer() -> Response:
    """What is said of a form that is being filled in, by the key of the field."""
    verdict = submitting.looked_at(kind_named(request.args.get("kind", "")).type or "")
    notes = {
        key: [{"text": note.text, "grave": note.grave, "suggestions": note.suggestions} for note in notes]
        for key, notes in verdict.notes.items()
    }
    return _told(json.dumps({"conforms": not verdict.violated, "notes": notes}, ensure_ascii=False) + "\n", JSON)


def parsed_body(media: str) -> Parsed:
    """The RDF that a request brings. Raises Malformed, TooLarge, UnknownFormat."""
    service = here().service
    record = request.args.get("record", "").strip() or None
    if record is not None and service.base.record_of(record) is None:
        raise Malformed("The parameter record is the IRI of a record of this library.")
    data = read_body(MAX_BYTES)
    limits = Limits(bytes=MAX_BYTES, quads=MAX_QUADS)
    return here().reception.checks.read(data, media or "", limits=limits, base=service.base.iri, record=record)


def kind_named(name: str) -> Kind:
    """The kind of record of that name. Raises Malformed."""
    kinds = here().service.kinds.by_type
    if name not in kinds:
        raise Malformed(f"Say of what kind the entries are: kind=…, one of {', '.join(kinds)}.")
    return kinds[name]


def checked_table(data: bytes, media: str, kind: Kind) -> tuple[Batch, Report]:
    """The rows of a table, checked as new records. Raises Malformed, TooLarge, OutOfTime."""
    service, reception = here().service, here().reception
    form = form_of(kind, service.kinds)
    table: Table = TABLES[media](data, form)
    batch = batch_of(table, form, service.kinds, service.base, reception.resolve, reception.taken)
    return batch, reception.advised(reception.checks.check(batch.quads).report)


def _answer(report: Report, media: str, generation: int) -> Response:
    if media == TURTLE:
        body = report.to_turtle()
    elif media == TEXT:
        body = report.to_text(language())
    else:
        body = json.dumps(report.to_dict() | {"generation": generation}, ensure_ascii=False, indent=1) + "\n"
    return _told(body, media)


def _table_answer(batch: Batch, report: Report, media: str) -> Response:
    if media in {TURTLE, TEXT}:
        return _answer(report, media, 0)
    mistakes = batch.mistakes(report, here().service.base)
    if media == CSV:
        return _told(corrected(batch.table, notes_of(mistakes, language(), grave=False)), CSV)
    rows = [
        {"row": m.row, "column": m.column, "severity": m.finding.severity, "message": m.finding.messages[language()]}
        for m in mistakes
    ]
    members = {
        "rows": len(batch.entries),
        "records": {entry.row.number: entry.record for entry in batch.entries},
        "unknown_columns": list(batch.table.unknown),
        "mistakes": rows,
    }
    return _told(json.dumps(report.to_dict() | members, ensure_ascii=False, indent=1) + "\n", JSON)


def _told(body: str, media: str) -> Response:
    response = Response(body, content_type=f"{media}; charset=utf-8" if media.startswith("text/") else media)
    response.headers["Cache-Control"] = "no-store"
    return localized(response)
