"""Every interface tells the same: which records there are, and which are gone, after any changes."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from oaipmh_scythe import Scythe
from pyoxigraph import RdfFormat, Store
from tests.harvesting.changing import Library
from tests.harvesting.clients import (
    BASE,
    Harvest,
    OaiHarvester,
    StreamHarvester,
    by_feed,
    by_sitemap,
    by_sparql,
    in_quads,
    settle,
    settled_dump,
)
from tests.places import settings_of
from tests.running import Running, serving

from escrgraph.repository.log import ChangeLog
from escrgraph.repository.writing import Writer

CHANGES = 200
ROUND = 25
"""Changes between two visits of the harvesters that come again and again."""


@contextmanager
def changing(store: Path, seed: int) -> Iterator[tuple[Running, Library]]:
    """A service with an empty library that somebody changes."""
    with serving(store, "--empty") as running:
        writer = Writer(Path((store / "runtime").read_text(encoding="utf-8").strip()))
        with ChangeLog(settings_of(store).log) as log:
            yield running, Library(writer, log, seed)


@pytest.mark.parametrize("seed", [5])
def test_all_interfaces_agree_and_nobody_misses_anything(tmp_path: Path, seed: int) -> None:
    with changing(tmp_path / "store", seed) as (running, library):
        patient, follower = OaiHarvester(running.url), StreamHarvester(running.url)
        for number in range(CHANGES):
            library.change()
            if number % ROUND == ROUND - 1:
                patient.run()  # at once: what is not derived yet has to reach it next time
                follower.run()
        settle(running)
        expected = Harvest({BASE + "id/" + r for r in library.there}, {BASE + "id/" + r for r in library.gone})
        assert len(expected.there) > 15
        assert len(expected.gone) > 15
        assert patient.run() == expected
        assert follower.run() == expected
        stream = StreamHarvester(running.url)
        assert stream.run() == expected
        assert stream.members == follower.members
        for record, quads in library.there.items():
            assert stream.states[BASE + "id/" + record] >= {str(quad.triple) for quad in quads}
        assert OaiHarvester(running.url).run() == expected
        assert OaiHarvester(running.url, "oai_dc").run() == expected
        assert by_scythe(running.url) == expected
        assert by_feed(running.url) == expected
        assert by_feed(running.url, "resource") == expected
        assert by_sitemap(running.url) == Harvest(expected.there)
        assert by_sparql(running.url) == expected
        assert by_dump(running) == expected
        assert_sets_agree(running, library)


def by_scythe(url: str) -> Harvest:
    found = Harvest()
    with Scythe(f"{url}oai") as client:
        for header in client.list_identifiers(metadata_prefix="oai_dc"):
            found.put(header.identifier, header.deleted)  # type: ignore[union-attr]
    return found


def by_dump(running: Running) -> Harvest:
    store = Store()
    store.load(gzip.decompress(settled_dump(running, "escrgraph.nq.gz")), format=RdfFormat.N_QUADS)
    return in_quads(store)


def assert_sets_agree(running: Running, library: Library) -> None:
    """Sets hold the records that name a right or are in a language; feeds are the same sets."""
    from sickle import Sickle

    client = Sickle(f"{running.url}oai")
    for right in ("food", "health"):
        headers = client.ListIdentifiers(metadataPrefix="rdf", set=f"right:{right}", ignore_deleted=True)
        named = {
            BASE + "id/" + record
            for record, quads in library.there.items()
            if any(str(quad.object).endswith(f"/right/{right}>") for quad in quads)
        }
        assert {header.identifier for header in headers} == named
        assert by_feed(running.url, f"right/{right}").there == named
