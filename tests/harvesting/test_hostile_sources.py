"""Sources that do harm or fail: a clear sentence, nothing half-kept, and the same command goes on."""

from __future__ import annotations

import gzip
import json
import re
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from tests.harvesting.taking import HOME, Done, Taker, journal
from tests.listening import listening
from tests.places import settings_of
from tests.postgres import SERVERS

from escrgraph.curation.database import Database
from escrgraph.harvesting.taking import (
    Fetcher,
    Mark,
    Page,
    Protocol,
    Reading,
    SourceFailed,
    Wanted,
    dump,
    fetching,
    source_of,
)
from escrgraph.repository.addresses import Address

HEAD = '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><responseDate>2026-01-01T00:00:00Z</responseDate>'
TRIG, ROWS = "application/trig", "application/sparql-results+json"

Answer = tuple[int, dict[str, str], bytes]


def xml(body: str, status: int = 200, **headers: str) -> Answer:
    return status, {"Content-Type": "text/xml", **{n.replace("_", "-"): v for n, v in headers.items()}}, body.encode()


def records(numbers: Iterable[int], token: str = "") -> Answer:
    """A page of journals in RDF."""
    listed = "".join(
        f"<record><header><identifier>{HOME}journal/j-{number}</identifier><datestamp>2026-01-01</datestamp></header>"
        '<metadata><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:d="http://purl.org/dc/terms/">'
        f'<rdf:Description rdf:about="{HOME}journal/j-{number}"><d:title xml:lang="en">Title {number}</d:title>'
        '<rdf:type rdf:resource="https://w3id.org/escrgraph/def/Journal"/></rdf:Description></rdf:RDF></metadata></record>'
        for number in numbers
    )
    return xml(f"{HEAD}<ListRecords>{listed}<resumptionToken>{token}</resumptionToken></ListRecords></OAI-PMH>")


class Hostile:
    """A server that answers as a test says. answer: from path and arguments; asked: when which path was asked."""

    def __init__(self) -> None:
        self.url = ""
        self.asked: list[tuple[float, str, dict[str, str]]] = []
        self.answer: Callable[[str, dict[str, str]], Answer] = lambda path, asked: (404, {}, b"")
        self.cut: int | None = None  # bytes after which the connection breaks


@pytest.fixture
def hostile(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hostile]:
    found = Hostile()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._do(urlsplit(self.path).query)

        def do_POST(self) -> None:
            self._do(self.rfile.read(int(self.headers["Content-Length"])).decode())

        def _do(self, query: str) -> None:
            asked = {name: values[0] for name, values in parse_qs(query).items()}
            found.asked.append((time.monotonic(), self.path, dict(self.headers)))
            status, headers, body = found.answer(urlsplit(self.path).path, asked)
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body if found.cut is None else body[: found.cut])
            self.close_connection = True

        def log_message(self, format: str, *args: object) -> None: ...

    with listening(Handler) as found.url:
        yield found


def refused(done: Done, sentence: str) -> None:
    assert (done.code, sentence in done.err) == (3, True), (done.out, done.err)
    assert "Traceback" not in done.err


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>' + HEAD + "<error code='x'>&c;</error></OAI-PMH>"
)
OAI: dict[str, tuple[Answer, str]] = {
    "entities": (xml(BOMB), "declares a DOCTYPE"),
    "broken": (xml(HEAD + "<ListRecords><record>"), "broken XML"),
    "a page for people": ((200, {"Content-Type": "text/html"}, b"<html>Sign in</html>"), "answers with text/html"),
    "other XML": (xml("<feed/>"), "not OAI-PMH"),
    "an error of its own": (xml(f"{HEAD}<error code='badArgument'>no</error></OAI-PMH>"), "answers badArgument: no"),
    "nothing": (xml(f"{HEAD}</OAI-PMH>"), "does not answer with a list"),
    "no such page": ((404, {}, b""), "answers 404"),
    "a file": ((302, {"Location": "file:///etc/passwd"}, b""), "nothing else is asked"),
    "round and round": ((302, {"Location": "/oai"}, b""), "leads on and on"),
    "into this machine": ((302, {"Location": "http://127.0.0.1:9/x"}, b""), "private address"),
    "into this machine by name": ((302, {"Location": "http://localhost:9/x"}, b""), "private address"),
    "to the metadata of a cloud": ((302, {"Location": "http://169.254.169.254/"}, b""), "private address"),
    "later": ((503, {"Retry-After": "86400"}, b""), "left alone for 86,400 seconds"),
}  # fmt: skip


