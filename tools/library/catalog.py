"""The catalogue: what the library consists of, under which licence, and how its links out were made."""

from __future__ import annotations

from pyoxigraph import Literal, NamedNode

from tools.library.links import LinkSet
from tools.library.terms import BASE, Statements, Term, day, name, plain, record, text

VERSION = "1.0.0"
ISSUED = "2026-11-24"
LICENCE = "https://creativecommons.org/licenses/by/4.0/"
SERIES = (
    "Library of economic, social and cultural rights monitoring",
    "Biblioteca sobre el monitoreo de los derechos económicos, sociales y culturales",
    "Bibliothèque sur le suivi des droits économiques, sociaux et culturels",
    "مكتبة رصد الحقوق الاقتصادية والاجتماعية والثقافية",
)
# Name of the graph: titles in the library's languages, and what stands in it.
DATASETS = {
    "resource": (
        ("Resources", "Recursos", "Ressources", "الموارد"),
        "Publications, tools and standards on monitoring, with their authors, subjects, methods and identifiers.",
    ),
    "journal": (("Journals", "Revistas", "Revues", "المجلات"), "Journals in which articles of the library appeared."),
    "method": (
        ("Methods", "Métodos", "Méthodes", "المناهج"),
        "Methods of monitoring, from broad families to single tools.",
    ),
    "right": (
        ("Rights", "Derechos", "Droits", "الحقوق"),
        "Rights, with the articles of the Covenant and general comments on them.",
    ),
    "obligation": (
        ("Obligations", "Obligaciones", "Obligations", "الالتزامات"),
        "The eight duties of states that a policy failure can breach.",
    ),
    "country": (
        ("Countries and regions", "Países y regiones", "Pays et régions", "البلدان والمناطق"),
        "Countries and areas under their United Nations names, regions, and their status under the Covenant.",
    ),
    "organization": (
        ("Organizations", "Organizaciones", "Organisations", "المنظمات"),
        "Organizations that monitor, publish, decide or are held responsible, and the roles they hold.",
    ),
    "person": (
        ("Persons", "Personas", "Personnes", "الأشخاص"),
        "Authors and moderators, with their name and public role only.",
    ),
    "discussion": (
        ("Discussions", "Debates", "Discussions", "النقاشات"),
        "Online discussions, webinars, workshops and meetings on monitoring.",
    ),
    "update": (
        ("Updates", "Novedades", "Actualités", "المستجدات"),
        "News, new resources, comments, events, opportunities and calls for input.",
    ),
    "finding": (
        ("Findings", "Constataciones", "Constats", "النتائج"),
        "Accountability chains: deprivation, cause, institution, obligation, evidence, figure, standing, aftermath.",
    ),
    "indicator": (("Indicators", "Indicadores", "Indicateurs", "المؤشرات"), "Indicators that the findings use."),
    "scheme": (
        ("Code lists", "Listas de códigos", "Listes de codes", "قوائم الرموز"),
        "Code lists and articles of the Covenant.",
    ),
    "links": (
        ("Links out", "Enlaces externos", "Liens externes", "الروابط الخارجية"),
        "Matches with the EU table of countries, Sustainable Development Goals, DOIs and UN document symbols.",
    ),
}


def build(link_sets: list[LinkSet]) -> Statements:
    """Describe the series, the data set of each graph, and each set of links."""
    graph = Statements()
    series = record("dataset", "library")
    _entry(graph, series, "dcat:DatasetSeries")
    graph.labels(series, "dcterms:title", SERIES)
    graph.say(
        series,
        "dcterms:description",
        text("All data sets of the library. Each record names the pages on which its facts were seen."),
    )
    for slug, (titles, description) in DATASETS.items():
        dataset = record("dataset", slug)
        _entry(graph, dataset)
        graph.labels(dataset, "dcterms:title", titles)
        graph.say(dataset, "dcterms:description", text(description))
        graph.say(dataset, "dcterms:identifier", plain(slug))
        graph.say(dataset, "escr:namedGraph", NamedNode(BASE.graph(slug)))
        graph.say(dataset, "dcat:inSeries", series)
    graph.say(record("dataset", "country"), "dcterms:source", NamedNode("https://unstats.un.org/unsd/methodology/m49/"))
    for link_set in link_sets:
        _link_set(graph, link_set)
    return graph


def _entry(graph: Statements, node: NamedNode, kind: str = "dcat:Dataset") -> None:
    """What every entry says. kind: what it is besides a data set, for a series is one and so is a set of links."""
    graph.say(node, "rdf:type", name("dcat:Dataset"))
    graph.say(node, "rdf:type", name(kind))
    graph.say(node, "dcterms:license", NamedNode(LICENCE))
    graph.say(node, "dcterms:issued", day(ISSUED))
    graph.say(node, "dcat:version", plain(VERSION))


def _link_set(graph: Statements, link_set: LinkSet) -> None:
    node = record("dataset", link_set.slug)
    _entry(graph, node, "void:Linkset")
    count: Term = Literal(len(link_set.links))
    graph.say(node, "dcterms:title", text(link_set.title))
    graph.say(node, "dcterms:description", text(link_set.method))
    graph.say(node, "dcterms:isPartOf", record("dataset", "links"))
    graph.say(node, "void:linkPredicate", name(link_set.predicate))
    graph.say(node, "void:subjectsTarget", record("dataset", link_set.subjects))
    graph.say(node, "void:objectsTarget", NamedNode(link_set.objects))
    graph.say(node, "void:triples", count)
