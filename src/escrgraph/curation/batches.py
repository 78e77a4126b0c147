"""Batches: the rows of a table written as records, checked together, and sorted into good ones and those to mend."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from pyoxigraph import Quad

from escrgraph.curation.forms import Form
from escrgraph.curation.slugs import free_slug
from escrgraph.curation.tables import Row, Table
from escrgraph.curation.terms import Resolve
from escrgraph.curation.writing import Writer, Written
from escrgraph.validation import Finding, Report
from escrgraph.vocabulary.iris import Base
from escrgraph.vocabulary.kinds import Kinds


@dataclass(frozen=True, slots=True)
class Entry:
    """A row as a record ("type/slug")."""

    row: Row
    record: str
    written: Written = field(repr=False)


@dataclass(frozen=True, slots=True)
class Mistake:
    """What a check says of a row. column: its name; empty when the row as a whole is meant."""

    row: int
    column: str
    finding: Finding


@dataclass(frozen=True)
class Batch:
    """The rows of a table as records."""

    form: Form
    table: Table
    entries: tuple[Entry, ...]

    @property
    def quads(self) -> tuple[Quad, ...]:
        """Everything that the table says."""
        return tuple(quad for entry in self.entries for quad in entry.written.quads)

    def mistakes(self, report: Report, base: Base) -> list[Mistake]:
        """What a report says, row by row and column by column."""
        by_record = {entry.record: entry for entry in self.entries}
        found = []
        for finding in report.findings:
            entry = by_record.get(base.record_of(finding.node) or "")
            if entry is not None:
                key = entry.written.place(finding.node, finding.path, finding.value) or ""
                found.append(Mistake(entry.row.number, self._column(entry.row, key), finding))
        return sorted(found, key=lambda mistake: mistake.row)

    @staticmethod
    def _column(row: Row, key: str) -> str:
        exact = row.columns.get(key) or row.columns.get(key.rpartition(".")[0])
        return exact or key.removesuffix(".1").replace(".1.", ".")


def batch_of(
    table: Table, form: Form, kinds: Kinds, base: Base, resolve: Resolve, taken: Callable[[str], bool]
) -> Batch:
    """The rows of a table as new records. taken: whether a record ("type/slug") is there already."""
    writer = Writer(form, kinds, base, resolve)
    titles = [question.key for path in form.kind.label_properties if (question := form.asks(path))]
    used: set[str] = set()
    entries = []
    for row in table.rows:
        title = next((text for key in titles if (text := row.answers.first(key))), "")
        record = f"{form.kind.type}/{_slug(form, title, used, taken)}"
        used.add(record)
        entries.append(Entry(row, record, writer.write(row.answers, record)))
    return Batch(form, table, tuple(entries))


def notes_of(mistakes: list[Mistake], language: str, *, grave: bool = True) -> Mapping[int, list[str]]:
    """The sentences for each row, those that must be mended or all."""
    found: defaultdict[int, list[str]] = defaultdict(list)
    for mistake in mistakes:
        if mistake.finding.severity == "Violation" or not grave:
            found[mistake.row].append(mistake.finding.messages[language])
    return found


def _slug(form: Form, title: str, used: set[str], taken: Callable[[str], bool]) -> str:
    type_ = form.kind.type or ""
    return free_slug(title, lambda slug: f"{type_}/{slug}" in used or taken(f"{type_}/{slug}"), type_)
