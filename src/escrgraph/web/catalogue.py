"""The catalogue of data sets at `/catalog`, and VoID at `/.well-known/void`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, request
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, serialize

from escrgraph.harvesting import catalogue, schema_org
from escrgraph.harvesting.catalogue import CATALOGUE_PREFIXES, Offer
from escrgraph.harvesting.dumps import Manifest
from escrgraph.harvesting.freezing import Frozen
from escrgraph.vocabulary.labels import Label, choose_label
from escrgraph.vocabulary.namespaces import DCTERMS, expand
from escrgraph.web import caching
from escrgraph.web.context import here
from escrgraph.web.describing import HTML as HTML_TYPE
from escrgraph.web.describing import described
from escrgraph.web.formats import GRAPHS, HTML, Chosen, choose
from escrgraph.web.origin import absolute
from escrgraph.web.outlet import stamped
from escrgraph.web.pages import kept, language, page

blueprint = Blueprint("catalogue", __name__)

OFFERS = tuple(format_ for format_ in GRAPHS if format_.name in {"ttl", "rdf", "jsonld", "nt"})
MEDIA = tuple(format_.media_type for format_ in OFFERS)
_MOST = 1_000


@dataclass(frozen=True, slots=True)
class Row:
    """A data set as the page lists it. dumps: (ending, file name, bytes); versions: those with a dump, newest first."""

    record: str
    title: Label
    description: Label | None
    triples: int
    dumps: Sequence[tuple[str, str, int]]
    versions: Sequence[Frozen]


@blueprint.get("/catalog")
@described("Harvesting", HTML_TYPE, *MEDIA)
def catalog() -> Response:
    """The data sets, what they can be taken as, and the interfaces (DCAT-AP 3)."""
    chosen = choose(request.headers.get("Accept"), (HTML, *OFFERS))
    return _page() if chosen.html else _rdf(chosen, catalogue.dcat)


@blueprint.get("/.well-known/void")
@described("Harvesting", *MEDIA)
def void() -> Response:
    """How large the data sets are, and which classes and properties they use (VoID)."""
    return _rdf(choose(request.headers.get("Accept"), OFFERS), catalogue.void)


def _rdf(chosen: Chosen, describe: Callable[[Offer], list[Triple]]) -> Response:
    manifest, _ = here().outlet.dumps()
    with here().outlet.view() as view:
        generation = view.generation
    site = absolute("/")
    frozen = here().outlet.frozen().there()
    identity = here().service.identity
    tag = caching.validator(manifest.generation, identity, site, generation, request.path, chosen, len(frozen))
    if caching.fresh(tag):
        return _varied(stamped(Response(status=304), manifest.generation, tag, manifest.changed))
    rdf = RdfFormat.from_media_type(chosen.format.media_type)
    contact = here().service.settings.email or ""
    triples = describe(Offer(site, here().service.base, contact, _datasets(), manifest, frozen))
    body = serialize(dict.fromkeys(triples), format=rdf, prefixes=dict(CATALOGUE_PREFIXES))
    response = Response(body, content_type=chosen.content_type)
    return _varied(stamped(response, manifest.generation, tag, manifest.changed))


def _page() -> Response:
    manifest, _ = here().outlet.dumps()
    generation = here().service.pages.generation()
    frozen = here().outlet.frozen().there()
    files = f"{manifest.generation}-{len(frozen)}"
    early = kept(generation, beside=files)
    if early is not None:
        return early
    counts = {graph.iri: graph.triples for graph in manifest.statistics.graphs}
    rows = []
    for iri, triples in _datasets().items():
        graph = _graph(triples)
        whole = iri == here().service.base.id("dataset", "library")
        if graph is None and not whole:
            continue
        dumps = [(d.name.split(".")[1], d.name, d.bytes) for d in manifest.dumps if d.graph == graph]
        triples_there = manifest.statistics.whole.triples if whole else counts.get(graph or "", 0)
        title = _text(iri, triples, "title") or Label(iri, None, True)
        record = here().service.base.record_of(iri) or ""
        versions = [version for version in reversed(frozen) if version.dataset == record]
        rows.append(Row(record, title, _text(iri, triples, "description"), triples_there, dumps, versions))
    rows.sort(key=lambda row: (row.record != "dataset/library", row.record))
    library = next((row for row in rows if row.record == "dataset/library"), None)
    return page(
        "catalogue.html",
        generation,
        beside=files,
        rows=rows,
        manifest=manifest,
        services=catalogue.SERVICES,
        dataset=_dataset(library, manifest) if library else None,
    )


def _dataset(row: Row, manifest: Manifest) -> dict[str, Any]:
    """The library as search engines for data want it."""
    iri, description = here().service.base.record_iri(row.record), row.description.text if row.description else ""
    return schema_org.dataset(iri, absolute("/"), row.title.text, description, manifest)


def _datasets() -> dict[str, list[Triple]]:
    """What the records of data sets say, by address."""
    outlet, base = here().outlet, here().service.base
    with outlet.view() as view:
        records = [state.record for state in view.states("type:dataset", limit=_MOST) if not state.gone]
    found = outlet.library.contents(sorted(records), view.generation).triples
    return {base.record_iri(record): triples for record, triples in found.items() if triples}


def _graph(triples: Sequence[Triple]) -> str | None:
    wanted = NamedNode(expand("escr:namedGraph"))
    found = (t.object.value for t in triples if t.predicate == wanted and isinstance(t.object, NamedNode))
    return next(found, None)


def _text(iri: str, triples: Sequence[Triple], name: str) -> Label | None:
    about, wanted = NamedNode(iri), NamedNode(DCTERMS + name)
    texts = [
        t.object for t in triples if t.subject == about and t.predicate == wanted and isinstance(t.object, Literal)
    ]
    return choose_label(texts, language())


def _varied(response: Response) -> Response:
    response.vary.add("Accept")
    return response
