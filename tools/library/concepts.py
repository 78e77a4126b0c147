"""Methods, rights and indicators: concepts that have records of their own."""

from __future__ import annotations

import re

from pyoxigraph import Literal, NamedNode

from tools.library.slugs import slugify
from tools.library.tables import Library, Method, Right
from tools.library.terms import Statements, concept, date, name, page, plain, record, text

# "Outcomes (OPERA step 1)": such a method is also a step of the framework above it.
_STEP = re.compile(r"(?P<label>.+) \(\w+(?: step|, paso|, étape) (?P<number>\d)\)")
_GENERAL_COMMENT = re.compile(r"CESCR GC (?P<number>\d+) \(\d{4}\)")
# No. 19 stands in the library in its French version only, under the name of its own document.
_COMMENTS_WITH_OTHER_NAME = {"19": "cescr-og-19-securite-sociale"}
_ALL_ARTICLES = range(1, 16)


def articles(cell: str) -> list[str]:
    """Turn a cell such as "12 (2)(b)", "11, 12" or "1-15" into codes of the scheme of articles."""
    if cell == "1-15":
        return [str(number) for number in _ALL_ARTICLES]
    return [slugify(article) for article in cell.split(",") if article.strip()]


def general_comment(cell: str) -> str:
    """Give the slug of the general comment in "CESCR GC 14 (2000)". Raises ValueError for another text."""
    match = _GENERAL_COMMENT.fullmatch(cell)
    if not match:
        raise ValueError(f"{cell!r} names no general comment. Write it as CESCR GC 14 (2000).")
    return _COMMENTS_WITH_OTHER_NAME.get(match["number"], f"cescr-gc-{match['number']}")


def indicator(label: str) -> NamedNode:
    """Give the address of an indicator by its label."""
    return record("indicator", slugify(label))


def build_methods(library: Library, obligations: frozenset[str]) -> Statements:
    """Describe every method.

    obligations: codes of obligations; a method of the same code is the test of that duty.
    """
    graph = Statements()
    for row in library.methods:
        method = record("method", row.code)
        graph.say(method, "rdf:type", name("escr:Method"))
        graph.labels(method, "skos:prefLabel", (row.label_en, row.label_es, row.label_fr))
        graph.say(method, "skos:definition", text(row.definition_en))
        _place(graph, method, "method", row.broader)
        graph.say(method, "skos:notation", plain(row.code))
        graph.say(method, "escr:developedBy", *(record("organization", slug) for slug in row.developed_by))
        graph.say(method, "escr:firstDescribed", date(row.first_described))
        graph.say(method, "escr:editorial", name("skos:prefLabel"))
        graph.say(method, "dcterms:source", page(row.source_url))
        if row.code in obligations:
            graph.say(method, "escr:suits", record("obligation", row.code))
            graph.say(method, "skos:related", record("obligation", row.code))
        _step(graph, row)
    return graph


def build_rights(library: Library) -> Statements:
    """Describe every right."""
    graph = Statements()
    for row in library.rights:
        right = record("right", row.code)
        graph.say(right, "rdf:type", name("escr:Right"))
        graph.labels(right, "skos:prefLabel", (row.label_en, row.label_es, row.label_fr, row.label_ar))
        graph.say(right, "skos:definition", text(row.definition_en))
        _place(graph, right, "right", row.broader)
        graph.say(right, "skos:notation", plain(row.code))
        graph.say(right, "escr:editorial", name("skos:prefLabel"))
        graph.say(right, "dcterms:source", page(row.source_url))
        _law(graph, right, row)
    return graph


def build_indicators(library: Library) -> Statements:
    """Describe every indicator that a finding uses, with the pages of those findings."""
    graph = Statements()
    for row in library.findings:
        concept_ = indicator(row.indicator)
        graph.say(concept_, "rdf:type", name("escr:Indicator"))
        graph.say(concept_, "skos:prefLabel", text(row.indicator))
        _place(graph, concept_, "indicator", "")
        graph.say(concept_, "dcterms:source", page(row.source_url))
    return graph


def _place(graph: Statements, node: NamedNode, scheme: str, broader: str) -> None:
    graph.say(node, "skos:inScheme", record("scheme", scheme))
    if broader:
        graph.say(node, "skos:broader", record(scheme, broader))
    else:
        graph.say(node, "skos:topConceptOf", record("scheme", scheme))


def _law(graph: Statements, right: NamedNode, row: Right) -> None:
    graph.say(right, "escr:legalBasis", *(concept("icescr", article) for article in articles(row.icescr_article)))
    graph.say(
        right, "escr:interpretedBy", *(record("resource", general_comment(cell)) for cell in row.general_comments)
    )


def _step(graph: Statements, row: Method) -> None:
    labels = [_STEP.fullmatch(label) for label in (row.label_en, row.label_es, row.label_fr)]
    first = labels[0]
    if not first:
        return
    step = record("method", row.broader, "step", first["number"])
    graph.say(record("method", row.broader), "escr:step", step)
    graph.say(step, "rdf:type", name("escr:MethodStep"))
    graph.say(step, "escr:stepNumber", Literal(int(first["number"])))
    graph.labels(step, "skos:prefLabel", [label["label"] if label else "" for label in labels])
    graph.say(step, "rdfs:seeAlso", record("method", row.code))
