"""The command that asks: query."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import click

from escrgraph.cli.failures import USAGE, Failure
from escrgraph.cli.inputs import STDIN
from escrgraph.cli.options import with_settings
from escrgraph.cli.tables import layout
from escrgraph.repository.questions import Question, parse_question, read_questions
from escrgraph.repository.readers import Answer, Formats, Query
from escrgraph.service import attached
from escrgraph.settings import Settings
from escrgraph.vocabulary import shipped
from escrgraph.vocabulary.iris import Base
from escrgraph.web.formats import HTML, NAMES, Kind, named_for_query
from escrgraph.web.results import Table, read_graph, read_solutions

TABLE = "table"

_AS_TABLE = Formats("text/tab-separated-values", "text/csv", "application/n-triples")


@click.command()
@with_settings
@click.argument("source", required=False, metavar="FILE|NAME|-")
@click.option("--param", "parameters", multiple=True, metavar="NAME=VALUE", help="A value for a parameter; repeatable.")
@click.option(
    "--format",
    "form",
    default=TABLE,
    show_default=True,
    type=click.Choice([TABLE, *(name for name in NAMES if name != HTML.name)]),
    help="How the answer is written.",
)
def query(settings: Settings, source: str | None, parameters: tuple[str, ...], form: str) -> None:
    """Run a query: a file, one of the questions by name, or standard input.

    Without any, list the questions.
    """
    base = Base(settings.base)
    gallery = read_questions(shipped.path("queries"), base)
    if source is None:
        _list(gallery.values())
        return
    question = _question(source, gallery, base)
    values = question.bind(_values(parameters))
    formats = _AS_TABLE if form == TABLE else _formats(form)
    with attached(settings) as service:
        asked = Query(service.with_search(question.text), values, base=settings.base, formats=formats)
        with service.public.ask(asked) as answer:
            _show(answer, form)


def _list(questions: Iterable[Question]) -> None:
    rows = [[q.name, q.title(), " ".join(p.name for p in q.parameters)] for q in questions]
    for line in layout(["name", "question", "parameters"], rows, _terminal()):
        click.echo(line)


def _question(source: str, gallery: dict[str, Question], base: Base) -> Question:
    if source == STDIN:
        return _read("standard input", sys.stdin.buffer.read(), base)
    if Path(source).is_file():
        return _read(Path(source).stem, Path(source).read_bytes(), base)
    if source in gallery:
        return gallery[source]
    raise Failure(f"There is neither a file nor a question “{source}”. Questions: {', '.join(sorted(gallery))}.", USAGE)


def _read(name: str, data: bytes, base: Base) -> Question:
    """The question in a file; SPARQL without a head is one without parameters."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Failure(f"The query in {name} is not UTF-8 text.", USAGE) from None
    if text.startswith("# title"):
        return parse_question(name, text, base)
    return Question(name, {"en": name}, {}, "researcher", (), text, base)


def _values(parameters: Sequence[str]) -> dict[str, str]:
    values = {}
    for parameter in parameters:
        name, equals, value = parameter.partition("=")
        if not equals or not name:
            raise Failure(f"--param takes NAME=VALUE, and “{parameter}” is not of that form.", USAGE)
        values[name] = value
    return values


def _formats(form: str) -> Formats:
    choices = named_for_query(form)
    chosen = (choices.get(kind) for kind in Kind)
    return Formats(*(each.format.media_type if each else None for each in chosen))


def _show(answer: Answer, form: str) -> None:
    if form != TABLE:
        for chunk in answer.chunks:
            sys.stdout.buffer.write(chunk)
        sys.stdout.buffer.flush()
        return
    if answer.kind == Kind.BOOLEAN:
        click.echo({"true": "yes", "false": "no"}[answer.read().decode().strip()])
        return
    if answer.kind == Kind.GRAPH:
        _print(read_graph(answer.chunks, sys.maxsize))
    else:
        _print(read_solutions(answer.chunks, sys.maxsize))


def _print(table: Table) -> None:
    rows = [[f"{cell.text}@{cell.language}" if cell.language else cell.text for cell in row] for row in table.rows]
    for line in layout(table.columns, rows, _terminal()):
        click.echo(line)
    click.echo(f"{len(rows):,} rows" if len(rows) != 1 else "1 row", err=True)


def _terminal() -> int | None:
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None
