"""The library's records as templates: what stays the same when a record is repeated, and the slots that differ."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from pyoxigraph import Literal, NamedNode, Quad

from benchmarks.words import spoken
from escrgraph.repository.inference import Inference, read_rules
from escrgraph.repository.store import n_quads
from escrgraph.vocabulary import shipped
from escrgraph.vocabulary.derived_dates import EARLIEST, LATEST
from escrgraph.vocabulary.facts import read_turtle
from escrgraph.vocabulary.iris import Base
from escrgraph.vocabulary.namespaces import DCTERMS, EDTF, ESCR, SKOS, XSD, expand

BASE = Base()
SCALED = ("resource", "organization", "person", "journal", "indicator", "finding", "discussion", "update")
"""The kinds of which more are made. Rights, obligations, methods, places and code lists stay as they are."""

FIXED = ("scheme", "right", "obligation", "method", "region", "dataset")

BORDER = "\0"
"""What stands between a record's own quads and those that follow by rule."""

_ID = BASE.iri + "id/"
_LANGUAGE = "http://publications.europa.eu/resource/authority/language/"
_FOUR = frozenset({"ENG", "SPA", "FRA", "ARA"})
_SLOT = re.compile(r"SLOT-(\d+)-TOLS")
_PLACED = re.compile(r"gov-([a-z]{3})")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_MONTH = re.compile(r"\d{4}-\d\d")
_PAGES = frozenset(
    {DCTERMS + "source", SKOS + "exactMatch", SKOS + "closeMatch", *map(expand, ("foaf:page", "foaf:homepage"))}
)
_DOI = "https://doi.org/"
_ISBN = ("isbn10", "isbn13")
_KEPT = ("publicRole",)
_PREFIX = "10.5555"  # the DOI prefix that is set aside for tests
_MADE = {"doi": f"{_PREFIX}/", "unSymbol": "SYN/"}


class Role(Enum):
    """What a slot is filled with."""

    SELF = "the record's own slug"
    REFERENCE = "the slug of another record"
    COUNTRY = "the three letters of a country"
    GOVERNMENT = "the slug of a government"
    TEXT = "an invented text"
    DATE = "a date of the same precision, or its first or last day"
    NUMBER = "a figure"
    ISBN = "an ISBN that no other record has"


@dataclass(frozen=True, slots=True)
class Slot:
    """A place in a template. detail and value depend on the role: kind and slug, language and length, day and date …"""

    role: Role
    detail: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True)
class Template:
    """A record ready to be repeated.

    pieces and holes: text, number of a slot, text, number of a slot, … text; BORDER stands before what is inferred.
    public, inferred: how many quads before and after the border.
    """

    kind: str
    slug: str
    pieces: tuple[str, ...]
    holes: tuple[int, ...]
    slots: tuple[Slot, ...]
    public: int
    inferred: int

    @property
    def lines(self) -> int:
        """How many quads there are."""
        return self.public + self.inferred


@dataclass(frozen=True, slots=True)
class Library:
    """The real library as templates by kind, and how often each country is named by what is scaled."""

    templates: Mapping[str, tuple[Template, ...]]
    quads: Sequence[Quad]
    mentions: Mapping[str, int]


def read_library() -> Library:
    """The shipped data with what follows from them by rule. Raises MissingFiles, SyntaxError."""
    quads: list[Quad] = []
    for path in shipped.data_files():
        graph = NamedNode(BASE.graph(path.stem))
        quads.extend(Quad(q.subject, q.predicate, q.object, graph) for q in read_turtle([path]))
    records: dict[str, list[Quad]] = defaultdict(list)
    for quad in quads:
        if isinstance(quad.subject, NamedNode) and (record := BASE.record_of(quad.subject.value)):
            records[record].append(quad)
    inferred: dict[str, list[Quad]] = defaultdict(list)
    for quad in Inference(BASE, read_rules(shipped.rule_files())).of(records):
        if isinstance(quad.subject, NamedNode) and (record := BASE.record_of(quad.subject.value)):
            inferred[record].append(quad)
    templates: dict[str, list[Template]] = defaultdict(list)
    for record in sorted(records):
        kind, _, slug = record.partition("/")
        own = "government" if kind == "organization" and _PLACED.fullmatch(slug) else kind
        made = sorted(inferred[record], key=str)
        templates[own].append(_Compiler(record, kind, slug, own in SCALED).compile(records[record], made))
    return Library({kind: tuple(found) for kind, found in templates.items()}, quads, _mentions(records))


def _mentions(records: Mapping[str, Iterable[Quad]]) -> dict[str, int]:
    named: dict[str, int] = defaultdict(int)
    for record, quads in records.items():
        for quad in quads:
            if record.startswith(SCALED) and isinstance(quad.object, NamedNode):
                kind, _, slug = quad.object.value.removeprefix(_ID).partition("/")
                named[slug] += kind == "country"
    return named


