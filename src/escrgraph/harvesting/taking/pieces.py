"""Pieces of RDF from a source, read in a process that may be killed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from pyoxigraph import (
    Literal,
    NamedNode,
    Quad,
    QueryResultsFormat,
    QuerySolutions,
    RdfFormat,
    parse_query_results,
    serialize,
)
from pyoxigraph import parse as parse_rdf

from escrgraph.repository.checkers import Checker
from escrgraph.repository.errors import Crashed, Malformed, OutOfMemory, OutOfTime, RepositoryError
from escrgraph.validation import SUBMISSION, Limits, Parsed, Problem, gate

MEMORY = 3 << 30
SECONDS = 60.0
ROWS = "application/sparql-results+json"
"""The media type of pieces that are the rows of a query for subject, property and value."""

PAGE = Limits(bytes=32 << 20, quads=400_000, literal=20_000, values=100_000)
"""For a page that holds many records."""

DUMP = Limits(bytes=512 << 20, quads=4_000_000, literal=20_000, values=1_000_000)


@dataclass(frozen=True, slots=True)
class Piece:
    """RDF to be read. media: its type or file name; record: IRI of what it is about, where it is about one thing."""

    media: str
    data: bytes
    record: str | None = None
    limits: Limits = SUBMISSION


def reader() -> Checker:
    """Who reads pieces, to be closed."""
    return Checker(MEMORY, SECONDS, [__name__])


def read(checker: Checker, pieces: Sequence[Piece], seconds: float = SECONDS) -> list[Parsed | RepositoryError]:
    """What each of some pieces says, or why it cannot be read; one that breaks its reader does not harm the others."""
    if not pieces:
        return []
    try:
        return _read_together(checker, pieces, seconds)
    except (OutOfTime, OutOfMemory, Crashed):
        if len(pieces) > 1:
            return [found for piece in pieces for found in read(checker, [piece], seconds)]
        return [Malformed("It takes more time or memory to be read than is given to it.")]


def _read_together(checker: Checker, pieces: Sequence[Piece], seconds: float) -> list[Parsed | RepositoryError]:
    head = [{"media": p.media, "record": p.record, "limits": asdict(p.limits), "length": len(p.data)} for p in pieces]
    payload = json.dumps(head).encode() + b"\n" + b"".join(piece.data for piece in pieces)
    return [_told(answer) for answer in _split(checker.run(f"{__name__}:answer", payload, seconds))]


def read_one(checker: Checker, piece: Piece, seconds: float = SECONDS) -> Parsed:
    """What one piece says. Raises Malformed for what cannot be read."""
    (found,) = read(checker, [piece], seconds)
    if isinstance(found, RepositoryError):
        raise found
    return found


def answer(payload: bytes) -> bytes:
    """`read` in the other process: for each piece a line of JSON with the length of the N-Quads that follow it."""
    head, _, rest = payload.partition(b"\n")
    found, start = [], 0
    for piece in json.loads(head):
        data = rest[start : start + piece["length"]]
        start += piece["length"]
        found.append(_read(Piece(piece["media"], data, piece["record"], Limits(**piece["limits"]))))
    return b"".join(found)


def _read(piece: Piece) -> bytes:
    try:
        rows = piece.media == ROWS
        data, media = (_quads_of(piece.data), "application/n-quads") if rows else (piece.data, piece.media)
        parsed = gate.read(data, media, limits=piece.limits, record=piece.record)
    except RepositoryError as error:
        return json.dumps({"error": str(error), "length": 0}).encode() + b"\n"
    body = serialize(parsed.quads, format=RdfFormat.N_QUADS) or b""
    head = {"problems": [asdict(problem) for problem in parsed.problems], "length": len(body)}
    return json.dumps(head).encode() + b"\n" + body


def _quads_of(data: bytes) -> bytes:
    """Rows of subject, property and value as N-Quads; blank nodes cannot be asked about, and are left out."""
    quads = []
    try:
        solutions = parse_query_results(data, QueryResultsFormat.JSON)
        if not isinstance(solutions, QuerySolutions):
            raise Malformed("The answer is no table.")
        for row in solutions:
            subject, path, value = row["subject"], row["property"], row["value"]
            if (
                isinstance(subject, NamedNode)
                and isinstance(path, NamedNode)
                and isinstance(value, NamedNode | Literal)
            ):
                quads.append(Quad(subject, path, value))
    except (SyntaxError, ValueError, KeyError) as error:
        raise Malformed(f"The answer is no table of results: {str(error)[:200]}.") from None
    return serialize(quads, format=RdfFormat.N_QUADS) or b""


def _split(answers: bytes) -> list[tuple[dict[str, object], bytes]]:
    found, start = [], 0
    while start < len(answers):
        end = answers.index(b"\n", start)
        head = json.loads(answers[start:end])
        start = end + 1 + head["length"]
        found.append((head, answers[end + 1 : start]))
    return found


def _told(answer: tuple[dict[str, object], bytes]) -> Parsed | RepositoryError:
    head, body = answer
    if "error" in head:
        return Malformed(str(head["error"]))
    problems = head["problems"]
    assert isinstance(problems, list)  # noqa: S101 - told to mypy
    return Parsed(tuple(parse_rdf(body, RdfFormat.N_QUADS)), tuple(Problem(**problem) for problem in problems))
