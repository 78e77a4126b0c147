"""The event stream: every version in order, pages that may be kept, links that say what lies behind them."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Store
from tests.harvesting.clients import AS, BASE, LDES, TREE, StreamHarvester, get, settle
from tests.places import settings_of
from tests.repository.worlds import RESOURCE, change, holding, node, title
from tests.running import Running, serving
from tests.web.sites import Site

from escrgraph.harvesting import contents
from escrgraph.harvesting.contents import Library
from escrgraph.repository.writing import Writer
from escrgraph.service import open_service


def read(answer_bytes: bytes) -> Store:
    store = Store()
    store.load(answer_bytes, format=RdfFormat.TRIG)
    return store


def test_a_walk_finds_every_record(given: Running, records: dict[str, list[str]]) -> None:
    harvester = StreamHarvester(given.url)
    found = harvester.run()
    assert found.there == {f"{BASE}id/{name}" for names in records.values() for name in names}
    assert not found.gone
    assert len(harvester.members) == len(found.there)


def test_a_version_holds_what_the_record_says(given: Running, site: Site) -> None:
    harvester = StreamHarvester(given.url)
    harvester.run()
    for record in ("right/food", "finding/gtm-maternal-mortality-indigenous", "scheme/standing"):
        lines = site.get(f"/doc/{record}.nt").text.splitlines()
        said = {line.removesuffix(" .") for line in lines if not line.startswith(f"<{BASE}doc/")}
        assert said <= harvester.states[f"{BASE}id/{record}"]


def test_the_root_says_how_to_read_it(site: Site) -> None:
    root = read(site.get("/ldes", "application/trig").data)
    stream = next(root.quads_for_pattern(None, None, NamedNode(LDES + "EventStream"))).subject
    for name, value in (
        ("timestampPath", AS + "published"),
        ("versionOfPath", AS + "object"),
        ("versionDeleteObject", AS + "Delete"),
    ):
        assert [q.object for q in root.quads_for_pattern(stream, NamedNode(LDES + name), None)] == [NamedNode(value)]


def test_links_bound_the_times_behind_them(site: Site) -> None:
    shelf = read(site.get("/ldes/shelf/1", "application/trig").data)
    for relation in {q.subject for q in shelf.quads_for_pattern(None, NamedNode(TREE + "node"), None)}:
        said = {q.predicate.value.rpartition("#")[2]: q.object for q in shelf.quads_for_pattern(relation, None, None)}
        page = read(site.get("/" + said["node"].value.partition("//")[2].partition("/")[2], "application/trig").data)  # type: ignore[union-attr]
        times = {q.object.value for q in page.quads_for_pattern(None, NamedNode(AS + "published"), None)}  # type: ignore[union-attr]
        edge = said["value"].value  # type: ignore[union-attr]
        if said["type"] == NamedNode(TREE + "GreaterThanOrEqualToRelation"):
            assert min(times) >= edge
        else:
            assert max(times) <= edge


def test_full_pages_may_be_kept_for_an_hour_and_growing_ones_for_a_minute(site: Site) -> None:
    ages = {path: site.get(path).headers["Cache-Control"] for path in ("/ldes", "/ldes/page/1", "/ldes/shelf/1")}
    assert ages["/ldes/page/1"] == "public, max-age=3600"
    assert ages["/ldes"] == ages["/ldes/shelf/1"] == "public, max-age=60"


@pytest.mark.parametrize("path", ["/ldes", "/ldes/shelf/1", "/ldes/page/1", "/ldes/page/18"])
@pytest.mark.parametrize("media", ["application/trig", "application/n-quads", "application/ld+json"])
def test_every_node_comes_in_every_format_and_is_known_again(site: Site, path: str, media: str) -> None:
    answer = site.get(path, media)
    assert (answer.status_code, answer.mimetype) == (200, media)
    assert "Accept" in answer.headers["Vary"]
    again = site.get(path, media, if_none_match=answer.headers["ETag"])
    assert (again.status_code, again.data) == (304, b"")
    assert site.get(path, "image/png").status_code == 406
    other = next(name for name in ("application/trig", "application/n-quads") if name != media)
    assert site.get(path, other, if_none_match=answer.headers["ETag"]).status_code == 200


@pytest.mark.parametrize("path", ["/ldes/page/0", "/ldes/page/9999", "/ldes/shelf/2", "/ldes/page/x", "/ldes/page/-1"])
def test_there_are_no_other_nodes(site: Site, path: str) -> None:
    assert site.get(path).status_code == 404


def test_versions_are_told_as_they_were(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(tmp_path / "store", "--empty") as running:
        writer = Writer(Path((tmp_path / "store" / "runtime").read_text(encoding="utf-8").strip()))
        one, two, three = (title("resource/x", text) for text in ("One", "Two", "Three"))
        writer.commit(change([one]))
        writer.commit(change([two], [one]))
        writer.commit(change([three, title("resource/y", "Other")], [two]))
        writer.commit(change(withdrawn=["resource/x"]))
        settle(running)
        page = read(get(f"{running.url}ldes/page/1", "application/trig").content)
        told = {
            number: {q.object.value for q in page.quads_for_pattern(None, None, None, version(number, "resource/x"))}  # type: ignore[union-attr]
            for number in (1, 2, 3, 4)
        }
        assert told == {1: {"One"}, 2: {"Two"}, 3: {"Three"}, 4: set()}
        monkeypatch.setattr(contents, "READ_BACK", 1)  # as if the third change were too large
        service = open_service(settings_of(running.store))
        with service.log() as log:
            library = Library(service.pages, log, service.base)
            assert library.versions({"resource/x": 1})[1] == {"resource/x"}
            assert library.versions({"resource/y": 3}) == ({"resource/y": [title("resource/y", "Other").triple]}, set())


def version(number: int, record: str) -> NamedNode:
    return NamedNode(f"{BASE}change/{number}#{record}")


def test_a_redaction_reaches_every_page(tmp_path: Path) -> None:
    secret = "somebody-who-must-not-be-named"
    with serving(tmp_path / "store", "--empty") as running:
        writer = Writer(Path((tmp_path / "store" / "runtime").read_text(encoding="utf-8").strip()))
        writer.commit(change([title(f"person/{secret}", "Secret"), title("resource/x", "Kept")]))
        creator = NamedNode("http://purl.org/dc/terms/creator")
        writer.commit(change([Quad(node("resource/x"), creator, node(f"person/{secret}"), RESOURCE)]))
        settle(running)
        paths = ("ldes/page/1", "feeds/all.atom", "sitemap/1.xml", "oai?verb=ListRecords&metadataPrefix=rdf")
        before = {path: get(running.url + path) for path in paths}
        assert all(secret in answer.text for answer in before.values())
        writer.redact(f"person/{secret}", "tester", "asked to")
        settle(running)
        for path, answer in before.items():
            now = get(running.url + path, if_none_match=answer.headers["ETag"])
            assert now.status_code == 200
            assert secret not in now.text
            assert "resource/x" in now.text
        asked = get(f"{running.url}oai?verb=GetRecord&metadataPrefix=rdf&identifier={BASE}id/person/{secret}")
        assert 'status="deleted"' in asked.text
        assert not holding(tmp_path / "store" / "derived", secret)
        assert Literal("Kept", language="en") in {q.object for q in read(get(f"{running.url}ldes/page/1").content)}
