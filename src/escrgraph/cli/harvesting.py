"""The command that takes in what another repository publishes, as submissions for the curators: harvest."""

from __future__ import annotations

import fcntl
import hashlib
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from escrgraph.cli.failures import ENVIRONMENT, FINDINGS, USAGE, Failure
from escrgraph.cli.options import with_settings
from escrgraph.curation import mappings
from escrgraph.curation.arrivals import Fate, Outcome
from escrgraph.curation.database import Database
from escrgraph.curation.desk import Desk
from escrgraph.curation.duplicates import Sign
from escrgraph.curation.harvests import Harvest, Harvests
from escrgraph.curation.intake import Intake, Losses
from escrgraph.curation.mapping import read_recipe
from escrgraph.harvesting.taking import (
    Fetcher,
    Mark,
    Page,
    Protocol,
    Reading,
    SourceFailed,
    Wanted,
    read_wanted,
    recognised,
    source_of,
)
from escrgraph.repository import addresses
from escrgraph.repository.errors import Malformed
from escrgraph.repository.formats import Mode
from escrgraph.service import Service, attached
from escrgraph.settings import Settings
from escrgraph.vocabulary.kinds import shipped_kinds
from escrgraph.web.desks import Desks
from escrgraph.web.reception import Reception

LOCK = "harvest.lock"

_EVERY = 500
"""Records after which a line says how far it is, where no terminal shows it."""

_TOLD = {
    Fate.NEW: "new: submitted",
    Fate.CHANGE: "changed: submitted",
    Fate.REVISED: "changed: the submission that waits was revised",
    Fate.WITHDRAWAL: "gone: a withdrawal was proposed",
    Fate.NOTED: "gone: noted",
    Fate.ALIKE: "here already under another address",
    Fate.KNOWN: "published here just so",
    Fate.SAME: "unchanged",
    Fate.LEFT: "not wanted",
    Fate.BARRED: "erased or withdrawn here",
    Fate.TROUBLE: "could not be taken",
}
_SIGNS = {
    Sign.DOI: "the same DOI",
    Sign.ADDRESS: "the same web address",
    Sign.ISBN: "the same ISBN",
    Sign.UN_SYMBOL: "the same UN document symbol",
    Sign.TITLE: "nearly the same title",
}


@click.command()
@with_settings
@click.argument("url", required=False)
@click.option(
    "--protocol", type=click.Choice([p.value for p in Protocol]), help="What the address speaks. Default: found out."
)
@click.option(
    "--mapping",
    metavar="FILE",
    help=f"How its records become records here: a TOML file, or one that ships: {', '.join(mappings.SHIPPED)}.",
)
@click.option("--set", "set_", metavar="SPEC", help="Only one set of an OAI-PMH repository.")
@click.option("--whole", is_flag=True, help="Read everything again, and not only what changed.")
@click.option("--losses", is_flag=True, help="Believe it when most records are gone at once.")
@click.option("--most", type=click.IntRange(1), help="Stop after about so many records, and go on another time.")
@click.option(
    "--pause", type=click.FloatRange(0, 3600), default=1.0, show_default=True, help="Seconds between two requests."
)
@click.pass_context
def harvest(
    ctx: click.Context,
    settings: Settings,
    url: str | None,
    protocol: str | None,
    mapping: str | None,
    set_: str | None,
    whole: bool,
    losses: bool,
    most: int | None,
    pause: float,
) -> None:
    """Take in what another repository publishes: by OAI-PMH, LDES, SPARQL, or from a dump (an address or a file).

    Each record becomes a submission, which curators look at like any other; nothing is published by itself. The next
    harvest asks for what changed; one that was interrupted goes on where it was. Without URL: what was harvested yet.

    Exit code 1: some records could not be taken, or too many are gone at once. 3: the source failed; what came before
    is kept, and the same command goes on.
    """
    if url is None:
        _list(settings)
        return
    content, name, digest = _mapping(mapping)
    for section in content:
        if section not in ("source", "record", "fields"):
            raise Failure(f"{mapping} has no section [{section}]: source, record and fields it may have.", USAGE)
    with _told(mapping):
        recipe = read_recipe(name, content, shipped_kinds(), digest)
        wanted = read_wanted({**content.get("source", {}), **({"set": set_} if set_ else {})})
    address = url if url.startswith(("http://", "https://")) else _file(url)
    with (
        attached(settings) as service,
        _alone(settings),
        _desk(service) as (desk, reception),
        Reading.of(Fetcher(address, pause, lambda text: click.echo(_printable(text), err=True))) as reading,
    ):
        chosen = Protocol(protocol) if protocol else wanted.protocol or recognised(address, reading.fetcher)
        if chosen is not Protocol.OAI_PMH and (wanted.set or wanted.format):
            raise Failure(f"Sets and formats are of OAI-PMH, and {address} is read by {chosen}. Leave them out.", USAGE)
        begun = Harvests(desk.database).begin(_named(address, chosen, wanted), anew=whole)
        intake = Intake(
            desk.database, desk.checks, desk.versions, desk.making, reception, service.kinds, service.base, begun,
            recipe, wanted.base,
        )  # fmt: skip
        source = source_of(address, chosen, wanted, reading, mapped=recipe.form is not None)
        progress = _Progress(begun)
        try:
            for page in source.pages(Mark(begun.since, begun.position)):
                progress.add(_taken(intake, page, losses), page)
                if most is not None and progress.read >= most and not page.last:
                    progress.stopped = True
                    break
        except SourceFailed as error:
            progress.end()
            raise Failure(_printable(f"{error} {progress.kept}"), ENVIRONMENT) from error
        except Losses as error:
            progress.end()
            raise Failure(str(error), FINDINGS) from error
        progress.end()
    if progress.counts[Fate.TROUBLE]:
        ctx.exit(FINDINGS)


