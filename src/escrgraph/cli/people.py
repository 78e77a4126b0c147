"""The commands for accounts: user add, list, role, token, password."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from escrgraph.cli.failures import USAGE, Failure
from escrgraph.cli.options import with_settings
from escrgraph.curation.actors import Role
from escrgraph.curation.database import Database
from escrgraph.curation.people import RESET, SCOPES, TOKEN, People
from escrgraph.curation.submissions import Submissions
from escrgraph.repository import addresses
from escrgraph.repository.formats import Mode, read_format
from escrgraph.settings import Settings
from escrgraph.vocabulary.languages import LANGUAGES

_ROLES = click.Choice([role.value for role in Role if role is not Role.VISITOR])


@click.group()
@click.option("--store", metavar="DIR", help="The store's directory (ESCRGRAPH_STORE). Default: var/store.")
@click.option("--config", metavar="FILE", help="A settings file. Default: escrgraph.toml here, if there is one.")
@click.pass_context
def user(ctx: click.Context, store: str | None, config: str | None) -> None:
    """Accounts of members, curators and administrators. Works beside a running service."""
    chosen = {name: value for name, value in {"store": store, "config": config}.items() if value}
    ctx.default_map = dict.fromkeys(user.commands, chosen)


@user.command()
@with_settings
@click.argument("name")
@click.option("--role", type=_ROLES, default=Role.MEMBER.value, show_default=True)
@click.option("--mail", default="", help="Where letters go. Not needed.")
@click.option("--language", type=click.Choice(LANGUAGES), default="en", show_default=True)
@click.option("--password", is_flag=True, help="Read a password from standard input instead of giving a link.")
def add(settings: Settings, name: str, role: str, mail: str, language: str, password: bool) -> None:
    """Make an account, and print the link by which its password is set."""
    with _people(settings) as people:
        chosen = sys.stdin.readline().rstrip("\r\n") if password else ""
        made = people.add(name, Role(role), mail=mail, password=chosen, language=language)
        click.echo(f"{made.name} is a {role} now.")
        if not password:
            _tell_link(settings, people, made.id)


@user.command("list")
@with_settings
def list_(settings: Settings) -> None:
    """Everybody with an account: name, role, since when, address."""
    with _people(settings) as people:
        for person in people.all():
            click.echo(f"{person.name}\t{person.role.value}\t{person.made:%Y-%m-%d}\t{person.mail}")


@user.command()
@with_settings
@click.argument("name")
@click.argument("new", metavar="ROLE", type=_ROLES)
def role(settings: Settings, name: str, new: str) -> None:
    """Give an account another role."""
    with _people(settings) as people:
        people.change(people.named(name).id, role=new)
        click.echo(f"{name} is a {new} now.")


@user.command()
@with_settings
@click.argument("name")
@click.option("--scope", type=click.Choice(SCOPES), default="submit", show_default=True)
@click.option("--for", "purpose", default="", help="What the token is for, to be told apart from others.")
def token(settings: Settings, name: str, scope: str, purpose: str) -> None:
    """Make a token for a program. It is shown only here."""
    with _people(settings) as people:
        found = people.named(name)
        if scope == "curate" and not found.actor.curates:
            raise Failure(f"{name} is no curator, and a token does not make one.", USAGE)
        click.echo(people.open(found.id, TOKEN, name=purpose, scope=scope))


@user.command()
@with_settings
@click.argument("name")
def password(settings: Settings, name: str) -> None:
    """Print a link by which somebody sets a new password."""
    with _people(settings) as people:
        _tell_link(settings, people, people.named(name).id)


def erase_submissions(settings: Settings, record: str, iri: str) -> int:
    """Blank what was submitted about a record that is redacted. Returns how many submissions that were."""
    if not addresses.exists(settings.curation):
        return 0
    database = Database(settings.curation)
    try:
        blanked = Submissions(database).erase_record(record, iri)
        if not database.compact():
            click.echo(_SEEN, err=True)
        return blanked
    finally:
        database.close()


_SEEN = (
    "What was submitted about it is blanked, but somebody still reads the database as it was, so that its files may "
    "hold it: run this again when they are done, or VACUUM FULL in PostgreSQL."
)


def _tell_link(settings: Settings, people: People, id_: str) -> None:
    link = f"account/reset/{people.open(id_, RESET)}"
    click.echo(f"The password is set, within a day and once, at {settings.site or 'http://127.0.0.1:8000/'}{link}")


@contextmanager
def _people(settings: Settings) -> Iterator[People]:
    found = read_format(settings.directory)
    if found is None or found.mode is not Mode.MERGE:
        why = "there is none yet" if found is None else "this one is a plain SPARQL store"
        raise Failure(f"Accounts belong to a store in merge mode, and {why}: {settings.directory}.", USAGE)
    database = Database(settings.curation)
    try:
        yield People(database)
    finally:
        database.close()
