"""Results as a page shows them: things by their names and as links, and the views that fit the shape of the rows."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from urllib.parse import quote

import pycountry
from pyoxigraph import Literal

from escrgraph.vocabulary.edtf import BadDate, parse
from escrgraph.vocabulary.iris import Base
from escrgraph.vocabulary.labels import choose_label
from escrgraph.vocabulary.languages import authority_tag, direction, language_name
from escrgraph.vocabulary.namespaces import EDTF, RDF, XSD, compact
from escrgraph.web.entity import Value
from escrgraph.web.results import Cell, Table
from escrgraph.web.terms import term_labels
from escrgraph.web.worldmap import Place

Names = Mapping[str, Sequence[Literal]]

BARS = 60
"""How many bars a chart has; the table beside it has every row."""

NODES = 300
"""How many things a drawn graph has; above, it is a tangle."""

_NUMBERS = {XSD + name for name in ("integer", "decimal", "double", "float", "int", "long", "nonNegativeInteger")}
_DATES = {XSD + name for name in ("date", "dateTime", "gYear", "gYearMonth")} | {EDTF}
_YEAR = re.compile(r"(-?\d{4,})")


class Role(StrEnum):
    """What the values of a column are."""

    NUMBER = "number"
    DATE = "date"
    COUNTRY = "country"
    THING = "thing"
    TEXT = "text"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Shown:
    """One term as shown. short: its IRI as people write it; href: where it leads; external: that is another site."""

    text: str
    iri: str | None = None
    short: str | None = None
    href: str | None = None
    external: bool = False
    language: str | None = None
    datatype: str | None = None

    @property
    def direction(self) -> str | None:
        """The direction of the text; without a language the browser sees for itself."""
        return direction(self.language) if self.language else None


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a chart. share: of the longest one, from 0 to 1."""

    label: Shown
    value: Shown
    share: float


@dataclass(frozen=True, slots=True)
class Chart:
    """One number for each label. more: how many rows are not drawn."""

    label: str
    number: str
    bars: tuple[Bar, ...]
    more: int


@dataclass(frozen=True, slots=True)
class Timeline:
    """Rows by year. column: the one with the dates; years: every year of the span, in order, with its rows."""

    column: str
    years: tuple[tuple[int, int], ...]
    undated: int

    @property
    def most(self) -> int:
        """The rows of the fullest year."""
        return max(count for _, count in self.years)

    @property
    def step(self) -> int:
        """The number by which a year divides that has its name under it."""
        return next(step for step in (1, 2, 5, 10, 20, 50) if 600 / len(self.years) * step >= 45)


@dataclass(frozen=True, slots=True)
class Places:
    """Countries with a number each. number: the column it stands in, None for a count of rows."""

    column: str
    number: str | None
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Network:
    """Things and what links them. edges: positions of two things in `nodes` and what the link is called."""

    nodes: tuple[Shown, ...]
    edges: tuple[tuple[int, int, str], ...]
    more: int

    @property
    def degrees(self) -> tuple[int, ...]:
        """How many links each thing has."""
        counts = Counter(node for edge in self.edges for node in set(edge[:2]))
        return tuple(counts[index] for index in range(len(self.nodes)))

    def as_json(self) -> dict[str, object]:
        """What draws it in the browser reads."""
        nodes = [{"text": node.text, "href": node.href, "language": node.language} for node in self.nodes]
        return {"nodes": nodes, "edges": self.edges}


@dataclass(frozen=True, slots=True)
class Result:
    """A table with the names of what stands in it, and the other views that fit it."""

    table: Table
    rows: tuple[tuple[Shown, ...], ...]
    chart: Chart | None = None
    timeline: Timeline | None = None
    places: Places | None = None
    network: Network | None = None


def records_in(table: Table, base: Base) -> list[str]:
    """The IRIs of this library that stand in a table, each once: those whose names are to be asked."""
    cells = (cell.text for row in table.rows for cell in row if cell.iri)
    return list(dict.fromkeys(iri for iri in cells if base.record_of(iri)))