def _taken(intake: Intake, page: Page, losses: bool) -> list[Outcome]:
    return intake.take(page.records, page.mark.since, page.mark.position, whole=page.whole, losses=losses)


class _Progress:
    """What became of the records so far, told while it goes on and at the end."""

    def __init__(self, begun: Harvest) -> None:
        self.counts: Counter[Fate] = Counter()
        self.read = 0
        self.stopped = False
        self._next = _EVERY
        self._terminal = sys.stderr.isatty()
        self._ended = False
        how = "going on where it was interrupted" if begun.position else "asking for changes"
        click.echo(f"{begun.source}: {how if begun.position or begun.since else 'reading everything'}.", err=True)

    @property
    def kept(self) -> str:
        """What a harvest that ended too early leaves."""
        return f"What came before is kept: {self.read:,} records were read. The same command goes on."

    def add(self, outcomes: list[Outcome], page: Page) -> None:
        """Count a page, and tell what somebody should know."""
        self.read += len(page.records)
        for outcome in outcomes:
            self.counts[outcome.fate] += 1
            told = _line(outcome)
            if told:
                self._clear()
                click.echo(told)
        total = f" of {page.total:,}" if page.total else ""
        if self._terminal:
            click.echo(f"\r{self.read:,}{total} records read", nl=False, err=True)
        elif self.read >= self._next:
            self._next = self.read + _EVERY
            click.echo(f"{self.read:,}{total} records read", err=True)

    def end(self) -> None:
        """Say what became of them."""
        if self._ended:
            return
        self._ended = True
        self._clear()
        click.echo(f"{self.read:,} records read.")
        for fate, text in _TOLD.items():
            if self.counts[fate]:
                click.echo(f"  {self.counts[fate]:,} {text}")
        if self.stopped:
            click.echo("There is more: the same command goes on.")
        elif sum(self.counts[fate] for fate in (Fate.NEW, Fate.CHANGE, Fate.REVISED, Fate.WITHDRAWAL)):
            click.echo("Curators find them at /curate.")

    def _clear(self) -> None:
        if self._terminal:
            click.echo("\r\x1b[K", nl=False, err=True)


def _line(outcome: Outcome) -> str:
    """What is told of one record; nothing of most."""
    name = outcome.record or outcome.identifier
    if outcome.alike:
        alike = "; ".join(f"{match.record} ({_SIGNS[match.sign]})" for match in outcome.alike)
        return _printable(f"{name}: {_TOLD[outcome.fate]}; is like {alike}")
    if outcome.why:
        return _printable(f"{outcome.identifier or 'A record'}: {_TOLD[outcome.fate]}: {outcome.why}")
    return ""


def _printable(text: str) -> str:
    """A line with no character that moves the cursor: what a source says is shown on a terminal."""
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)


def _mapping(given: str | None) -> tuple[dict[str, Any], str, str]:
    """What a mapping says, its name, and the digest of its text."""
    if given is None:
        return {}, "", ""
    path = mappings.SHIPPED.get(given) or Path(given)
    try:
        data = path.read_bytes()
        return tomllib.loads(data.decode("utf-8")), path.stem, hashlib.sha256(data).hexdigest()
    except OSError as error:
        raise Failure(f"{path} cannot be read: {error.strerror}.", USAGE) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Failure(f"{path} is no TOML: {error}.", USAGE) from error


@contextmanager
def _told(mapping: str | None) -> Iterator[None]:
    try:
        yield
    except Malformed as error:
        raise Failure(f"{mapping or 'the options'}: {error}", USAGE) from error


def _file(given: str) -> str:
    path = Path(given)
    if "://" in given or not path.is_file():
        raise Failure(f"“{given}” is no http or https address, and there is no such file.", USAGE)
    return str(path.resolve())


def _named(address: str, protocol: Protocol, wanted: Wanted) -> str:
    """What a source is called: the address, and what of it is read."""
    words = [protocol.value, *(word for word in (wanted.format, wanted.set, wanted.class_) if word)]
    return f"{address} ({', '.join(words)})"


@contextmanager
def _desk(service: Service) -> Iterator[tuple[Desk, Reception]]:
    if service.settings.default_graph is Mode.OWN:
        raise Failure("This is a plain SPARQL store: it has no curators, and so nothing is harvested into it.", USAGE)
    desks = Desks(service)
    try:
        yield desks.get(), Reception(service, desks)
    finally:
        desks.close()


@contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    """Keep a second harvest into the same store away."""
    with (settings.directory / LOCK).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Failure("Another harvest into this store is at work. Wait until it has ended.", ENVIRONMENT) from None
        yield


def _list(settings: Settings) -> None:
    """Say of each source how far it was read."""
    if not addresses.exists(settings.curation):
        raise Failure(f"Nothing was harvested into {settings.directory} yet. Name a source by its URL.", USAGE)
    database = Database(settings.curation)
    try:
        for one in Harvests(database).all():
            ended = f"last whole {one.ended:%Y-%m-%d %H:%M} UTC" if one.ended else "never whole yet"
            click.echo(f"{one.source}: {ended}{', interrupted' if one.position else ''}")
    finally:
        database.close()