@pytest.mark.parametrize("name", OAI)
def test_a_source_that_answers_wrongly_is_told(hostile: Hostile, name: str) -> None:
    answer, sentence = OAI[name]
    hostile.answer = lambda path, asked: answer
    with pytest.raises(SourceFailed, match=sentence), read(hostile, "oai-pmh") as pages:
        list(pages)


@contextmanager
def read(hostile: Hostile, protocol: str, path: str = "/oai", mark: Mark | None = None) -> Iterator[Iterator[Page]]:
    """The pages of a source, read without taking them in."""
    address = hostile.url + path
    with Reading.of(Fetcher(address, 0)) as found:
        yield source_of(address, Protocol(protocol), Wanted(), found, mapped=False).pages(mark or Mark())


def test_a_private_address_is_not_asked_unless_it_is_the_one_named(hostile: Hostile) -> None:
    hostile.answer = lambda path, asked: xml("<a/>")
    with Fetcher("https://example.org/", 0) as fetcher, pytest.raises(SourceFailed, match="private"):
        fetcher.get(hostile.url, "*/*")
    assert not hostile.asked
    with Fetcher(hostile.url, 0) as fetcher:
        assert fetcher.get(hostile.url, "*/*").body == b"<a/>"
    assert hostile.asked[0][2]["User-Agent"].startswith("escrgraph/")


def test_who_asks_for_patience_gets_it(hostile: Hostile) -> None:
    busy = [(503, {"Retry-After": "1"}, b""), xml("<a/>")]
    hostile.answer = lambda path, asked: busy.pop(0)
    told: list[str] = []
    with Fetcher(hostile.url, 0, told.append) as fetcher:
        assert fetcher.get(hostile.url, "*/*").body == b"<a/>"
    assert hostile.asked[1][0] - hostile.asked[0][0] >= 1
    assert told == [f"{hostile.url} answers 503 Service Unavailable. Waiting 1 s."]


def test_requests_to_a_source_have_pauses_between_them(hostile: Hostile) -> None:
    hostile.answer = lambda path, asked: xml("<a/>")
    with Fetcher(hostile.url, 0.2) as fetcher:
        began = time.monotonic()
        for _ in range(4):
            fetcher.get(hostile.url, "*/*")
    assert time.monotonic() - began >= 3 * 0.2


@pytest.mark.parametrize("packed", [False, True])
def test_an_answer_without_end_is_not_read_to_its_end(
    hostile: Hostile, monkeypatch: pytest.MonkeyPatch, packed: bool
) -> None:
    monkeypatch.setattr(fetching, "PAGE_BYTES", 1 << 20)
    body = b" " * (20 << 20)
    headers = {"Content-Encoding": "gzip"} if packed else {}
    hostile.answer = lambda path, asked: (200, headers, gzip.compress(body) if packed else body)
    with Fetcher(hostile.url, 0) as fetcher, pytest.raises(SourceFailed, match="more than 1,048,576 bytes"):
        fetcher.get(hostile.url, "*/*")


def test_a_list_that_never_ends_is_left(hostile: Hostile) -> None:
    hostile.answer = lambda path, asked: records(range(3), "again")
    with read(hostile, "oai-pmh") as pages:
        assert len(next(pages).records) == 3
        with pytest.raises(SourceFailed, match="same resumption token twice"):
            next(pages)
    count = iter(range(1000))
    hostile.answer = lambda path, asked: records(range(3), f"token-{next(count)}")
    with pytest.raises(SourceFailed, match="hold nothing new"), read(hostile, "oai-pmh") as pages:
        list(pages)
    assert next(count) < 10


def test_a_source_that_dies_in_the_middle_is_gone_on_with(
    hostile: Hostile, here: Taker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "TRIES", 1)
    pages = {"": records(range(3), "two"), "two": records(range(3, 6), "three"), "three": records(range(6, 8))}

    def broken(path: str, asked: dict[str, str]) -> Answer:
        token = asked.get("resumptionToken", "")
        hostile.cut = 500 if token == "two" else None
        return pages[token]

    hostile.answer = broken
    address = f"{hostile.url}/dying"
    died = here.harvest(address, "--protocol", "oai-pmh")
    refused(died, "broke off")
    assert "What came before is kept: 3 records were read." in died.err
    assert len(here.found(address)) == 3
    hostile.cut = None
    hostile.answer = lambda path, asked: pages[asked.get("resumptionToken", "")]
    asked = len(hostile.asked)
    done = here.harvest(address, "--protocol", "oai-pmh")
    assert (done.code, len(hostile.asked) - asked, done.count("records read.")) == (0, 2, 5), done.err
    assert here.records(address) == {f"journal/j-{number}": 1 for number in range(8)}