def show(table: Table, names: Names, base: Base, language: str, *, graph: bool = False) -> Result:
    """A table in the reader's language.

    names: IRI -> its names in every language; graph: the rows are triples.
    """
    rows = tuple(tuple(_shown(cell, names, base, language) for cell in row) for row in table.rows)
    if graph:
        return Result(table, rows, network=_of_triples(table, rows))
    roles = [_role([row[index] for row in table.rows], base) for index in range(len(table.columns))]
    return Result(
        table,
        rows,
        _chart(table, rows, roles),
        _timeline(table, roles),
        _places(table, rows, roles, base),
        _of_rows(table, rows, roles),
    )


def _shown(cell: Cell, names: Names, base: Base, language: str) -> Shown:
    if cell.iri is None:
        return Shown(cell.text, language=cell.language, datatype=cell.datatype)
    record = base.record_of(cell.iri)
    if tag := authority_tag(cell.iri):
        return Shown(language_name(tag, language), cell.iri, tag, cell.iri, external=True, language=language)
    label = choose_label(names.get(cell.iri, ()) or term_labels(cell.iri), language)
    short = cell.iri.removeprefix(base.iri + "id/") if record else compact(cell.iri)
    href = _path(cell.iri, record, base) if record else cell.iri
    if label is None:
        return Shown(short, cell.iri, short, href, not record)
    return Shown(label.text, cell.iri, short, href, not record, label.language)


def _path(iri: str, record: str, base: Base) -> str:
    below = iri.removeprefix(base.record_iri(record)).lstrip("/")
    return f"/doc/{record}" + (f"#{quote(below)}" if below else "")


def _role(cells: Sequence[Cell], base: Base) -> Role:
    """What all values of a column are; empty cells do not count."""
    filled = [cell for cell in cells if cell.text]
    if not filled:
        return Role.NOTHING
    if all(cell.datatype in _NUMBERS for cell in filled):
        return Role.NUMBER
    if all(cell.datatype in _DATES for cell in filled):
        return Role.DATE
    if all(cell.iri for cell in filled):
        return Role.COUNTRY if all(_country(cell, base) for cell in filled) else Role.THING
    return Role.TEXT


def _country(cell: Cell, base: Base) -> str | None:
    """The slug of the country that a cell names."""
    type_, _, slug = (base.record_of(cell.text) or "").partition("/")
    return slug if type_ == "country" and cell.text == base.id(type_, slug) else None


def _chart(table: Table, rows: Sequence[Sequence[Shown]], roles: Sequence[Role]) -> Chart | None:
    """Fits rows with one number each, none below zero, and one label that no other row has."""
    numbers = [index for index, role in enumerate(roles) if role is Role.NUMBER]
    labels = [index for index, role in enumerate(roles) if role in {Role.THING, Role.COUNTRY, Role.TEXT, Role.DATE}]
    if len(rows) < 2 or not numbers or not labels:
        return None
    varying = [index for index in labels if len({row[index] for row in rows}) == len(rows)]
    # A column that says the same in every row, as a parameter does, is no measure when another one is there.
    number = next((index for index in reversed(numbers) if len({row[index].text for row in rows}) > 1), numbers[-1])
    values = [_number(row[number]) for row in table.rows]
    if not varying or any(value is None or value < 0 for value in values):
        return None
    longest = max((value for value in values if value is not None), default=Decimal(0))
    bars = [
        Bar(row[varying[0]], row[number], round(float((value or 0) / longest), 4) if longest else 0.0)
        for row, value in zip(rows, values, strict=True)
    ]
    return Chart(table.columns[varying[0]], table.columns[number], tuple(bars[:BARS]), max(0, len(bars) - BARS))


def _number(cell: Cell) -> Decimal | None:
    try:
        value = Decimal(cell.text)
    except ArithmeticError:
        return None
    return value if value.is_finite() else None


