"""Organizations: those with a row of their own, and those known only by their name on a publication."""

from __future__ import annotations

from pyoxigraph import NamedNode

from tools.library.countries import country
from tools.library.people import is_person
from tools.library.slugs import slugify
from tools.library.tables import Library, Organization, Publication
from tools.library.terms import Statements, concept, date, name, page, plain, record, text

# The roles whose meaning names the body they are held in; of the others the tables do not say where.
_HELD_IN = {
    "working-group-member": "escr-net-mwg",
    "coordinator": "escr-net-mwg",
    "co-founder": "escr-net-mwg",
    "secretariat": "escr-net",
}
_DATED_ROLE = "working-group-member"


class Names:
    """Which organization a name on a publication means."""

    def __init__(self, library: Library) -> None:
        self._slugs = {row.acronym: row.slug for row in library.organizations if row.acronym}
        self._slugs.update({row.name: row.slug for row in library.organizations})
        self._slugs.update(library.aliases)
        self._journals = {row.name for row in library.journals}

    def __contains__(self, printed: str) -> bool:
        return printed in self._slugs

    def slug(self, printed: str) -> str:
        """Give the slug: from the alias, else from the exact name or acronym, else made from the name."""
        return self._slugs.get(printed) or slugify(printed)

    def address(self, printed: str) -> NamedNode:
        """Give the address of the organization that a printed name means."""
        return record("organization", self.slug(printed))

    def on(self, publication: Publication) -> list[str]:
        """List the names of organizations on a publication, as printed."""
        creators = [creator for creator in publication.creators if not is_person(creator)]
        return creators + [publisher for publisher in publication.publishers if publisher not in self._journals]


def build(library: Library) -> Statements:
    """Describe every organization, with the roles it holds."""
    graph = Statements()
    names = Names(library)
    for row in library.organizations:
        _describe(graph, row, library.name_languages.get(row.name, "en"))
        _memberships(graph, row)
    for printed, slug in library.aliases.items():
        _other_name(graph, library, printed, slug)
    for publication in library.publications:
        for printed in names.on(publication):
            if printed not in names:
                _name_only(graph, printed, library.name_languages.get(printed, "en"), publication.source_url)
    return graph


def _describe(graph: Statements, row: Organization, language: str) -> None:
    organization = record("organization", row.slug)
    graph.say(organization, "rdf:type", name("org:Organization"))
    graph.say(organization, "skos:prefLabel", text(row.name, language))
    graph.say(organization, "escr:acronym", plain(row.acronym))
    graph.say(organization, "org:classification", concept("organization-type", row.type))
    graph.say(organization, "escr:country", country(row.country) if row.country else None)
    graph.say(organization, "foaf:homepage", page(row.url))
    graph.say(organization, "dcterms:description", text(row.summary))
    graph.say(organization, "dcterms:source", page(row.source_url))


def _memberships(graph: Statements, row: Organization) -> None:
    organization = record("organization", row.slug)
    for role in row.roles:
        membership = record("organization", row.slug, "membership", role)
        held_in = _HELD_IN.get(role)
        graph.say(organization, "org:hasMembership", membership)
        graph.say(membership, "rdf:type", name("org:Membership"))
        graph.say(membership, "org:member", organization)
        graph.say(membership, "org:role", concept("organization-role", role))
        graph.say(membership, "org:organization", record("organization", held_in) if held_in else None)
        if role == _DATED_ROLE:
            graph.say(membership, "escr:since", date(row.member_since))


def _other_name(graph: Statements, library: Library, printed: str, slug: str) -> None:
    row = next(row for row in library.organizations if row.slug == slug)
    # Hidden, not alternative: many are names of a unit or former names, which are not names of the body itself.
    if printed not in (row.name, row.acronym):
        graph.say(
            record("organization", slug), "skos:hiddenLabel", text(printed, library.name_languages.get(printed, "en"))
        )


def _name_only(graph: Statements, printed: str, language: str, source: str) -> None:
    organization = record("organization", slugify(printed))
    graph.say(organization, "rdf:type", name("org:Organization"))
    graph.say(organization, "skos:prefLabel", text(printed, language))
    graph.say(organization, "escr:recordStatus", concept("record-status", "name-only"))
    graph.say(organization, "dcterms:source", page(source))
