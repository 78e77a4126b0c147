"""The sets in which records are given out: by type, and by the rights, countries, methods and languages they name.

A set has a name of two words, "country:gtm"; every set lies in the one that its first word names.
"""

from __future__ import annotations

from collections.abc import Iterable

from pyoxigraph import NamedNode, Triple

from escrgraph.vocabulary.iris import Base
from escrgraph.vocabulary.languages import AUTHORITY, authority_tag
from escrgraph.vocabulary.namespaces import expand

NAMED = ("right", "country", "method")
"""The types of record that make sets of those that name them."""

TYPE, LANGUAGE, OPPORTUNITY = "type", "language", "opportunity"
FAMILIES = (TYPE, *NAMED, LANGUAGE)

_A, _OPPORTUNITY = NamedNode(expand("rdf:type")), NamedNode(expand("escr:Opportunity"))
_LANGUAGE = NamedNode(expand("dcterms:language"))


def sets_of(record: str, triples: Iterable[Triple], base: Base) -> set[str]:
    """The sets of a record by what is said of it: "type:resource", "right:food", "language:es" and those above them."""
    found = {f"{TYPE}:{record.partition('/')[0]}"}
    for triple in triples:
        value = triple.object
        if not isinstance(value, NamedNode):
            continue
        if triple.predicate == _LANGUAGE and value.value.startswith(AUTHORITY):
            found |= {f"{LANGUAGE}:{tag}" for tag in [authority_tag(value.value)] if tag}
        elif triple.predicate == _A and value == _OPPORTUNITY:
            found.add(OPPORTUNITY)
        elif (named := base.record_of(value.value)) and named != record and named.partition("/")[0] in NAMED:
            found.add(named.replace("/", ":"))
    return found | {name.partition(":")[0] for name in found}


def record_of_set(name: str) -> str | None:
    """The record that a set is named after ("country:gtm" -> "country/gtm"); None for other sets."""
    family, _, word = name.partition(":")
    return f"{family}/{word}" if family in NAMED and word else None


def language_of_set(name: str) -> str | None:
    """The language tag of a set of records in one language; None for other sets."""
    family, _, word = name.partition(":")
    return word if family == LANGUAGE and word else None
