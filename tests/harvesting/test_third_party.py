"""Records of a repository that somebody else wrote the server of: Dublin Core over OAI-PMH, made into resources."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from click.testing import CliRunner
from oaipmh import error
from oaipmh.common import Header, Identify, Metadata
from oaipmh.metadata import MetadataRegistry
from oaipmh.server import Server, oai_dc_writer
from pyoxigraph import Literal
from tests.harvesting.taking import Taker
from tests.listening import listening

from escrgraph.cli import main
from escrgraph.curation.kept import Submission
from escrgraph.curation.states import State
from escrgraph.vocabulary.namespaces import expand

KNOWN_DOI = "10.2139/ssrn.3218609"
"""Of a resource that the shipped library has."""


@dataclass
class Repository:
    """A repository as the library `oaipmh` has it served, ten records a page."""

    url: str = ""
    records: dict[str, tuple[datetime, dict[str, list[str]] | None]] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)

    def put(self, name: str, **elements: list[str]) -> None:
        """A record as it is from now on; without elements it is deleted."""
        self.records[name] = (datetime.now(UTC).replace(microsecond=0, tzinfo=None), elements or None)

    def identify(self) -> Identify:
        first = datetime(2020, 1, 1)
        return Identify(
            "Somebody", self.url, "2.0", ["a@example.org"], first, "persistent", "YYYY-MM-DDThh:mm:ssZ", ["identity"]
        )

    def listRecords(  # noqa: N802 - the library calls it so
        self,
        metadataPrefix: str,  # noqa: N803
        set: str | None = None,
        from_: Any = None,
        until: Any = None,
    ) -> list[tuple[Header, Metadata | None, None]]:
        if metadataPrefix != "oai_dc":
            raise error.CannotDisseminateFormatError("Only oai_dc.")
        found = [
            (Header(None, f"oai:example.org:{name}", moment, [], said is None), said and Metadata(None, said), None)
            for name, (moment, said) in sorted(self.records.items())
            if from_ is None or moment >= from_
        ]
        if not found:
            raise error.NoRecordsMatchError("None.")
        return found


@pytest.fixture
def repository() -> Iterator[Repository]:
    found = Repository()
    registry = MetadataRegistry()
    registry.registerWriter("oai_dc", oai_dc_writer)
    server = Server(found, registry)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = dict(parse_qsl(urlsplit(self.path).query))
            found.asked.append(asked)
            body = server.handleRequest(dict(asked))
            self.send_response(200)
            self.send_header("Content-Type", "text/xml; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None: ...

    with listening(Handler) as home:
        found.url = f"{home}/oai"
        yield found


def values(here: Taker, submission: Submission, name: str) -> set[str]:
    """What a submission says of one field."""
    proposal = here.desk.submissions.proposal(submission.id)
    return {str(getattr(quad.object, "value", "")) for quad in proposal.added if quad.predicate.value == expand(name)}


def fill(repository: Repository) -> None:
    for number in range(25):
        repository.put(
            f"{number:02}",
            title=[f"Monitoring the budget of town {number}"],
            creator=["Somebody Unknown"] if number == 7 else [],
            subject=["Right to education", "Fisheries"] if number == 3 else ["Right to education"],
            date=["2024-05-01T00:00:00Z"],
            type=["info:eu-repo/semantics/report"],
            language=["eng"],
            identifier=[f"https://somebody.example.org/{number}"],
            rights=["https://creativecommons.org/licenses/by/4.0/"],
        )


def test_dublin_core_becomes_resources(here: Taker, repository: Repository) -> None:
    fill(repository)
    repository.put(
        "known", title=["Something that is here under another title"], subject=["Right to health"],
        identifier=[f"https://doi.org/{KNOWN_DOI}", "https://somebody.example.org/known"], type=["Article"],
    )  # fmt: skip
    first = here.harvest(repository.url, "--mapping", "oai_dc", "--most", "10")
    assert (first.code, first.count("records read.")) == (0, 10), first.err
    second = here.harvest(repository.url, "--mapping", "oai_dc")
    assert (second.code, second.count("records read.")) == (0, 16), second.err
    assert [asked["verb"] for asked in repository.asked].count("ListRecords") == 3
    assert "the same DOI" in second.out
    found = here.found(repository.url)
    assert len(found) == len(here.records(repository.url)) == 26
    assert {one.state for one in found} == {State.SUBMITTED}
    by_title = {one.title: one for one in found}
    plain = by_title["Monitoring the budget of town 0"]
    assert plain.record == "resource/monitoring-the-budget-of-town-0"
    findings = here.desk.submissions.proposal(plain.id).report["findings"]
    assert [found["messages"]["en"] for found in findings if found["severity"] == "Violation"] == []
    assert values(here, plain, "dcterms:issued") == {"2024-05-01"}
    assert values(here, plain, "dcterms:type") == {"https://w3id.org/escrgraph/id/scheme/resource-type/report"}
    assert values(here, plain, "dcterms:subject") == {"https://w3id.org/escrgraph/id/right/education"}
    assert values(here, plain, "dcterms:source") == {"https://somebody.example.org/0"}
    origin = here.desk.harvests.origin(plain.id, 1)
    assert origin is not None
    assert (origin.identifier, origin.mapping) == ("oai:example.org:00", "oai_dc")
    unsure = here.desk.submissions.proposal(by_title["Monitoring the budget of town 3"].id)
    assert not unsure.conforms, "curators see what the library has no entry for"
    assert Literal("Fisheries") in {quad.object for quad in unsure.added}

    repository.put("00", title=["Monitoring the budget of a town"], subject=["Right to education"], type=["Book"])
    repository.put("01")
    repository.put("new", title=["Monitoring something new"], subject=["Right to education"], language=["spa"])
    repository.put("never", **{})
    here.desk.decisions.accept(by_title["Monitoring the budget of town 2"].id, here.curator)
    repository.put("02")
    third = here.harvest(repository.url, "--mapping", "oai_dc")
    assert third.code == 0, third.err
    told = ("new: submitted", "changed: the submission that waits was revised", "gone: a withdrawal was proposed")
    assert [third.count(what) for what in (*told, "gone: noted")] == [1, 1, 1, 1], third.out
    assert here.titles(here.desk.submissions.get(plain.id))[0] == {"Monitoring the budget of a town"}
    again = here.harvest(repository.url, "--mapping", "oai_dc")
    assert not any(again.count(what) for what in (*told, "gone: noted")), again.out


def test_a_mapping_says_how_records_are_read(here: Taker, repository: Repository, tmp_path: Path) -> None:
    repository.put("a", title=["A thing"], identifier=[f"doi:{KNOWN_DOI}"])
    repository.put("b", title=["Revue des droits"], publisher=["x"])
    mapping = tmp_path / "journals.toml"
    mapping.write_text(
        """[source]
        protocol = "oai-pmh"
        [record]
        kind = "journal"
        [fields]
        title = { from = "dc:title", pattern = "^Revue.*", language = "fr" }
        source = { from = "@identifier", values = { "*" = "https://somebody.example.org/all" } }
        """,
        encoding="utf-8",
    )
    done = here.harvest(repository.url, "--mapping", mapping)
    assert (done.code, done.count("records read.")) == (0, 2), done.err
    (journal,) = [one for one in here.found(repository.url) if one.title == "Revue des droits"]
    assert (journal.type, here.desk.submissions.proposal(journal.id).conforms, journal.language) == (
        "journal",
        True,
        "fr",
    )


def test_what_is_surely_here_is_only_told_when_asked_so(here: Taker, repository: Repository, tmp_path: Path) -> None:
    repository.put("a", title=["A thing that is here"], identifier=[f"doi:{KNOWN_DOI}"])
    mapping = tmp_path / "telling.toml"
    mapping.write_text(
        '[record]\nkind = "resource"\nduplicates = "tell"\n[fields]\ntitle = { from = "dc:title", language = "en" }\n'
        "doi = { from = \"dc:identifier\", pattern = '10[.].*' }\n",
        encoding="utf-8",
    )
    done = here.harvest(repository.url, "--mapping", mapping)
    assert (done.code, "the same DOI" in done.out, here.found(repository.url)) == (0, True, []), done.err
    assert here.harvest(repository.url, "--mapping", mapping, "--whole").count("unchanged") == 1


def test_a_record_that_nobody_could_look_at_is_told_and_left(here: Taker, repository: Repository) -> None:
    repository.put("long", title=["A title", "x" * 30_000])
    repository.put("many", subject=[f"Thing {number}" for number in range(300)])
    repository.put("i" * 3_000, title=["A title"])
    done = here.harvest(repository.url, "--mapping", "oai_dc")
    assert (done.code, done.count("could not be taken"), here.found(repository.url)) == (1, 3, []), done.out
    assert "the longest of 30,000 characters" in done.out


WRONG = {
    "[source]\nprotocol = 3": "protocol is a text in quotes",
    "[source]\nprotocol = 'gopher'": "protocol is one of oai-pmh, ldes, sparql, dump",
    "[source]\nbase = 'here'": "cannot be a base",
    "[source]\nhurry = 'yes'": "has no “hurry”",
    "[record]\nkind = 'song'\n[fields]\ntitle = 'dc:title'": "is one of: resource",
    "[record]\nkind = 'journal'\n[fields]\ncolour = 'dc:title'": "has no “colour” for a journal. It may have: title",
    "[record]\nkind = 'journal'\n[fields]\ntitle = {pattern = '('}": "say where it comes from",
    "[record]\nkind = 'journal'\n[fields]\ntitle = {from='dc:title', pattern = '('}": "pattern cannot be read",
    "[record]\ntypes = ['song']": "types is a list of some of",
    "[songs]": "has no section [songs]",
    "[": "is no TOML",
}


@pytest.mark.parametrize("text", WRONG)
def test_a_mapping_that_cannot_be_followed_is_refused_first(tmp_path: Path, text: str) -> None:
    mapping = tmp_path / "wrong.toml"
    mapping.write_text(text, encoding="utf-8")
    words = ["harvest", "http://127.0.0.1:9/", "--mapping", str(mapping), "--store", str(tmp_path / "none")]
    done = CliRunner().invoke(main, words)
    assert (done.exit_code, WRONG[text] in done.stderr) == (2, True), done.stderr
