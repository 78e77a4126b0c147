"""Checking what members send: one submission, a table, the whole repository; and finding duplicates.

Times are those of the processor, of one process: the machine's other work does not count. What is compared runs in
turns within one run. Each store is opened in a process of its own.
"""

from __future__ import annotations

import hashlib
import resource
import statistics
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pyshacl
from pyoxigraph import NamedNode, Quad, RdfFormat, Store, parse

from benchmarks.child import Child
from benchmarks.generator import DATA, INFERRED
from benchmarks.outcome import Outcome
from benchmarks.setting import Setting, milliseconds
from escrgraph.curation.batches import batch_of
from escrgraph.curation.duplicates import Duplicates, signs_of
from escrgraph.curation.forms import form_of
from escrgraph.curation.tables import read_table
from escrgraph.validation import Referee
from escrgraph.validation.convert import graph_of
from escrgraph.validation.neighbourhood import neighbourhood
from escrgraph.validation.overlay import changed
from escrgraph.validation.whole import check_core_pyshacl, check_core_whole
from escrgraph.vocabulary.facts import term
from escrgraph.vocabulary.iris import Base
from escrgraph.vocabulary.kinds import shipped_kinds
from escrgraph.vocabulary.namespaces import HOME, prologue

SMALL, MIDDLE, LARGE = 18_000, 120_000, 1_200_000
"""Triples of libraries with about 250, 2,500 and 25,000 resources."""

ROWS = (500, 5_000)

_ID = HOME + "id/"
_PREFIXES = "".join(line.replace("PREFIX", "@prefix") + " .\n" for line in prologue().splitlines())
_SUBMISSION = f"""<{_ID}resource/a-new-guide> a escr:Resource ; dcterms:title "A new guide to the right to food"@en ;
  dcterms:issued "2019"^^edtf:EDTF ; dcterms:type <{_ID}scheme/resource-type/guide> ; dcterms:abstract "No language." ;
  dcterms:subject <{_ID}right/food>, <{_ID}right/fod> ; foaf:page <https://b.org/guide> ;
  dcterms:source <https://b.org/guide> ; escr:usesMethod <{_ID}method/opera>, <{_ID}country/gtm> ;
  dcterms:language <http://publications.europa.eu/resource/authority/language/ENG> ;
  dcterms:publisher <{_ID}organization/cesr> ."""
_HEADER = "title@en,type,subject,page,source,abstract@en,issued,usesMethod\n"
_ROW = "Guide number {0},guide,food;health,https://b.org/{0},https://b.org/{0},{1},2019,opera\n"
_ABSTRACT = "What the guide with this number is about is said in this sentence."


@dataclass(frozen=True, slots=True)
class Whole:
    """A check of a whole store. results: their number and a digest that does not depend on their order."""

    seconds: float
    memory: int
    results: int
    digest: str


def outcomes(setting: Setting) -> Iterator[Outcome]:
    """The bars on validation and duplicates."""
    stores = {size: _loaded(setting, size) for size in (SMALL, MIDDLE, LARGE)}
    yield from _single(setting, stores)
    yield from _tables(setting, stores[LARGE])
    yield from _duplicates(setting, stores[LARGE])
    yield from _whole(setting, stores)


def _loaded(setting: Setting, triples: int) -> Path:
    """A plain store with a library in its default graph."""
    library, target = setting.library(triples), setting.work / f"default-{triples}"
    if not target.is_dir():
        setting.told(f"Loading {triples:,} triples into one graph …")
        with Child() as child:
            child.tell(load, library, target).result()
    return target


def load(library: Path, target: Path) -> None:
    """Put what a library holds into the default graph of a new store."""
    lines = (line.rsplit(b" ", 2)[0] + b" .\n" for name in (DATA, INFERRED) for line in (library / name).open("rb"))
    store = Store(str(target))
    store.bulk_load(b"".join(lines), RdfFormat.N_TRIPLES)
    store.flush()


