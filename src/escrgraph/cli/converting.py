"""The command that converts: tables and references become Turtle that is ready to be sent."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click
from pyoxigraph import Literal, NamedNode, RdfFormat, serialize

from escrgraph.cli import inputs, worlds
from escrgraph.cli.failures import FINDINGS, USAGE, Failure
from escrgraph.cli.options import with_settings
from escrgraph.curation.batches import Batch, batch_of, notes_of
from escrgraph.curation.forms import Question, form_of
from escrgraph.curation.references import read_bibtex, read_ris
from escrgraph.curation.tables import corrected, read_table
from escrgraph.curation.terms import Resolve
from escrgraph.repository.formats import read_format
from escrgraph.service import attached
from escrgraph.settings import Settings
from escrgraph.validation import Referee, shipped_library
from escrgraph.vocabulary.facts import Facts, term
from escrgraph.vocabulary.iris import Base
from escrgraph.vocabulary.kinds import Kinds, shipped_kinds
from escrgraph.vocabulary.lexicon import Lexicon
from escrgraph.vocabulary.namespaces import PREFIXES

READERS = {".csv": read_table, ".tsv": read_table, ".bib": read_bibtex, ".ris": read_ris}

_NAMES = ("skos:prefLabel", "skos:altLabel", "dcterms:title", "foaf:name", "rdfs:label", "escr:acronym")


@click.command()
@with_settings
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--kind", required=True, help="What the rows are, such as resource or organization.")
@click.option("--please-fix", type=click.Path(path_type=Path, dir_okay=False), help="Write the rows to mend to a file.")
@click.pass_context
def convert(ctx: click.Context, settings: Settings, file: Path, kind: str, please_fix: Path | None) -> None:
    """Make Turtle of a CSV table, a BibTeX or a RIS file: the good rows, on standard output.

    Names are looked up in what is published; where there is no store yet, in the library that ships with escrgraph.
    Exit code 1: some rows have to be mended.
    """
    kinds = shipped_kinds()
    if kind not in kinds.by_type:
        raise Failure(f"“{kind}” is no kind of record. Kinds: {', '.join(kinds.by_type)}.", USAGE)
    reader = READERS.get(file.suffix.lower())
    if reader is None:
        raise Failure(f"{file} is not read: files end in {', '.join(READERS)}.", USAGE)
    form = form_of(kinds.by_type[kind], kinds)
    with inputs.told("Nothing was converted."):
        table = reader(file.read_bytes(), form)
    if read_format(settings.directory) is None:
        world, base = shipped_library(), Base()
    else:
        with attached(settings) as service:
            world, base = worlds.default_graph(service), service.base
    facts = Facts(world)
    batch = batch_of(table, form, kinds, base, _resolver(facts, kinds, base), _taken(facts, base))
    mistakes = batch.mistakes(Referee(base=base).check(batch.quads, world), base)
    notes = notes_of(mistakes, "en")
    for mistake in mistakes:
        click.echo(f"row {mistake.row}, {mistake.column}: {mistake.finding.messages['en']}", err=True)
    click.echo(_turtle(batch, set(notes)), nl=False)
    click.echo(f"{len(batch.entries) - len(notes)} of {len(batch.entries)} rows converted.", err=True)
    if notes:
        if please_fix is not None:
            please_fix.write_text(corrected(table, notes, notes), encoding="utf-8")
        ctx.exit(FINDINGS)


def _turtle(batch: Batch, bad: set[int]) -> str:
    good = [q for entry in batch.entries if entry.row.number not in bad for q in entry.written.quads]
    triples = [quad.triple for quad in good]
    return (serialize(triples, format=RdfFormat.TURTLE, prefixes=dict(PREFIXES)) or b"").decode()


def _resolver(facts: Facts, kinds: Kinds, base: Base) -> Resolve:
    lexicons: dict[object, Lexicon] = {}

    def resolve(question: Question, text: str) -> str | None:
        key = (question.field.scheme, question.field.classes)
        if key not in lexicons:
            lexicons[key] = _lexicon(question, facts, kinds, base)
        found = lexicons[key].named(text)
        return found[0] if len(found) == 1 else None

    return resolve


def _lexicon(question: Question, facts: Facts, kinds: Kinds, base: Base) -> Lexicon:
    if question.field.scheme:
        scheme = NamedNode(base.id("scheme", question.field.scheme))
        nodes = facts.subjects_of(term("skos:inScheme"), scheme)
    else:
        classes = {c for kind in kinds.values() if kind.classes & set(question.field.classes) for c in kind.classes}
        nodes = [node for name in classes for node in facts.subjects_of(term("rdf:type"), NamedNode(name))]
    return Lexicon(
        (node.value, name)
        for node in nodes
        if isinstance(node, NamedNode)
        for property_ in _NAMES
        for name in facts.literals(node, term(property_))
        if isinstance(name, Literal)
    )


def _taken(facts: Facts, base: Base) -> Callable[[str], bool]:
    return lambda record: bool(facts.predicates(NamedNode(base.record_iri(record))))
