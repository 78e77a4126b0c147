"""A clock that goes back, and a query that takes all memory: who asked is told, and nobody else notices."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import urlencode

import pytest
from tests.faults.services import get, shows, writer
from tests.faults.stories import Story
from tests.repository import hostile
from tests.repository.serving import until
from tests.running import PROJECT, serving

from escrgraph.repository.log import ChangeLog

AHEAD = """
import time
_real = time.time
time.time = lambda: _real() + 864_000
"""
"""What Python runs first: a clock that is ten days fast."""


@pytest.mark.drill
def test_a_service_whose_clock_went_back_goes_on(tmp_path: Path) -> None:
    fast = tmp_path / "fast"
    fast.mkdir()
    (fast / "sitecustomize.py").write_text(AHEAD)
    story = Story(tmp_path, seed=7)
    with serving(story.store, "--empty", PYTHONPATH=f"{fast}:{PROJECT / 'src'}") as running:
        assert not story.go_on(writer(running), 2)
    with serving(story.store, "--empty") as running:
        assert not story.go_on(writer(running), 2)
        story.check(writer(running))
        until(lambda: shows(running, story.acknowledged), 60)
        for path in ("", "updates", "oai?verb=ListIdentifiers&metadataPrefix=oai_dc", "ldes", "catalog"):
            until(lambda path=path: get(running.url + path)[0] == 200, 60)  # type: ignore[misc]
    with ChangeLog(story.store / "log.sqlite") as log:
        times = [entry.time for entry in log.entries()]
    assert times == sorted(times)
    assert len(times) == 4
    assert times[2] == times[1]  # as far ahead as the clock had been


@pytest.mark.drill
def test_a_query_that_takes_all_memory_ends_alone(tmp_path: Path) -> None:
    story = Story(tmp_path, seed=8)
    with serving(story.store, "--empty", ESCRGRAPH_QUERY_MEMORY="256M") as running:
        assert not story.go_on(writer(running), 1)
        asked = running.url + "sparql?" + urlencode({"query": hostile.GREEDY["strings doubled by BIND"]})
        for _ in range(2):
            status, said = get(asked, "application/sparql-results+json, application/problem+json")
            assert (status, "ESCRGRAPH_QUERY_MEMORY" in json.loads(said)["detail"]) == (503, True)
            assert get(running.url + "sparql?query=ASK%7B%7D")[0] == 200
            assert get(running.url)[0] == 200
