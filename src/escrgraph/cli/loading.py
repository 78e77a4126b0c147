"""The command that publishes: load."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path

import click
from pyoxigraph import DefaultGraph, NamedNode, Quad, RdfFormat, parse, serialize

from escrgraph.cli import inputs, releasing, worlds
from escrgraph.cli.failures import FINDINGS, USAGE, Failure
from escrgraph.cli.options import with_settings
from escrgraph.parts import AGENT
from escrgraph.repository.changes import Cause, Change, Receipt
from escrgraph.repository.errors import Malformed
from escrgraph.repository.formats import Mode
from escrgraph.service import Service, attached
from escrgraph.settings import Settings
from escrgraph.validation import FILES, read_files, validate_quads
from escrgraph.validation.formats import format_of, prepare

NOTHING = "Nothing was loaded."


@click.command()
@with_settings
@inputs.FILES
@click.option("--graph", metavar="IRI", help="The graph for triples that name none: its IRI, or its name after graph/.")
@click.option("--unchecked", is_flag=True, help="Publish without validation; the change is logged as such.")
@click.option("--release", is_flag=True, help="Bring in the library that ships with this version of escrgraph.")
def load(settings: Settings, files: tuple[Path, ...], graph: str | None, unchecked: bool, release: bool) -> None:
    """Publish RDF files as one change, or nothing of them.

    Triples that name no graph go to the graph of their record's kind.
    """
    if release == bool(files):
        raise Failure("Name files to load, or --release for the library that ships with escrgraph.", USAGE)
    with inputs.opened(files) as paths, attached(settings, create=True) as service:
        if release:
            releasing.release(service)
            return
        named = _graph_iri(service, graph)
        names = ", ".join("standard input" if str(path) == inputs.STDIN else path.name for path in files)
        began = time.monotonic()
        with inputs.told(NOTHING):
            if settings.default_graph is Mode.OWN:
                _load_own(service, paths, named)
                return
            receipt = (_load_unchecked if unchecked else _load_checked)(service, paths, named, f"Loaded from {names}.")
        click.echo(f"{_told(receipt)} ({time.monotonic() - began:.1f} s)")


def _graph_iri(service: Service, graph: str | None) -> str | None:
    return graph if graph is None or ":" in graph else service.base.iri + "graph/" + graph


def _load_checked(service: Service, paths: Sequence[Path], graph: str | None, reason: str) -> Receipt:
    found = read_files(paths, service.base, graph)
    world = worlds.default_graph(service)
    quads = list(worlds.placed(found.quads, service.base, world))
    report = validate_quads(quads, world, problems=found.problems, base=service.base)
    if not report.conforms:
        click.echo(report.to_text(), err=True, nl=False)
        raise Failure(f"The data do not fit the shapes. {NOTHING}", FINDINGS)
    if any(report.counts.values()):
        counts = ", ".join(f"{number} {name.lower()}s" for name, number in report.counts.items() if number)
        click.echo(f"{counts}; `escrgraph validate` tells them.", err=True)
    return service.writer.commit(Change(Cause.IMPORT, AGENT, reason, added=quads))


def _load_unchecked(service: Service, paths: Sequence[Path], graph: str | None, reason: str) -> Receipt:
    quads = worlds.placed(_parsed(paths, graph), service.base)
    return service.writer.load(quads, AGENT, reason, progress=inputs.progress("triples sent"))


def _load_own(service: Service, paths: Sequence[Path], graph: str | None) -> None:
    """Add to the graphs of a plain store, each as a whole."""
    quads = sorted(_parsed(paths, graph), key=_graph_of)
    for name, found in groupby(quads, key=_graph_of):
        data = serialize((quad.triple for quad in found), format=RdfFormat.N_TRIPLES) or b""
        change = service.writer.post_graph(name or None, data, RdfFormat.N_TRIPLES.media_type)
        click.echo(
            f"Version {change.number}: {name or 'the default graph'} has {data.count(bytes([10])):,} triples more."
        )


def _parsed(paths: Iterable[Path], graph: str | None) -> Iterator[Quad]:
    """The quads as they are read. Raises Malformed, which begins with the file's name, where they cannot be."""
    for path in paths:
        try:
            for quad in _quads(path):
                if graph is not None and quad.graph_name == DefaultGraph():
                    yield Quad(quad.subject, quad.predicate, quad.object, NamedNode(graph))
                else:
                    yield quad
        except SyntaxError as error:
            why = error.msg.partition(": ")[2] if error.msg.startswith("Parser error") else error.msg
            raise Malformed(f"{path}: Line {error.lineno}, column {error.offset}: {why}.") from error


def _quads(path: Path) -> Iterator[Quad]:
    form = format_of(path.name)
    if form is RdfFormat.JSON_LD:  # the one syntax that may name a context
        return parse(prepare(path.read_bytes(), form, FILES.depth), form)
    return parse(path=str(path), format=form)


def _graph_of(quad: Quad) -> str:
    return quad.graph_name.value if isinstance(quad.graph_name, NamedNode) else ""


def _told(receipt: Receipt) -> str:
    if not receipt.added and not receipt.removed:
        return f"All of it is published already; nothing changed at version {receipt.number}."
    return (
        f"Change {receipt.number}: {receipt.added:,} triples added; "
        f"records created: {receipt.created:,}, changed: {receipt.modified:,}."
    )