class _Compiler:
    """Turns one record's quads into a template."""

    def __init__(self, record: str, kind: str, slug: str, scaled: bool) -> None:
        self._own = BASE.record_iri(record)
        self._kind, self._slug, self._scaled = kind, slug, scaled
        self._slots: dict[Slot, int] = {}
        self._dates: dict[str, str] = {}

    def compile(self, quads: Sequence[Quad], inferred: Sequence[Quad]) -> Template:
        self._dates = {
            quad.subject.value: quad.object.value
            for quad in quads
            if isinstance(quad.subject, NamedNode) and isinstance(quad.object, Literal) and _is_date(quad)
        }
        pages = sorted(
            {q.object.value for q in quads if q.predicate.value in _PAGES and isinstance(q.object, NamedNode)}
        )
        numbers = {page: number for number, page in enumerate(pages, 1)}
        lines = [dict.fromkeys(self._line(quad, numbers) for quad in part) for part in (quads, inferred)]
        parts = _SLOT.split(BORDER.join("".join(part) for part in lines))
        holes = tuple(map(int, parts[1::2]))
        return Template(
            self._kind, self._slug, tuple(parts[0::2]), holes, tuple(self._slots), len(lines[0]), len(lines[1])
        )  # fmt: skip

    def _line(self, quad: Quad, numbers: Mapping[str, int]) -> str:
        return n_quads([self._quad(quad, numbers)]).decode()

    def _quad(self, quad: Quad, numbers: Mapping[str, int]) -> Quad:
        subject, value = quad.subject, quad.object
        if not isinstance(subject, NamedNode):
            raise TypeError(f"{quad} has no address as its subject.")
        if isinstance(value, NamedNode):
            value = NamedNode(self._iri(value.value, numbers.get(value.value, 0)))
        elif isinstance(value, Literal) and self._scaled:
            value = self._literal(quad, subject.value, value)
        return Quad(NamedNode(self._iri(subject.value, 0)), quad.predicate, value, quad.graph_name)

    def _iri(self, iri: str, number: int) -> str:
        if iri == self._own or iri.startswith(self._own + "/"):
            return iri.replace(self._own, _ID + f"{self._kind}/{self._self()}", 1)
        if iri.startswith(_ID):
            return self._reference(iri)
        if self._scaled and iri.startswith(_LANGUAGE):
            return iri if iri.removeprefix(_LANGUAGE) in _FOUR else _LANGUAGE + "ARA"
        if not self._scaled or not number:
            return iri
        page = f"https://example.org/{self._kind}/{self._self()}/page-{number}"
        return f"{_DOI}{_PREFIX}/{self._self()}" if iri.startswith(_DOI) else page

    def _self(self) -> str:
        return self._slot(Slot(Role.SELF)) if self._scaled else self._slug

    def _reference(self, iri: str) -> str:
        kind, slug, *below = iri.removeprefix(_ID).split("/")
        if kind == "country":
            slug = self._slot(Slot(Role.COUNTRY, kind, slug))
        elif kind == "organization" and (government := _PLACED.fullmatch(slug)):
            slug = self._slot(Slot(Role.GOVERNMENT, kind, government[1]))
        elif kind in SCALED:
            slug = self._slot(Slot(Role.REFERENCE, kind, slug))
        return "/".join((f"{_ID}{kind}", slug, *below))

    def _literal(self, quad: Quad, node: str, value: Literal) -> Literal:
        name = quad.predicate.value.rpartition("/")[2]
        if quad.predicate in (EARLIEST, LATEST):
            return Literal(self._slot(Slot(Role.DATE, name, self._dates[node])), datatype=value.datatype)
        if value.datatype.value == EDTF:
            return Literal(self._slot(Slot(Role.DATE, "", value.value)), datatype=value.datatype)
        if value.datatype.value == XSD + "decimal":
            return Literal(self._slot(Slot(Role.NUMBER, "", value.value)), datatype=value.datatype)
        if name in _ISBN:
            return Literal(self._slot(Slot(Role.ISBN, name)))
        if name in _MADE:
            return Literal(_MADE[name] + self._self())
        if name in _KEPT or not (value.language or value.datatype.value == XSD + "string"):
            return value
        text = Slot(Role.TEXT, spoken(value.language or "en"), f"{len(value.value)} {name} {value.value}")
        return Literal(self._slot(text), language=text.detail if value.language else None)

    def _slot(self, slot: Slot) -> str:
        return f"SLOT-{self._slots.setdefault(slot, len(self._slots))}-TOLS"


def _is_date(quad: Quad) -> bool:
    is_edtf = isinstance(quad.object, Literal) and quad.object.datatype.value == EDTF
    return is_edtf and quad.predicate.value != ESCR + "asOf"


def precision(text: str) -> str:
    """What may be varied in a date: "day", "month" or nothing."""
    if _DAY.fullmatch(text):
        return "day"
    return "month" if _MONTH.fullmatch(text) else ""
