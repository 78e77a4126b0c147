"""The inference rules, run on small findings: what is inferred, and what is not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pyoxigraph import DefaultGraph, NamedNode, Quad, QueryTriples, RdfFormat, Store
from tests.ontology.files import ESCR, ONTOLOGY

RULES = sorted((ONTOLOGY / "rules").glob("*.rq"))
HEAD = re.compile(r"\A# title: \S.*\n# description: \S.*\n")
BASES = ("https://w3id.org/escrgraph/", "https://rights.example.org/repo/")
PREFIXES = """
PREFIX : <{base}id/finding/case>
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX edtf: <http://id.loc.gov/datatypes/edtf/>
PREFIX escr: <https://w3id.org/escrgraph/def/>
PREFIX foaf: <http://xmlns.com/foaf/0.1/>
BASE <{base}>
"""
COMPLETE = """
<id/finding/case> a escr:Finding ; escr:standing <id/scheme/standing/adjudicated> ;
  escr:establishes <id/finding/case/deprivation> ; escr:evidence <id/finding/case/evidence/1> ;
  escr:followedBy <id/finding/case/consequence/1> .
<id/finding/case/deprivation> a escr:Deprivation ; escr:period "2011"^^edtf:EDTF ;
  escr:measuredBy <id/finding/case/observation/1> ; escr:attributedTo <id/finding/case/failure> .
<id/finding/case/observation/1> escr:value 12.5 .
<id/finding/case/failure> escr:committedBy <id/organization/gov-ken> , <id/organization/garissa-council> .
<id/finding/case/evidence/1> foaf:page <https://example.org/judgment> .
"""


def infer(turtle: str, base: str = BASES[0]) -> set[tuple[str, str]]:
    """Run every rule on a record as the default graph; give what follows as (term, address below the base)."""
    store = Store()
    store.load((PREFIXES.format(base=base) + turtle).encode(), format=RdfFormat.TURTLE)
    found = set()
    for rule in RULES:
        answer = store.query(rule.read_text("utf-8"))
        assert isinstance(answer, QueryTriples)
        for subject, predicate, value in ((t.subject, t.predicate, t.object) for t in answer):
            assert isinstance(subject, NamedNode)
            assert isinstance(value, NamedNode)
            assert subject.value == f"{base}id/finding/case"
            found.add((predicate.value.removeprefix(str(ESCR)), value.value.removeprefix(f"{base}id/")))
    return found


def gaps(turtle: str) -> set[str]:
    return {value.removeprefix("scheme/chain-gap/") for name, value in infer(turtle) if name == "chainGap"}


@pytest.mark.parametrize("base", BASES)
def test_a_complete_chain_gives_its_institutions_and_no_gap(base: str) -> None:
    assert infer(COMPLETE, base) == {
        ("responsibleInstitution", "organization/gov-ken"),
        ("responsibleInstitution", "organization/garissa-council"),
    }


@pytest.mark.parametrize("base", BASES)
def test_a_chain_of_names_only_has_every_gap_whatever_the_base(base: str) -> None:
    bare = """
    <id/finding/case> a escr:Finding ; escr:standing <id/scheme/standing/settled> ;
      escr:establishes <id/finding/case/deprivation> ; escr:evidence <id/finding/case/evidence/1> .
    <id/finding/case/deprivation> escr:attributedTo <id/finding/case/failure> ;
      escr:measuredBy <id/finding/case/observation/1> .
    <id/finding/case/failure> escr:committedBy <id/organization/gov-ken> .
    """
    codes = ("no-value", "no-period", "no-evidence-link", "no-consequence", "whole-government")
    expected = {("chainGap", f"scheme/chain-gap/{code}") for code in codes}
    assert infer(bare, base) == expected | {("responsibleInstitution", "organization/gov-ken")}


@pytest.mark.parametrize(
    ("removed", "put", "gap"),
    [
        ("escr:value 12.5", "escr:indicator <id/indicator/deaths>", {"no-value"}),
        ('escr:period "2011"^^edtf:EDTF ;', "", {"no-period"}),
        ("foaf:page <https://example.org/judgment>", 'dcterms:title "Judgment"', {"no-evidence-link"}),
        ("foaf:page <https://example.org/judgment>", "dcterms:relation <id/resource/judgment>", set()),
        ("escr:followedBy <id/finding/case/consequence/1>", "", {"no-consequence"}),
        (" , <id/organization/garissa-council>", "", {"whole-government"}),
        ("gov-ken> , <id/organization/garissa-council", "gov-of-the-city", set()),
    ],
)
def test_each_gap_is_seen_alone(removed: str, put: str, gap: set[str]) -> None:
    assert removed in COMPLETE
    assert gaps(COMPLETE.replace(removed, put)) == gap


@pytest.mark.parametrize("standing", ["reported", "alleged", "dismissed"])
def test_only_a_decided_finding_can_lack_a_consequence(standing: str) -> None:
    undecided = COMPLETE.replace("standing/adjudicated", f"standing/{standing}")
    assert gaps(undecided.replace("escr:followedBy <id/finding/case/consequence/1>", "")) == set()


def test_what_is_no_finding_gets_nothing() -> None:
    assert infer(COMPLETE.replace("a escr:Finding ;", "a escr:Resource ;")) == set()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.stem)
def test_a_rule_says_what_it_is_for(rule: Path) -> None:
    assert HEAD.match(rule.read_text("utf-8"))


def test_every_gap_that_a_rule_infers_is_in_the_code_list() -> None:
    store = Store()
    store.load(path=ONTOLOGY.parent / "data" / "scheme.ttl", format=RdfFormat.TURTLE)
    scheme = "https://w3id.org/escrgraph/id/scheme/chain-gap"
    in_scheme = NamedNode("http://www.w3.org/2004/02/skos/core#inScheme")
    quads: list[Quad] = list(store.quads_for_pattern(None, in_scheme, NamedNode(scheme), DefaultGraph()))
    codes = {
        f"chain-gap-{str(quad.subject.value).removeprefix(scheme + '/')}"
        for quad in quads
        if isinstance(quad.subject, NamedNode)
    }
    assert codes == {rule.stem for rule in RULES if rule.stem.startswith("chain-gap-")}
