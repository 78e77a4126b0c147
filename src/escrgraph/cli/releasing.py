"""Bringing in a newer shipped library beside what was published here."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click
from pyoxigraph import NamedNode, Quad, RdfFormat, serialize

import escrgraph
from escrgraph.cli import worlds
from escrgraph.cli.failures import FINDINGS, Failure
from escrgraph.parts import AGENT
from escrgraph.repository import releases
from escrgraph.repository.changes import Action, Cause, Change
from escrgraph.repository.log import ChangeLog
from escrgraph.repository.releases import Conflict, Merge
from escrgraph.repository.store import normalised
from escrgraph.service import Service
from escrgraph.vocabulary.iris import Base
from escrgraph.vocabulary.namespaces import PREFIXES


def release(service: Service) -> None:
    """Publish what the shipped library changes in records that nobody changed here; list and keep the others apart."""
    merge = _merged(service)
    number = service.pages.generation()
    if merge.records:
        reason = f"The library as shipped with escrgraph {escrgraph.__version__}."
        change = Change(Cause.RELEASE, AGENT, reason, added=list(merge.added), removed=list(merge.removed))
        receipt = service.writer.commit(change)
        number = receipt.number
        click.echo(
            f"Change {number}: {receipt.added:,} triples added, {receipt.removed:,} removed, {merge.records:,} records."
        )
    else:
        click.echo(f"There is nothing new to bring in; the version stays {number}.")
    if merge.conflicts:
        folder = service.settings.directory / releases.CONFLICTS / str(number)
        for conflict in merge.conflicts:
            click.echo(f"changed here and in the release: {conflict.record} → {_write(folder, conflict)}", err=True)
        raise Failure(
            f"{len(merge.conflicts)} records were changed on both sides and stay as they are here. "
            f"Their shipped form is in {folder}: take over what you want with `escrgraph load`.",
            FINDINGS,
        )


def _merged(service: Service) -> Merge:
    with service.log() as log:
        theirs = releases.by_record(normalised(releases.shipped_quads(service.base)), service.base)
        ours = list(worlds.named_graphs(service))
        missing = set(theirs) - set(releases.by_record(ours, service.base))
        redacted, gone = _left(log, missing)
        shipped = [q for quads in theirs.values() for q in quads if redacted.isdisjoint(_named(q, service.base))]
        return releases.three_way(_last_release(log), shipped, ours, service.base, gone)


def _named(quad: Quad, base: Base) -> set[str | None]:
    """The records that a quad is about or points to."""
    return {base.record_of(term.value) for term in (quad.subject, quad.object) if isinstance(term, NamedNode)}


def _last_release(log: ChangeLog) -> set[Quad]:
    """The library as the releases in the log made it."""
    state: set[Quad] = set()
    for entry in log.entries():
        if entry.cause is Cause.RELEASE:
            added, removed = log.quads(entry.number)
            state = (state - set(removed)) | set(added)
    return state


def _left(log: ChangeLog, records: Iterable[str]) -> tuple[set[str], set[str]]:
    """Those of the records that were redacted here, and those that were withdrawn or renamed."""
    redacted, gone = set(), set()
    for record in records:
        found = log.last_change(record)
        if found is None:
            continue
        entry, change = found
        if entry.cause is Cause.REDACTION:
            redacted.add(record)
        elif change.action in (Action.WITHDRAWN, Action.RENAMED):
            gone.add(record)
    return redacted, gone


def _write(folder: Path, conflict: Conflict) -> Path:
    path = folder / f"{conflict.record.replace(':', '').replace('//', '/')}.ttl"
    path.parent.mkdir(parents=True, exist_ok=True)
    triples = [quad.triple for quad in sorted(conflict.theirs, key=str)]
    data = serialize(triples, format=RdfFormat.TURTLE, prefixes=dict(PREFIXES)) or b""
    path.write_bytes(f"# {conflict.record} as shipped with escrgraph {escrgraph.__version__}\n".encode() + data)
    return path
