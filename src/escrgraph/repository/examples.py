"""The questions as examples that editors elsewhere find by asking the endpoint (SHACL, sections 5.2.1 and 8.1).

Such editors ask for `sh:SPARQLExecutable` with an `rdfs:comment`, and for `sh:prefix` with `sh:namespace`, and complete
from what they get. They take each comment for an example, so there is one, in English; titles come in all languages.
"""

from __future__ import annotations

from collections.abc import Iterator

from pyoxigraph import Literal, NamedNode, Triple

from escrgraph.repository import lexer
from escrgraph.repository.questions import Question, read_questions
from escrgraph.repository.written_out import written_out
from escrgraph.vocabulary import shipped
from escrgraph.vocabulary.iris import Base
from escrgraph.vocabulary.namespaces import PREFIXES, expand

GRAPH = "queries"
"""The name of the graph that they are in."""

_A, _URI = NamedNode(expand("rdf:type")), NamedNode(expand("xsd:anyURI"))
_FORMS = {"SELECT": "Select", "ASK": "Ask", "CONSTRUCT": "Construct"}


def example_triples(base: Base) -> Iterator[Triple]:
    """The questions of `queries/` with their defaults written in, and the prefixes. base: of the repository."""
    gallery = NamedNode(f"{base.iri}queries")
    for prefix, namespace in PREFIXES.items():
        declared = NamedNode(f"{gallery.value}#prefix-{prefix}")
        yield Triple(gallery, NamedNode(expand("sh:declare")), declared)
        yield Triple(declared, NamedNode(expand("sh:prefix")), Literal(prefix))
        yield Triple(declared, NamedNode(expand("sh:namespace")), Literal(namespace, datatype=_URI))
    for question in read_questions(shipped.path("queries"), base).values():
        yield from _example(question, gallery, NamedNode(f"{base.iri}sparql"))


def _example(question: Question, gallery: NamedNode, endpoint: NamedNode) -> Iterator[Triple]:
    node = NamedNode(f"{gallery.value}/{question.name}")
    text = written_out(question.text, question.bind())
    form = next(token.upper() for kind, token in lexer.tokens(text) if kind == "word" and token.upper() in _FORMS)
    yield Triple(node, _A, NamedNode(expand("sh:SPARQLExecutable")))
    yield Triple(node, _A, NamedNode(expand(f"sh:SPARQL{_FORMS[form]}Executable")))
    yield Triple(node, NamedNode(expand(f"sh:{form.lower()}")), Literal(text))
    yield Triple(node, NamedNode(expand("sh:prefixes")), gallery)
    for language, title in question.titles.items():
        yield Triple(node, NamedNode(expand("dcterms:title")), Literal(title, language=language))
    comment = f"{question.title().rstrip('.')}. {question.description()}".strip()
    yield Triple(node, NamedNode(expand("rdfs:comment")), Literal(comment, language="en"))
    yield Triple(node, NamedNode(expand("schema:target")), endpoint)
