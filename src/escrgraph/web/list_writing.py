"""Lists for programs: JSON of a page, CSV of the whole."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from escrgraph.search.facets import YEAR, FacetOf
from escrgraph.web.entity import Value
from escrgraph.web.facet_panel import Panel, Term
from escrgraph.web.hits import Listed, Names, Passage, Told, texts_of

FIXED = ("iri", "type", "title", "language", "date")
"""The columns before those of the facets."""

# What spreadsheets take for the beginning of a formula, at the beginning of a cell.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def columns(facets: Mapping[str, FacetOf]) -> list[str]:
    """The names of the columns, in order."""
    return [*FIXED, *(name for name in facets if name != YEAR)]


def header(facets: Mapping[str, FacetOf]) -> bytes:
    """The first line of the table."""
    return _lines([columns(facets)])


def rows(records: Iterable[Listed], told: Told, names: Names, facets: Mapping[str, FacetOf]) -> bytes:
    """The lines of some records: the IRI first, then texts in the reader's language; several values parted by “|”."""
    table = []
    for record in records:
        cells = [record.iri, record.record.partition("/")[0], record.title.text, record.title.language or ""]
        cells.append(record.date or "")
        for name in facets:
            if name != YEAR:
                cells.append(texts_of([names.value(term) for term in told.values(record.iri, name)]))
        table.append([cells[0], *map(harmless, cells[1:])])
    return _lines(table)


def harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula: an apostrophe goes before what might be one."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def record_json(record: Listed) -> dict[str, Any]:
    """A record of a list."""
    return {
        "iri": record.iri,
        "type": record.record.partition("/")[0],
        "kind": record.kind.text,
        "title": record.title.text,
        "language": record.title.language,
        "date": record.date,
        "score": round(record.score, 4),
        "document": f"/doc/{record.record}",
        "facts": {fact.name: [_value(value) for value in fact.values] for fact in record.facts},
        "snippets": [_snippet(passage) for passage in record.passages],
    }


def panel_json(panel: Panel, sparql: str, whole: str) -> dict[str, Any]:
    """A facet with its terms, flat, most frequent first.

    sparql: where its query opens; whole: the address at which it has all terms.
    """
    terms = [each for term in panel.terms for each in _flat(term)]
    return {
        "name": panel.name,
        "label": panel.label.text,
        "terms": [
            {"term": term.iri, "label": term.value.text, "count": term.count, "chosen": term.chosen}
            for term in sorted(terms, key=lambda term: (-term.count, term.iri))
        ],
        "left": panel.left,
        "all": whole if panel.left else None,
        "sparql": sparql,
    }


def _flat(term: Term) -> Iterable[Term]:
    yield term
    for narrower in term.narrower:
        yield from _flat(narrower)


def _value(value: Value) -> dict[str, Any]:
    return {"label": value.text, "language": value.language}


def _snippet(passage: Passage) -> dict[str, Any]:
    marks, at = [], 0
    for piece, marked in passage.pieces:
        if marked:
            marks.append([at, at + len(piece)])
        at += len(piece)
    return {"text": "".join(piece for piece, _ in passage.pieces), "language": passage.language, "marks": marks}


def _lines(table: Sequence[Sequence[str]]) -> bytes:
    file = io.StringIO()
    csv.writer(file).writerows(table)  # RFC 4180: lines end in CRLF
    return file.getvalue().encode()
