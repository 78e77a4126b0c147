"""The queries that are measured, with parameters drawn by seed: every endpoint gets the same ones in the same order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random

from benchmarks.generator import Manifest, slug
from benchmarks.templates import BASE
from escrgraph.vocabulary.namespaces import prologue

ENTITIES = ("resource", "resource", "resource", "organization", "person", "finding")


def record(random: Random, manifest: Manifest) -> str:
    """The IRI of one record, kinds mixed as readers may ask for them."""
    return one(random, manifest, random.choice(ENTITIES))


def one(random: Random, manifest: Manifest, kind: str) -> str:
    """The IRI of one invented record of a kind."""
    return BASE.id(kind, slug(random.randint(1, manifest.counts[kind])))


def entity(random: Random, manifest: Manifest) -> str:
    """All that is said of a record and of its parts."""
    iri = record(random, manifest)
    return f"""SELECT ?subject ?property ?value WHERE {{
  {{ <{iri}> ?property ?value . BIND(<{iri}> AS ?subject) }}
  UNION {{ <{iri}> ?link ?subject . FILTER(STRSTARTS(STR(?subject), "{iri}/")) ?subject ?property ?value }}
}}"""


def join(random: Random, manifest: Manifest) -> str:
    """Three hops from one organization: to its country, to its peers there, to what those published with a method."""
    organization = one(random, manifest, "organization")
    method = BASE.id("method", random.choice(manifest.methods))
    return f"""SELECT ?peer ?resource WHERE {{
  <{organization}> escr:country ?country .
  ?peer escr:country ?country .
  ?resource dcterms:publisher ?peer ; escr:usesMethod <{method}> .
}}"""


def chain(random: Random, manifest: Manifest) -> str:
    """The accountability chain: findings made with a method, to the failure, to the institution, to its country."""
    method = BASE.id("method", random.choice(manifest.methods))
    country = BASE.id("country", random.choice(manifest.countries))
    return f"""SELECT ?finding ?failure ?institution WHERE {{
  ?finding escr:usesMethod <{method}> ; escr:establishes ?deprivation .
  ?deprivation escr:attributedTo ?failure .
  ?failure escr:committedBy ?institution .
  ?institution escr:country <{country}> .
}}"""


def facets(random: Random, manifest: Manifest) -> str:
    """How many resources on a country's situation use each method."""
    country = BASE.id("country", random.choice(manifest.countries))
    return f"""SELECT ?method (COUNT(?resource) AS ?count) WHERE {{
  ?resource escr:country <{country}> ; escr:usesMethod ?method .
}} GROUP BY ?method"""


def languages(_random: Random, _manifest: Manifest) -> str:
    """How many resources have a title in each language: every title is read."""
    return """SELECT ?language (COUNT(?resource) AS ?count) WHERE {
  ?resource a escr:Resource ; dcterms:title ?title .
  BIND(LANG(?title) AS ?language)
} GROUP BY ?language"""


def search(random: Random, manifest: Manifest) -> str:
    """Titles that contain a word: every title is read."""
    language = random.choice(sorted(manifest.words))
    word = random.choice(manifest.words[language]).lower()
    return f"""SELECT ?resource WHERE {{
  ?resource a escr:Resource ; dcterms:title ?title .
  FILTER(CONTAINS(LCASE(STR(?title)), "{word}"))
}} ORDER BY ?resource LIMIT 20"""


def newest(_random: Random, _manifest: Manifest) -> str:
    """The twenty newest resources."""
    return """SELECT ?resource ?date WHERE {
  ?resource a escr:Resource ; escr:latest ?date .
} ORDER BY DESC(?date) ?resource LIMIT 20"""


def path(random: Random, manifest: Manifest) -> str:
    """Organizations anywhere in a region, by a path over the regions."""
    region = BASE.id("region", random.choice(manifest.regions))
    return f"""SELECT ?organization ?country WHERE {{
  ?country skos:broader+ <{region}> .
  ?organization escr:country ?country .
}}"""


QUERIES: Mapping[str, Callable[[Random, Manifest], str]] = {
    query.__name__: query for query in (entity, join, chain, facets, languages, search, newest, path)
}


@dataclass(frozen=True, slots=True)
class Workload:
    """One kind of query with its parameters filled in."""

    name: str
    texts: tuple[str, ...]


def workload(name: str, manifest: Manifest, seed: int, count: int = 400) -> Workload:
    """`count` queries of a kind, the same for the same seed and library. Raises ValueError for an unknown kind."""
    if name not in QUERIES:
        raise ValueError(f"There is no query “{name}”. Queries: {', '.join(QUERIES)}.")
    random = Random(f"{seed} {name}")
    texts = (_used_prefixes(QUERIES[name](random, manifest)) for _ in range(count))
    return Workload(name, tuple(texts))


def documents(manifest: Manifest, seed: int, suffix: str = ".ttl", count: int = 400) -> list[str]:
    """The paths of entity documents, the same records as the queries of `entity`."""
    random = Random(f"{seed} entity")
    return [f"/doc/{record(random, manifest).removeprefix(BASE.iri + 'id/')}{suffix}" for _ in range(count)]


def _used_prefixes(text: str) -> str:
    lines = prologue().splitlines(keepends=True)
    return "".join(line for line in lines if line.split()[1] in text) + text
