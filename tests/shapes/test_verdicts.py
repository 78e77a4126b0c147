"""Every demand, met and broken: which record is refused, warned about or left in peace, and over which field."""

from __future__ import annotations

import pytest
from rdflib import URIRef
from rdflib.namespace import SH
from tests.shapes.cases import CASES, Case
from tests.shapes.files import (
    BASE,
    PREFIXES,
    SHAPE,
    Result,
    broken_by,
    check,
    core,
    node_shapes,
    property_shapes,
    rules,
    shapes,
    short,
)
from tests.shapes.records import RECORDS, record
from tests.shapes.world import WORLD

# One graph for all: each case has a record of its own, and results are told apart by its address.
_PLAIN = [Case(kind, {}, set()) for kind in RECORDS]
_ALL = [(f"case-{number}", case) for number, case in enumerate([*_PLAIN, *CASES])]
_TOGETHER = WORLD + "".join(record(c.kind, s, c.changes)[1] + c.extra.replace("SLUG", s) + "\n" for s, c in _ALL)


@pytest.fixture(scope="module")
def report() -> set[Result]:
    """What pySHACL says of all cases at once."""
    return check(_TOGETHER, shapes())


@pytest.mark.parametrize(("slug", "case"), _ALL, ids=[f"{c.kind}-{s}" for s, c in _ALL])
def test_a_record_gets_the_verdict_it_deserves(slug: str, case: Case, report: set[Result]) -> None:
    address, _ = record(case.kind, slug, case.changes)
    found = [result for result in report if result.focus == address]
    assert {f"{result.severity} {result.shape}" for result in found} == case.expected
    assert all(result.path == short(shapes().value(SHAPE[result.shape], SH.path)) for result in found)


def test_a_world_as_it_should_be_gets_no_result_at_all(report: set[Result]) -> None:
    assert {result for result in report if "/case-" not in result.focus} == set()


def test_the_good_world_fills_every_field() -> None:
    used = {short(shapes().value(shape, SH.path)) for shape in property_shapes() if not _forbidden(shape)}
    assert {name for name in used if name not in WORLD} == set()


def test_every_kind_and_every_advice_and_every_rule_has_a_case_that_breaks_it(report: set[Result]) -> None:
    hit = {result.shape for result in report}
    advice = {
        short(s) for s in property_shapes() if shapes().value(s, SHAPE.refines) or shapes().value(s, SH.targetClass)
    }
    assert advice - hit == set()
    assert {short(k) for k in node_shapes() if not hit & {short(p) for p in shapes().objects(k, SH.property)}} == set()
    assert set(rules()) - {result.rule for result in report} == set()


@pytest.mark.parametrize("rule", rules())
def test_a_rule_means_the_same_in_both_engines(rule: str, report: set[Result]) -> None:
    assert broken_by(rule, _TOGETHER) == {result.focus for result in report if result.rule == rule}


def test_a_value_of_the_wrong_sort_is_refused_in_every_field() -> None:
    fields = [(k, p) for k in node_shapes() for p in shapes().objects(k, SH.property) if isinstance(p, URIRef)]
    body = "".join(_wrong(kind, field) for kind, field in fields)
    found = {(r.severity, r.shape, r.path) for r in check(body, core()) if r.path}
    assert {("Violation", short(f), short(shapes().value(f, SH.path))) for _, f in fields} - found == set()


def test_an_address_of_another_form_is_refused() -> None:
    kinds = [(short(kind), short(shapes().value(kind, SH.targetClass))) for kind in node_shapes()]
    wrong = {(name, f"{start}{name}") for name, _ in kinds for start in ("id/resource/Bad_", "id/Bad/", "elsewhere/")}
    target = dict(kinds)
    found = check("".join(f"<{address}> a {target[name]} .\n" for name, address in wrong), core())
    assert wrong == {(r.shape, r.focus) for r in found if r.severity == "Violation" and not r.path}


def test_advice_is_never_part_of_what_a_record_must_be() -> None:
    for shape in property_shapes():
        severe = shapes().value(shape, SH.severity) is None
        owned = (None, SH.property, shape) in shapes()
        assert severe == owned, f"{short(shape)} is a demand of a kind, or advice with a target of its own, never both"


def _forbidden(shape: URIRef) -> bool:
    return str(shapes().value(shape, SH.maxCount)) == "0"


def _wrong(kind: URIRef, field: URIRef) -> str:
    """A node of the kind with one value that cannot be right: a text for a thing, a thing for a text."""
    target, path = short(shapes().value(kind, SH.targetClass)), short(shapes().value(field, SH.path))
    thing = (field, SH.nodeKind, SH.IRI) in shapes()
    value = '"wrong"@en' if thing else f"<{BASE}wrong>"
    assert path.partition(":")[0] in PREFIXES
    return f"<id/x/{short(field)}> a {target} ; {path} {value} .\n"
