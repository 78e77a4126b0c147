"""What is translated and what is not: the names and definitions of concepts, and the texts of the pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import urlencode

from babel.messages.mofile import read_mo
from flask import Blueprint, Response, request
from pyoxigraph import Literal, NamedNode

from escrgraph.vocabulary.kinds import Kind
from escrgraph.vocabulary.labels import Label, choose_label
from escrgraph.vocabulary.languages import LANGUAGES
from escrgraph.vocabulary.namespaces import SKOS
from escrgraph.web.context import here
from escrgraph.web.describing import HTML, LANG, Parameter, described
from escrgraph.web.names import names_in
from escrgraph.web.page_queries import Solution, ask, page_query, text
from escrgraph.web.pages import NAMES, kept, language, page
from escrgraph.web.problems import Refusal

blueprint = Blueprint("translated", __name__)

REVIEWED = frozenset({"en"})
"""The languages whose texts a native speaker has read; a language joins them when its catalogue has been reviewed."""

PROPERTIES = {"label": SKOS + "prefLabel", "definition": SKOS + "definition"}
"""The properties whose texts are the library's own, and so to be translated, as addresses name them."""

_CATALOGUES = Path(__file__).parent / "translations"
_PAGE = 100


@dataclass(frozen=True, slots=True)
class Part:
    """How much of one property of a kind is in one language. href: the list of what is missing, None if nothing is."""

    done: int
    total: int
    href: str | None


@dataclass(frozen=True, slots=True)
class Line:
    """One property of one kind, in each language."""

    kind: Label
    field: Label
    parts: tuple[Part, ...]


@blueprint.get("/translations")
@described("Pages", HTML, parameters=(LANG,))
def translations() -> Response:
    """Per language, what is not translated yet, counted."""
    service = here().service
    early = kept(service.pages.generation())
    if early is not None:
        return early
    query = page_query(service, "languages")
    asked = ask(service, [query])
    rows = asked.solutions(0)
    return page(
        "translations.html",
        asked.generation,
        languages=[(tag, NAMES[tag], tag in REVIEWED) for tag in LANGUAGES],
        lines=_lines(rows),
        interface=_interface(),
        query=query,
    )


@blueprint.get("/translations/<tag>/<type_>/<name>")
@described(
    "Pages",
    HTML,
    parameters=(Parameter("after", "Address after which the page begins."), LANG),
    place={"tag": "ar", "type_": "method", "name": "label"},
)
def untranslated(tag: str, type_: str, name: str) -> Response:
    """The concepts of a type that have no label, or no definition, in a language yet."""
    service = here().service
    kind = service.kinds.by_type.get(type_)
    if tag not in LANGUAGES or kind is None or name not in PROPERTIES:
        raise Refusal(404, "Not found", "There is no such list. /translations leads to those there are.")
    early = kept(service.pages.generation())
    if early is not None:
        return early
    after = request.args.get("after", "")
    query = page_query(
        service,
        "untranslated",
        {
            "class": NamedNode(_class(kind)),
            "property": NamedNode(PROPERTIES[name]),
            "language": Literal(tag),
            "after": Literal(after),
        },
    )
    asked = ask(service, [query])
    rows = asked.solutions(0)
    names = names_in(rows, "concept")
    found = list(dict.fromkeys(text(row, "concept") for row in rows))
    following = f"/translations/{tag}/{type_}/{name}?" + urlencode({"after": found[-1]}, safe=":/") if found else None
    return page(
        "untranslated.html",
        asked.generation,
        tag=tag,
        tag_name=NAMES[tag],
        kind=choose_label(kind.plurals, language()) or kind.label(language()),
        field=_field(kind, name),
        things=[names.of(iri) for iri in found],
        following=following if len(found) == _PAGE else None,
        query=query,
    )


def _class(kind: Kind) -> str:
    """The class by which concepts of a kind are counted; the terms of code lists are plain concepts."""
    return SKOS + "Concept" if kind.type == "scheme" else kind.target_class


def _field(kind: Kind, name: str) -> Label:
    field = kind.field(PROPERTIES[name])
    return field.label(language()) if field else Label(name, None, fallback=True)


def _lines(rows: Sequence[Solution]) -> list[Line]:
    counts = {
        (text(row, "class"), text(row, "property"), text(row, "language")): int(text(row, "count")) for row in rows
    }
    lines = []
    for type_, kind in here().service.kinds.by_type.items():
        for name, path in PROPERTIES.items():
            total = counts.get((_class(kind), path, ""), 0)
            if total:
                done = {tag: counts.get((_class(kind), path, tag), 0) for tag in LANGUAGES}
                plural = choose_label(kind.plurals, language()) or kind.label(language())
                lines.append(Line(plural, _field(kind, name), _parts(type_, name, done, total)))
    return lines


def _parts(type_: str, name: str, done: Mapping[str, int], total: int) -> tuple[Part, ...]:
    return tuple(
        Part(count, total, f"/translations/{tag}/{type_}/{name}" if count < total else None)
        for tag, count in done.items()
    )


@cache
def _interface() -> tuple[Part, ...]:
    """How many texts of the pages each language has. English is what they are written in."""
    found = {path.name: _texts(path / "LC_MESSAGES" / "messages.mo") for path in _CATALOGUES.iterdir() if path.is_dir()}
    everything = frozenset().union(*found.values())
    return tuple(
        Part(len(found.get(tag, everything if tag == "en" else frozenset())), len(everything), None)
        for tag in LANGUAGES
    )


def _texts(path: Path) -> frozenset[str]:
    if not path.is_file():
        return frozenset()
    with path.open("rb") as file:
        return frozenset(str(message.id) for message in read_mo(file) if message.id and message.string)
