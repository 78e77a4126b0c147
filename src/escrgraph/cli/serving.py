"""The command that runs the whole service: serve."""

from __future__ import annotations

import logging
import os
import socket
import sys
import webbrowser

import click

from escrgraph import parts
from escrgraph.cli.failures import ENVIRONMENT, FINDINGS, USAGE, Failure
from escrgraph.cli.options import with_settings
from escrgraph.settings import Settings, read_settings


@click.command()
@with_settings
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at.")
@click.option("-p", "--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="0: a free port.")
@click.option("--empty", is_flag=True, help="Leave an empty store empty, instead of loading the shipped library.")
@click.option("--at", type=click.IntRange(0), metavar="VERSION", help="Serve an earlier version, read-only.")
@click.option("--open", "browser", is_flag=True, help="Open a web browser when ready.")
@click.option("--get", "path", metavar="PATH", help="Answer one request on standard output and end.")
def serve(
    settings: Settings, host: str, port: int, empty: bool, at: int | None, browser: bool, path: str | None
) -> None:
    """Run the repository: pages, SPARQL endpoint, documents.

    An empty store is first loaded with the shipped library.
    """
    logging.basicConfig(format="escrgraph: %(message)s", level=logging.INFO)
    if path is not None:
        if at is not None:
            raise Failure("--get answers from the newest version; it does not go with --at.", USAGE)
        _get(settings, path, empty)
        return
    with _listen(host, port) as listener:
        url = parts.address(listener)

        def started() -> None:
            which = f"version {at}" if at is not None else "the repository"
            click.echo(f"escrgraph serves {which} at {url}")
            sys.stdout.flush()
            if browser:
                webbrowser.open(url)

        status = parts.run(settings, listener, empty=empty, at=at, started=started, reread=_reread)
    if status:
        raise Failure(
            "The service did not start, or a part of it could not go on. Its messages are above.", ENVIRONMENT
        )


def _reread() -> Settings:
    """The settings of the command that runs, as file and environment say now."""
    given = click.get_current_context().params
    return read_settings({"store": given.get("store")}, config=given.get("config"))


def _listen(host: str, port: int) -> socket.socket:
    try:
        return parts.listen(host, port)
    except OSError as error:
        why = os.strerror(error.errno) if isinstance(error.errno, int) and error.errno > 0 else error.strerror
        raise Failure(
            f"Cannot listen at {host}, port {port}: {why}. Another port: -p 8001; any free one: -p 0.",
            ENVIRONMENT,
        ) from error


def _get(settings: Settings, path: str, empty: bool) -> None:
    """Write the body of an answer to stdout; exit code 1 for a status of 400 or more."""
    from escrgraph.service import attached  # noqa: PLC0415 - only this way of serving needs these in this process
    from escrgraph.web.app import create_app  # noqa: PLC0415

    with attached(settings, create=True, empty=empty) as found:
        answer = create_app(found).test_client().get("/" + path.removeprefix("/"))
        sys.stdout.buffer.write(answer.data)
        sys.stdout.buffer.flush()
        if answer.status_code >= 400:
            raise Failure(f"{path} answered {answer.status}.", FINDINGS)
