"""Making a store from the change log: whole, up to a number, or only what it lacks."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

from pyoxigraph import Quad, RdfFormat, parse

from escrgraph.repository import log as logs
from escrgraph.repository.changes import Entry
from escrgraph.repository.errors import Malformed
from escrgraph.repository.feeding import bulk_load
from escrgraph.repository.lines import with_copies
from escrgraph.repository.log import ChangeLog
from escrgraph.repository.provenance import Provenance
from escrgraph.repository.store import Delta, MergedStore
from escrgraph.vocabulary.iris import Base

LARGE = 200_000
"""Quads from which an entry is brought in by bulk loading."""


def apply_entry(log: ChangeLog, entry: Entry, store: MergedStore, base: Base) -> Delta | None:
    """Bring one entry of the log into the store; the same again changes nothing. Raises OSError.

    Returns what changed, None for a large entry.
    """
    number = entry.number
    provenance, changes = Provenance(store, base), log.record_changes(number)
    if entry.added + entry.removed < LARGE:
        added, removed = log.quads(number)
        come, gone = provenance.of(entry, changes, log.decision(number))
        return store.apply(number, [*added, *come], [*removed, *gone])
    for part in _parsed(log.lines(number, logs.REMOVED)):
        store.apply(number - 1, [], part)
    bulk_load(store, map(with_copies, log.lines(number, logs.ADDED)))
    provenance.bring(entry, changes)
    store.set_number(number)
    return None


def rebuilt(log: ChangeLog, target: Path, base: Base, number: int | None = None) -> int:
    """Make at `target` the store as it was at change `number`, or is now. Returns the number it holds.

    Raises Malformed when the log has no such number, OSError when the disk is full; then nothing is left behind.
    """
    head = log.head()
    newest = head.number if head else 0
    if number is not None and not 0 <= number <= newest:
        raise Malformed(f"There is no version {number}: the log goes from 0 (empty) to {newest}.")
    last = newest if number is None else number
    store = MergedStore(target, base)
    try:
        for entry in log.entries(limit=last) if last else []:
            apply_entry(log, entry, store, base)
        store.store.flush()
    except BaseException:
        store.close()
        shutil.rmtree(target, ignore_errors=True)
        raise
    store.close()
    return last


def materialise(log: ChangeLog, number: int, target: Path, base: Base) -> int:
    """Make at `target` the store of an earlier version. Returns its number. Raises as `rebuilt` does."""
    return rebuilt(log, target, base, number)


def _parsed(chunks: Iterable[bytes]) -> Iterator[list[Quad]]:
    for chunk in chunks:
        yield list(parse(chunk, RdfFormat.N_QUADS))
