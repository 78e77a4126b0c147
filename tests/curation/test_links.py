"""Links are asked once, politely, over redirects, and never inside a private network."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler

import pytest
from sqlalchemy import update
from tests.listening import listening

from escrgraph.curation.database import Database, link_table
from escrgraph.curation.links import LinkChecker, Links
from escrgraph.repository.outward import is_public


@dataclass
class Web:
    """A real server with a few pages. asked: the paths that were asked for."""

    url: str
    asked: list[str] = field(default_factory=list)


@pytest.fixture
def web() -> Iterator[Web]:
    found = Web("")
    statuses = {"/there": 200, "/gone": 410, "/moved": 301, "/loop": 302, "/inside": 302, "/shy": 403, "/broken": 500}
    targets = {"/moved": "/there", "/loop": "/loop", "/inside": "http://[::1]:9/"}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found.asked.append(self.path)
            self.send_response(statuses.get(self.path, 404))
            if self.path in targets:
                self.send_header("Location", targets[self.path])
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None: ...

    with listening(Handler) as found.url:
        yield found


@pytest.fixture
def checker() -> Iterator[LinkChecker]:
    """One that may ask this machine, at 127.0.0.1 alone."""
    made = LinkChecker(allowed=lambda address: address == "127.0.0.1", pause=0)
    yield made
    made.close()


@pytest.mark.parametrize(
    ("path", "status", "dead"),
    [
        ("/there", 200, False),
        ("/moved", 200, False),
        ("/gone", 410, True),
        ("/shy", 403, False),
        ("/broken", 500, True),
    ],
)
def test_an_address_is_what_it_answers(web: Web, checker: LinkChecker, path: str, status: int, dead: bool) -> None:
    found = checker.check(web.url + path)
    assert (found.status, found.dead, found.address) == (status, dead, web.url + path)


def test_redirects_end(web: Web, checker: LinkChecker) -> None:
    found = checker.check(web.url + "/loop")
    assert (found.dead, "on and on" in found.why, len(web.asked)) == (True, True, 5)


def test_nothing_inside_a_private_network_is_asked(web: Web) -> None:
    careful = LinkChecker(pause=0)
    found = careful.check(web.url + "/there")
    assert (found.status, found.why, web.asked) == (0, "leads into a private network", [])
    careful.close()


def test_nor_by_a_redirect(web: Web, checker: LinkChecker) -> None:
    found = checker.check(web.url + "/inside")
    assert found.status == 0
    assert web.asked == ["/inside"]


@pytest.mark.parametrize(
    "address", ["10.1.2.3", "127.0.0.1", "169.254.169.254", "::1", "fe80::1%eth0", "192.168.0.1", "0.0.0.0"]
)
def test_private_addresses_are_known(address: str) -> None:
    assert not is_public(address)
    assert is_public("93.184.216.34")


@pytest.mark.parametrize("address", ["javascript:alert(1)", "file:///etc/passwd", "http://", "https://[", "ftp://x/"])
def test_what_is_no_web_address_is_not_asked(checker: LinkChecker, address: str) -> None:
    assert checker.check(address).dead


def test_what_was_asked_lately_is_not_asked_again(database: Database, web: Web, checker: LinkChecker) -> None:
    links = Links(database)
    addresses = ["https://a/1", "https://a/2", "https://b/1", web.url + "/there"]
    assert links.due(addresses) == ["https://a/1", "https://b/1", web.url + "/there", "https://a/2"]
    links.keep(checker.check(web.url + "/there"))
    assert web.url + "/there" not in links.due(addresses)
    assert web.url + "/there" in links.due(addresses, again=-10)
    with database.writing() as connection:
        connection.execute(update(link_table).values(checked=1))
    assert web.url + "/there" in links.due(addresses)
    links.keep(checker.check(web.url + "/there"))
    assert [link.status for link in links.all()] == [200]
