"""Who may write: whoever shows the admin token of a store that takes writes (RFC 6750)."""

from __future__ import annotations

import hmac

from flask import request

from escrgraph.repository.errors import Declined
from escrgraph.repository.formats import Mode
from escrgraph.settings import Settings
from escrgraph.web.problems import Refusal

_REALM = 'Bearer realm="escrgraph"'


def is_admin(settings: Settings) -> bool:
    """Whether this request shows the admin token."""
    token = _token_sent()
    return bool(settings.admin_token and token) and _same(token, settings.admin_token or "")


def require_admin(settings: Settings) -> None:
    """Let a request pass that may write.

    Raises Declined where nobody writes this way: the default graph is merged, or no token is set. Raises Refusal (401)
    without the right token.
    """
    if settings.default_graph is not Mode.OWN:
        raise Declined(
            "This repository publishes through its change log, which this address would go around. "
            "Submit to /api/submissions, or run `escrgraph load` where the repository is."
        )
    if not settings.admin_token:
        raise Declined("Nobody can write here, as no admin token is set. Set ESCRGRAPH_ADMIN_TOKEN and start again.")
    token = _token_sent()
    if not token:
        headers = {"WWW-Authenticate": _REALM}
        raise Refusal(401, "Unauthorized", "Writing takes an admin token: “Authorization: Bearer …”.", headers)
    if not _same(token, settings.admin_token):
        headers = {"WWW-Authenticate": f'{_REALM}, error="invalid_token"'}
        raise Refusal(401, "Unauthorized", "The token sent is not the admin token of this store.", headers)


def _token_sent() -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _same(sent: str, expected: str) -> bool:
    """Compared in constant time, so that nobody learns a token letter by letter."""
    return hmac.compare_digest(sent.encode(), expected.encode())
