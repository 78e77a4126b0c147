"""Commands that keep a store: backup, restore, rebuild, redact."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from escrgraph.cli.options import with_settings
from escrgraph.cli.people import erase_submissions
from escrgraph.curation.database import METADATA, Database
from escrgraph.parts import AGENT, remote_address
from escrgraph.repository import addresses, releases
from escrgraph.repository.backups import restore as put_back
from escrgraph.service import attached
from escrgraph.settings import Settings

_DIRECTORY = click.argument("directory", metavar="DIR", type=click.Path(path_type=Path))


@click.command()
@with_settings
@_DIRECTORY
def backup(settings: Settings, directory: Path) -> None:
    """Copy the whole store to a new directory, while the service runs."""
    with attached(settings) as service, _curation(settings, directory) as curation:
        number = service.writer.backup(directory, curation)
    click.echo(f"Version {number} of the store is in {directory}.")


@contextmanager
def _curation(settings: Settings, directory: Path) -> Iterator[Path | None]:
    """A copy of the curation database for a backup, where it is in PostgreSQL.

    It is made before that of the log: what the copy knows as published is in the log's copy then.
    """
    if not settings.database:
        yield None
        return
    directory.absolute().parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f"{directory.name}-", dir=directory.absolute().parent) as scratch:
        database = Database(settings.curation)
        try:
            database.copy(Path(scratch) / addresses.CURATION)
        finally:
            database.close()
        yield Path(scratch) / addresses.CURATION


@click.command()
@with_settings
@_DIRECTORY
def restore(settings: Settings, directory: Path) -> None:
    """Put a backup where there is no store yet."""
    number = put_back(directory, settings.directory, settings.database, METADATA)
    click.echo(f"Version {number} is restored to {settings.directory}.")


@click.command()
@with_settings
def rebuild(settings: Settings) -> None:
    """Make the triple store again from the change log; a SPARQL server that is the store is filled anew from it."""
    if settings.remote:
        from escrgraph.repository.remote.addresses import forget  # noqa: PLC0415 - only where a server is asked

        forget(remote_address(settings))
    with attached(settings) as service:
        number = service.writer.rebuild()
    click.echo(f"The store is made again from the log; it is at version {number}.")


@click.command()
@with_settings
@click.argument("record")
@click.option("--reason", required=True, help="Why, in one sentence for the log; it must not repeat what is erased.")
def redact(settings: Settings, record: str, reason: str) -> None:
    """Erase a record ({type}/{slug}) from log, store and old versions for good."""
    name = record.removeprefix(f"{settings.base}id/")
    with attached(settings) as service:
        redaction = service.writer.redact(name, AGENT, reason)
        releases.forget(settings.directory, service.base.record_iri(name))
        submissions = erase_submissions(settings, name, service.base.record_iri(name))
    entries = ", ".join(map(str, redaction.entries))
    click.echo(f"{name} is erased with change {redaction.receipt.number}; blanked in the log: {entries}.")
    if submissions:
        click.echo(f"Blanked with it: {submissions} submissions.")
    click.echo(redaction.remaining, err=True)
