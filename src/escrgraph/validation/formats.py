"""Which RDF format a file is in, and what is looked at before a parser may see it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from pyoxigraph import RdfFormat

from escrgraph.repository.errors import Malformed, RepositoryError, TooLarge
from escrgraph.vocabulary import shipped
from escrgraph.vocabulary.namespaces import ESCR, HOME

FORMATS = {
    "text/turtle": RdfFormat.TURTLE,
    "application/n-triples": RdfFormat.N_TRIPLES,
    "application/trig": RdfFormat.TRIG,
    "application/n-quads": RdfFormat.N_QUADS,
    "application/ld+json": RdfFormat.JSON_LD,
    "application/rdf+xml": RdfFormat.RDF_XML,
}
EXTENSIONS = {
    "ttl": RdfFormat.TURTLE,
    "nt": RdfFormat.N_TRIPLES,
    "trig": RdfFormat.TRIG,
    "nq": RdfFormat.N_QUADS,
    "jsonld": RdfFormat.JSON_LD,
    "json": RdfFormat.JSON_LD,
    "rdf": RdfFormat.RDF_XML,
    "xml": RdfFormat.RDF_XML,
    "owl": RdfFormat.RDF_XML,
}
CONTEXTS = (ESCR + "context.jsonld", HOME + "context.jsonld", HOME + "ontology/context.jsonld", ESCR, "context.jsonld")
"""The names by which a JSON-LD file may ask for the context that ships with escrgraph."""

_LINES = (RdfFormat.N_TRIPLES, RdfFormat.N_QUADS)
_JSON_TOKENS = re.compile(rb'"(?:\\.|[^"\\])*"|[\[\]{}]', re.DOTALL)
_TURTLE_TOKENS = re.compile(
    rb'\\.|#[^\n\r]*|"""(?:\\.|"{0,2}[^"\\])*"""|\'\'\'(?:\\.|\'{0,2}[^\'\\])*\'\'\'|"(?:\\.|[^"\\\n\r])*"'
    rb"|'(?:\\.|[^'\\\n\r])*'|<<|>>|<[^<>\"{}|^`\\\x00-\x20]*>|[\[\](){}]",
    re.DOTALL,
)
_XML_TOKENS = re.compile(rb"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>|</[^>]*>|<[^>]*/>|<[^>]*>", re.DOTALL)
_DECLARATION = re.compile(r"<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)


class UnknownFormat(RepositoryError):
    """The data are in no format that is read here."""

    status = 415
    title = "Unsupported format"


def format_of(name: str) -> RdfFormat:
    """The format of a media type, parameters and all, or of a file name. Raises UnknownFormat."""
    media_type = name.partition(";")[0].strip().lower()
    extension = media_type.removesuffix(".gz").rpartition(".")[2]
    found = FORMATS.get(media_type) or (EXTENSIONS.get(extension) if "." in media_type else None)
    if found is None:
        raise UnknownFormat(
            f"“{name[:200]}” is no RDF format that is read here. Send Turtle (.ttl), N-Triples (.nt), TriG (.trig), "
            "N-Quads (.nq), JSON-LD (.jsonld) or RDF/XML (.rdf)."
        )
    return found


def prepare(data: bytes, rdf_format: RdfFormat, depth: int) -> bytes:
    """Look at data before they are parsed, and put our context in place where JSON-LD names it.

    depth: how deep brackets and elements may nest. Raises Malformed and TooLarge.
    """
    data = data.removeprefix(b"\xef\xbb\xbf")
    _demand_utf8(data)
    _demand_shallow(data, rdf_format, depth)
    if rdf_format == RdfFormat.RDF_XML:
        _demand_no_declarations(data)
    return _with_context(data) if rdf_format == RdfFormat.JSON_LD else data


def _demand_utf8(data: bytes) -> None:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Malformed(
            f"Line {line} is not UTF-8 text. Save the file with the encoding UTF-8 and send it again.", line
        ) from None


def _demand_no_declarations(data: bytes) -> None:
    if _DECLARATION.search(data.decode("utf-8")):
        raise Malformed(
            "RDF/XML with a DOCTYPE or ENTITY is not read: entities can grow without end or name other files. "
            "Take the declaration out, or send Turtle."
        )


def _demand_shallow(data: bytes, rdf_format: RdfFormat, limit: int) -> None:
    if rdf_format in _LINES and b"<<" not in data:
        return
    deepest = level = 0
    for step in _steps(data, rdf_format):
        level = max(level + step, 0)
        deepest = max(deepest, level)
        if deepest > limit:
            raise TooLarge(
                f"The data nest deeper than {limit} levels. Give inner things addresses, and list them flat."
            )


def _steps(data: bytes, rdf_format: RdfFormat) -> Iterator[int]:
    """+1 where something opens and -1 where it closes, outside texts and comments."""
    if rdf_format == RdfFormat.RDF_XML:
        for match in _XML_TOKENS.finditer(data):
            tag = match[0]
            if tag.startswith(b"</"):
                yield -1
            elif not tag.startswith((b"<!", b"<?")) and not tag.endswith(b"/>"):
                yield 1
        return
    tokens = _JSON_TOKENS if rdf_format == RdfFormat.JSON_LD else _TURTLE_TOKENS
    for match in tokens.finditer(data):
        if match[0] in {b"[", b"(", b"{", b"<<"}:
            yield 1
        elif match[0] in {b"]", b")", b"}", b">>"}:
            yield -1


def _with_context(data: bytes) -> bytes:
    try:
        document = json.loads(data)
    except (json.JSONDecodeError, RecursionError) as error:
        line, column = (error.lineno, error.colno) if isinstance(error, json.JSONDecodeError) else (None, None)
        raise Malformed(
            f"This is not JSON: {error}. Look for a missing comma, quote or bracket.", line, column
        ) from None
    except ValueError as error:
        raise Malformed(f"This JSON cannot be read: {error}.") from None
    found: list[str] = []
    replaced = _replace_contexts(document, found)
    return json.dumps(replaced, ensure_ascii=False).encode() if found else data


def _replace_contexts(node: Any, found: list[str]) -> Any:
    if isinstance(node, list):
        return [_replace_contexts(item, found) for item in node]
    if not isinstance(node, dict):
        return node
    return {
        key: _context(value, found) if key == "@context" else _replace_contexts(value, found)
        for key, value in node.items()
    }


def _context(value: Any, found: list[str]) -> Any:
    if isinstance(value, list):
        return [_context(item, found) for item in value]
    if not isinstance(value, str):
        if isinstance(value, dict) and "@import" in value:
            raise Malformed("A JSON-LD context with @import is not read: nothing is fetched. Write its terms out.")
        return value
    if value not in CONTEXTS:
        raise Malformed(
            f"The JSON-LD context “{value[:200]}” is not fetched. Write the context into the file, or name ours: "
            f"{CONTEXTS[0]}"
        )
    found.append(value)
    return json.loads(shipped.path("ontology/context.jsonld").read_bytes())["@context"]
