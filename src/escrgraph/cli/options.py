"""What every command takes: --store and --config, read together with all other settings."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from escrgraph.settings import Settings, read_settings, unknown_variables

Result = TypeVar("Result")


def with_settings(function: Callable[..., Result]) -> Callable[..., Result]:
    """Give a command --store and --config, and hand it the settings as its first argument."""

    @click.option(
        "--store",
        metavar="DIR or URL",
        help="The store's directory, or a SPARQL server (ESCRGRAPH_STORE). Default: var/store.",
    )
    @click.option(
        "--config",
        metavar="FILE",
        type=click.Path(path_type=Path),
        help="A settings file. Default: escrgraph.toml here, if there is one.",
    )
    @functools.wraps(function)
    def command(*args: Any, store: str | None, config: Path | None, **options: Any) -> Result:
        return function(settings_from(store, config), *args, **options)

    return command


def settings_from(store: str | None, config: Path | None) -> Settings:
    """The settings with a flag for the store; warns on stderr about ESCRGRAPH_* variables that are none."""
    for warning in unknown_variables():
        click.echo(f"escrgraph: {warning}", err=True)
    return read_settings({"store": store}, config=config)
