"""The update endpoint: SPARQL 1.1 Protocol, section 2.2."""

from __future__ import annotations

from flask import Blueprint, Response, request

from escrgraph.repository.errors import Malformed
from escrgraph.web import caching
from escrgraph.web.admin import require_admin
from escrgraph.web.bodies import TEXT_BYTES, read_body
from escrgraph.web.context import here
from escrgraph.web.describing import described
from escrgraph.web.protocol import FORM, UPDATE, read_request

blueprint = Blueprint("update", __name__)


@blueprint.route("/update", methods=["POST"])
@described("SPARQL", status=204, bodies=(FORM, UPDATE))
def update() -> Response:
    """Apply an update whole or not at all; it is durable and readable when this answers."""
    service = here().service
    require_admin(service.settings)
    body = read_body(TEXT_BYTES)
    asked = read_request("update", request.query_string, request.headers.get("Content-Type"), body)
    if asked.text is None:
        raise Malformed("There is no update. Send it as update=… in a form, or alone as application/sparql-update.")
    number = service.writer.update(
        asked.text,
        service.settings.query_timeout,
        base=service.settings.base + "update",
        using=asked.default_graphs or (),
        using_named=asked.named_graphs or (),
    )
    return caching.stamp(Response(status=204), number)
