"""Persons: authors and moderators, with their name and public role and nothing else."""

from __future__ import annotations

import re

from pyoxigraph import NamedNode

from tools.library.slugs import slugify
from tools.library.tables import Library
from tools.library.terms import Statements, name, page, plain, record, text

# Words that only names of organizations have, among names of the form "Family, Given".
_NO_PERSON = re.compile(r"\b(?:for|on|and|of|Rights|Program)\b")


def is_person(creator: str) -> bool:
    """Say whether a creator is a person: "Family, Given", at most five words, none of which only organizations use."""
    return creator.count(",") == 1 and len(creator.split()) <= 5 and not _NO_PERSON.search(creator)


def natural_name(creator: str) -> str:
    """Turn "Family, Given" round."""
    family, given = _parts(creator)
    return f"{given} {family}"


def address(full_name: str) -> NamedNode:
    """Give the address of a person; the same name is taken to be the same person."""
    return record("person", slugify(full_name))


def build(library: Library) -> Statements:
    """Describe everybody who is named as an author or as a moderator."""
    graph = Statements()
    for publication in library.publications:
        for creator in filter(is_person, publication.creators):
            family, given = _parts(creator)
            person = address(natural_name(creator))
            _describe(
                graph, person, natural_name(creator), "Author of publications in this library", publication.source_url
            )
            graph.say(person, "foaf:familyName", plain(family))
            graph.say(person, "foaf:givenName", plain(given))
    for discussion in library.discussions:
        for moderator in discussion.moderators:
            _describe(
                graph, address(moderator), moderator, "Moderator of discussions on monitoring", discussion.source_url
            )
    return graph


def _describe(graph: Statements, person: NamedNode, full_name: str, role: str, source: str) -> None:
    graph.say(person, "rdf:type", name("foaf:Person"))
    graph.say(person, "foaf:name", plain(full_name))
    graph.say(person, "escr:publicRole", text(role))
    graph.say(person, "dcterms:source", page(source))


def _parts(creator: str) -> tuple[str, str]:
    family, given = creator.split(",", 1)
    return family.strip(), given.strip()
