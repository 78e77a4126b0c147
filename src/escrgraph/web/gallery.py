"""Questions written already: the gallery, and each with its form, its answer and its address for programs."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from flask import Blueprint, Response, g, render_template, request, url_for
from pyoxigraph import NamedNode

from escrgraph.repository.errors import RepositoryError
from escrgraph.repository.questions import AUDIENCES, Parameter, ParameterType, Question, read_questions
from escrgraph.repository.readers import Query, Term
from escrgraph.search.collation import collation_key
from escrgraph.vocabulary import shipped
from escrgraph.vocabulary.iris import Base
from escrgraph.vocabulary.labels import choose_label
from escrgraph.vocabulary.languages import authority_tag, language_name
from escrgraph.vocabulary.namespaces import DCTERMS
from escrgraph.web import caching, problems
from escrgraph.web.answers import (
    WHOLE,
    Found,
    choices_for,
    is_volatile,
    neighbours,
    read_page,
    written_as,
)
from escrgraph.web.asked import asked_address
from escrgraph.web.context import asker, here
from escrgraph.web.describing import HTML, LANG, described
from escrgraph.web.entity import collect_labels
from escrgraph.web.formats import GRAPHS, RESULTS, Choices, Kind
from escrgraph.web.page_queries import ask, labels_in, page_query
from escrgraph.web.pages import kept, language, localized, page
from escrgraph.web.problems import Refusal
from escrgraph.web.protocol import Parameters, page_number
from escrgraph.web.samples import samples
from escrgraph.web.streaming import stream

blueprint = Blueprint("gallery", __name__)

RESERVED = frozenset({"lang", "page", "format"})
"""Parameters of every question, so none of its own may be called so."""

LONGEST_LIST = 500
"""How many things a form offers to choose from; of more, one writes the address."""

_MEDIA = (*(format_.media_type for format_ in (*RESULTS, *GRAPHS)), HTML)


@dataclass(frozen=True, slots=True)
class Option:
    """One thing to choose. value: what the form sends."""

    value: str
    text: str
    language: str | None
    chosen: bool


@dataclass(frozen=True, slots=True)
class Blank:
    """A parameter as its form shows it. type: of the input element; options: none when it is to be written."""

    parameter: Parameter
    label: str
    type: str
    value: str
    options: tuple[Option, ...]


_INPUTS = {
    ParameterType.INTEGER: "number",
    ParameterType.DATE: "date",
}


@blueprint.get("/queries")
@described("Questions", HTML, parameters=(LANG,))
def gallery() -> Response:
    """The questions written already, by whom they are for."""
    generation = here().service.pages.generation()
    early = kept(generation)
    if early is not None:
        return early
    found = _questions(here().service.base)
    by_audience = {audience: [q for q in found.values() if q.audience == audience] for audience in AUDIENCES}
    return page("gallery.html", generation, by_audience={name: some for name, some in by_audience.items() if some})


@blueprint.get("/queries/<name>")
@described("Questions", *_MEDIA, parameters=(LANG,), place={"name": "standing-by-duty"})
def question(name: str) -> Response:
    """The answer to a question; its parameters are those of its head, named in the query string."""
    name, _, suffix = name.partition(".")
    service = here().service
    found = _questions(service.base).get(name)
    if found is None:
        known = ", ".join(_questions(service.base))
        raise Refusal(404, "Not found", f"There is no question “{name}”. Questions: {known}.")
    g.question = found
    sent = Parameters.of(request.query_string)
    choices = choices_for(suffix or sent.once("format"))
    g.given = _given(found, sent)
    values = found.bind(g.given)
    page_ = page_number(sent.once("page"))
    tag = _tag(found, values, choices, service.public.generation())
    if tag is not None and caching.fresh(tag):
        return caching.not_modified(service.public.generation(), tag)
    query = Query(found.text, values, base=service.settings.base, formats=written_as(choices))
    started = time.monotonic()
    answer = service.public.ask(query, asker())
    chosen = choices.by_kind[Kind(answer.kind)]
    if chosen.html:
        return _page(found, query, read_page(answer, page_, started), page_)
    response = stream(answer.chunks, answer.close, chosen.content_type, whole=answer.whole)
    response.vary.add("Accept")
    return caching.stamp(response, answer.generation, _tag(found, values, choices, answer.generation))


@blueprint.errorhandler(RepositoryError)
def _told(error: RepositoryError) -> Response:
    """A refusal; on the page of the question it stands above the form, which keeps what was given."""
    found: Question | None = g.get("question")
    if found is None:
        return problems.of_repository(error)
    blanks = _blanks(found, g.get("given", {}), {})
    return problems.of_repository(error, template="question.html", question=found, blanks=blanks)


@lru_cache(4)
def _questions(base: Base) -> Mapping[str, Question]:
    return read_questions(shipped.path("queries"), base)


def _given(question: Question, sent: Parameters) -> dict[str, str]:
    """What a request gives for the blanks. A form sends blanks that were left empty; those have their default."""
    given = {name: sent.once(name) or "" for name in sent.names() if name not in RESERVED}
    empty = {p.name for p in question.parameters if p.default is not None and p.type is not ParameterType.STRING}
    return {name: value for name, value in given.items() if value.strip() or name not in empty}


def _tag(question: Question, values: Mapping[str, Term], choices: Choices, generation: int) -> str | None:
    if any(chosen.html for chosen in choices.by_kind.values()) or is_volatile(question.text):
        return None
    return caching.validator(
        generation, here().service.identity, question.text, sorted(values.items(), key=str), choices.name
    )


def _page(question: Question, query: Query, found: Found, number: int) -> Response:
    sent: dict[str, Any] = {name: _short(term) for name, term in query.substitutions.items()}
    chosen: dict[str, Any] = {"lang": request.args["lang"]} if "lang" in request.args else {}
    here_ = url_for("gallery.question", name=question.name, _external=True)
    page_ = render_template(
        "question.html",
        question=question,
        blanks=_blanks(question, {}, query.substitutions),
        found=found,
        pages=neighbours(
            found, number, lambda page_: url_for("gallery.question", name=question.name, **sent, **chosen, page=page_)
        ),
        formats={
            name: url_for("gallery.question", name=f"{question.name}.{name}", **sent) for name in WHOLE[found.kind]
        },
        samples=samples(here_, sent, found.kind),
        address=url_for("gallery.question", name=question.name, **sent, _external=True),
        editor=asked_address(query),
        media_types={format_.name: format_.media_type for format_ in (*RESULTS, *GRAPHS)},
    )
    return localized(caching.stamp(Response(page_), found.generation))


def _short(term: Term) -> str:
    """A value as people write it: a record as {type}/{slug}."""
    base = here().service.base
    record = base.record_of(term.value)
    return record if record and term.value == base.record_iri(record) else term.value


def _blanks(question: Question, given: Mapping[str, str], values: Mapping[str, Term]) -> list[Blank]:
    """The form, filled in. given: what stands in it as it was sent; values: what it was read as."""
    blanks = []
    for parameter in question.parameters:
        value = (
            _short(values[parameter.name]) if parameter.name in values else given.get(parameter.name, parameter.default)
        )
        options = _options(parameter, value or "")
        kind = _INPUTS.get(parameter.type, "text")
        blanks.append(Blank(parameter, parameter.label(language()), kind, value or "", options))
    return blanks


def _options(parameter: Parameter, value: str) -> tuple[Option, ...]:
    """What may be chosen for a parameter whose default is a record, or a language: all that are of its type."""
    if parameter.type is not ParameterType.IRI or not parameter.default:
        return ()
    service = here().service
    found: list[tuple[str, str, str | None]]
    if authority_tag(parameter.default):
        counted = here().usage.values(DCTERMS + "language", None, "").counts
        found = [
            (term.value, language_name(tag, language()), language())
            for term in counted
            if (tag := authority_tag(term.value))
        ]
    else:
        kind = service.kinds.by_type.get((service.base.record_of(parameter.default) or "").partition("/")[0])
        if kind is None:
            return ()
        rows = ask(service, [page_query(service, "choices", {"class": NamedNode(kind.target_class)})]).solutions(0)
        labels = {thing: choose_label(names, language()) for thing, names in collect_labels(labels_in(rows)).items()}
        found = [(_short(NamedNode(thing)), label.text, label.language) for thing, label in labels.items() if label]
    if not found or len(found) > LONGEST_LIST:
        return ()
    named = value.removeprefix(service.base.iri + "id/")
    if named not in {sent for sent, _, _ in found}:
        found.append((named, named, None))
    found.sort(key=lambda each: collation_key(each[1], language()))
    return tuple(Option(sent, text, tag, sent == named) for sent, text, tag in found)