def _timeline(table: Table, roles: Sequence[Role]) -> Timeline | None:
    """Fits rows with a date, in at least two years and over at most 200."""
    column = next((index for index, role in enumerate(roles) if role is Role.DATE), None)
    if column is None or (Role.NUMBER in roles and len(roles) < 3):
        return None
    found = [_year(row[column]) for row in table.rows]
    counts = Counter(year for year in found if year is not None)
    if len(counts) < 2 or max(counts) - min(counts) >= 200:
        return None
    years = tuple((year, counts[year]) for year in range(min(counts), max(counts) + 1))
    return Timeline(table.columns[column], years, found.count(None))


def _year(cell: Cell) -> int | None:
    """The year in which a date begins."""
    if cell.datatype == EDTF:
        try:
            earliest = parse(cell.text).earliest
        except BadDate:
            return None
        return earliest.year if earliest else None
    match = _YEAR.match(cell.text)
    return int(match[1]) if match else None


def _places(table: Table, rows: Sequence[Sequence[Shown]], roles: Sequence[Role], base: Base) -> Places | None:
    """Fits rows about countries, at least two: a whole number for each, or else as many as there are rows about it."""
    columns = (index for index, role in enumerate(roles) if role is Role.COUNTRY)
    column = next((index for index in columns if len({row[index].text for row in table.rows}) > 1), None)
    if column is None:
        return None
    named = {
        slug: row[column]
        for row, cells in zip(rows, table.rows, strict=True)
        if (slug := _country(cells[column], base))
    }
    counts = Counter(_country(row[column], base) for row in table.rows)
    number = next((index for index, role in enumerate(roles) if role is Role.NUMBER), None)
    values: Mapping[str | None, int] = counts
    if number is not None and max(count for slug, count in counts.items() if slug) == 1:
        found = {_country(row[column], base): _number(row[number]) for row in table.rows if row[column].text}
        if any(value is None or value < 0 or value % 1 for value in found.values()):
            return None
        values = {slug: int(value) for slug, value in found.items() if value is not None}
    else:
        number = None
    places = [
        Place(code, f"country/{slug}", Value(shown.text, shown.language, href=shown.href), {"": values[slug]})
        for slug, shown in named.items()
        if (code := _code(slug))
    ]
    return Places(table.columns[column], None if number is None else table.columns[number], tuple(places))


def _code(slug: str) -> str | None:
    """The numeric code of a country (ISO 3166-1) that is called by its code of three letters."""
    country = pycountry.countries.get(alpha_3=slug.upper())
    return str(country.numeric) if country else None


def _of_triples(table: Table, rows: Sequence[Sequence[Shown]]) -> Network | None:
    """The things of a graph; literals and classes stay in the table, where they can be read."""
    edges = [
        (row[0], row[2], row[1].text)
        for row, cells in zip(rows, table.rows, strict=True)
        if (row[2].iri or cells[2].text.startswith("_:")) and cells[1].text != RDF + "type"
    ]
    return _network(edges)


def _of_rows(table: Table, rows: Sequence[Sequence[Shown]], roles: Sequence[Role]) -> Network | None:
    """Fits rows with two things and no number, of which some thing stands in several."""
    things = [
        index
        for index, role in enumerate(roles)
        if role in {Role.THING, Role.COUNTRY} and len({row[index].text for row in table.rows}) > 1
    ]
    if len(things) < 2 or Role.NUMBER in roles:
        return None
    first, second = things[:2]
    edges = dict.fromkeys((row[first], row[second], "") for row in rows if row[first].iri and row[second].iri)
    if len({node for edge in edges for node in edge[:2]}) > len(edges) + 1:
        return None  # pairs that have nothing to do with each other
    return _network(edges)


def _network(edges: Iterable[tuple[Shown, Shown, str]]) -> Network | None:
    places: dict[Shown, int] = {}
    drawn: list[tuple[int, int, str]] = []
    left = 0
    for source, target, label in edges:
        if len(places.keys() | {source, target}) > NODES:
            left += 1
            continue
        drawn.append((places.setdefault(source, len(places)), places.setdefault(target, len(places)), label))
    return Network(tuple(places), tuple(drawn), left) if drawn else None
