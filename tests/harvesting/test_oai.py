"""OAI-PMH as harvesters meet it: whole lists, sets, dates, errors, and whatever hostile clients send."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree
from oaipmh_scythe import Scythe
from sickle import Sickle
from tests.harvesting.clients import get, settle
from tests.repository.worlds import RESOURCE, TITLE, node
from tests.running import Running, serving
from tests.web.sites import Site

from escrgraph.harvesting.oai_arguments import Selection
from escrgraph.repository.changes import Cause, Change
from escrgraph.repository.writing import Writer

OAI = "{http://www.openarchives.org/OAI/2.0/}"
SCHEMA = etree.XMLSchema(etree.parse(Path(__file__).with_name("oai-pmh.xsd")))
FOOD = "https://w3id.org/escrgraph/id/right/food"
RECORDS = "verb=ListRecords&metadataPrefix=oai_dc"


def asked(site: Site, query: str) -> etree._Element:
    """The answer to a request: always 200, always valid by the schema."""
    answer = site.get(f"/oai?{query}")
    assert (answer.status_code, answer.mimetype) == (200, "text/xml"), answer.text
    root = etree.fromstring(answer.data)
    SCHEMA.assertValid(root)
    return root


def error(site: Site, query: str) -> str:
    root = asked(site, query)
    assert len(root.findall(f"{OAI}error")) == 1, etree.tostring(root)[:500]
    return str(root.find(f"{OAI}error").get("code"))  # type: ignore[union-attr]


def test_it_identifies_itself(given: Running) -> None:
    told = Sickle(f"{given.url}oai").Identify()
    assert (told.protocolVersion, told.deletedRecord, told.granularity) == ("2.0", "persistent", "YYYY-MM-DDThh:mm:ssZ")
    assert told.baseURL == f"{given.url}oai"
    assert "@" in told.adminEmail


@pytest.mark.parametrize("prefix", ["oai_dc", "rdf"])
def test_two_clients_take_everything(given: Running, records: dict[str, list[str]], prefix: str) -> None:
    expected = {f"https://w3id.org/escrgraph/id/{name}" for names in records.values() for name in names}
    by_sickle = list(Sickle(f"{given.url}oai").ListRecords(metadataPrefix=prefix))
    assert sorted(record.header.identifier for record in by_sickle) == sorted(expected)
    with Scythe(f"{given.url}oai") as client:
        by_scythe = [record.header.identifier for record in client.list_records(metadata_prefix=prefix)]  # type: ignore[union-attr]
    assert sorted(by_scythe) == sorted(expected)


def test_dublin_core_holds_what_a_catalogue_shows(given: Running) -> None:
    metadata = Sickle(f"{given.url}oai").GetRecord(identifier=FOOD, metadataPrefix="oai_dc").metadata
    assert "Right to adequate food" in metadata["title"]
    assert "الحق في الغذاء الكافي" in metadata["title"]
    assert metadata["identifier"] == [FOOD]
    assert metadata["type"] == ["Right"]
    assert metadata["rights"] == ["https://creativecommons.org/licenses/by/4.0/"]


def test_rdf_is_what_the_store_says(site: Site) -> None:
    import rdflib

    root = asked(site, f"verb=GetRecord&metadataPrefix=rdf&identifier={FOOD}")
    rdf = root.find(".//{http://www.w3.org/1999/02/22-rdf-syntax-ns#}RDF")
    graph = rdflib.Graph().parse(data=etree.tostring(rdf), format="xml")
    rows = site.rows(f"SELECT ?p ?o WHERE {{ <{FOOD}> ?p ?o }}")
    assert {tuple(row) for row in rows} == {(p.n3(), o.n3()) for s, p, o in graph if str(s) == FOOD}


def test_sets_hold_what_their_names_say(given: Running, site: Site) -> None:
    client = Sickle(f"{given.url}oai")
    names = {found.setSpec: found.setName for found in client.ListSets()}
    assert {"type:finding", "right:food", "country:gtm", "language:es", "type", "right"} <= names.keys()
    assert (names["country:gtm"], names["language:es"]) == ("Guatemala", "Spanish")
    for name, pattern in (
        ("type:finding", "?r a <https://w3id.org/escrgraph/def/Finding>"),
        (
            "language:es",
            "?r <http://purl.org/dc/terms/language> <http://publications.europa.eu/resource/authority/language/SPA>",
        ),
    ):
        found = {header.identifier for header in client.ListIdentifiers(metadataPrefix="rdf", set=name)}
        assert found == {row[0].strip("<>") for row in site.rows(f"SELECT DISTINCT ?r WHERE {{ {pattern} }}")}


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("", "badVerb"),
        ("verb=Nonsense", "badVerb"),
        ("verb=Identify&verb=Identify", "badVerb"),
        ("verb=identify", "badVerb"),
        ("verb=Identify&x=1", "badArgument"),
        ("verb=ListRecords", "badArgument"),
        ("verb=GetRecord&metadataPrefix=oai_dc", "badArgument"),
        (f"{RECORDS}&set=a&set=b", "badArgument"),
        (f"{RECORDS}&set=%00", "badArgument"),
        (f"{RECORDS}&from=yesterday", "badArgument"),
        (f"{RECORDS}&from=2026-02-30", "badArgument"),
        (f"{RECORDS}&from=0000-01-01", "badArgument"),
        (f"{RECORDS}&from=2026-01-01T00:00:00", "badArgument"),
        (f"{RECORDS}&from=2026-01-01&until=2026-01-01T00:00:00Z", "badArgument"),
        (f"{RECORDS}&from=2026-01-02&until=2026-01-01", "badArgument"),
        (f"{RECORDS}&from=9999-12-31", "noRecordsMatch"),
        (f"{RECORDS}&until=1990-01-01", "noRecordsMatch"),
        (f"{RECORDS}&set=right:none", "noRecordsMatch"),
        (f"{RECORDS}&resumptionToken=x", "badArgument"),
        ("verb=ListRecords&resumptionToken=x", "badResumptionToken"),
        ("verb=ListRecords&resumptionToken=", "badResumptionToken"),
        ("verb=ListSets&resumptionToken=x", "badResumptionToken"),
        ("verb=ListRecords&metadataPrefix=marc", "cannotDisseminateFormat"),
        (f"verb=GetRecord&metadataPrefix=marc&identifier={FOOD}", "cannotDisseminateFormat"),
        ("verb=GetRecord&metadataPrefix=rdf&identifier=oai:example.org:1", "idDoesNotExist"),
        (f"verb=GetRecord&metadataPrefix=rdf&identifier={FOOD}/part", "idDoesNotExist"),
        (f"verb=GetRecord&metadataPrefix=rdf&identifier={FOOD}%22%3E%3C", "idDoesNotExist"),
        ("verb=ListMetadataFormats&identifier=x", "idDoesNotExist"),
        ("verb=%FF", "badArgument"),
        ("&".join(f"a{number}=1" for number in range(1500)), "badArgument"),
    ],
)
def test_mistakes_are_told_in_the_words_of_the_protocol(site: Site, query: str, code: str) -> None:
    assert error(site, query) == code


@pytest.mark.parametrize(
    "selection",
    [
        Selection("oai_dc", after=-1),
        Selection("oai_dc", after=1 << 70),
        Selection("oai_dc", set="'; DROP TABLE state; --"),
        Selection("oai_dc", start="x"),
        Selection("oai_dc", start="2026-01-02", end="2026-01-01"),
        Selection("oai_dc", shown=True),
        Selection(["oai_dc"]),  # type: ignore[arg-type]
        Selection("oai_dc", after="1"),  # type: ignore[arg-type]
    ],
)
def test_forged_tokens_are_refused(site: Site, selection: Selection) -> None:
    assert error(site, f"verb=ListRecords&resumptionToken={selection.token()}") == "badResumptionToken"


def test_a_token_with_another_format_is_told_so(site: Site) -> None:
    assert error(site, f"verb=ListRecords&resumptionToken={Selection('x').token()}") == "cannotDisseminateFormat"


def test_errors_echo_arguments_only_where_they_may(site: Site) -> None:
    request = asked(site, f"{RECORDS}&until=1990-01-01").find(f"{OAI}request")
    assert request is not None
    assert dict(request.attrib) == {"verb": "ListRecords", "metadataPrefix": "oai_dc", "until": "1990-01-01"}
    for query in ("verb=Nonsense", "verb=Identify&x=1"):
        request = asked(site, query).find(f"{OAI}request")
        assert request is not None
        assert not request.attrib


def test_a_list_ends_with_an_empty_token(site: Site) -> None:
    query, cursors = "verb=ListIdentifiers&metadataPrefix=oai_dc", []
    while True:
        root = asked(site, query)
        token = root.find(f".//{OAI}resumptionToken")
        assert token is not None
        cursors.append(int(token.get("cursor", "-1")))
        if not token.text:
            break
        query = f"verb=ListIdentifiers&resumptionToken={token.text}"
    assert cursors == list(range(0, len(cursors) * 500, 500))
    assert len(cursors) > 2


def test_a_post_is_answered_as_a_get(site: Site) -> None:
    sent = {"verb": "GetRecord", "metadataPrefix": "oai_dc", "identifier": FOOD}
    posted = site.client.post("/oai", data=sent)
    assert posted.status_code == 200
    assert b"Right to adequate food" in posted.data


def test_who_has_it_gets_304(site: Site) -> None:
    first = site.get(f"/oai?{RECORDS}&set=right:food")
    again = site.get(f"/oai?{RECORDS}&set=right:food", if_none_match=first.headers["ETag"])
    assert (again.status_code, again.data) == (304, b"")
    assert first.headers["Last-Modified"]
    assert site.get(f"/oai?{RECORDS}&set=right:health", if_none_match=first.headers["ETag"]).status_code == 200


def test_a_host_that_a_client_invents_is_not_repeated(site: Site) -> None:
    answer = site.get("/oai?verb=Identify", host="evil.example")
    assert "evil.example" not in answer.text
    assert "https://w3id.org/escrgraph/oai" in answer.text


HOSTILE = 'a\x01b\x0b ]]> <x> & "quotes" \ud7ff \U0010ffff' + "é" * 100_000
ODD = ("http://e.example/123", "http://e.example/q?a='b'", "urn:x", "http://e.example/é")


def test_hostile_literals_and_properties_break_no_page(tmp_path: Path) -> None:
    from pyoxigraph import Literal, NamedNode, Quad

    with serving(tmp_path / "store", "--empty") as running:
        writer = Writer(Path((tmp_path / "store" / "runtime").read_text(encoding="utf-8").strip()))
        quads = [Quad(node("resource/x"), TITLE, Literal(HOSTILE, language="en"), RESOURCE)]
        quads += [Quad(node("resource/x"), NamedNode(iri), Literal(HOSTILE), RESOURCE) for iri in ODD]
        quads += [Quad(node("resource/x"), NamedNode(ODD[1]), NamedNode("http://e.example/?a='b'&c=1"), RESOURCE)]
        writer.commit(Change(Cause.IMPORT, "tester", "hostile", tuple(quads), unchecked=True))
        settle(running)
        for prefix in ("oai_dc", "rdf"):
            root = etree.fromstring(get(f"{running.url}oai?verb=ListRecords&metadataPrefix={prefix}").content, HUGE)
            SCHEMA.assertValid(root)
            assert len(root.findall(f".//{OAI}record")) == 1
            assert "é" * 100_000 in "".join(root.itertext())
        for path in ("feeds/all.atom", "ldes/page/1", "sitemap/1.xml"):
            answer = get(running.url + path)
            assert answer.status_code == 200
            if path.endswith(("atom", "xml")):
                etree.fromstring(answer.content, HUGE)


HUGE = etree.XMLParser(huge_tree=True)
