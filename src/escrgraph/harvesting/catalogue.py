"""What the library is and where to get it: DCAT-AP 3.0 for portals, VoID for clients of linked data.

Every node has an address and every list a fixed order, so that a portal that compares visits sees real changes only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from pyoxigraph import Literal, NamedNode, Triple

from escrgraph.harvesting.dublin_core import LICENCE
from escrgraph.harvesting.dumps import Dump, Manifest
from escrgraph.harvesting.event_stream import LDES
from escrgraph.harvesting.freezing import Frozen
from escrgraph.harvesting.statistics import GraphStatistics
from escrgraph.vocabulary.iris import Base
from escrgraph.vocabulary.languages import AUTHORITY
from escrgraph.vocabulary.namespaces import DCTERMS, PREFIXES, expand, local_name

SPDX, VCARD = "http://spdx.org/rdf/terms#", "http://www.w3.org/2006/vcard/ns#"
FORMATS = "http://www.w3.org/ns/formats/"
CATALOGUE_PREFIXES: Mapping[str, str] = {**PREFIXES, "spdx": SPDX, "vcard": VCARD}

_MEDIA = "https://www.iana.org/assignments/media-types/"
_FILE_TYPE = "http://publications.europa.eu/resource/authority/file-type/"
_FILE_TYPES = {
    "text/turtle": "RDF_TURTLE",
    "application/n-triples": "RDF_N_TRIPLES",
    "application/n-quads": "RDF_N_QUADS",
    "application/trig": "RDF_TRIG",
    "application/ld+json": "JSON_LD",
}
_THEME = "http://publications.europa.eu/resource/authority/data-theme/SOCI"
_LANGUAGES = ("ENG", "SPA", "FRA", "ARA")
_FEATURES = ("Turtle", "N-Triples", "RDF_XML", "JSON-LD", "TriG")
_TITLE, _DESCRIPTION = NamedNode(DCTERMS + "title"), NamedNode(DCTERMS + "description")
_GRAPH = NamedNode(expand("escr:namedGraph"))


@dataclass(frozen=True, slots=True)
class Offer:
    """What is described. site: where the service is, with a slash at its end; contact: an e-mail address or nothing.

    datasets: what the records of data sets say, by address. manifest: the dumps and counts there are; frozen: the dumps
    of versions, in the order in which they were published.
    """

    site: str
    base: Base
    contact: str
    datasets: Mapping[str, Sequence[Triple]]
    manifest: Manifest
    frozen: Sequence[Frozen] = ()


@dataclass(frozen=True, slots=True)
class Service:
    """An interface of the service. name: in its address; path: where it is; standard: what it conforms to."""

    name: str
    path: str
    title: str
    standard: str


SERVICES = (
    Service("sparql", "sparql", "SPARQL endpoint", "https://www.w3.org/TR/sparql11-protocol/"),
    Service("oai", "oai", "OAI-PMH interface", "http://www.openarchives.org/OAI/2.0/"),
    Service("ldes", "ldes", "Linked Data Event Stream", LDES),
)


def dcat(offer: Offer) -> list[Triple]:
    """The catalogue: data sets, their distributions, services (DCAT-AP 3.0.1)."""
    base, site = offer.base.iri, offer.site
    catalogue, publisher = f"{base}catalog", f"{base}catalog#publisher"
    found = [
        *_said(
            catalogue, ("rdf:type", expand("dcat:Catalog")), ("foaf:homepage", site), ("dcterms:publisher", publisher)
        ),
        *_said(catalogue, ("dcterms:license", LICENCE), *(("dcterms:language", AUTHORITY + tag) for tag in _LANGUAGES)),
        *_texts(catalogue, offer),
        _moment(catalogue, "dcterms:modified", offer.manifest.changed),
        *_said(publisher, ("rdf:type", expand("foaf:Agent")), ("foaf:homepage", site)),
        Triple(NamedNode(publisher), NamedNode(expand("foaf:name")), Literal("escrgraph", language="en")),
    ]
    for iri in sorted(offer.datasets):
        found += _said(catalogue, ("dcat:dataset", iri))
        found += _dataset(iri, offer, publisher)
    for service in SERVICES:
        found += _service(service, offer, catalogue, publisher)
    return found


def void(offer: Offer) -> list[Triple]:
    """The data sets as VoID: how large, by which classes and properties, where to ask and what to take."""
    base, site = offer.base, offer.site
    document, library = f"{base.iri}.well-known/void", base.id("dataset", "library")
    graphs = {graph.iri: graph for graph in offer.manifest.statistics.graphs}
    found = [
        *_said(document, ("rdf:type", expand("void:DatasetDescription")), ("foaf:primaryTopic", library)),
        _moment(document, "dcterms:modified", offer.manifest.changed),
        *_said(library, ("rdf:type", expand("void:Dataset")), ("foaf:homepage", site), ("dcterms:license", LICENCE)),
        *_said(library, ("void:sparqlEndpoint", f"{site}sparql")),
        *_said(library, *(("void:feature", FORMATS + feature) for feature in _FEATURES)),
        *_said(library, *(("void:vocabulary", PREFIXES[prefix]) for prefix in sorted(_vocabularies(offer)))),
        *_said(library, *(("void:dataDump", f"{site}dumps/{d.name}") for d in offer.manifest.dumps if d.graph is None)),
        Triple(NamedNode(library), NamedNode(expand("void:uriSpace")), Literal(f"{base.iri}id/")),
        _number(library, "void:entities", offer.manifest.statistics.entities),
        *_texts(library, offer, library),
        *_counted(library, offer.manifest.statistics.whole, f"{document}#library"),
    ]
    for iri, triples in sorted(offer.datasets.items()):
        if iri != library and any(t.object == NamedNode(expand("void:Linkset")) for t in triples):
            found += triples
        for graph in (t.object.value for t in triples if t.predicate == _GRAPH and isinstance(t.object, NamedNode)):
            if graph in graphs:
                found += _said(library, ("void:subset", iri))
                found += _said(iri, ("rdf:type", expand("void:Dataset")), ("escr:namedGraph", graph))
                found += _texts(iri, offer, iri)
                found += _said(iri, *(("void:dataDump", f"{site}dumps/{d.name}") for d in _dumps_of(graph, offer)))
                found += _counted(iri, graphs[graph], f"{document}#{local_name(iri)}")
    return found


def _dataset(iri: str, offer: Offer, publisher: str) -> Iterator[Triple]:
    """One data set and its distributions."""
    triples = offer.datasets[iri]
    yield from (t for t in triples if not t.predicate.value.startswith(PREFIXES["void"]) and t.predicate != _GRAPH)
    yield from _said(
        iri,
        ("dcterms:publisher", publisher),
        ("dcat:landingPage", offer.site + iri.removeprefix(offer.base.iri).replace("id/", "doc/", 1)),
    )
    yield from _said(iri, ("dcat:theme", _THEME))
    if offer.contact:
        contact = f"{offer.base.iri}catalog#contact"
        yield from _said(iri, ("dcat:contactPoint", contact))
        yield from _said(contact, ("rdf:type", VCARD + "Organization"), (VCARD + "hasEmail", f"mailto:{offer.contact}"))
        yield Triple(NamedNode(contact), NamedNode(VCARD + "fn"), Literal("escrgraph", language="en"))
    graphs = [t.object.value for t in triples if t.predicate == _GRAPH and isinstance(t.object, NamedNode)]
    whole = iri == offer.base.id("dataset", "library")
    if graphs or whole:
        yield _moment(iri, "dcterms:modified", offer.manifest.changed)
    for dump in [dump for graph in [*graphs, *([None] if whole else [])] for dump in _dumps_of(graph, offer)]:
        distribution = f"{offer.base.iri}catalog#{dump.name}"
        yield from _said(iri, ("dcat:distribution", distribution))
        yield from _distribution(distribution, dump, offer, offer.manifest.changed)
    yield from _versions(iri, offer, publisher)


def _versions(iri: str, offer: Offer, publisher: str) -> Iterator[Triple]:
    """The versions of a data set, each a data set of its own that does not change (DCAT 3, section 11)."""
    record, before = offer.base.record_of(iri), ""
    for frozen in (frozen for frozen in offer.frozen if frozen.dataset == record and frozen.dump):
        assert frozen.dump  # noqa: S101 - told to mypy
        node = f"{offer.base.iri}catalog#{frozen.version}/{frozen.file.partition('.')[0]}"
        distribution = f"{offer.base.iri}catalog#{frozen.dump.name}"
        yield from _said(iri, ("dcat:hasVersion", node))
        yield from _said(
            node,
            ("rdf:type", expand("dcat:Dataset")),
            ("dcat:isVersionOf", iri),
            ("dcterms:license", LICENCE),
            ("dcterms:publisher", publisher),
            ("dcat:theme", _THEME),
            ("dcat:distribution", distribution),
        )
        if before:
            yield from _said(node, ("dcat:previousVersion", before))
        yield Triple(NamedNode(node), NamedNode(expand("dcat:version")), Literal(frozen.version))
        yield _moment(node, "dcterms:issued", frozen.issued)
        yield from _texts(node, offer, iri)
        yield from _distribution(distribution, frozen.dump, offer, frozen.issued)
        before = node
    if before:
        yield from _said(iri, ("dcat:hasCurrentVersion", before))


def _distribution(iri: str, dump: Dump, offer: Offer, changed: datetime) -> Iterator[Triple]:
    address, checksum = f"{offer.site}dumps/{dump.name}", f"{iri}-checksum"
    yield from _said(
        iri,
        ("rdf:type", expand("dcat:Distribution")),
        ("dcat:accessURL", address),
        ("dcat:downloadURL", address),
        ("dcat:mediaType", _MEDIA + dump.media_type),
        ("dcat:compressFormat", _MEDIA + "application/gzip"),
        ("dcterms:format", _FILE_TYPE + _FILE_TYPES[dump.media_type]),
        ("dcterms:license", LICENCE),
        (SPDX + "checksum", checksum),
    )
    yield Triple(NamedNode(iri), _TITLE, Literal(dump.name, language="en"))
    yield _number(iri, "dcat:byteSize", dump.bytes, "xsd:nonNegativeInteger")
    yield _moment(iri, "dcterms:modified", changed)
    yield from _said(checksum, ("rdf:type", SPDX + "Checksum"), (SPDX + "algorithm", SPDX + "checksumAlgorithm_sha256"))
    value = Literal(dump.sha256, datatype=NamedNode(expand("xsd:hexBinary")))
    yield Triple(NamedNode(checksum), NamedNode(SPDX + "checksumValue"), value)


def _service(service: Service, offer: Offer, catalogue: str, publisher: str) -> Iterator[Triple]:
    iri, address = f"{offer.base.iri}catalog#{service.name}", offer.site + service.path
    yield from _said(catalogue, ("dcat:service", iri))
    yield from _said(
        iri,
        ("rdf:type", expand("dcat:DataService")),
        ("dcat:endpointURL", address),
        ("dcat:servesDataset", offer.base.id("dataset", "library")),
        ("dcterms:conformsTo", service.standard),
        ("dcterms:license", LICENCE),
        ("dcterms:publisher", publisher),
    )
    if service.name == "sparql":
        yield from _said(iri, ("dcat:endpointDescription", address))
    yield Triple(NamedNode(iri), _TITLE, Literal(service.title, language="en"))


def _texts(iri: str, offer: Offer, source: str | None = None) -> Iterator[Triple]:
    """Title and description, as the record of a data set has them; without one those of the library."""
    wanted = source or offer.base.id("dataset", "library")
    for triple in offer.datasets.get(wanted, ()):
        if triple.subject == NamedNode(wanted) and triple.predicate in (_TITLE, _DESCRIPTION):
            yield Triple(NamedNode(iri), triple.predicate, triple.object)


def _counted(iri: str, counts: GraphStatistics, part: str) -> Iterator[Triple]:
    """The counts of a data set, and a partition for each class and property."""
    yield _number(iri, "void:triples", counts.triples)
    yield _number(iri, "void:distinctSubjects", counts.subjects)
    yield _number(iri, "void:distinctObjects", counts.objects)
    yield _number(iri, "void:classes", len(counts.classes))
    yield _number(iri, "void:properties", len(counts.properties))
    for name, count in sorted(counts.classes.items()):
        node = f"{part}-class-{_word(name)}"
        yield from _said(iri, ("void:classPartition", node))
        yield from _said(node, ("void:class", name))
        yield _number(node, "void:entities", count)
    for name, count in sorted(counts.properties.items()):
        node = f"{part}-property-{_word(name)}"
        yield from _said(iri, ("void:propertyPartition", node))
        yield from _said(node, ("void:property", name))
        yield _number(node, "void:triples", count)


def _word(iri: str) -> str:
    """A word for an IRI that differs between any two: prefix and local name where there is a prefix."""
    for prefix, namespace in PREFIXES.items():
        local = iri.removeprefix(namespace)
        if local != iri and local.replace("-", "").replace("_", "").isalnum() and local.isascii():
            return f"{prefix}-{local}"
    return "iri-" + iri.encode().hex()


def _vocabularies(offer: Offer) -> set[str]:
    """The prefixes of the vocabularies that the data use."""
    whole = offer.manifest.statistics.whole
    used = {*whole.classes, *whole.properties}
    return {prefix for prefix, namespace in PREFIXES.items() if any(iri.startswith(namespace) for iri in used)}


def _dumps_of(graph: str | None, offer: Offer) -> list[Dump]:
    return [dump for dump in offer.manifest.dumps if dump.graph == graph]


def _said(iri: str, *pairs: tuple[str, str]) -> Iterator[Triple]:
    """Triples about one node: property, prefixed or whole, and the IRI that is its value."""
    for name, value in pairs:
        yield Triple(NamedNode(iri), NamedNode(name if "://" in name else expand(name)), NamedNode(value))


def _number(iri: str, name: str, number: int, datatype: str = "xsd:integer") -> Triple:
    value = Literal(str(number), datatype=NamedNode(expand(datatype)))
    return Triple(NamedNode(iri), NamedNode(expand(name)), value)


def _moment(iri: str, name: str, moment: datetime) -> Triple:
    text = moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return Triple(NamedNode(iri), NamedNode(expand(name)), Literal(text, datatype=NamedNode(expand("xsd:dateTime"))))
