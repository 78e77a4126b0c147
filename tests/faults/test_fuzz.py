"""Whatever is sent to the running service is answered: no failure of its own, and nothing told that is nobody's."""

from __future__ import annotations

import json
import re
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
import requests
import schemathesis
from benchmarks.client import Answer
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.faults.callers import Caller
from tests.faults.fuzzing import Fuzz, operations
from tests.faults.services import PATIENCE, get, health, processes
from tests.repository.serving import until
from tests.running import PROJECT, Running, serving

REFUSED = {501, 503, 505}
"""Statuses from 500 on that say what was not done, and not that something here went wrong."""

SECRETS = re.compile(
    rb"Traceback|site-packages|/usr/lib|\.py\b\"?, line|sqlite3\.|sqlalchemy|RocksDB|"
    + re.escape(str(PROJECT).encode())
)
_LIMITS = {"ESCRGRAPH_QUERY_TIMEOUT": "1", "ESCRGRAPH_QUERY_MEMORY": "512M"}


class Findings:
    """What came back. wrong: what must not."""

    def __init__(self, running: Running) -> None:
        self.seen: Counter[int] = Counter()
        self.wrong: list[str] = []
        self._secrets = (str(running.store).encode(), str(running.store.parent).encode())

    def note(self, sent: bytes, answer: Answer | None) -> None:
        """Take one answer into account; None: the connection was closed without one."""
        status = answer.status if answer else 0
        self.seen[status] += 1
        if answer is None:
            return
        told = answer.head + answer.body
        if (status >= 500 and status not in REFUSED) or SECRETS.search(told) or any(s in told for s in self._secrets):
            self.wrong.append(f"{status} {told[:300]!r}\n  to {sent[:1500]!r}")

    @property
    def share(self) -> float:
        """The part that was answered 2xx."""
        return sum(count for status, count in self.seen.items() if 200 <= status < 300) / self.seen.total()


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with serving(tmp_path_factory.mktemp("fuzz") / "store", **_LIMITS) as running:
        yield running


def test_two_thousand_requests_of_any_kind_do_no_harm(attacked: Running) -> None:
    send(attacked, 1_600, seed=1)


def test_requests_by_the_description_of_the_api_do_no_harm(attacked: Running) -> None:
    by_description(attacked, 4)


@pytest.mark.drill
@pytest.mark.parametrize("part", range(9))
def test_ninety_thousand_requests_of_any_kind_do_no_harm(attacked: Running, part: int) -> None:
    send(attacked, 10_000, seed=100 + part)


@pytest.mark.drill
def test_ten_thousand_requests_by_the_description_of_the_api_do_no_harm(attacked: Running) -> None:
    by_description(attacked, 100)


def send(running: Running, number: int, seed: int) -> None:
    """Send so many requests over two connections, and look what became of the service."""
    findings, before = Findings(running), lasting(running)
    description = json.loads(get(running.url + "openapi.json")[1])
    records, host = known(running), urlsplit(running.url).netloc

    def go_on(place: int) -> None:
        fuzz = Fuzz(seed * 10 + place, operations(description), records, host)
        caller = Caller(running.url, place + 1)
        for _ in range(number // 2):
            data = fuzz.request()
            try:
                findings.note(data, caller.call(data))
            except OSError as error:
                findings.wrong.append(f"{error!r}\n  to {data[:1500]!r}")
        caller.close()

    threads = [threading.Thread(target=go_on, args=(place,)) for place in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not findings.wrong, "\n".join([f"{len(findings.wrong)} answers are wrong:", *findings.wrong[:10]])
    assert findings.share >= 0.3, findings.seen
    assert findings.seen.total() >= number - 1
    unharmed(running, before)


def by_description(running: Running, examples: int) -> None:
    """So many requests to each address, as schemathesis and hypothesis make them from the description."""
    findings, before = Findings(running), lasting(running)
    schema = schemathesis.openapi.from_url(running.url + "openapi.json")
    caller, host = Caller(running.url, 9), urlsplit(running.url).netloc

    @settings(
        max_examples=examples, deadline=None, derandomize=True, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(data=st.data())
    def attempt(data: st.DataObject) -> None:
        case = data.draw(strategy)
        prepared = case.as_transport_kwargs(base_url=running.url)
        sent = _written(prepared, host)
        findings.note(sent, caller.call(sent))

    for found in schema.get_all_operations():
        strategy = found.ok().as_strategy()
        attempt()
    caller.close()
    assert not findings.wrong, "\n".join([f"{len(findings.wrong)} answers are wrong:", *findings.wrong[:10]])
    unharmed(running, before)


def _written(asked: dict[str, object], host: str) -> bytes:
    """The bytes of a request that schemathesis prepared for the library requests."""
    prepared = requests.Request(
        **{name: asked.get(name) for name in ("method", "url", "headers", "params", "data", "json", "files", "cookies")}
    ).prepare()
    body = prepared.body or b""
    body = body if isinstance(body, bytes) else str(body).encode()
    prepared.headers.pop("Content-Length", None)
    fields = {"Host": host, **prepared.headers, "Content-Length": str(len(body))}
    head = f"{prepared.method} {prepared.path_url} HTTP/1.1\r\n" + "".join(f"{k}: {v}\r\n" for k, v in fields.items())
    return head.encode("latin-1", "replace") + b"\r\n" + body


def lasting(running: Running) -> dict[str, list[int]]:
    """The processes that no request may end; workers and their nursery come and go."""
    found = processes(running)
    return {role: [process.pid for process in found[role]] for role in found if role not in {"worker", "nursery"}}


def unharmed(running: Running, before: dict[str, list[int]]) -> None:
    """The same processes as before answer, and none of them had to tell of a failure."""
    until(lambda: health(running), PATIENCE)
    assert lasting(running) == before
    said = running.log.read_text(encoding="utf-8", errors="replace")
    assert "Traceback" not in said, said[said.index("Traceback") - 500 :][:4000]


def known(running: Running) -> list[str]:
    """The records of the library."""
    query = quote("SELECT DISTINCT ?s WHERE { ?s a ?t FILTER(REGEX(STR(?s), '/id/[^/]+/[^/]+$')) } LIMIT 2000")
    body = get(f"{running.url}sparql?query={query}", "text/csv")[1].decode()
    return [line.partition("/id/")[2] for line in body.split()[1:]]


def test_a_trace_or_a_path_would_be_found(tmp_path: Path) -> None:
    findings = Findings(Running("", tmp_path / "store", None, tmp_path / "log"))  # type: ignore[arg-type]
    for body in (b"Traceback (most recent call last)", str(tmp_path / "store").encode(), b'File "a.py", line 3'):
        findings.note(b"", Answer(200, b"", body))
    findings.note(b"", Answer(500, b"", b""))
    findings.note(b"", Answer(503, b"", b"declared"))
    assert len(findings.wrong) == 4
