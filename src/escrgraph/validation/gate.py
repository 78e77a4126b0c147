"""The gate: bytes that someone sent become quads, or a sentence that says why not.

Data that were not written here are parsed only here, with pyoxigraph only: it fetches nothing and opens no file. Run
`parse` in a disposable process for data that are not trusted.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, RdfFormat, Store, Triple, serialize
from pyoxigraph import parse as parse_rdf

from escrgraph.repository import errors
from escrgraph.repository.errors import Malformed, RepositoryError, TooLarge
from escrgraph.validation.formats import UnknownFormat, format_of, prepare
from escrgraph.validation.names import name_blank_nodes
from escrgraph.validation.terms import is_allowed_iri, is_known_datatype, is_well_typed
from escrgraph.vocabulary.namespaces import HOME, OWL, RDF, RDFS, SH

MAX_BYTES = 1_000_000
MAX_QUADS = 5_000
MAX_LITERAL = 20_000
MAX_IRI = 2_000
MAX_VALUES = 200
MAX_DEPTH = 40

_HINTS = {
    "“": 'Straight quotes (") are needed.',
    "”": 'Straight quotes (") are needed.',
    "No scheme found": "Write the address in full, or with a prefix.",
    "prefix": "Declare every prefix before it is used, such as @prefix dcterms: <http://purl.org/dc/terms/> .",
    "Unexpected end": "Something is not closed: look for a missing full stop, quote or bracket.",
    "language": "A language tag is short, such as en, es or pt-BR.",
    "subtag": "A language tag is short, such as en, es or pt-BR.",
}
_MODEL = (SH, OWL)
_MODEL_TERMS = {RDFS + name for name in ("subClassOf", "subPropertyOf", "domain", "range", "Class", "Datatype")} | {
    RDF + name
    for name in ("first", "rest", "List", "Property", "subject", "predicate", "object", "Statement", "reifies")
}


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is read: bytes, quads, characters of a text and of an address, values of one property, nesting."""

    bytes: int = MAX_BYTES
    quads: int = MAX_QUADS
    literal: int = MAX_LITERAL
    iri: int = MAX_IRI
    values: int = MAX_VALUES
    depth: int = MAX_DEPTH


SUBMISSION = Limits()
FILES = Limits(bytes=4 << 30, quads=50_000_000, literal=1_000_000, values=1_000_000)
"""For files that an operator loads."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a statement may not stand; it is left out of the quads. kind: a name that messages.py words."""

    kind: str
    subject: str
    predicate: str
    value: str


@dataclass(frozen=True, slots=True)
class Parsed:
    """What came through: quads without blank nodes, in Oxigraph's normal form, and problems with the others."""

    quads: tuple[Quad, ...]
    problems: tuple[Problem, ...]


def read(
    data: bytes,
    name: str,
    *,
    limits: Limits = SUBMISSION,
    record: str | None = None,
    graph: str | None = None,
    base: str = HOME,
) -> Parsed:
    """Read RDF that was not written here.

    name: media type or file name. record: IRI of the record the data are about; relative addresses and unnamed things
    are put under it. graph: IRI of the graph for triples that name none. base: where unnamed things go otherwise.
    Raises Malformed (with line and column), TooLarge and UnknownFormat.
    """
    if len(data) > limits.bytes:
        raise TooLarge(
            f"The data have {len(data):,} bytes; at most {limits.bytes:,} are read at once. Send them in parts."
        )
    rdf_format = format_of(name)
    quads = list(_parsed(prepare(data, rdf_format, limits.depth), rdf_format, record, limits.quads))
    named = name_blank_nodes(quads, record or graph or f"{base}.well-known/genid", limits.depth)
    target = NamedNode(graph) if graph else DefaultGraph()
    placed = (
        Quad(q.subject, q.predicate, q.object, target if isinstance(q.graph_name, DefaultGraph) else q.graph_name)
        for q in named
    )
    good, problems = _sorted_out(placed, limits)
    return Parsed(tuple(normalised(good)), tuple(problems))


def normalised(quads: Iterable[Quad]) -> list[Quad]:
    """The quads as Oxigraph gives them back, each once, in the order given: "05"^^xsd:integer comes back as "5"."""
    kept: dict[Quad, None] = {}
    for quad in quads:
        store = Store()
        if isinstance(quad.object, Literal):
            store.add(quad)
            quad = next(iter(store))  # noqa: PLW2901
        kept[quad] = None
    return list(kept)


