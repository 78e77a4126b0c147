"""Keys tell clients apart and name nobody."""

from __future__ import annotations

import pytest

from escrgraph.web.clients import Clients, trusted

CLIENTS = Clients(salt=b"salt")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (("192.0.2.1", None), ("192.0.2.1", None), True),
        (("192.0.2.1", None), ("192.0.2.2", None), False),
        # one customer's network in IPv6
        (("2001:db8:1:2::1", None), ("2001:db8:1:2:ffff::9", None), True),
        (("2001:db8:1:2::1", None), ("2001:db8:1:3::1", None), False),
        (("::ffff:192.0.2.1", None), ("192.0.2.1", None), True),
        # a proxy on this machine names the client; of several addresses only the last is its own word
        (("127.0.0.1", "192.0.2.1"), ("192.0.2.1", None), True),
        (("127.0.0.1", "203.0.113.9, 192.0.2.1"), ("127.0.0.1", "198.51.100.7,192.0.2.1"), True),
        (("", "192.0.2.1"), ("192.0.2.1", None), True),
        # anybody else cannot pretend
        (("192.0.2.1", "192.0.2.2"), ("192.0.2.1", None), True),
        (("192.0.2.1", "192.0.2.3"), ("192.0.2.1", "192.0.2.4"), True),
    ],
)
def test_keys(one: tuple[str, str | None], other: tuple[str, str | None], same: bool) -> None:
    assert (CLIENTS.key(*one) == CLIENTS.key(*other)) is same


def test_a_key_does_not_show_the_address_and_ends_with_the_service() -> None:
    assert "192.0.2.1" not in CLIENTS.key("192.0.2.1", None)
    assert CLIENTS.key("192.0.2.1", None) != Clients().key("192.0.2.1", None)
    assert "salt" not in repr(CLIENTS)


def test_listed_proxies_are_believed() -> None:
    clients = Clients(salt=b"salt", proxies=trusted("192.0.2.10, 192.0.2.11"))
    assert clients.key("192.0.2.11", "198.51.100.1") == clients.key("198.51.100.1", None)
    assert clients.key("127.0.0.1", "198.51.100.1") != clients.key("198.51.100.1", None)
    assert trusted(None) == trusted("") == {"127.0.0.1", "::1"}


def test_who_asks_on_this_machine_is_known() -> None:
    assert CLIENTS.near("127.0.0.1", None)
    assert CLIENTS.near("::1", "")
    assert not CLIENTS.near("127.0.0.1", "192.0.2.1")
    assert not CLIENTS.near("192.0.2.1", None)
    assert not CLIENTS.near(None, None)
