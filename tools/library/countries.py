"""Countries and regions under their United Nations names; status under the Covenant and its Optional Protocol."""

from __future__ import annotations

from pyoxigraph import NamedNode

from escrgraph.vocabulary.languages import LANGUAGES
from tools.library.slugs import bare, slugify
from tools.library.tables import Area, IsoCountry, Library, Party, Region
from tools.library.terms import Statements, concept, date, name, page, plain, record, text

# The status column adds in words what an empty date says already.
_PARTY_WITHOUT_DATE = "party (date not seen)"


def country(alpha3: str) -> NamedNode:
    """Give the address of a country by its ISO 3166-1 code of three letters."""
    return record("country", alpha3.lower())


def region(english_name: str) -> NamedNode:
    """Give the address of a region by its English name in UN M49."""
    return record("region", slugify(english_name))


def build(library: Library) -> Statements:
    """Describe every country, area and region, and each country's status under the treaties."""
    graph = Statements()
    iso = {row.alpha3: row for row in library.iso_countries}
    regions = {row.m49: row for row in library.regions}
    for area in library.areas:
        _country(graph, area, iso[area.alpha3], regions)
    for row in library.regions:
        _region(graph, row, regions)
    for party in library.parties:
        _treaties(graph, party)
    return graph


def _country(graph: Statements, area: Area, iso: IsoCountry, regions: dict[str, Region]) -> None:
    place = country(area.alpha3)
    names = (area.un_short_name_en, area.un_short_name_es, area.un_short_name_fr, area.un_short_name_ar)
    within = area.intermediate or area.subregion or area.region
    graph.say(place, "rdf:type", name("escr:Country"))
    graph.labels(place, "skos:prefLabel", names)
    others = zip(
        (*LANGUAGES, "en"), (iso.name_en, iso.name_es, iso.name_fr, iso.name_ar, iso.common_name_en), strict=True
    )
    taken = {(language, bare(label)) for language, label in zip(LANGUAGES, names, strict=True)}
    graph.say(
        place,
        "skos:altLabel",
        *(text(label, language) for language, label in others if (language, bare(label)) not in taken),
    )
    graph.say(place, "escr:iso2", plain(iso.alpha2))
    graph.say(place, "escr:iso3", plain(iso.alpha3))
    graph.say(place, "escr:m49", plain(area.m49))
    graph.say(place, "skos:broader", region(regions[within].name_en) if within else None)
    graph.say(place, "skos:inScheme", record("scheme", "country"))
    graph.say(place, "dcterms:source", page(area.source), page(iso.source))


def _region(graph: Statements, row: Region, regions: dict[str, Region]) -> None:
    place = region(row.name_en)
    graph.say(place, "rdf:type", name("escr:Region"))
    graph.labels(place, "skos:prefLabel", (row.name_en, row.name_es, row.name_fr, row.name_ar))
    graph.say(place, "escr:editorial", name("skos:prefLabel"))
    graph.say(place, "escr:m49", plain(row.m49))
    graph.say(place, "skos:inScheme", record("scheme", "region"))
    graph.say(place, "dcterms:source", page(row.source))
    if row.broader:
        graph.say(place, "skos:broader", region(regions[row.broader].name_en))
    else:
        graph.say(place, "skos:topConceptOf", record("scheme", "region"))


def _treaties(graph: Statements, party: Party) -> None:
    status = "party" if party.status == _PARTY_WITHOUT_DATE else party.status
    _status(graph, party.alpha3, "icescr", status, party.ratified_or_acceded, party.as_of, party.source_url)
    if party.op_icescr:
        # How a state came to the Protocol (ratified, acceded) is not in the table: only that it did, and when.
        _status(
            graph,
            party.alpha3,
            "op-icescr",
            "party",
            party.op_icescr,
            party.op_as_of,
            party.op_source_url or party.source_url,
        )


def _status(graph: Statements, alpha3: str, treaty: str, status: str, since: str, as_of: str, source: str) -> None:
    node = record("country", alpha3.lower(), "covenant", treaty)
    graph.say(country(alpha3), "escr:partyTo", node)
    graph.say(node, "rdf:type", name("escr:TreatyStatus"))
    graph.say(node, "escr:treaty", record("resource", treaty))
    graph.say(node, "escr:treatyStatus", concept("covenant-status", status))
    graph.say(node, "dcterms:date", date(since))
    graph.say(node, "escr:asOf", date(as_of))
    graph.say(node, "dcterms:source", page(source))
