"""The command that writes everything out: export."""

from __future__ import annotations

import sys

import click

from escrgraph.cli.failures import USAGE, Failure
from escrgraph.cli.options import with_settings
from escrgraph.repository.formats import Mode
from escrgraph.service import Service, attached
from escrgraph.settings import Settings
from escrgraph.web.formats import DATASETS, GRAPHS

_MEDIA_TYPES = {format_.name: format_.media_type for format_ in GRAPHS}
_DATASETS = {format_.name for format_ in DATASETS}


@click.command()
@with_settings
@click.option(
    "--format", "form", default="nq", show_default=True, type=click.Choice(list(_MEDIA_TYPES)), help="Syntax."
)
@click.option("--graph", metavar="IRI", help="One named graph: its IRI, or what stands after graph/ in it.")
def export(settings: Settings, form: str, graph: str | None) -> None:
    """Write the named graphs to standard output, as they are read.

    A format that knows no graphs (ttl, nt, rdf) gets every triple once.
    """
    with attached(settings) as service:
        wanted = _graph(service, form, graph)
        without = [service.base.graph("state")]
        own = settings.default_graph is Mode.OWN
        with service.pages.dump(_MEDIA_TYPES[form], wanted, without=without, default=own) as answer:
            if answer.kind == "absent":
                raise Failure(f"There is no graph {wanted} in the store. `escrgraph stats` lists them.", USAGE)
            for chunk in answer.chunks:
                sys.stdout.buffer.write(chunk)
        sys.stdout.buffer.flush()


def _graph(service: Service, form: str, graph: str | None) -> str | None:
    if graph is not None:
        return graph if ":" in graph else service.base.iri + "graph/" + graph
    # In own mode the default graph is not the whole, so that the readers refuse a format without graphs.
    whole = service.settings.default_graph is Mode.MERGE and form not in _DATASETS
    return "default" if whole else None
