"""Answers compared as what they mean: rows in any order where none was asked for, blank nodes by their place."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Iterable
from typing import Any

from lxml import etree
from pyoxigraph import CanonicalizationAlgorithm, Dataset, Quad, RdfFormat, Triple, parse


def graph(data: bytes, rdf: RdfFormat) -> Dataset:
    """The graph, its blank nodes named by their place in it."""
    return canonical(parse(data, rdf))


def canonical(quads: Iterable[Quad | Triple]) -> Dataset:
    """The quads with blank nodes named by their place."""
    found = Dataset(quad if isinstance(quad, Quad) else Quad(*quad) for quad in quads)
    found.canonicalize(CanonicalizationAlgorithm.UNSTABLE)
    return found


def normal(data: bytes, form: str) -> object:
    """A result in one of the four formats as variables and counted rows, without the labels of blank nodes."""
    return {"json": _json, "xml": _xml, "csv": _csv, "tsv": _tsv}[form](data)


def _json(data: bytes) -> object:
    found = json.loads(data)
    if "boolean" in found:
        return found
    return found["head"]["vars"], Counter(
        json.dumps(_blanked(row), sort_keys=True) for row in found["results"]["bindings"]
    )


def _blanked(value: Any) -> Any:
    if isinstance(value, dict):
        if value.get("type") == "bnode":
            return {"type": "bnode"}
        return {key: _blanked(item) for key, item in value.items()}
    return value


def _xml(data: bytes) -> object:
    root = etree.fromstring(data)
    space = "{http://www.w3.org/2005/sparql-results#}"
    for blank in root.iter(space + "bnode"):
        blank.text = ""
    head = [variable.get("name") for variable in root.iter(space + "variable")]
    found = Counter(etree.tostring(result, method="c14n") for result in root.iter(space + "result"))
    return head, found, root.findtext(space + "boolean")


def _csv(data: bytes) -> object:
    head, *lines = list(csv.reader(io.StringIO(data.decode(), newline=""))) or [[]]
    return head, Counter(tuple("_:" if cell.startswith("_:") else cell for cell in line) for line in lines)


def _tsv(data: bytes) -> object:
    head, *lines = data.decode().split("\n")
    return head, Counter(tuple("_:" if cell.startswith("_:") else cell for cell in line.split("\t")) for line in lines)
