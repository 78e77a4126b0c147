"""Two machines before one SPARQL server and one PostgreSQL: what is published on one is read on the other."""

from __future__ import annotations

from pathlib import Path

import requests
from tests.engines import Virtuoso
from tests.remote.conftest import Behind, standing_before
from tests.repository.serving import until
from tests.repository.worlds import BASE, change, title

from escrgraph.repository.addresses import VARIABLE
from escrgraph.repository.log import ChangeLog


def reads(machine: Behind, record: str) -> bool:
    return requests.get(f"{machine.running.url}doc/{record}.nt", timeout=60).status_code == 200


def test_what_one_publishes_the_other_shows(server: Virtuoso, tmp_path: Path, database_address: str) -> None:
    with (
        standing_before(server, tmp_path / "one", "--empty", **{VARIABLE: database_address}) as one,
        standing_before(server, tmp_path / "two", "--empty", **{VARIABLE: database_address}) as two,
    ):
        for step in range(6):
            here, there = (one, two) if step % 2 else (two, one)
            receipt = here.site.service.writer.commit(change([title(f"resource/r{step}", "Title")]))
            assert receipt.number == step + 1
            assert reads(here, f"resource/r{step}")
            assert until(lambda machine=there, record=f"resource/r{step}": reads(machine, record))
        graph = BASE.graph("resource")
        assert server.rows(f"SELECT (COUNT(*) AS ?n) WHERE {{ GRAPH <{graph}> {{ ?s ?p ?o }} }}")[0][0] == "6"
    with ChangeLog(database_address) as log:
        assert log.verify() == 6
