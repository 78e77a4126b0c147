"""The history of a record: every version, readable, and what changed between two of them."""

from __future__ import annotations

from flask import Blueprint, Response, request

from escrgraph.curation import differences
from escrgraph.repository.errors import WrongStore
from escrgraph.repository.log import ChangeLog
from escrgraph.repository.versions import Version, Versions
from escrgraph.vocabulary.facts import Facts
from escrgraph.vocabulary.iris import TYPES, is_slug
from escrgraph.web.comparing import mentioned, rows
from escrgraph.web.context import here
from escrgraph.web.describing import HTML, described
from escrgraph.web.entity import Reading
from escrgraph.web.pages import kept, language, other_section, page
from escrgraph.web.problems import Refusal
from escrgraph.web.thing_names import names_of

blueprint = Blueprint("histories", __name__)


@blueprint.get("/doc/<type_>/<slug>/history")
@described("Documents", HTML, place={"type_": "right", "slug": "food"})
def history(type_: str, slug: str) -> Response:
    """Every version of a record, newest first."""
    record, generation = _record(type_, slug), here().service.pages.generation()
    if (early := kept(generation)) is not None:
        return early
    with _log() as log:
        found = Versions(log, here().service.base).of(record)
        title = _title(Versions(log, here().service.base), record, found)
    return page("history.html", generation, record=record, title=title, versions=found)


@blueprint.get("/doc/<type_>/<slug>/history/<int:number>")
@described("Documents", HTML, place={"type_": "right", "slug": "food", "number": "1"})
def version(type_: str, slug: str, number: int) -> Response:
    """One version of a record, and what it changed; `with` names another version to compare it with."""
    record, generation = _record(type_, slug), here().service.pages.generation()
    if (early := kept(generation)) is not None:
        return early
    service = here().service
    with _log() as log:
        versions = Versions(log, service.base)
        found = versions.of(record)
        this = next((one for one in found if one.number == number), None)
        if this is None:
            raise Refusal(404, "Not found", f"{record} has no version {number}. See /doc/{record}/history.")
        other = _other(found, number)
        quads, before = versions.at(record, number), versions.at(record, other) if other else frozenset()
        title = _title(versions, record, found)
    listed = differences.compare(record, before, quads, service.kinds, service.base)
    iris = [q.object.value for q in quads if hasattr(q.object, "value") and service.base.owns(q.object.value)]
    names = names_of([*mentioned(listed), *iris])
    reading = Reading(Facts(quads), names, service.kinds, service.base, language())
    return page(
        "version.html", generation, record=record, title=title, this=this, other=other, versions=found,
        entity=reading.entity(record, other_section()), rows=rows(listed, names, service.base, language()),
    )  # fmt: skip


def _other(found: list[Version], number: int) -> int | None:
    """The version to compare with: the one asked for, else the one before."""
    asked = request.args.get("with", "")
    if asked.isascii() and asked.isdecimal() and any(one.number == int(asked[:9]) for one in found):
        return int(asked[:9])
    return next((one.number for one in found if one.number < number), None)


def _title(versions: Versions, record: str, found: list[Version]) -> str:
    if not found:
        raise Refusal(404, "Not found", f"There is no record {record} here, and there never was.")
    newest = versions.at(record) or (versions.at(record, found[1].number) if len(found) > 1 else frozenset())
    return differences.title_of(record, newest, here().service.base)


def _log() -> ChangeLog:
    try:
        return here().service.log()
    except WrongStore:
        raise Refusal(404, "Not found", "This is a plain SPARQL store, which keeps no history.") from None


def _record(type_: str, slug: str) -> str:
    if type_ not in TYPES or not is_slug(slug):
        raise Refusal(404, "Not found", f"There is no {type_}/{slug} here. Types of record: {', '.join(TYPES)}.")
    return f"{type_}/{slug}"
