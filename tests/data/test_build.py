"""The committed graphs are what the builder makes of the committed tables, and every reader reads them alike."""

from __future__ import annotations

from pathlib import Path

import pytest
import rdflib
from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse
from tests.data.conftest import DATA
from tools.library import turtle
from tools.library.__main__ import COMMENTS, main
from tools.library.terms import name, record

FOOD = record("right", "food")


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("library")
    main(folder)
    return folder


@pytest.mark.parametrize("graph", COMMENTS)
def test_the_committed_file_equals_a_fresh_build(graph: str, fresh: Path) -> None:
    assert (fresh / f"{graph}.ttl").read_bytes() == (DATA / f"{graph}.ttl").read_bytes()


def test_each_file_is_either_built_or_written_by_hand() -> None:
    assert {path.stem for path in DATA.glob("*.ttl")} == {*COMMENTS, "scheme", "obligation"}


@pytest.mark.parametrize("graph", COMMENTS)
def test_rdflib_reads_the_same_statements_as_oxigraph(graph: str) -> None:
    path = DATA / f"{graph}.ttl"
    ours = {quad.triple for quad in parse(path=path)}
    theirs = rdflib.Graph().parse(path).serialize(format="nt", encoding="utf-8")
    assert {_canonical(quad.triple) for quad in parse(theirs, format=RdfFormat.N_TRIPLES)} == {
        _canonical(each) for each in ours
    }


def _canonical(triple: Triple) -> tuple[str, ...]:
    value = triple.object
    # rdflib rewrites numbers ("32.30" to "32.3"); the value is compared, not its spelling.
    if isinstance(value, Literal) and value.datatype == name("xsd:decimal"):
        return (str(triple.subject), str(triple.predicate), str(float(value.value)))
    return (str(triple.subject), str(triple.predicate), str(value))


def test_what_lies_below_a_record_follows_it_at_once() -> None:
    records = [record("right", "food"), record("right", "food-aid"), record("right", "food", "part", 10)]
    records.append(record("right", "food", "part", 2))
    written = turtle.serialize([Triple(each, name("skos:notation"), Literal("x")) for each in records], "Order.")
    subjects = [line.split()[0] for line in written.splitlines() if "skos:notation" in line]
    assert subjects == ["right:food", f"<{FOOD.value}/part/2>", f"<{FOOD.value}/part/10>", "right:food-aid"]


def test_text_survives_the_writer() -> None:
    text = Literal('tab\t, "quotes", back\\slash,\r\nline, عربي', language="ar")
    triple = Triple(FOOD, name("skos:note"), text)
    written = turtle.serialize([triple], "Text.")
    assert [quad.triple for quad in parse(written, format=RdfFormat.TURTLE)] == [triple]


def test_a_node_without_an_address_is_refused() -> None:
    with pytest.raises(TypeError, match="every node of the library has an address"):
        turtle.serialize([Triple(BlankNode(), name("skos:note"), Literal("x"))], "Refused.")


def test_an_address_that_needs_escapes_is_written_in_full() -> None:
    strange = NamedNode(f"{FOOD.value}%20aid.")
    written = turtle.serialize([Triple(strange, name("skos:note"), Literal("x"))], "Strange.")
    assert f"<{strange.value}> " in written
