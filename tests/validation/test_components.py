"""Every core constraint component of SHACL through our way of calling pySHACL: nothing is lost, nothing is added.

The W3C test suite itself is not run here; these cases are written after the specification (sections 4.1 to 4.8), one
or several for each component, on data that break each of them and data that do not.
"""

from __future__ import annotations

import pyshacl
import pytest
import rdflib
from pyoxigraph import NamedNode, RdfFormat, Store, parse
from tests.validation.test_compiler import CONSTRAINTS, INNER, NODE_CONSTRAINTS, ON_P, PATHS, PREFIXES, TREE, VALUES

from escrgraph.validation.convert import from_rdflib, graph_of
from escrgraph.validation.core import check_core
from escrgraph.validation.neighbourhood import neighbourhood
from escrgraph.validation.shapes import Shapes
from escrgraph.validation.whole import members
from escrgraph.vocabulary.namespaces import SH

SHAPE = NamedNode("https://a.org/S")
TWO = ":Two a sh:NodeShape ; sh:property [ sh:path :p ; sh:minCount 2 ] ."
RANGES = ["sh:minInclusive 3", "sh:maxInclusive 3", "sh:minExclusive 3", "sh:maxExclusive 3"]
SHAPES = {
    **{each: f"{ON_P} {each} . {INNER}" for each in (*CONSTRAINTS, *RANGES)},
    **{each: f":S a sh:NodeShape ; sh:targetClass :T ; {each} . {INNER} {TWO}" for each in NODE_CONSTRAINTS},
    **{
        f"{path} {each}": f":S a sh:NodeShape ; sh:targetClass :T ; sh:property [ sh:path {path} ; {each} ] . {INNER}"
        for path in PATHS
        for each in ("sh:minCount 1", "sh:nodeKind sh:IRI", "sh:class :C")
    },
}

Found = tuple[str, str, str]


def plain(shapes: Shapes, store: Store) -> set[Found]:
    """What pySHACL as such says of the whole graph."""
    data = graph_of(store) + shapes.class_graph
    _, report, _ = pyshacl.validate(data, shacl_graph=graph_of(shapes.quads))
    sh = rdflib.Namespace(SH)
    found = set()
    for node in report.objects(None, sh.result):
        focus, value = report.value(node, sh.focusNode), report.value(node, sh.value)
        component = str(report.value(node, sh.sourceConstraintComponent)).removeprefix(SH)
        found.add((str(focus), _text(value), component.removesuffix("ConstraintComponent")))
    return found


def ours(shapes: Shapes, store: Store) -> set[Found]:
    """What our way of calling it says, node by node, of the neighbourhood of each."""
    found = set()
    for node in members(store, shapes.targets[SHAPE]):
        focus = {SHAPE: [node]}
        for result in check_core(neighbourhood(store, focus, shapes), focus, shapes):
            found.add((result.focus, str(result.value) if result.value is not None else "", result.component))
    return found


def _text(value: rdflib.term.Node | None) -> str:
    if value is None or isinstance(value, rdflib.BNode):
        return "" if value is None else str(value)
    return str(from_rdflib(value))  # type: ignore[arg-type]


@pytest.mark.parametrize("name", SHAPES)
def test_nothing_is_lost_or_added(name: str) -> None:
    shapes = Shapes(parse(PREFIXES + SHAPES[name], RdfFormat.TURTLE), parse(PREFIXES + TREE, RdfFormat.TURTLE))
    store = Store()
    store.load(PREFIXES + VALUES, format=RdfFormat.TURTLE)
    assert ours(shapes, store) == plain(shapes, store)


def test_every_core_component_has_a_case() -> None:
    written = " ".join(SHAPES.values())
    components = (
        "class datatype nodeKind minCount maxCount minExclusive minInclusive maxExclusive maxInclusive minLength "
        "maxLength pattern languageIn uniqueLang equals disjoint lessThan lessThanOrEquals not and or xone node "
        "property qualifiedValueShape qualifiedMinCount qualifiedMaxCount closed ignoredProperties hasValue in"
    )
    assert [name for name in components.split() if f"sh:{name} " not in written] == []
