"""The W3C tests of SHACL Core through both our ways of checking: pySHACL on a neighbourhood, and queries on a store.

The tests come with the source archive of the pySHACL that is installed, which is fetched once a checkout. What the
library never has stays outside: focus nodes without an address. A shape that names a text as its target is refused.
"""

from __future__ import annotations

import subprocess
import sys
import tarfile
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, Store

from escrgraph.validation import BadShapes
from escrgraph.validation.core import check_core
from escrgraph.validation.neighbourhood import neighbourhood
from escrgraph.validation.results import Result
from escrgraph.validation.shapes import Shapes
from escrgraph.validation.whole import check_core_whole, members
from escrgraph.vocabulary.facts import Facts, Object, term
from escrgraph.vocabulary.namespaces import SH

MF = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
SHT = "http://www.w3.org/ns/shacl-test#"
HERE = "https://suite.test/"
TESTS = 98

MISSED = {"core/property/uniqueLang-002.ttl"}
"""Where pySHACL itself says something else: sh:uniqueLang "1"^^xsd:boolean is no "true"."""

Found = set[tuple[str, str | None, str | None, str, str]]


@pytest.fixture(scope="module")
def suite(request: pytest.FixtureRequest) -> Path:
    """The directory of the tests."""
    archive = f"pyshacl-{version('pyshacl')}"
    folder = Path(request.config.cache.mkdir("shacl-suite"))  # type: ignore[union-attr]
    if not (folder / f"{archive}.tar.gz").exists():
        wanted = ["pyshacl==" + version("pyshacl"), "--no-binary", "pyshacl", "--no-deps", "--dest", str(folder)]
        subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", *wanted], check=True)
    target = Path(request.getfixturevalue("tmp_path_factory").mktemp("suite"))
    inside = f"{archive}/test/resources/sht_tests/"
    # The filters of tarfile (PEP 706) are not in Debian 12's Python 3.11.2, and newer ones demand them.
    safely = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
    with tarfile.open(folder / f"{archive}.tar.gz") as packed:
        kept = [member for member in packed if member.name.startswith(inside)]
        packed.extractall(target, kept, **safely)  # type: ignore[arg-type]
    return target / inside


def read(suite: Path, name: str) -> list[Quad]:
    """What a file says, in the form in which a store keeps it: every kind of whole number is an xsd:integer there."""
    store = Store()
    store.load((suite / name).read_bytes(), RdfFormat.TURTLE, base_iri=HERE + name)
    return list(store)


def cases(suite: Path) -> Iterator[tuple[str, list[Quad], list[Quad], Found]]:
    """Name, data, shapes and expected results of each test."""
    for path in sorted((suite / "core").rglob("*.ttl")):
        name = path.relative_to(suite).as_posix()
        facts = Facts(read(suite, name))
        for test in facts.subjects_of(term("rdf:type"), NamedNode(SHT + "Validate")):
            action, report = (facts.object(test, NamedNode(MF + part)) for part in ("action", "result"))
            assert action is not None
            assert report is not None
            data, shapes = (facts.iris(action, NamedNode(f"{SHT}{part}Graph"))[0] for part in ("data", "shapes"))
            expected = {_expected(facts, result) for result in facts.objects(report, term("sh:result"))}
            yield name, read(suite, data.removeprefix(HERE)), read(suite, shapes.removeprefix(HERE)), expected


def _expected(facts: Facts, result: Object) -> tuple[str, str | None, str | None, str, str]:
    focus, path, value, component, severity = (
        facts.object(result, term(f"sh:{name}"))
        for name in ("focusNode", "resultPath", "value", "sourceConstraintComponent", "resultSeverity")
    )
    return (
        str(focus),
        _path(path),
        _value(value),
        _local(component).removesuffix("ConstraintComponent"),
        _local(severity),
    )


def _local(node: Object | None) -> str:
    assert isinstance(node, NamedNode)
    return node.value.removeprefix(SH)


def _path(path: Object | None) -> str | None:
    return None if path is None else path.value if isinstance(path, NamedNode) else "longer"


def _value(value: Object | None) -> str | None:
    """A value; blank nodes are all alike, since each reading of a file names them anew."""
    return None if value is None else "blank" if isinstance(value, BlankNode) else str(value)


def _told(result: Result) -> tuple[str, str | None, str | None, str, str]:
    path = "longer" if result.path and not result.path.startswith("http") else result.path
    return f"<{result.focus}>", path, _value(result.value), result.component, result.severity


def _shapes(shapes: list[Quad], data: list[Quad]) -> Shapes:
    """The shapes, without targets that are texts: that those are refused is seen to on the way."""
    texts = [quad for quad in shapes if quad.predicate == term("sh:targetNode") and isinstance(quad.object, Literal)]
    if texts:
        with pytest.raises(BadShapes, match="text as its sh:targetNode"):
            Shapes(shapes, data)
    return Shapes([quad for quad in shapes if quad not in texts], data)


@pytest.mark.filterwarnings("ignore::pyshacl.errors.ConstraintLoadWarning")
def test_both_ways_find_what_the_suite_expects(suite: Path) -> None:
    wrong: dict[str, dict[str, Found]] = {}
    number = 0
    for name, data, shapes_quads, everything in cases(suite):
        number += 1
        expected = {row for row in everything if row[0].startswith("<")}
        shapes, store = _shapes(shapes_quads, data), Store()
        store.extend(data)
        near = set()
        for shape, target in shapes.targets.items():
            focus = {shape: sorted(members(store, target))}
            near |= {_told(result) for result in check_core(neighbourhood(store, focus, shapes), focus, shapes)}
        whole = {_told(result) for result in check_core_whole(store, shapes)}
        for way, found in (("near", near), ("whole", whole)):
            if found != expected:
                wrong.setdefault(name, {})[way] = found ^ expected
    assert number == TESTS
    assert set(wrong) == MISSED, wrong
