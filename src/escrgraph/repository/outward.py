"""Connections out of this machine, to addresses that they may lead to and no others."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError

Allowed = Callable[[str, int], bool]
"""Whether a connection may be made to an IP address and port."""


class Forbidden(HTTPError):
    """An address that leads into a private network."""


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public internet."""
    return ipaddress.ip_address(address.partition("%")[0]).is_global


class Guarded(HTTPAdapter):
    """Connects to allowed addresses only, for a session of requests; never tries again by itself."""

    def __init__(self, allowed: Allowed) -> None:
        self._allowed = allowed
        super().__init__(max_retries=0)

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        """Make the pools of connections that look where they lead."""
        super().init_poolmanager(*arguments, **options)
        allowed = self._allowed

        class Plain(HTTPConnection):
            def _new_conn(self) -> socket.socket:
                return _checked(self, super()._new_conn(), allowed)

        class Secure(HTTPSConnection):
            def _new_conn(self) -> socket.socket:
                return _checked(self, super()._new_conn(), allowed)

        class PlainPool(HTTPConnectionPool):
            ConnectionCls = Plain

        class SecurePool(HTTPSConnectionPool):
            ConnectionCls = Secure

        self.poolmanager.pool_classes_by_scheme = {"http": PlainPool, "https": SecurePool}


def _checked(connection: HTTPConnection, made: socket.socket, allowed: Allowed) -> socket.socket:
    """A connection, if it leads where it may: looked at once it is made, so that a name cannot change meanwhile."""
    address, port = made.getpeername()[:2]
    if not allowed(address, port):
        made.close()
        raise Forbidden(f"{connection.host} leads into a private network")
    return made
