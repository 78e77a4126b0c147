"""Commands that show how things stand: config and stats."""

from __future__ import annotations

import json
from collections import Counter

import click

from escrgraph.cli.failures import FINDINGS, Failure
from escrgraph.cli.options import with_settings
from escrgraph.cli.tables import layout
from escrgraph.parts import remote_address
from escrgraph.repository.formats import Mode
from escrgraph.repository.readers import Query
from escrgraph.service import Service, attached
from escrgraph.settings import Settings, describe
from escrgraph.vocabulary.iris import TYPES

_GRAPHS = "SELECT ?graph (COUNT(*) AS ?number) WHERE { GRAPH ?graph { ?s ?p ?o } } GROUP BY ?graph ORDER BY ?graph"
_TRIPLES = "SELECT (COUNT(*) AS ?number) WHERE { ?s ?p ?o }"
_SUBJECTS = "SELECT DISTINCT ?subject WHERE { ?subject ?p ?o }"


@click.command()
@with_settings
@click.option("--check", is_flag=True, help="Try out the SPARQL server that is the store, and say what it lacks.")
def config(settings: Settings, check: bool) -> None:
    """Print every setting with its value and where it came from.

    With --check nothing else is printed; exit code 1 where a service could not work with the server.
    """
    if check:
        _check(settings)
        return
    for line in layout(["setting", "value", "origin"], describe(settings)):
        click.echo(line)


def _check(settings: Settings) -> None:
    if not settings.remote:
        click.echo(f"The store is the directory {settings.directory}: there is no server to try out.")
        return
    from escrgraph.repository.remote import checking  # noqa: PLC0415 - only where a server is asked

    lacking = 0
    for finding in checking.check(remote_address(settings)):
        click.echo(f"{'  ' if finding.fit else '✗ '}{finding.told}")
        lacking += not finding.fit
    if lacking:
        raise Failure(f"{lacking} of these keep a service from working with this server.", FINDINGS)


@click.command()
@with_settings
@click.option("--verify", is_flag=True, help="Check the chain of the change log from its first entry.")
def stats(settings: Settings, verify: bool) -> None:
    """Print what the store holds: version, triples, graphs, records."""
    with attached(settings) as service:
        bodies = service.pages.ask_all([Query(text) for text in (_TRIPLES, _GRAPHS, _SUBJECTS)])
        triples, graphs, subjects = (json.loads(body)["results"]["bindings"] for body in bodies)
        rows = [["version", str(bodies.generation)], ["triples", triples[0]["number"]["value"]]]
        state = service.base.graph("state")
        rows += [[g["graph"]["value"], g["number"]["value"]] for g in graphs if g["graph"]["value"] != state]
        rows += _records(service, [row["subject"]["value"] for row in subjects])
        for line in layout(["what", "number"], [[name, f"{int(number):,}"] for name, number in rows]):
            click.echo(line)
        if settings.default_graph is Mode.MERGE:
            _print_last_change(service)
        if verify:
            click.echo(f"The change log verifies: {service.writer.verify():,} entries.")


def _records(service: Service, subjects: list[str]) -> list[list[str]]:
    """How many records there are of each type."""
    records = {record for subject in subjects if (record := service.base.record_of(subject))}
    counts = Counter(record.partition("/")[0] for record in records)
    return [[f"records: {name}", str(counts[name])] for name in TYPES if counts[name]]


def _print_last_change(service: Service) -> None:
    with service.log() as log:
        entry = log.head()
    if entry is not None:
        click.echo(f"Last change: {entry.number}, {entry.time:%Y-%m-%d %H:%M} UTC, {entry.cause}: {entry.reason}")
