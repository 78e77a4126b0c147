"""What follows from records while their lines pass by in a bulk load, so that it is loaded in the same pass."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from pyoxigraph import Quad, RdfFormat, parse

from escrgraph.repository.inference import Inference
from escrgraph.repository.store import n_quads, normalised
from escrgraph.vocabulary.edtf import DATATYPE
from escrgraph.vocabulary.iris import Base
from escrgraph.vocabulary.namespaces import RDF

_EDTF = b'"^^<' + DATATYPE.encode() + b">"
_TYPE = b"> <" + RDF.encode() + b"type> <"


class Gathering:
    """Most records are whole within a chunk or two: one that the next chunk does not go on with is taken for whole.

    records: all seen so far. scattered: those that came again after they were taken for whole; what was said to follow
    from them may be wrong or wanting.
    """

    def __init__(self, base: Base, inference: Inference) -> None:
        self.records: set[str] = set()
        self.scattered: set[str] = set()
        self._base = base
        self._inference = inference
        self._open: dict[str, list[bytes]] = {}
        self._classes = [_TYPE + node.value.encode() + b"> <" for node in inference.classes]

    def sorted_out(self, lines: Iterable[bytes]) -> tuple[dict[str, list[bytes]], list[tuple[str, str]]]:
        """The lines of a chunk by record, and (record, path) of each subject below one."""
        by_subject: dict[bytes, list[bytes]] = {}
        for line in lines:
            by_subject.setdefault(line[1 : line.index(b">")], []).append(line)
        found: dict[str, list[bytes]] = {}
        parts: list[tuple[str, str]] = []
        for subject, own in by_subject.items():
            iri = subject.decode()
            if record := self._base.record_of(iri):
                found.setdefault(record, []).extend(own)
                if path := iri[len(self._base.iri) + 3 + len(record) :]:
                    parts.append((record, path))
        return found, parts

    def take(self, found: dict[str, list[bytes]], aside: Collection[str]) -> bytes:
        """Take in a chunk, sorted out, and give what follows from the records that are whole now, as lines.

        aside: records from which nothing is to follow here, because the store has more of them.
        """
        self.scattered |= (found.keys() & self.records) - self._open.keys() - set(aside)
        self.records |= found.keys()
        whole = {record: self._open.pop(record) for record in self._open.keys() - found.keys()}
        for record, lines in found.items():
            if record not in aside and record not in self.scattered:
                self._open.setdefault(record, []).extend(lines)
        return self._following(whole)

    def finish(self) -> bytes:
        """What follows from the records that are left."""
        whole, self._open = self._open, {}
        return self._following(whole)

    def _following(self, records: dict[str, list[bytes]]) -> bytes:
        dated: list[bytes] = []
        ruled: dict[str, list[Quad]] = {}
        for record, lines in records.items():
            text = b"".join(lines)
            if _EDTF in text:
                dated += [line for line in lines if _EDTF in line]
            if any(kind in text for kind in self._classes):
                ruled[record] = list(parse(text, RdfFormat.N_QUADS))
        found = set(self._inference.dates(parse(b"".join(dated), RdfFormat.N_QUADS)))
        return n_quads(normalised(found | self._inference.of(ruled, dates=False)))
