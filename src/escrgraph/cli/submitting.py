"""The command that sends a file to a repository as a submission: submit."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

import click
import requests

from escrgraph.cli import inputs
from escrgraph.cli.failures import ENVIRONMENT, FINDINGS, USAGE, Failure
from escrgraph.cli.options import with_settings
from escrgraph.settings import Settings
from escrgraph.validation.formats import format_of

VARIABLE = "ESCRGRAPH_TOKEN"
_SECONDS = 60


@click.command()
@with_settings
@inputs.FILES
@click.option(
    "--to", "url", metavar="URL", help="The repository, such as https://example.org/. Default: ESCRGRAPH_SITE."
)
@click.option("--token", help=f"A token of the scope submit. Default: the variable {VARIABLE}.")
@click.option("--note", default="", help="To the curators; not published.")
@click.option("--draft", is_flag=True, help="Leave it a draft.")
@click.pass_context
def submit(
    ctx: click.Context,
    settings: Settings,
    files: tuple[Path, ...],
    url: str | None,
    token: str | None,
    note: str,
    draft: bool,
) -> None:
    """Send files to a repository, each as a submission about one record.

    The same file sent again makes no second submission. Exit code 1: the report names what to mend.
    """
    secret = token or os.environ.get(VARIABLE, "")
    if not files or not secret:
        raise Failure(f"Name files, and a token (--token or {VARIABLE}); “escrgraph user token” makes one.", USAGE)
    url = url or settings.site
    if not url.startswith(("http://", "https://")):
        raise Failure(f"“{url}” is no http or https address. Name the repository with --to.", USAGE)
    wrong = False
    with inputs.opened(files) as paths:
        for path in paths:
            found = _sent(path, url, secret, note, draft)
            wrong |= not found["report"].get("conforms", False)
            click.echo(f"{path.name}: {found['state']}, {url.rstrip('/')}/submissions/{found['id']}")
            for finding in found["report"].get("findings", []):
                click.echo(f"  {finding['severity'].lower()}: {finding['messages']['en']}", err=True)
    if wrong:
        ctx.exit(FINDINGS)


def _sent(path: Path, url: str, token: str, note: str, draft: bool) -> dict[str, Any]:
    data = path.read_bytes()
    headers = {
        "Authorization": f"Bearer {token}",
        "Content-Type": format_of(path.name).media_type,
        "Accept": "application/json, application/problem+json",
        "Idempotency-Key": hashlib.sha256(data + note.encode() + bytes([draft])).hexdigest(),
    }
    parameters = {"note": note, "submit": "false" if draft else "true"}
    try:
        answer = requests.post(
            f"{url.rstrip('/')}/api/submissions", data=data, params=parameters, headers=headers, timeout=_SECONDS
        )
        said: dict[str, Any] = answer.json()
    except requests.RequestException as error:
        raise Failure(f"{url} does not answer as a repository does: {error}.", ENVIRONMENT) from error
    if not answer.ok:
        detail = said.get("detail", answer.reason)
        raise Failure(f"{path.name}: {detail}", USAGE if answer.status_code < 500 else ENVIRONMENT)
    return said