def _single(setting: Setting, stores: dict[int, Path]) -> Iterator[Outcome]:
    setting.told("Checking one submission …")
    times: dict[int, list[float]] = {SMALL: [], LARGE: []}
    plain: list[float] = []
    for _ in range(3):  # in turns
        for size in times:
            with Child() as child:
                ours, theirs = child.tell(single, stores[size], setting.rounds, size == LARGE).result()
            times[size] += ours
            plain += theirs
    ours, small, theirs = (statistics.median(found) for found in (times[LARGE], times[SMALL], plain))
    note = f"{milliseconds(ours)} and {milliseconds(theirs)} of the processor"
    yield Outcome(1, "one submission at 25k, plain pySHACL to ours", theirs / ours, "x", 8, True, note)
    yield Outcome(1, "one submission, 25k to 250", ours / small, "x", 1.3, False, milliseconds(small))


def single(store: Path, rounds: int, compare: bool) -> tuple[list[float], list[float]]:
    """Times of checking one submission with rules, and of plain pySHACL with parsed shapes on its neighbourhood."""
    world, referee = Store(str(store)), Referee()
    quads = list(parse(_PREFIXES + _SUBMISSION, RdfFormat.TURTLE))
    referee.check(quads, world)
    ours = [_timed(lambda: referee.check(quads, world)) for _ in range(rounds)]
    theirs: list[float] = []
    if compare:
        focus = {NamedNode(HOME + "shapes/Resource"): [_ID + "resource/a-new-guide"]}
        with changed(world, quads) as after:
            near = graph_of(neighbourhood(after, focus, referee.shapes)) + referee.shapes.class_graph
        shapes = graph_of(referee.shapes.quads)
        theirs = [_timed(lambda: pyshacl.validate(near, shacl_graph=shapes)) for _ in range(2)]
    return ours, theirs


def _tables(setting: Setting, store: Path) -> Iterator[Outcome]:
    setting.told("Checking tables …")
    with Child() as child:
        one, few, many = child.tell(rows, store, ROWS).result()
    note = f"{milliseconds(few)} and {milliseconds(many)} a row"
    yield Outcome(5, f"a row of {ROWS[1]:,} to a row of {ROWS[0]}", many / few, "x", 1.2, False, note)
    yield Outcome(5, f"a row of {ROWS[0]} to one submission", few / one, "x", 0.2, False, milliseconds(one))


def rows(store: Path, sizes: Iterable[int]) -> tuple[float, ...]:
    """Time of one submission, then of a row in tables of these sizes, read, written and checked."""
    world, referee, kinds = Store(str(store)), Referee(), shipped_kinds()
    form = form_of(kinds.by_type["resource"], kinds)
    codes = {"guide": "scheme/resource-type/guide", "opera": "method/opera"}

    def check(number: int) -> None:
        lines = "".join(_ROW.format(row, _ABSTRACT) for row in range(number))
        table = read_table((_HEADER + lines).encode(), form)
        batch = batch_of(
            table, form, kinds, Base(), lambda _, text: _ID + codes.get(text, f"right/{text}"), lambda _: False
        )
        report = referee.check(batch.quads, world)
        if not report.conforms or report.records != number:
            raise RuntimeError(report.to_text()[:2_000])

    check(1)
    one = statistics.median(_timed(lambda: check(1)) for _ in range(15))
    times: dict[int, list[float]] = {size: [] for size in sizes}
    for _ in range(3):  # in turns
        for size, found in times.items():
            found.append(_timed(lambda size=size: check(size)) / size)  # type: ignore[misc]
    return (one, *map(statistics.median, times.values()))


