"""Erasing a record: blanked in the log, which still verifies, and gone from everything made from it."""

from __future__ import annotations

from collections.abc import Iterable

from pyoxigraph import NamedNode, Quad, RdfFormat, parse
from sqlalchemy import Connection, delete, select, update

from escrgraph.repository import log
from escrgraph.repository.changes import Action, Cause, Receipt, RecordChange, Redaction
from escrgraph.repository.errors import Malformed
from escrgraph.repository.log import chunk_table, entry_table, hidden, part_table, record_change_table
from escrgraph.repository.preparing import Preparer
from escrgraph.repository.recording import (
    Recorder,
    add_changes,
    add_chunk,
    add_parts,
    close_entry,
    open_entry,
    replace_chunk,
)
from escrgraph.repository.store import MergedStore, n_quads
from escrgraph.vocabulary.iris import BadAddress, Base

BLANK = "[redacted]"
"""What stands for the reason of an entry that touched a redacted record: it may name whom the record was about."""


def erase(
    record: str, agent: str, reason: str, base: Base, store: MergedStore, recorder: Recorder, preparer: Preparer
) -> Redaction:
    """Blank a record in the log and add the entry that says so, in one transaction.

    Every quad with the record, or an IRI below it, as subject or object goes; its name is replaced by a digest. The new
    entry keeps, for each entry it blanked, the digest of what is left there, so that the log still verifies. The store
    is untouched: make it anew from the log. Raises Malformed when nothing in the log names the record.
    """
    try:
        iri = base.record_iri(record)
    except BadAddress as error:
        raise Malformed(str(error)) from error
    nodes = preparer.nodes(record)
    public = {quad for quad in (*store.about(nodes), *store.naming(nodes)) if quad.graph_name != store.inferred}
    made = preparer.work_out(set(), public, {})
    with recorder.transaction(store.number) as connection:
        touched = _blank(connection, record, iri)
        if not touched:
            raise Malformed(f"Nothing in the change log names {record}. Records are named {{type}}/{{slug}}.")
        remains = _remains(connection, touched)
        header = {"cause": Cause.REDACTION, "agent": agent, "reason": reason, "remains": remains}
        number = open_entry(connection, header)
        for side, quads in ((log.ADDED, made.added), (log.REMOVED, made.removed)):
            if lines := n_quads(quad for quad in quads if not _names(quad, iri)):
                add_chunk(connection, number, side, 0, lines)
        others = [change for change in made.changes if change.record != record]
        add_changes(connection, number, [RecordChange(hidden(record), Action.WITHDRAWN), *others])
        add_parts(connection, (part for part in made.parts if part[0] != record))
        close_entry(connection, number, len(made.added), len(made.removed))
    counts = (len(made.added), len(made.removed))
    return Redaction(Receipt(number, *counts, 0, len(others), 1), tuple(sorted(touched)))


def _blank(connection: Connection, record: str, iri: str) -> set[int]:
    """Take the record out of every chunk and table. Returns the numbers of the entries that changed."""
    touched = _blank_chunks(connection, iri)
    changes = record_change_table.c
    here = (changes.record == record) | (changes.successor == record)
    touched |= set(connection.execute(select(changes.number).where(here)).scalars())
    for column in (changes.record, changes.successor):
        values = {column.name: hidden(record)}
        connection.execute(update(record_change_table).where(column == record).values(values))
    connection.execute(delete(part_table).where(part_table.c.record == record))
    return touched


def _blank_chunks(connection: Connection, iri: str) -> set[int]:
    touched: set[int] = set()
    mark = iri.encode()
    table = chunk_table.c
    keys = select(table.number, table.side, table.position).order_by(table.number, table.side, table.position)
    for number, side, position in connection.execute(keys).all():
        lines = log.chunk(connection, number, side, position)
        if mark not in lines:
            continue
        quads = list(parse(lines, RdfFormat.N_QUADS))
        kept = [quad for quad in quads if not _names(quad, iri)]
        if len(kept) < len(quads):
            replace_chunk(connection, number, side, position, n_quads(kept))
            touched.add(number)
    return touched


def _remains(connection: Connection, touched: Iterable[int]) -> dict[str, str]:
    """Mark entries as redacted and take their reasons out; the digest of what is left of each."""
    found: dict[str, str] = {}
    for number in sorted(touched):
        values = {"redacted": True, "reason": BLANK}
        connection.execute(update(entry_table).where(entry_table.c.number == number).values(values))
        found[str(number)] = log.body_digest(connection, number)
    return found


def _names(quad: Quad, iri: str) -> bool:
    """Whether a quad has the record, or an IRI below it, as subject or object."""
    terms = (term.value for term in (quad.subject, quad.object) if isinstance(term, NamedNode))
    return any(term == iri or term.startswith((iri + "/", iri + "#", iri + "?")) for term in terms)
