"""The one table of prefixes: Turtle output, the endpoint, the JSON-LD context and messages all use it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

HOME = "https://w3id.org/escrgraph/"
ESCR = HOME + "def/"
SHAPE = HOME + "shapes/"

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
OWL = "http://www.w3.org/2002/07/owl#"
XSD = "http://www.w3.org/2001/XMLSchema#"
SH = "http://www.w3.org/ns/shacl#"
DASH = "http://datashapes.org/dash#"
SKOS = "http://www.w3.org/2004/02/skos/core#"
DCTERMS = "http://purl.org/dc/terms/"
EDTF = "http://id.loc.gov/datatypes/edtf/EDTF"

PREFIXES: Mapping[str, str] = MappingProxyType(
    {
        "escr": ESCR,
        "shape": SHAPE,
        "rdf": RDF,
        "rdfs": RDFS,
        "owl": OWL,
        "xsd": XSD,
        "skos": SKOS,
        "dcterms": DCTERMS,
        "foaf": "http://xmlns.com/foaf/0.1/",
        "org": "http://www.w3.org/ns/org#",
        "prov": "http://www.w3.org/ns/prov#",
        "sh": SH,
        "dash": DASH,
        "dcat": "http://www.w3.org/ns/dcat#",
        "void": "http://rdfs.org/ns/void#",
        "time": "http://www.w3.org/2006/time#",
        "qb": "http://purl.org/linked-data/cube#",
        "vann": "http://purl.org/vocab/vann/",
        "bibo": "http://purl.org/ontology/bibo/",
        "fabio": "http://purl.org/spar/fabio/",
        "cito": "http://purl.org/spar/cito/",
        "schema": "https://schema.org/",
        "sioc": "http://rdfs.org/sioc/ns#",
        "eli": "http://data.europa.eu/eli/ontology#",
        "edtf": "http://id.loc.gov/datatypes/edtf/",
    }
)


class UnknownPrefix(ValueError):
    """A prefixed name whose prefix is not in the table."""


def expand(name: str) -> str:
    """The IRI of a prefixed name such as "escr:Finding". Raises UnknownPrefix."""
    prefix, colon, local = name.partition(":")
    if not colon or prefix not in PREFIXES:
        raise UnknownPrefix(f"“{name}” has no known prefix. Known: {', '.join(PREFIXES)}.")
    return PREFIXES[prefix] + local


def compact(iri: str) -> str:
    """The prefixed name of an IRI, or the IRI itself when no prefix fits a plain local name."""
    for prefix, namespace in PREFIXES.items():
        local = iri.removeprefix(namespace)
        if local != iri and local and all(character.isalnum() or character in "-_" for character in local):
            return f"{prefix}:{local}"
    return iri


def local_name(iri: str) -> str:
    """What stands after the last # or / of an IRI."""
    return iri.rstrip("/#").replace("#", "/").rpartition("/")[2]


def prologue() -> str:
    """The table as PREFIX lines of a SPARQL query."""
    return "".join(f"PREFIX {prefix}: <{namespace}>\n" for prefix, namespace in PREFIXES.items())
