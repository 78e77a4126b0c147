"""Commands that show how things stand: config and stats."""

from __future__ import annotations

import click

from escrgraph.cli.options import with_settings
from escrgraph.settings import Settings, describe


@click.command()
@with_settings
def config(settings: Settings) -> None:
    """Print every setting with its value and where it came from."""
    rows = describe(settings)
    widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
    for name, value, origin in rows:
        click.echo(f"{name:{widths[0]}}  {value:{widths[1]}}  {origin}")
