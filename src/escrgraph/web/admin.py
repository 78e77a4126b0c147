"""Who may write: whoever shows the admin token of a store that takes writes (RFC 6750)."""

from __future__ import annotations

import hmac

from flask import request

from escrgraph.repository.errors import Declined
from escrgraph.settings import Settings
from escrgraph.web.problems import Refusal

_REALM = 'Bearer realm="escrgraph"'


def require_admin(settings: Settings) -> None:
    """Let a request pass that may write.

    Raises Declined where nobody writes this way: the default graph is merged, or no token is set. Raises Refusal (401)
    without the right token.
    """
    if settings.default_graph != "own":
        raise Declined(
            "This repository publishes through its change log, which this address would go around. "
            "Submit to /api/submissions, or run `escrgraph load` where the repository is."
        )
    if not settings.admin_token:
        raise Declined("Nobody can write here, as no admin token is set. Set ESCRGRAPH_ADMIN_TOKEN and start again.")
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        headers = {"WWW-Authenticate": _REALM}
        raise Refusal(401, "Unauthorized", "Writing takes an admin token: “Authorization: Bearer …”.", headers)
    if not hmac.compare_digest(token.strip().encode(), settings.admin_token.encode()):
        headers = {"WWW-Authenticate": f'{_REALM}, error="invalid_token"'}
        raise Refusal(401, "Unauthorized", "The token sent is not the admin token of this store.", headers)
