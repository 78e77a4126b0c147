"""The command that asks whether links out of the library still lead somewhere: check-links."""

from __future__ import annotations

import click
from pyoxigraph import NamedNode, RdfFormat, parse

from escrgraph.cli.failures import FINDINGS, USAGE, Failure
from escrgraph.cli.options import with_settings
from escrgraph.curation.database import Database
from escrgraph.curation.links import AGAIN, LinkChecker, Links
from escrgraph.repository.formats import Mode
from escrgraph.service import Service, attached
from escrgraph.settings import Settings
from escrgraph.vocabulary.namespaces import expand

PROPERTIES = ("foaf:page", "foaf:homepage", "dcterms:source", "rdfs:seeAlso")


@click.command("check-links")
@with_settings
@click.option("--all", "everything", is_flag=True, help="Also those that were asked in the last seven days.")
@click.option("--most", type=click.IntRange(1), help="Ask at most so many, and go on another time.")
@click.option("--report", is_flag=True, help="Ask nothing; print what is known.")
@click.pass_context
def check_links(ctx: click.Context, settings: Settings, everything: bool, most: int | None, report: bool) -> None:
    """Ask the addresses that the library names, one request a second to each host; stop and go on as you like.

    Prints address, status and day as tab-separated lines for those that lead nowhere. Exit code 1: there are some.
    """
    with attached(settings) as service:
        if service.settings.default_graph is Mode.OWN:
            raise Failure("This is a plain SPARQL store, which keeps no account of links.", USAGE)
        named = _named(service)
    database = Database(settings.curation)
    checker = LinkChecker()
    try:
        links = Links(database)
        due = [] if report else links.due(named, 0 if everything else AGAIN)[:most]
        for number, address in enumerate(due, 1):
            links.keep(checker.check(address))
            if number % 20 == 0 or number == len(due):
                click.echo(f"{number:,} of {len(due):,} addresses asked", err=True)
        dead = [link for link in links.all() if link.dead and link.address in named]
    finally:
        checker.close()
        database.close()
    for link in dead:
        click.echo(f"{link.address}\t{link.status or link.why}\t{link.checked:%Y-%m-%d}")
    if dead:
        ctx.exit(FINDINGS)


def _named(service: Service) -> dict[str, None]:
    """The addresses that the library names, without its own."""
    wanted = {NamedNode(expand(name)) for name in PROPERTIES}
    body = service.pages.dump(RdfFormat.N_TRIPLES.media_type, "default").read()
    found = (q.object.value for q in parse(body, RdfFormat.N_TRIPLES) if q.predicate in wanted and _is_out(q.object))
    return dict.fromkeys(address for address in found if not service.base.owns(address))


def _is_out(value: object) -> bool:
    return isinstance(value, NamedNode) and value.value.startswith(("http://", "https://"))
