"""SIGHUP to `escrgraph serve`: the web processes are replaced, with other settings, and no request is refused."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import requests
from tests.repository.serving import until
from tests.running import Running, serving


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Running]:
    (tmp_path / "escrgraph.toml").write_text('contact = "first@example.org"\n')
    with serving(tmp_path / "store", "--empty") as running:
        yield running


class Reader(threading.Thread):
    """Asks one request after the other, each on a connection of its own, and keeps what went wrong."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url
        self.answered = 0
        self.wrong: list[str] = []
        self.ending = threading.Event()

    def run(self) -> None:
        while not self.ending.is_set():
            try:
                answer = requests.get(self.url, timeout=30, headers={"Connection": "close"})
            except requests.RequestException as error:
                self.wrong.append(repr(error))
            else:
                if answer.status_code != 200:
                    self.wrong.append(f"{answer.status_code} {answer.text}")
                self.answered += 1


def web(service: Running) -> set[int]:
    """The first of the web processes, or of each generation of them."""
    children = psutil.Process(service.process.pid).children()
    return {child.pid for child in children if "escrgraph.web.server" in child.cmdline()}


def replaced(service: Running, before: set[int]) -> bool:
    """Whether others work in the place of those, which are gone."""
    now = web(service)
    return len(now) == 1 and not now & before


def contact(service: Running) -> str:
    answer = requests.get(f"{service.url}oai", params={"verb": "Identify"}, timeout=30)
    return answer.text.partition("<adminEmail>")[2].partition("<")[0]


def test_a_reload_replaces_the_web_processes_and_refuses_nobody(service: Running) -> None:
    before = web(service)
    assert len(before) == 1
    assert contact(service) == "first@example.org"
    readers = [Reader(f"{service.url}health"), Reader(f"{service.url}sparql?query=ASK%7B%7D")]
    for reader in readers:
        reader.start()
    try:
        (service.store.parent / "escrgraph.toml").write_text('contact = "second@example.org"\nquery_workers = 7\n')
        service.process.send_signal(signal.SIGHUP)
        until(lambda: replaced(service, before), 60)
        seen = [reader.answered for reader in readers]
        until(lambda: all(reader.answered > count + 3 for reader, count in zip(readers, seen, strict=True)), 60)
    finally:
        for reader in readers:
            reader.ending.set()
            reader.join()
    assert [reader.wrong for reader in readers] == [[], []]
    assert contact(service) == "second@example.org"

    # What cannot be read replaces nothing; what can again, does.
    between = web(service)
    (service.store.parent / "escrgraph.toml").write_text("contact = [\n")
    service.process.send_signal(signal.SIGHUP)
    assert contact(service) == "second@example.org"
    (service.store.parent / "escrgraph.toml").write_text('contact = "third@example.org"\n')
    service.process.send_signal(signal.SIGHUP)
    until(lambda: replaced(service, between), 60)
    assert contact(service) == "third@example.org"