def test_a_token_that_has_expired_costs_reading_the_list_anew(hostile: Hostile) -> None:
    answers = {"": records(range(3), "two"), "two": records(range(3, 6))}
    hostile.answer = lambda path, asked: answers[asked.get("resumptionToken", "")]
    with read(hostile, "oai-pmh") as pages:
        mark = next(pages).mark
    expired = [xml(f"{HEAD}<error code='badResumptionToken'>Gone.</error></OAI-PMH>")]
    hostile.answer = lambda path, asked: expired.pop() if expired else answers[asked.get("resumptionToken", "")]
    with read(hostile, "oai-pmh", mark=mark) as pages:
        assert [len(page.records) for page in pages] == [3, 3]


def test_one_bad_record_does_not_harm_the_others(hostile: Hostile, here: Taker) -> None:
    status, headers, body = records([0, 1, 2, 2])  # the last one twice
    text = body.decode().replace("Title 1<", f"Title 1</d:title><d:title>{'x' * 30_000}<")
    text = text.replace(f'about="{HOME}journal/j-0"', f'about="{HOME}journal/j-0" rdf:nonsense="1" rdf:ID="1"')
    text = text.replace(
        "</ListRecords>", "<record><header><identifier>\u202etricky</identifier></header></record></ListRecords>"
    )
    hostile.answer = lambda path, asked: (status, headers, text.encode())
    address = f"{hostile.url}/bad"
    done = here.harvest(address, "--protocol", "oai-pmh")
    assert done.code == 1, (done.out, done.err)
    assert done.count("could not be taken") == 2
    assert "\u202e" not in done.out
    assert here.records(address) == {"journal/j-1": 1, "journal/j-2": 1}
    (long,) = here.found(address, "journal/j-1")
    findings = here.desk.submissions.proposal(long.id).report["findings"]
    assert "long-text" in {finding["constraint"] for finding in findings}, "what was left out is told to curators"


def test_a_stream_that_goes_in_circles_is_walked_once(hostile: Hostile) -> None:
    page = (
        "@prefix tree: <https://w3id.org/tree#> . <{0}> a tree:Node ; "
        "tree:relation [ tree:node <{0}> ], [ tree:node <{1}> ], [ tree:node <file:///etc/passwd> ] ."
    )
    urls = [f"{hostile.url}/ldes", f"{hostile.url}/ldes/2"]
    bodies = {"/ldes": page.format(*urls), "/ldes/2": page.format(urls[1], urls[0])}
    hostile.answer = lambda path, asked: (200, {"Content-Type": TRIG}, bodies[path].encode())
    with read(hostile, "ldes", "/ldes") as pages:
        assert len(list(pages)) == 2
    assert len(hostile.asked) == 2


def test_an_endpoint_that_cuts_answers_short_is_refused(hostile: Hostile) -> None:
    def rows(*found: dict[str, str]) -> Answer:
        bindings = [{name: {"type": "literal", "value": value} for name, value in row.items()} for row in found]
        head = {"vars": ["record", "modified", "newest", "count", "subject", "property", "value"]}
        return 200, {"Content-Type": ROWS}, json.dumps({"head": head, "results": {"bindings": bindings}}).encode()

    def answer(path: str, asked: dict[str, str]) -> Answer:
        if "?newest" in asked["query"] or "COUNT" in asked["query"]:
            return rows({"newest": "2026-01-01T00:00:00Z", "count": "2000"})
        if "?record ?modified" in asked["query"]:
            return rows({"record": f"{HOME}journal/a", "modified": "2026-01-01T00:00:00Z"})
        return rows()

    hostile.answer = answer
    with pytest.raises(SourceFailed, match="cuts answers short"), read(hostile, "sparql") as pages:
        list(pages)
    hostile.answer = lambda path, asked: (200, {"Content-Type": "text/html"}, b"<html>")
    with pytest.raises(SourceFailed, match="not with SPARQL results"), read(hostile, "sparql") as pages:
        list(pages)


DUMPS: dict[str, tuple[bytes, str]] = {
    "bomb.rdf": (b'<!DOCTYPE x [<!ENTITY a "b">]><x/>', "DOCTYPE"),
    "large.nq.gz": (gzip.compress(b" " * (3 << 20)), "unpacks to more than"),
    "cut.nq.gz": (gzip.compress(b"<a:b> <a:b> <a:b> .\n" * 1000)[:-20], "ends in the middle"),
    "none.nq.gz": (b"\x1f\x8bnothing", "packed wrongly"),
    "broken.ttl": (b"<a> <b", "cannot be read"),
    "context.jsonld": (b'{"@context": "http://169.254.169.254/", "@id": "a:b"}', "is not fetched"),
}  # fmt: skip


