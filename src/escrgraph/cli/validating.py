"""The command that checks: validate."""

from __future__ import annotations

from pathlib import Path

import click

from escrgraph.cli import inputs, worlds
from escrgraph.cli.failures import FINDINGS, USAGE, Failure
from escrgraph.cli.options import with_settings
from escrgraph.repository.formats import read_format
from escrgraph.service import attached
from escrgraph.settings import Settings
from escrgraph.validation import Report, check_whole, shipped_library, validate_files
from escrgraph.vocabulary.iris import Base


@click.command()
@with_settings
@inputs.FILES
@click.option("--kind", help="What the entries are that do not say it, such as resource or finding.")
@click.option("--format", "form", default="text", show_default=True, type=click.Choice(["text", "json", "ttl"]))
@click.pass_context
def validate(ctx: click.Context, settings: Settings, files: tuple[Path, ...], kind: str | None, form: str) -> None:
    """Check files against the shapes and what is published; without a file, all that is published.

    Where there is no store yet, the library that ships with escrgraph stands for it. Exit code 1: mend something.
    """
    if kind is not None and not files:
        raise Failure("--kind says what the entries of files are; name the files.", USAGE)
    with inputs.opened(files) as paths, inputs.told("Nothing was checked."):
        report = _checked(settings, paths, kind)
    write = {"text": report.to_text, "json": report.to_json, "ttl": report.to_turtle}[form]
    click.echo(write(), nl=False)
    if not report.conforms:
        ctx.exit(FINDINGS)


def _checked(settings: Settings, paths: list[Path], kind: str | None) -> Report:
    if read_format(settings.directory) is None:
        world, base = shipped_library(), Base()
    else:
        with attached(settings) as service:
            world, base = worlds.default_graph(service), service.base
    if not paths:
        return check_whole(world, base)
    try:
        return validate_files(paths, kind, world, base)
    except ValueError as error:  # a kind that is none
        raise Failure(str(error), USAGE) from error
