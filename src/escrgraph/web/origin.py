"""Absolute addresses of this service: they begin where the operator says, never where a Host header says."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from flask import request

from escrgraph.web.context import here

_THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})


def absolute(path: str) -> str:
    """The absolute address of a path of this site, as this request may be told it."""
    settings = here().service.settings
    return root(request.host, settings.url, settings.base) + path.lstrip("/")


def root(host: str, allowed: Sequence[str], base: str) -> str:
    """Where the site begins, with a slash at its end.

    host: the Host header of the request; allowed: the addresses of ESCRGRAPH_URL; base: the base of the IRIs.
    The allowed address with that host, else the first of them. Where none is set: this machine, when it was asked under
    its own name, else the base.
    """
    for address in allowed:
        if urlsplit(address).netloc.lower() == host.lower():
            return address
    if allowed:
        return allowed[0]
    try:
        parts = urlsplit(f"http://{host}/")
        plain = parts.path == "/" and parts.username is None and (parts.port is None or parts.port > 0)
        named = plain and parts.hostname in _THIS_MACHINE
    except ValueError:
        named = False
    return f"http://{parts.netloc}/" if named else base