@pytest.mark.parametrize("name", DUMPS)
def test_a_dump_that_cannot_be_read_is_told(hostile: Hostile, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(dump, "MOST_BYTES", 1 << 20)
    body, sentence = DUMPS[name]
    hostile.answer = lambda path, asked: (200, {"Content-Type": "application/octet-stream"}, body)
    with pytest.raises(SourceFailed, match=sentence), read(hostile, "dump", f"/{name}") as pages:
        list(pages)


def test_a_dump_that_lost_most_is_not_believed_at_once(here: Taker, tmp_path: Path) -> None:
    file = tmp_path / "journals.ttl"
    file.write_text("".join(journal(number) for number in range(100, 130)), encoding="utf-8")
    assert here.harvest(file).count("new: submitted") == 30
    file.write_text(journal(100), encoding="utf-8")
    done = here.harvest(file)
    assert (done.code, "29 of 30 records are there no longer" in done.err) == (1, True), done.err
    done = here.harvest(file, "--losses")
    assert (done.code, done.count("gone: noted")) == (0, 29), done.out


def test_another_base_becomes_ours_and_an_address_that_is_taken_another_one(here: Taker, tmp_path: Path) -> None:
    there = "https://partner.example/id/"
    file, mapping = tmp_path / "partner.ttl", tmp_path / "partner.toml"
    mapping.write_text('[source]\nbase = "https://partner.example/"\n', encoding="utf-8")
    here.desk.submissions.create(here.desk.making.of_file(journal(500).encode(), "text/turtle"), here.curator)
    more = f"<http://www.w3.org/2004/02/skos/core#exactMatch> <{there}journal/j-501> ; "
    file.write_text(journal(500, there, more) + journal(501, there), encoding="utf-8")
    done = here.harvest(file, "--mapping", mapping)
    assert done.count("new: submitted") == 2, (done.out, done.err)
    assert set(here.records(str(file))) == {"journal/j-500-2", "journal/j-501"}
    (moved,) = here.found(str(file), "journal/j-500-2")
    said = {str(quad.object) for quad in here.desk.submissions.proposal(moved.id).added}
    assert f"<{HOME}journal/j-501>" in said
    assert not any("partner.example" in text for text in said)
    file.write_text(journal(500, there, more) + journal(501, there, more.replace("501", "500")), encoding="utf-8")
    here.harvest(file, "--mapping", mapping)
    (other,) = here.found(str(file), "journal/j-501")
    said = {str(quad.object) for quad in here.desk.submissions.proposal(other.id).added}
    assert f"<{HOME}journal/j-500-2>" in said, "a link leads to what was taken in, and not to what was here before"


def kept(curation: Address, text: bytes) -> bytes:
    """The files of a curation database in which a text stands, as one."""
    if isinstance(curation, Path):
        return curation.read_bytes()
    return b"".join(path.read_bytes() for path in SERVERS[curation.partition("?")[0]].holds(text))


def test_what_was_erased_here_is_never_taken_again(here: Taker, tmp_path: Path) -> None:
    file = tmp_path / "person.ttl"
    file.write_text(journal(900) + journal(901), encoding="utf-8")
    here.harvest(file)
    here.desk.submissions.erase_record("journal/j-900", f"{HOME}journal/j-900")
    database = Database(settings_of(here.store).curation)
    assert database.compact()  # as the command does
    database.close()
    file.write_text(journal(900).replace("Title", "Name") + journal(901), encoding="utf-8")
    done = here.harvest(file)
    assert (done.count("erased or withdrawn here"), done.count("unchanged")) == (1, 1), done.out
    assert "journal/j-900" not in here.records(str(file))
    erased = f"{HOME}journal/j-900".encode()
    assert not re.search(re.escape(erased) + rb"(?!\d)", kept(settings_of(here.store).curation, erased))


def test_what_cannot_be_harvested_at_all_is_wrong_usage(here: Taker) -> None:
    for url in ("ftp://example.org/x", "nothing.ttl", "file:///etc/passwd"):
        done = here.harvest(url)
        assert (done.code, "is no http or https address" in done.err) == (2, True), done.err


def test_what_a_protocol_has_not_cannot_be_asked_for(here: Taker) -> None:
    done = here.harvest("http://127.0.0.1:9/ldes", "--protocol", "ldes", "--set", "right:food")
    assert (done.code, "Sets and formats are of OAI-PMH" in done.err) == (2, True), done.err


def test_an_address_that_tells_nothing_asks_for_the_protocol(hostile: Hostile, here: Taker) -> None:
    hostile.answer = lambda path, asked: (200, {"Content-Type": "text/html"}, b"<html>")
    refused(here.harvest(f"{hostile.url}/x"), "Say it with --protocol: oai-pmh, ldes, sparql, dump.")
