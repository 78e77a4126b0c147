"""Records from a dump: a file of RDF, or the address of one, which holds everything there is."""

from __future__ import annotations

import hashlib
import json
import tempfile
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from pyoxigraph import NamedNode, Quad

from escrgraph.harvesting.taking import pieces
from escrgraph.harvesting.taking.fetching import Fetcher
from escrgraph.harvesting.taking.found import Found, Mark, Page, SourceFailed
from escrgraph.repository.checkers import Checker
from escrgraph.repository.errors import RepositoryError
from escrgraph.validation.formats import EXTENSIONS, FORMATS
from escrgraph.vocabulary.facts import Facts, term
from escrgraph.vocabulary.namespaces import RDF

MOST_BYTES = 512 << 20
"""The largest dump that is read, packed or unpacked; a larger library is taken by /ldes or OAI-PMH."""

SECONDS = 1800.0
"""How long a dump may take to arrive."""

PARSING = 900.0
"""How long it may take to be read."""

PAGE = 100
"""Records on a page."""

_ACCEPT = ", ".join(("application/n-quads", *FORMATS, "application/gzip", "*/*;q=0.1"))
_TYPE, _TOPIC = NamedNode(RDF + "type"), term("foaf:primaryTopic")
_OVER, _MODIFIED = term("prov:invalidatedAtTime"), term("dcterms:modified")


class Dump:
    """A dump. record_of: the IRI of the record to which an IRI belongs, None for what is none; class_: what a record is
    an instance of, in the data of others.
    """

    def __init__(
        self,
        address: str,
        fetcher: Fetcher,
        checker: Checker,
        record_of: Callable[[str], str | None],
        class_: str = "",
    ) -> None:
        self._address, self._fetcher, self._checker = address, fetcher, checker
        self._record_of, self._class = record_of, class_

    def pages(self, mark: Mark) -> Iterator[Page]:
        """Everything, when it is not the dump of last time. What it does not hold is gone."""
        before = json.loads(mark.since or "{}")
        resumed = json.loads(mark.position or "{}")
        with tempfile.TemporaryFile() as spool:
            name, etag, unchanged = self._fetch(spool, "" if resumed else before.get("etag", ""))
            if unchanged:
                yield Page((), Mark(mark.since))
                return
            digest = _digest(spool)
            since = Mark(json.dumps({"etag": etag, "digest": digest}))
            if digest == before.get("digest") and not resumed:
                yield Page((), since)
                return
            data = _unpacked(spool, name, self._address)
        try:
            limits = pieces.DUMP
            told = pieces.read_one(self._checker, pieces.Piece(_plain(name), data, None, limits), PARSING)
        except RepositoryError as error:
            raise SourceFailed(f"{self._address} cannot be read: {error}") from None
        after = resumed.get("after", "") if resumed.get("digest") == digest else ""
        found = [record for record in self._records(told.quads) if record.identifier > after]
        for start in range(0, len(found), PAGE):
            part = tuple(found[start : start + PAGE])
            position = json.dumps({"digest": digest, "after": part[-1].identifier})
            yield Page(part, Mark(mark.since, position), len(found))
        yield Page((), since, whole=True)

    def _fetch(self, spool: IO[bytes], etag: str) -> tuple[str, str, bool]:
        """Put the dump into a file. Returns what names its format, its validator, whether it is that of last time."""
        if not self._address.startswith(("http://", "https://")):
            path = Path(self._address)
            if path.stat().st_size > MOST_BYTES:
                raise SourceFailed(f"{path} has more than {MOST_BYTES:,} bytes, which is more than is read at once.")
            spool.write(path.read_bytes())
            return path.name, "", False
        answer = self._fetcher.save(self._address, _ACCEPT, spool, MOST_BYTES, SECONDS, etag)
        name = urlsplit(answer.address).path.rpartition("/")[2]
        if _extension(name) not in EXTENSIONS:
            if answer.media not in FORMATS and not answer.unchanged:
                raise SourceFailed(
                    f"{self._address} answers with {answer.media or 'an unnamed type'}, and not with RDF."
                )
            name = answer.media
        return name, answer.headers.get("ETag", ""), answer.unchanged

    def _records(self, quads: Sequence[Quad]) -> list[Found]:
        facts = Facts(quads)
        chosen = set(facts.subjects_of(_TYPE, NamedNode(self._class))) if self._class else set()
        owned: defaultdict[str, list[Quad]] = defaultdict(list)
        for quad in quads:
            if isinstance(quad.subject, NamedNode) and (record := self._owner(quad.subject.value, chosen)):
                owned[record].append(quad)
        dates, gone = {}, set[str]()
        for document in [node for node in facts.all_subjects() if facts.object(node, _TOPIC) is not None]:
            record = facts.text(document, _TOPIC) or ""
            dates[record] = facts.text(document, _MODIFIED) or ""
            if facts.object(document, _OVER) is not None:
                gone.add(record)
        told = [
            Found(record, dates.get(record, ""), quads=tuple(said))
            for record, said in owned.items()
            if record not in gone
        ]
        over = [Found(record, dates[record], gone=True) for record in gone]
        return sorted([*told, *over], key=lambda found: found.identifier)

    def _owner(self, subject: str, chosen: AbstractSet[object]) -> str | None:
        if not self._class:
            return self._record_of(subject)
        place = len(subject)
        while place > 0:
            if NamedNode(subject[:place]) in chosen:
                return subject[:place]
            place = max(subject.rfind("/", 0, place), subject.rfind("#", 0, place))
            if subject[:place].endswith((":", "/")):
                return None
        return None


def _digest(spool: IO[bytes]) -> str:
    spool.seek(0)
    return hashlib.file_digest(spool, "sha256").hexdigest()  # type: ignore[arg-type]


def _unpacked(spool: IO[bytes], name: str, address: str) -> bytes:
    spool.seek(0)
    start = spool.read(2)
    spool.seek(0)
    if start != b"\x1f\x8b":
        return spool.read()
    unpacking, found = zlib.decompressobj(31), bytearray()
    try:
        while (packed := unpacking.unconsumed_tail or spool.read(1 << 20)) and not unpacking.eof:
            found += unpacking.decompress(packed, 8 << 20)
            if len(found) > MOST_BYTES:
                raise SourceFailed(
                    f"{address} unpacks to more than {MOST_BYTES:,} bytes, which is more than is read at once."
                )
    except zlib.error as error:
        raise SourceFailed(f"{address} is packed wrongly: {error}.") from None
    if not unpacking.eof:
        raise SourceFailed(f"{address} ends in the middle of {name}. Run the same command again.")
    return bytes(found)


def _plain(name: str) -> str:
    return name.removesuffix(".gz")


def _extension(name: str) -> str:
    return _plain(name.lower()).rpartition(".")[2]
