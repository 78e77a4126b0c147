"""The command escrgraph: one module for each group of commands, loaded when asked for."""

from __future__ import annotations

import importlib

import click

import escrgraph
from escrgraph.cli.failures import failure

COMMANDS = {
    "serve": "serving",
    "load": "loading",
    "validate": "validating",
    "convert": "converting",
    "query": "asking",
    "export": "exporting",
    "stats": "looking",
    "config": "looking",
    "backup": "upkeep",
    "restore": "upkeep",
    "rebuild": "upkeep",
    "redact": "upkeep",
    "user": "people",
    "submit": "submitting",
    "harvest": "harvesting",
    "check-links": "linking",
}
DEFAULT = "serve"


class Commands(click.Group):
    """The commands above; `serve` when none is named. What goes wrong is told in a sentence, with an exit code."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """The names, in the order in which a newcomer meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command of that name, its module imported now."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"escrgraph.cli.{COMMANDS[cmd_name]}")
        command: click.Command = getattr(module, cmd_name.replace("-", "_"))
        return command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put `serve` where no command is named."""
        if not args or (args[0].startswith("-") and args[0] not in {"--help", "-h", "--version"}):
            args = [DEFAULT, *args]
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; turn every expected error into its sentence and exit code."""
        try:
            return super().invoke(ctx)
        except Exception as error:
            told = failure(error, ctx.invoked_subcommand)
            if told is None:
                raise
            raise told from error


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(escrgraph.__version__, prog_name="escrgraph")
def main() -> None:
    """Economic, social and cultural rights as linked data.

    Without a command: serve the library on http://127.0.0.1:8000/.

    Exit codes: 0 done, 1 findings (invalid data, conflicts), 2 wrong usage or input, 3 environment.

    Settings: defaults, then escrgraph.toml, then ESCRGRAPH_* variables, then flags; `escrgraph config` shows each.
    """
