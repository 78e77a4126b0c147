"""Harvesters as partners run them: each takes all that an interface gives, and says what is there and what is gone."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

import feedparser
import requests
from lxml import etree
from pyoxigraph import NamedNode, RdfFormat, Store
from sickle import Sickle
from tests.running import Running

LDES, TREE, AS = "https://w3id.org/ldes#", "https://w3id.org/tree#", "https://www.w3.org/ns/activitystreams#"
BASE = "https://w3id.org/escrgraph/"
PATIENCE = 600


@dataclass(slots=True)
class Harvest:
    """What a harvester knows: addresses of records that are there, and of those that are gone."""

    there: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)

    def put(self, record: str, gone: bool) -> None:
        (self.gone if gone else self.there).add(record)
        (self.there if gone else self.gone).discard(record)


def get(url: str, accept: str = "*/*", **headers: str) -> requests.Response:
    with requests.Session() as http:
        http.trust_env = False
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return http.get(url, headers={"Accept": accept, "Connection": "close", **named}, timeout=60)


def settle(running: Running) -> int:
    """Wait until what is derived shows what readers see; the generation."""
    until = time.monotonic() + PATIENCE
    while True:
        generation = int(get(f"{running.url}robots.txt").headers["X-Generation"])
        answer = get(f"{running.url}oai?verb=Identify")
        if answer.status_code == 200 and int(answer.headers["X-Generation"]) == generation:
            return generation
        assert time.monotonic() < until, f"nothing was derived up to generation {generation}: {answer.text}"
        time.sleep(0.05)  # the deriver is another process


def settled_dump(running: Running, name: str) -> bytes:
    """A dump, once it shows what readers see."""
    generation, until = settle(running), time.monotonic() + PATIENCE
    while True:
        answer = get(f"{running.url}dumps/{name}")
        if answer.status_code == 200 and int(answer.headers["X-Generation"]) == generation:
            return answer.content
        assert time.monotonic() < until, f"there is no dump of generation {generation}: {answer.text[:500]}"
        time.sleep(0.1)  # it is made when the repository is quiet


def waited_for(running: Running, path: str) -> requests.Response:
    """What is made when the repository is quiet, once it is there."""
    until = time.monotonic() + PATIENCE
    while (answer := get(running.url + path)).status_code != 200:
        assert time.monotonic() < until, answer.text
        time.sleep(0.1)  # another process makes it
    return answer


class OaiHarvester:
    """Takes everything the first time, and then what changed since the answer before, as OAI-PMH advises."""

    def __init__(self, url: str, prefix: str = "rdf") -> None:
        self.known = Harvest()
        self._client = Sickle(f"{url}oai", max_retries=3, default_retry_after=1)
        self._prefix = prefix
        self._since: str | None = None

    def run(self) -> Harvest:
        from sickle.oaiexceptions import NoRecordsMatch

        arguments: dict[str, Any] = {"metadataPrefix": self._prefix} | ({"from": self._since} if self._since else {})
        try:
            records = self._client.ListRecords(ignore_deleted=False, **arguments)
        except NoRecordsMatch:
            return self.known
        since = records.oai_response.xml.findtext("{*}responseDate")
        for record in records:
            self.known.put(record.header.identifier, record.deleted)
            assert record.deleted == (record.xml.find("{*}metadata") is None)
        self._since = since
        return self.known


class StreamHarvester:
    """Walks the tree of the event stream; a page that had its full time to live is never asked for again."""

    def __init__(self, url: str) -> None:
        self.known = Harvest()
        self.states: dict[str, set[str]] = {}
        self.members: list[str] = []
        self._root = f"{url}ldes"
        self._done: set[str] = set()

    def run(self) -> Harvest:
        self._visit(self._root)
        return self.known

    def _visit(self, address: str) -> None:
        if address in self._done:
            return
        answer = get(address, "application/trig")
        assert answer.status_code == 200, answer.text
        store = Store()
        store.load(answer.content, format=RdfFormat.TRIG)
        if "max-age=3600" in answer.headers["Cache-Control"] and "/page/" in address:
            self._done.add(address)
        self._take(store)
        nodes = {quad.object.value for quad in store.quads_for_pattern(None, NamedNode(TREE + "node"), None)}
        for node in sorted(nodes, key=lambda iri: int(iri.rpartition("/")[2])):
            self._visit(node)

    def _take(self, store: Store) -> None:
        versions = []
        for quad in store.quads_for_pattern(None, NamedNode(TREE + "member"), None):
            position = next(store.quads_for_pattern(quad.object, NamedNode("https://schema.org/position"), None))
            versions.append((int(position.object.value), quad.object))
        for _, version in sorted(versions, key=lambda pair: pair[0]):
            record = next(store.quads_for_pattern(version, NamedNode(AS + "object"), None)).object.value
            gone = NamedNode(AS + "Delete") in {q.object for q in store.quads_for_pattern(version, None, None)}
            self.known.put(record, gone)
            self.states[record] = {str(q.triple) for q in store.quads_for_pattern(None, None, None, version)}
            if version.value not in self.members:
                self.members.append(version.value)


def by_feed(url: str, name: str = "all") -> Harvest:
    """Every page of a feed."""
    found, address = Harvest(), f"{url}feeds/{name}.atom"
    seen = set()
    while address:
        assert address not in seen
        seen.add(address)
        body = get(address).content
        parsed = feedparser.parse(body)
        assert not parsed.bozo, parsed.get("bozo_exception")
        found.there |= {entry.id for entry in parsed.entries}
        root = etree.fromstring(body)
        found.gone |= {
            str(gone.get("ref")) for gone in root.iterfind("{http://purl.org/atompub/tombstones/1.0}deleted-entry")
        }
        address = next((link.href for link in parsed.feed.links if link.rel == "next"), "")
    return found


def by_sitemap(url: str) -> Harvest:
    """The records in all parts of the sitemap."""
    found = Harvest()
    index = etree.fromstring(get(f"{url}sitemap.xml").content)
    for part in index.iterfind("{*}sitemap/{*}loc"):
        for loc in etree.fromstring(get(str(part.text)).content).iterfind("{*}url/{*}loc"):
            address = str(loc.text).removeprefix(url)
            if address.startswith("doc/"):
                found.there.add(BASE + "id/" + address.removeprefix("doc/"))
    return found


def in_quads(store: Store) -> Harvest:
    """What a copy of all named graphs says: documents of records, and which of them are invalidated."""
    found = Harvest()
    for quad in store.quads_for_pattern(
        None, NamedNode("http://xmlns.com/foaf/0.1/primaryTopic"), None, NamedNode(BASE + "graph/provenance")
    ):
        over = store.quads_for_pattern(quad.subject, NamedNode("http://www.w3.org/ns/prov#invalidatedAtTime"), None)
        found.put(quad.object.value, next(over, None) is not None)
    return found


def by_sparql(url: str) -> Harvest:
    """The same by a query."""
    from SPARQLWrapper import JSON, SPARQLWrapper

    client = SPARQLWrapper(f"{url}sparql", returnFormat=JSON)
    client.setQuery("""
        PREFIX foaf: <http://xmlns.com/foaf/0.1/>
        PREFIX prov: <http://www.w3.org/ns/prov#>
        SELECT ?record ?gone WHERE {
          ?document foaf:primaryTopic ?record OPTIONAL { ?document prov:invalidatedAtTime ?gone }
        }""")
    found = Harvest()
    for row in client.query().convert()["results"]["bindings"]:  # type: ignore[index, call-overload, union-attr]
        found.put(row["record"]["value"], "gone" in row)
    return found
