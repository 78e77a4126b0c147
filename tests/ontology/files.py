"""The files under test: the vocabulary, the data and what else speaks of its terms."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from rdflib import RDF, Graph, Namespace, URIRef
from rdflib.term import Node

ROOT = Path(__file__).resolve().parents[2]
ONTOLOGY = ROOT / "ontology"
ESCR = Namespace("https://w3id.org/escrgraph/def/")
SCHEME = "https://w3id.org/escrgraph/id/scheme/"
LANGUAGES = ("en", "es", "fr", "ar")


@cache
def graph(*paths: Path) -> Graph:
    """Read Turtle files into one graph; callers must not change it."""
    merged = Graph()
    for path in paths:
        merged.parse(path, format="turtle")
    return merged


def turtle_files(directory: str) -> list[Path]:
    """List the Turtle files of a directory of the project, in order."""
    return sorted((ROOT / directory).glob("*.ttl"))


def vocabulary() -> Graph:
    """Read the definitions of the escrgraph terms, without the labels of reused ones."""
    return graph(*(path for path in turtle_files("ontology") if path.name != "reused.ttl"))


def reused() -> Graph:
    """Read the labels of terms from other vocabularies."""
    return graph(ONTOLOGY / "reused.ttl")


def defined_terms() -> set[Node]:
    """List the escrgraph terms that the vocabulary types as a class or a property."""
    return {term for term in vocabulary().subjects(RDF.type) if str(term) != str(ESCR)}


def terms_in(source: Graph) -> Iterator[URIRef]:
    """List every IRI in a graph: subjects, predicates, objects and datatypes."""
    for triple in source:
        for node in triple:
            if isinstance(node, URIRef):
                yield node
            elif (datatype := getattr(node, "datatype", None)) is not None:
                yield datatype
