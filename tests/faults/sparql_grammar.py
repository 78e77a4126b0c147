"""SPARQL by its grammar, from a random generator: mostly right, mostly cheap, never the same."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

PREFIXES = """PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX escr: <https://w3id.org/escrgraph/def/>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
"""
PROPERTIES = (
    "a", "dcterms:title", "dcterms:issued", "dcterms:publisher", "escr:country", "escr:usesMethod", "escr:right",
    "skos:prefLabel", "skos:broader", "rdfs:label", "?p", "dcterms:subject", "escr:establishes",
)  # fmt: skip
CLASSES = ("escr:Resource", "escr:Method", "escr:Right", "escr:Finding", "escr:Country", "escr:Organization")
SUBJECTS = (
    "<https://w3id.org/escrgraph/id/country/mex>", "<https://w3id.org/escrgraph/id/right/food>", "?s", "?s", "?s", "?t",
    "[]", "_:b", "<urn:x:none>",
)  # fmt: skip
LITERALS = (
    '"x"', '"título"@es', "1", "-2.5", "1e3", "true", '"2016"^^xsd:gYear', "'''a\nb'''", '"\\u00e9\\n"', '""',
    '"2016-01-01"^^xsd:date', '"abc"^^xsd:integer', '"\\U0001F4A5"',
)  # fmt: skip
VARIABLES = ("?s", "?o", "?t", "?v", "?n")
FUNCTIONS = (
    "STR({})", "LANG({})", "DATATYPE({})", "BOUND(?o)", "IRI(STR({}))", "STRLEN(STR({}))", "UCASE(STR({}))", "ABS({})",
    "YEAR({})", "COALESCE({}, 1)", "IF(BOUND(?o), {}, 2)", "SHA256(STR({}))", "isIRI({})", "xsd:integer({})", "MD5({})",
    "REPLACE(STR({}), 'a', 'b')", "SUBSTR(STR({}), 2, 3)", "ENCODE_FOR_URI(STR({}))", "CONCAT(STR({}), 'x')",
    "CEIL({})",
    "langMatches(LANG({}), '*')", "RAND()", "NOW()", "UUID()", "STRAFTER(STR({}), '/')", "TZ({})", "SECONDS({})",
)  # fmt: skip


def query(random: Random) -> str:
    """A query."""
    form: Callable[[Random], str] = random.choice((_select, _select, _select, _ask, _construct, _describe))
    prologue = PREFIXES if random.random() < 0.95 else ""
    base = "BASE <https://w3id.org/escrgraph/id/>\n" if random.random() < 0.1 else ""
    return base + prologue + form(random)


def _select(random: Random) -> str:
    distinct = random.choice(("", "", "DISTINCT ", "REDUCED "))
    if random.random() < 0.2:
        aggregate = random.choice(
            ("COUNT(*)", "COUNT(DISTINCT ?s)", "MIN(?o)", "SAMPLE(?o)", "GROUP_CONCAT(?o)", "AVG(?o)")
        )
        grouped = random.random() < 0.6
        head = f"SELECT {'?s ' if grouped else ''}({aggregate} AS ?n)"
        tail = " GROUP BY ?s" + random.choice(("", " HAVING (COUNT(*) > 1)")) if grouped else ""
        return f"{head} WHERE {{ {_triple(random, cheap=True)} }}{tail} LIMIT 20"
    return (
        f"SELECT {distinct}{random.choice(('*', '?s', '?s ?o'))} {_dataset(random)}WHERE {_group(random)}{_end(random)}"
    )


def _ask(random: Random) -> str:
    return f"ASK {_group(random)}"


def _construct(random: Random) -> str:
    return f"CONSTRUCT {{ ?s <urn:x:p> ?o . _:b <urn:x:q> ?s }} WHERE {_group(random)}{_end(random)}"


def _describe(random: Random) -> str:
    return f"DESCRIBE {random.choice(SUBJECTS[:2])}"


def _dataset(random: Random) -> str:
    graph = random.choice(("resource", "finding", "none"))
    if random.random() < 0.9:
        return ""
    return random.choice(("FROM ", "FROM NAMED ")) + f"<https://w3id.org/escrgraph/graph/{graph}> "


def _end(random: Random) -> str:
    order = random.choice(("", "", "", " ORDER BY ?s", " ORDER BY DESC(STR(?o)) ?s"))
    return f"{order} LIMIT {random.choice((0, 1, 5, 20))}" + random.choice(("", "", f" OFFSET {random.randrange(5)}"))


def _group(random: Random, depth: int = 0) -> str:
    parts = [_triple(random, cheap=True)]
    for _ in range(random.randrange(3 if depth < 2 else 1)):
        parts.append(random.choice(_PARTS)(random, depth))
    return "{ " + " ".join(parts) + " }"


def _triple(random: Random, cheap: bool = False) -> str:
    subject = random.choice(SUBJECTS)
    if cheap and random.random() < 0.5:
        return f"?s a {random.choice(CLASSES)} ; {random.choice(PROPERTIES[1:4])} ?o ."
    objects = ("?o", "?o", random.choice(LITERALS), random.choice(SUBJECTS[:2]))
    return f"{subject} {_path(random)} {random.choice(objects)} ."


def _path(random: Random) -> str:
    property_ = random.choice(PROPERTIES)
    if property_ == "?p" or random.random() < 0.8:
        return property_
    other = random.choice(PROPERTIES[1:4])
    return random.choice(
        (f"^{property_}", f"{property_}/{other}", f"({property_}|{other})", f"{property_}?", "skos:broader+")
    )


def _filter(random: Random, _: int) -> str:
    operator = random.choice(("=", "!=", "<", ">=", "&&", "||"))
    return f"FILTER({_expression(random)} {operator} {_expression(random)})"


def _bind(random: Random, depth: int) -> str:
    return f"BIND({_expression(random)} AS ?v{depth}{random.randrange(100)})"


def _optional(random: Random, depth: int) -> str:
    return f"OPTIONAL {_group(random, depth + 1)}"


def _union(random: Random, depth: int) -> str:
    return f"{{ {_group(random, depth + 1)} UNION {_group(random, depth + 1)} }}"


def _minus(random: Random, depth: int) -> str:
    return random.choice(("MINUS ", "FILTER EXISTS ", "FILTER NOT EXISTS ")) + _group(random, depth + 1)


def _values(random: Random, _: int) -> str:
    return f"VALUES ?o {{ {' '.join(random.choice((*LITERALS, 'UNDEF')) for _ in range(random.randrange(4)))} }}"


def _graph(random: Random, depth: int) -> str:
    return f"GRAPH {random.choice(('?g', '<https://w3id.org/escrgraph/graph/finding>'))} {_group(random, depth + 1)}"


def _service(random: Random, depth: int) -> str:
    where = random.choice(("<http://127.0.0.1:1/>", "<https://w3id.org/escrgraph/def/search>", "?s"))
    return f"SERVICE {random.choice(('', 'SILENT '))}{where} {_group(random, depth + 1)}"


def _subselect(random: Random, depth: int) -> str:
    return f"{{ SELECT ?s WHERE {_group(random, depth + 1)} LIMIT 3 }}"


def _expression(random: Random) -> str:
    if random.random() < 0.4:
        return random.choice((*VARIABLES, *LITERALS))
    return random.choice(FUNCTIONS).format(random.choice((*VARIABLES, *LITERALS)))


_PARTS: tuple[Callable[[Random, int], str], ...] = (
    _filter, _filter, _filter, _bind, _optional, _union, _minus, _values, _graph, _service, _subselect,
)  # fmt: skip
