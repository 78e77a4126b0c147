"""What the command line says when something goes wrong, and with which exit code it ends."""

from __future__ import annotations

import errno
from typing import IO, Any

import click

from escrgraph.repository.errors import RepositoryError
from escrgraph.settings import SettingError

FINDINGS = 1
USAGE = 2
ENVIRONMENT = 3

_BUSY = 429


class Failure(click.ClickException):
    """A sentence on stderr, headed by the command that could not be done."""

    def __init__(self, text: str, code: int, command: str | None = None) -> None:
        super().__init__(text)
        vars(self)["exit_code"] = code  # click declares it for the class
        self.command = command

    def show(self, file: IO[Any] | None = None) -> None:
        """Print the sentence."""
        head = f"escrgraph {self.command}" if self.command else "escrgraph"
        click.echo(f"{head}: {self.message}", file=file, err=file is None)


def failure(error: Exception, command: str | None) -> Failure | None:
    """What to say about an error; None when it is none that was expected (click's own among them)."""
    if isinstance(error, Failure):
        error.command = error.command or command
        return error
    if isinstance(error, SettingError):
        return Failure(str(error), USAGE, command)
    if isinstance(error, RepositoryError):
        asked_wrongly = 400 <= error.status < 500 and error.status != _BUSY
        return Failure(str(error), USAGE if asked_wrongly else ENVIRONMENT, command)
    if isinstance(error, BrokenPipeError):
        return None
    if isinstance(error, OSError):
        return Failure(_environment(error), ENVIRONMENT, command)
    return None


def _environment(error: OSError) -> str:
    if error.errno == errno.ENOSPC:
        return f"{error.strerror}. Make room on the disk, then do it again."
    if error.filename is None or error.strerror is None:
        return str(error)
    return f"{error.filename}: {error.strerror}."
