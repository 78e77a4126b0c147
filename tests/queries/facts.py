"""What the answers need to know about the tables, read off their cells without RDF."""

from __future__ import annotations

from collections.abc import Iterable

from tools.library.organizations import Names
from tools.library.people import is_person
from tools.library.tables import Library, Publication

from escrgraph.vocabulary import edtf


def place(alpha3: str) -> str:
    """A country in short."""
    return f"country/{alpha3.lower()}"


def latest(date: str) -> str:
    """The last day of a date, for sorting; empty where there is none."""
    day = edtf.parse(date).latest if date else None
    return day.isoformat() if day else ""


def newest_first(rows: Iterable[tuple[str, tuple[str, ...]]]) -> list[tuple[str, ...]]:
    """Rows by the last day of their date, given before each, and then by themselves."""
    known = sorted({(latest(date), row) for date, row in rows}, key=lambda pair: pair[1])
    return [row for _, row in sorted(known, key=lambda pair: pair[0], reverse=True)]


def narrower(library: Library, method: str) -> set[str]:
    """A method with everything below it."""
    found = {method}
    while more := {row.code for row in library.methods if row.broader in found} - found:
        found |= more
    return found


def regions_of(library: Library, alpha3: str) -> set[str]:
    """The English names of the regions in which a country lies, up to the world."""
    above = {row.m49: row.broader for row in library.regions}
    names = {row.m49: row.name_en for row in library.regions}
    area = next(row for row in library.areas if row.alpha3 == alpha3)
    code, found = area.intermediate or area.subregion or area.region, set()
    while code:
        found.add(names[code])
        code = above[code]
    return found


def makers(library: Library, names: Names, row: Publication) -> set[tuple[str, str]]:
    """The organizations that wrote or published a publication, with the relation between the two."""
    journals = {journal.name for journal in library.journals}
    wrote = {("dcterms:creator", names.slug(each)) for each in row.creators if not is_person(each)}
    return wrote | {("dcterms:publisher", names.slug(each)) for each in row.publishers if each not in journals}
