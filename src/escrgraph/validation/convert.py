"""The same terms in two libraries: pyoxigraph, which holds data, and rdflib, on which pySHACL runs."""

from __future__ import annotations

from collections.abc import Iterable

import rdflib
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Triple
from rdflib.term import Identifier

from escrgraph.vocabulary.facts import Object
from escrgraph.vocabulary.namespaces import RDF, XSD

_IMPLIED = {XSD + "string", RDF + "langString"}


def to_rdflib(term: Object) -> Identifier:
    """A term for rdflib. A plain text has no datatype there: with xsd:string it would differ from the shapes' texts.

    The lexical form is kept as it is. Raises ValueError for a triple used as a term.
    """
    if isinstance(term, NamedNode):
        return rdflib.URIRef(term.value)
    if isinstance(term, BlankNode):
        return rdflib.BNode(term.value)
    if isinstance(term, Triple):
        raise ValueError("a triple cannot be the subject or the object of a triple here")
    if term.language:
        return rdflib.Literal(term.value, lang=term.language)
    datatype = None if term.datatype.value in _IMPLIED else rdflib.URIRef(term.datatype.value)
    return rdflib.Literal(term.value, datatype=datatype, normalize=False)


def from_rdflib(term: Identifier) -> Object:
    """A term for pyoxigraph."""
    if isinstance(term, rdflib.URIRef):
        return NamedNode(str(term))
    if isinstance(term, rdflib.BNode):
        return BlankNode(str(term))
    if not isinstance(term, rdflib.Literal):
        raise ValueError(f"{term!r} is no term of RDF")
    if term.language:
        return Literal(str(term), language=term.language)
    return Literal(str(term), datatype=NamedNode(str(term.datatype)) if term.datatype else None)


def graph_of(quads: Iterable[Quad]) -> rdflib.Graph:
    """The triples of quads as one rdflib graph."""
    graph = rdflib.Graph(bind_namespaces="none")
    for quad in quads:
        graph.add((to_rdflib(quad.subject), to_rdflib(quad.predicate), to_rdflib(quad.object)))
    return graph
