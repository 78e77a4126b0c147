"""Persons: authors and moderators, with their name and public role and nothing else."""

from __future__ import annotations

import re

from pyoxigraph import NamedNode

from tools.library.slugs import slugify
from tools.library.tables import Library
from tools.library.terms import Statements, name, page, plain, record, text

# Words that only names of organizations have, among names of the form "Family, Given".
_NO_PERSON = re.compile(r"\b(?:for|on|and|of|Rights|Program)\b")

_AUTHOR = "author of publications in this library"
_MODERATOR = "moderator of discussions on monitoring"


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
    authors = {address(natural_name(creator)) for creator in _creators(library)}
    moderators = {address(moderator) for discussion in library.discussions for moderator in discussion.moderators}
    for person in authors | moderators:
        roles = [role for role, people in ((_AUTHOR, authors), (_MODERATOR, moderators)) if person in people]
        role = " and ".join(roles)
        graph.say(person, "rdf:type", name("foaf:Person"))
        graph.say(person, "escr:publicRole", text(role[0].upper() + role[1:]))
    _names(graph, library)
    return graph


def _creators(library: Library) -> list[str]:
    return [creator for row in library.publications for creator in row.creators if is_person(creator)]


def _names(graph: Statements, library: Library) -> None:
    for publication in library.publications:
        for creator in filter(is_person, publication.creators):
            family, given = _parts(creator)
            person = address(natural_name(creator))
            graph.say(person, "foaf:name", plain(natural_name(creator)))
            graph.say(person, "foaf:familyName", plain(family))
            graph.say(person, "foaf:givenName", plain(given))
            graph.say(person, "dcterms:source", page(publication.source_url))
    for discussion in library.discussions:
        for moderator in discussion.moderators:
            graph.say(address(moderator), "foaf:name", plain(moderator))
            graph.say(address(moderator), "dcterms:source", page(discussion.source_url))


def _parts(creator: str) -> tuple[str, str]:
    family, given = creator.split(",", 1)
    return family.strip(), given.strip()
