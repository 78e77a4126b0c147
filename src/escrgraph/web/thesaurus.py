"""The concepts of the library: as trees, as an alphabetical index, and with what they match elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, Response, request
from pyoxigraph import Literal, NamedNode

from escrgraph.vocabulary.kinds import Kind
from escrgraph.vocabulary.labels import Label
from escrgraph.vocabulary.namespaces import SKOS
from escrgraph.web.context import here
from escrgraph.web.describing import HTML, LANG, Parameter, described
from escrgraph.web.entity import Value, plural
from escrgraph.web.letters import initial, letter_key
from escrgraph.web.names import Names, names_in
from escrgraph.web.page_queries import Solution, ask, labels_in, page_query, text
from escrgraph.web.pages import kept, language, page
from escrgraph.web.problems import Refusal
from escrgraph.web.terms import term_label
from escrgraph.web.trees import Branch, grow

blueprint = Blueprint("thesaurus", __name__)

_BROADER, _LABEL = SKOS + "broader", SKOS + "prefLabel"
_PAGE = 100


@dataclass(frozen=True, slots=True)
class Match:
    """A record and what it matches. relations: exact or close, with the addresses elsewhere."""

    thing: Value
    relations: tuple[tuple[Label, tuple[Value, ...]], ...]


@blueprint.get("/tree/<type_>")
@described("Pages", HTML, parameters=(LANG,), place={"type_": "right"})
def tree(type_: str) -> Response:
    """The concepts of a type as a tree: the narrower ones under the broader ones."""

    def branches(rows: list[Solution]) -> tuple[Branch, ...]:
        pairs = [(text(row, "concept"), text(row, "broader")) for row in rows]
        return grow(pairs, names_in(rows, "concept").of, _key)

    kinds = {name: kind for name, kind in _concepts(_BROADER).items() if _nests(kind)}
    return _shown("tree.html", kinds, type_, branches)


@blueprint.get("/index/<type_>")
@described("Pages", HTML, parameters=(LANG,), place={"type_": "method"})
def index(type_: str) -> Response:
    """The concepts of a type from A to Z, in the alphabet of the reader's language."""

    def letters(rows: list[Solution]) -> dict[str, list[Value]]:
        names = names_in(rows, "concept")
        found = [names.of(iri) for iri in dict.fromkeys(text(row, "concept") for row in rows)]
        by_letter: dict[str, list[Value]] = {}
        for name in sorted(found, key=lambda name: (_key(name.text), name.text)):
            by_letter.setdefault(initial(name.text, language()), []).append(name)
        return by_letter

    return _shown("index.html", _concepts(_LABEL), type_, letters)


def _shown(template: str, kinds: dict[str, Kind], type_: str, made: Callable[[list[Solution]], object]) -> Response:
    """A page of the concepts of a type, made from the rows of one query."""
    kind, service = _kind(kinds, type_), here().service
    early = kept(service.pages.generation())
    if early is not None:
        return early
    query = page_query(service, "concepts", {"class": NamedNode(kind.target_class)})
    asked = ask(service, [query])
    return page(
        template,
        asked.generation,
        type=type_,
        types=_named(kinds),
        title=_plural(type_),
        concepts=made(asked.solutions(0)),
        query=query,
    )


@blueprint.get("/mappings")
@described(
    "Pages",
    HTML,
    parameters=(
        Parameter("type", "Type of record.", "right"),
        Parameter("after", "Address after which the page begins."),
        LANG,
    ),
)
def mappings() -> Response:
    """What records match in other collections: authority lists, goals, identifiers. `?type=` names the type."""
    service, type_, after = here().service, request.args.get("type", "right"), request.args.get("after", "")
    kind = _kind(dict(service.kinds.by_type), type_)
    early = kept(service.pages.generation())
    if early is not None:
        return early
    query = page_query(service, "matches", {"class": NamedNode(kind.target_class), "after": Literal(after)})
    asked = ask(service, [query, page_query(service, "match-counts")])
    rows = asked.solutions(0)
    records = list(dict.fromkeys(text(row, "record") for row in rows))
    counts = {text(row, "class"): int(text(row, "count")) for row in asked.solutions(1)}
    more = "/mappings?" + urlencode({"type": type_, "after": records[-1]}, safe=":/") if records else None
    return page(
        "mappings.html",
        asked.generation,
        type=type_,
        types=[
            (name, _plural(name), counts[other.target_class])
            for name, other in service.kinds.by_type.items()
            if other.target_class in counts
        ],
        matches=_matches(rows),
        following=more if len(records) == _PAGE else None,
        query=query,
    )


def _matches(rows: Sequence[Solution]) -> list[Match]:
    """The records with what they match, in the order in which they came."""
    names = Names(dict.fromkeys(labels_in(rows, "record")))
    found: dict[str, dict[str, dict[str, None]]] = {}
    for row in rows:
        found.setdefault(text(row, "record"), {}).setdefault(text(row, "property"), {})[text(row, "match")] = None
    return [
        Match(
            names.of(record),
            tuple((term_label(path, language()), _elsewhere(list(iris))) for path, iris in relations.items()),
        )
        for record, relations in found.items()
    ]


def _key(name: str) -> str:
    return letter_key(name, language())


def _concepts(path: str) -> dict[str, Kind]:
    """The kinds of records that the shapes give a property, by type."""
    return {type_: kind for type_, kind in here().service.kinds.by_type.items() if kind.field(path)}


def _nests(kind: Kind) -> bool:
    """Whether its concepts can be narrower than others of their kind."""
    return any(kind.classes.intersection(field.classes) for field in kind.fields if field.path == _BROADER)


def _kind(kinds: dict[str, Kind], type_: str) -> Kind:
    if type_ not in kinds:
        raise Refusal(404, "Not found", f"There is none of “{type_}” here. There is one of: {', '.join(kinds)}.")
    return kinds[type_]


def _named(kinds: dict[str, Kind]) -> list[tuple[str, Label]]:
    return [(type_, _plural(type_)) for type_ in kinds]


def _plural(type_: str) -> Label:
    return plural(here().service.kinds, type_, language())


def _elsewhere(iris: Sequence[str]) -> tuple[Value, ...]:
    """Addresses of other collections; what is no web address is not made a link."""
    return tuple(
        Value(iri, href=iri if urlsplit(iri).scheme in {"http", "https"} else None, external=True) for iri in iris
    )