def _whole(setting: Setting, stores: dict[int, Path]) -> Iterator[Outcome]:
    found: dict[tuple[int, str], Whole] = {}
    for size in (MIDDLE, LARGE):
        for who in ("ours", "core", "pyshacl"):
            setting.told(f"Checking {size:,} triples by {who} …")
            with Child() as child:
                found[size, who] = child.tell(whole, stores[size], who).result()
    ours, middle = found[LARGE, "ours"], found[MIDDLE, "ours"]
    core, theirs = found[LARGE, "core"], found[LARGE, "pyshacl"]
    growth = (ours.seconds / LARGE) / (middle.seconds / MIDDLE)
    note = f"{ours.seconds:.0f} s with rules, {core.seconds:.0f} s without, pySHACL {theirs.seconds:.0f} s"
    yield Outcome(2, "whole at 25k with rules, pySHACL core to ours", theirs.seconds / ours.seconds, "x", 8, True, note)
    yield Outcome(2, "whole at 25k, core alone, pySHACL to ours", theirs.seconds / core.seconds, "x", 8, True)
    yield Outcome(2, "whole, time a triple, 25k to 2.5k", growth, "x", 1.3)
    same = float(all(found[s, "core"].digest == found[s, "pyshacl"].digest for s in (MIDDLE, LARGE)))
    yield Outcome(2, "whole, equal results", same, "", 1, True, f"{core.results} and {theirs.results}")
    memory = f"{ours.memory >> 20} and {theirs.memory >> 20} MiB"
    yield Outcome(2, "whole at 25k, memory, ours to pySHACL", ours.memory / theirs.memory, "x", 0.6, False, memory)


def whole(store: Path, who: str) -> Whole:
    """Check a whole store with some mistakes in it, by our queries with rules, without ("core"), or by pySHACL."""
    world, referee = Store(str(store)), Referee()
    with changed(world, *_mistakes(world)) as spoilt:
        return _checked(spoilt, referee, who)


def _checked(world: Store, referee: Referee, who: str) -> Whole:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10
    began = time.process_time()
    if who == "ours":
        results = list(referee.check_whole(world).results)
    else:
        results = (check_core_whole if who == "core" else check_core_pyshacl)(world, referee.shapes)
    seconds = time.process_time() - began
    memory = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10) - before
    named = {(r.focus, r.path, str(r.value), r.component, r.shape, r.severity) for r in results}
    digest = hashlib.sha256("\n".join(sorted(map(repr, named))).encode()).hexdigest()
    return Whole(seconds, memory, len(named), digest)


def _mistakes(world: Store) -> tuple[list[Quad], list[Quad]]:
    """What to add and to remove so that every hundredth thing with a title has none, and a method for a right."""
    titles = sorted(world.quads_for_pattern(None, term("dcterms:title"), None), key=str)[::100]
    return [Quad(q.subject, term("dcterms:subject"), NamedNode(_ID + "method/opera")) for q in titles], titles


def _duplicates(setting: Setting, store: Path) -> Iterator[Outcome]:
    setting.told("Looking for duplicates …")
    with Child() as child:
        size, median, worst, built = child.tell(duplicates, store).result()
    note = f"{size:,} records, built in {built:.1f} s, worst {milliseconds(worst)}"
    yield Outcome(7, "duplicates of a title at 25k, median", 1e3 * median, "ms", 5, False, note)


def duplicates(store: Path) -> tuple[int, float, float, float]:
    """Records in the index; median and worst time to find what is like a title with a word changed; time to build."""
    world, base, index = Store(str(store)), Base(), Duplicates()
    began = time.process_time()
    titles: list[Quad] = []
    for quad in world.quads_for_pattern(None, term("dcterms:title"), None):
        record = base.record_of(quad.subject.value)
        if record is not None and record.startswith("resource/") and base.record_iri(record) == quad.subject.value:
            index.put(record, signs_of(record, [quad], base))
            titles.append(quad)
    built = time.process_time() - began
    chance, new, times = Random(1), NamedNode(_ID + "resource/new"), []
    for quad in chance.sample(titles, 500):
        words = quad.object.value.split()
        words[chance.randrange(len(words))] = "zebra"
        changed_title = Quad(new, quad.predicate, type(quad.object)(" ".join(words), language="en"))
        signs = signs_of("resource/new", [changed_title], base)
        times.append(_timed(lambda signs=signs: index.like(signs)))  # type: ignore[misc]
    return len(index), statistics.median(times), max(times), built


def _timed(work) -> float:  # type: ignore[no-untyped-def]
    began = time.process_time()
    work()
    return time.process_time() - began
