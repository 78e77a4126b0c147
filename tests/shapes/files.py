"""The shapes under test, and what a check of some Turtle against them says."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pyshacl
from pyoxigraph import NamedNode, QuerySolutions, RdfFormat, Store
from rdflib import RDF, Graph, Namespace, URIRef
from rdflib.namespace import SH
from rdflib.term import Node

ROOT = Path(__file__).resolve().parents[2]
SHAPE = Namespace("https://w3id.org/escrgraph/shapes/")
DASH = Namespace("http://datashapes.org/dash#")
LANGUAGES = ("en", "es", "fr", "ar")
BASE = "https://rights.example.org/repo/"  # not the shipped one: shapes hold whatever the base
PREFIXES = {
    "bibo": "http://purl.org/ontology/bibo/",
    "cito": "http://purl.org/spar/cito/",
    "dcterms": "http://purl.org/dc/terms/",
    "edtf": "http://id.loc.gov/datatypes/edtf/",
    "escr": "https://w3id.org/escrgraph/def/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "org": "http://www.w3.org/ns/org#",
    "prov": "http://www.w3.org/ns/prov#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "sioc": "http://rdfs.org/sioc/ns#",
    "schema": "https://schema.org/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "dcat": "http://www.w3.org/ns/dcat#",
    "void": "http://rdfs.org/ns/void#",
}
HEAD = f"@base <{BASE}> .\n" + "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in PREFIXES.items())
_CODE = re.compile(r"<id/scheme/([a-z-]+)/([a-z0-9-]+)>")


class Result(NamedTuple):
    """One line of a validation report, in short names; rule is empty unless a rule made it."""

    severity: str
    shape: str
    path: str
    focus: str
    rule: str


@cache
def shapes() -> Graph:
    """All shape files as one graph; callers must not change it."""
    merged = Graph()
    for path in sorted((ROOT / "shapes").glob("*.ttl")):
        merged.parse(path, format="turtle")
    return merged


@cache
def core() -> Graph:
    """The shapes without their rules, which pySHACL parses anew for every node."""
    graph = Graph()
    graph += shapes()
    graph.remove((None, SH.sparql, None))
    return graph


def node_shapes() -> list[URIRef]:
    """The shapes of kinds."""
    kinds = set(shapes().subjects(SH.targetClass)) & set(shapes().subjects(RDF.type, SH.NodeShape))
    return sorted(kind for kind in kinds if isinstance(kind, URIRef))


def property_shapes() -> list[URIRef]:
    """The shapes of fields and of advice on them."""
    return sorted(s for s in shapes().subjects(RDF.type, SH.PropertyShape) if isinstance(s, URIRef))


def short(iri: Node | str | None) -> str:
    """An IRI as people write it: with a prefix, or below the base."""
    text = str(iri)
    for name, namespace in PREFIXES.items():
        if text.startswith(namespace):
            return f"{name}:{text.removeprefix(namespace)}"
    return text.removeprefix(BASE).removeprefix(str(SHAPE))


def turtle(body: str) -> str:
    """The body with its prefixes, and with an entry for every code that it mentions and a list for every entry."""
    codes = sorted(set(_CODE.findall(body)))
    lists = sorted({scheme for scheme, _ in codes if f"<id/scheme/{scheme}> a " not in body})
    entries = [
        f'<id/scheme/{scheme}/{code}> a skos:Concept ; skos:prefLabel "Entry"@en ; skos:inScheme <id/scheme/{scheme}> .'
        for scheme, code in codes
        if f"<id/scheme/{scheme}/{code}> a " not in body
    ]
    entries += [f'<id/scheme/{scheme}> a skos:ConceptScheme ; skos:prefLabel "{scheme}"@en .' for scheme in lists]
    return HEAD + body + "\n".join(entries)


def check(body: str, demands: Graph) -> set[Result]:
    """Validate Turtle with pySHACL."""
    _, report, _ = pyshacl.validate(Graph().parse(data=turtle(body), format="turtle"), shacl_graph=demands)
    assert isinstance(report, Graph)
    return {
        Result(
            str(report.value(result, SH.resultSeverity)).removeprefix(str(SH)),
            short(report.value(result, SH.sourceShape)),
            short(report.value(result, SH.resultPath) or ""),
            short(report.value(result, SH.focusNode)),
            short(report.value(result, SH.sourceConstraint) or ""),
        )
        for result in report.subjects(RDF.type, SH.ValidationResult)
    }


def prefixes_of_rules() -> str:
    """What sh:prefixes stands for in every rule."""
    declarations = shapes().objects(URIRef(SHAPE), SH.declare)
    pairs = sorted((str(shapes().value(d, SH.prefix)), str(shapes().value(d, SH.namespace))) for d in declarations)
    return "".join(f"PREFIX {name}: <{iri}>\n" for name, iri in pairs)


def rules() -> list[str]:
    """The names of all rules."""
    return sorted(short(rule) for rule in shapes().subjects(RDF.type, SH.SPARQLConstraint))


def broken_by(rule: str, body: str) -> set[str]:
    """Run a rule on Oxigraph over Turtle as a whole; give the nodes that it is meant for and that break it."""
    store = Store()
    store.load(turtle(body).encode(), format=RdfFormat.TURTLE)
    found = store.query(prefixes_of_rules() + str(shapes().value(SHAPE[rule], SH.select)))
    assert isinstance(found, QuerySolutions)
    meant = {node.value for kind in _targets(rule) for node in _instances(store, kind)}
    return {short(iri) for iri in {str(row["this"]).strip("<>") for row in found} & meant}


def _targets(rule: str) -> set[str]:
    """The classes for which the shapes that use a rule are made."""
    users = set(shapes().subjects(SH.sparql, SHAPE[rule]))
    users |= {kind for user in users for kind in shapes().subjects(SH.property, user)}
    return {str(target) for user in users for target in shapes().objects(user, SH.targetClass)}


def _instances(store: Store, kind: str) -> list[NamedNode]:
    typed = store.quads_for_pattern(None, NamedNode(str(RDF.type)), NamedNode(kind))
    return [quad.subject for quad in typed if isinstance(quad.subject, NamedNode)]
