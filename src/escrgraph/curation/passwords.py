"""Passwords at rest: scrypt (RFC 7914) with its parameters beside it, so that they can grow."""

from __future__ import annotations

import hashlib
import hmac
import secrets

from escrgraph.curation.errors import NotReady

LEAST = 10
MOST = 200
_COST, _BLOCK, _PARALLEL = 14, 8, 5


def hashed(password: str) -> str:
    """What is kept of a password. Raises NotReady for one that is too short or too long."""
    if not LEAST <= len(password) <= MOST:
        raise NotReady(f"A password has {LEAST} to {MOST} characters. A few words that only you put together are good.")
    salt = secrets.token_bytes(16)
    return f"scrypt${_COST}${_BLOCK}${_PARALLEL}${salt.hex()}${_scrypt(password, salt).hex()}"


def fits(password: str, kept: str) -> bool:
    """Whether a password is the one that was kept. Takes as long when there is none."""
    name, cost, block, parallel, salt, digest = (kept or _NONE).split("$")
    found = _scrypt(password[:MOST], bytes.fromhex(salt), int(cost), int(block), int(parallel))
    return hmac.compare_digest(found, bytes.fromhex(digest)) and name == "scrypt" and bool(kept)


def _scrypt(password: str, salt: bytes, cost: int = _COST, block: int = _BLOCK, parallel: int = _PARALLEL) -> bytes:
    memory = 256 * block * (1 << cost)
    return hashlib.scrypt(password.encode(), salt=salt, n=1 << cost, r=block, p=parallel, maxmem=memory, dklen=32)


_NONE = f"scrypt${_COST}${_BLOCK}${_PARALLEL}${'00' * 16}${'00' * 32}"