def _parsed(data: bytes, rdf_format: RdfFormat, base: str | None, most: int) -> Iterator[Quad]:
    try:
        for number, quad in enumerate(parse_rdf(data, rdf_format, base_iri=base, rename_blank_nodes=False), 1):
            if number > most:
                raise TooLarge(f"The data have more than {most:,} statements; send them in parts.")
            yield quad
    except SyntaxError as error:
        raise _malformed(error) from None


def _malformed(error: SyntaxError) -> Malformed:
    said = error.msg.partition(": ")[2] if error.msg.startswith("Parser error") else error.msg
    where = f"Line {error.lineno}, column {error.offset}: " if error.lineno else ""
    hint = next((text for sign, text in _HINTS.items() if sign in error.msg), "")
    return Malformed(f"{where}{said[:300]}. {hint}".strip(), error.lineno, error.offset)


def _sorted_out(quads: Iterable[Quad], limits: Limits) -> tuple[list[Quad], list[Problem]]:
    good: list[Quad] = []
    problems: dict[Problem, None] = {}
    values: Counter[tuple[Any, NamedNode]] = Counter()
    for quad in quads:
        values[quad.subject, quad.predicate] += 1
        kind = _problem(quad, limits)
        if kind is None and values[quad.subject, quad.predicate] > limits.values:
            kind = "too-many-values"
        if kind is None:
            good.append(quad)
        else:
            value = "" if kind == "too-many-values" else _text(quad.object)[:200]
            problems[Problem(kind, _text(quad.subject)[:300], quad.predicate.value[:300], value)] = None
    return good, list(problems)


def _problem(quad: Quad, limits: Limits) -> str | None:
    if isinstance(quad.subject, Triple) or isinstance(quad.object, Triple):
        return "triple-term"
    iris = [node.value for node in (quad.subject, quad.predicate, quad.object) if isinstance(node, NamedNode)]
    if any(len(iri) > limits.iri for iri in iris):
        return "long-address"
    if not all(is_allowed_iri(iri) for iri in iris):
        return "scheme"
    if any(iri.startswith(_MODEL) or iri in _MODEL_TERMS for iri in iris):
        return "model"
    return _literal_problem(quad.object, limits) if isinstance(quad.object, Literal) else None


def _literal_problem(literal: Literal, limits: Limits) -> str | None:
    if len(literal.value) > limits.literal:
        return "long-text"
    if not is_known_datatype(literal.datatype.value):
        return "datatype"
    return None if is_well_typed(literal) else "ill-typed"


def _text(term: object) -> str:
    return term.value if isinstance(term, NamedNode | Literal | BlankNode) else str(term)


def request(data: bytes, name: str, **options: Any) -> bytes:
    """What to give to `parse`: the options are those of `read`, limits as a Limits."""
    limits = options.pop("limits", SUBMISSION)
    return json.dumps({"name": name, "limits": asdict(limits), **options}).encode() + b"\n" + data


def parse(payload: bytes) -> bytes:
    """`read` for another process: what `request` made goes in, what `response` reads comes out. Raises nothing."""
    head, _, data = payload.partition(b"\n")
    try:
        options = json.loads(head)
        found = read(data, options.pop("name"), limits=Limits(**options.pop("limits")), **options)
    except RepositoryError as error:
        line, column = getattr(error, "line", None), getattr(error, "column", None)
        answer = {"error": type(error).__name__, "text": str(error), "line": line, "column": column}
        return json.dumps(answer).encode() + b"\n"
    problems = json.dumps({"problems": [asdict(problem) for problem in found.problems]}).encode()
    return problems + b"\n" + (serialize(found.quads, format=RdfFormat.N_QUADS) or b"")


def response(answer: bytes) -> Parsed:
    """What `parse` found. Raises what `read` raises."""
    head, _, lines = answer.partition(b"\n")
    fields = json.loads(head)
    if "error" in fields:
        known = {"UnknownFormat": UnknownFormat, "TooLarge": errors.TooLarge}
        if (kind := known.get(fields["error"])) is not None:
            raise kind(fields["text"])
        raise Malformed(fields["text"], fields["line"], fields["column"])
    quads = tuple(parse_rdf(lines, RdfFormat.N_QUADS))
    return Parsed(quads, tuple(Problem(**problem) for problem in fields["problems"]))
