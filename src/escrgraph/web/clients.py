"""Telling clients apart without knowing them: a key that is a salted hash of the address, never logged."""

from __future__ import annotations

import hashlib
import ipaddress
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field

LOOPBACK = ("127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Clients:
    """Makes the keys.

    salt: made anew with each service, shared by its processes, or kept for all its
    machines; proxies: addresses that may name another.
    """

    salt: bytes = field(default_factory=lambda: secrets.token_bytes(16), repr=False)
    proxies: frozenset[str] = frozenset(LOOPBACK)

    def key(self, peer: str | None, forwarded_for: str | None) -> str:
        """The key of who asks.

        peer: the address at the other end of the connection; forwarded_for: the X-Forwarded-For header, believed from a
        proxy only, and of it the last address alone, which the proxy itself wrote.
        """
        address = peer or ""
        if forwarded_for and (not peer or peer in self.proxies or "*" in self.proxies):
            address = forwarded_for.rsplit(",", 1)[-1].strip()
        return hashlib.blake2b(_network(address).encode(), key=self.salt, digest_size=12).hexdigest()

    def near(self, peer: str | None, forwarded_for: str | None) -> bool:
        """Whether somebody on this machine asks: its operator, or a proxy that does not tell for whom it asks."""
        return peer in LOOPBACK and not forwarded_for


def trusted(listed: str | None) -> frozenset[str]:
    """The proxies in a list like that of gunicorn's FORWARDED_ALLOW_IPS; none given means this machine."""
    return frozenset(_listed(listed.split(","))) if listed else frozenset(LOOPBACK)


def _listed(parts: Iterable[str]) -> Iterable[str]:
    return (part.strip() for part in parts if part.strip())


def _network(address: str) -> str:
    """Whom an address stands for: itself, or for IPv6 the network of 64 bits that one customer has."""
    if ":" not in address:  # of IPv4, or none at all
        return address
    try:
        found = ipaddress.IPv6Address(address)
    except ValueError:
        return address
    return str(found.ipv4_mapped or ipaddress.ip_network((found, 64), strict=False))
