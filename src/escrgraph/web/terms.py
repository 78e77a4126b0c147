"""What terms of the vocabulary, ours and reused ones, are called: the labels in `ontology/`, read once."""

from __future__ import annotations

from functools import cache

from pyoxigraph import Literal, NamedNode

from escrgraph.vocabulary import shipped
from escrgraph.vocabulary.facts import Facts, read_turtle, term
from escrgraph.vocabulary.labels import Label, name_of
from escrgraph.vocabulary.namespaces import compact

_LABEL = term("rdfs:label")


@cache
def ontology() -> Facts:
    """The ontology as it ships."""
    return Facts(read_turtle(shipped.ontology_files()))


@cache
def shapes() -> Facts:
    """The shapes as they ship."""
    return Facts(read_turtle(shipped.shape_files()))


def term_labels(iri: str) -> tuple[Literal, ...]:
    """The names of a class or property in every language; none for a term that nobody described."""
    return ontology().literals(NamedNode(iri), _LABEL)


def term_label(iri: str, language: str) -> Label:
    """The name of a class or property in the reader's language, its prefixed name when it has none."""
    return name_of(term_labels(iri), language) or Label(compact(iri), None, fallback=True)
