"""OAI-PMH at `/oai`: arguments of GET and POST in, XML out; an error of the protocol is an answer like any other."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlsplit

from flask import Blueprint, Response, request

from escrgraph.harvesting.oai import Answering, Provider, refused
from escrgraph.harvesting.oai_arguments import Asked, ProtocolError, read
from escrgraph.repository.errors import Malformed, TooLarge
from escrgraph.web import caching
from escrgraph.web.bodies import read_body
from escrgraph.web.context import here
from escrgraph.web.describing import Parameter, described
from escrgraph.web.origin import absolute
from escrgraph.web.outlet import stamped
from escrgraph.web.protocol import FORM, Parameters

blueprint = Blueprint("oai", __name__)

XML = "text/xml"
_BODY = 1 << 16
_PARAMETERS = (
    Parameter("verb", "What is asked.", "Identify", required=True),
    Parameter("identifier", "Address of a record."),
    Parameter("metadataPrefix", "Format: oai_dc or rdf."),
    Parameter("from", "First moment or day."),
    Parameter("until", "Last moment or day."),
    Parameter("set", "Set, such as right:food."),
    Parameter("resumptionToken", "Where a list goes on."),
)


@blueprint.route("/oai", methods=["GET", "POST"])
@described("Harvesting", XML, parameters=_PARAMETERS, method="GET")
@described("Harvesting", XML, bodies=(FORM,), method="POST")
def oai() -> Response:
    """The records for harvesters, in Dublin Core and RDF, by date and by set (OAI-PMH 2.0)."""
    outlet = here().outlet
    with outlet.view() as view:
        now = datetime.now(UTC)
        try:
            asked = _asked()
        except ProtocolError as error:
            return _answer(refused(absolute("/oai"), now, error))
        tag = caching.validator(
            view.generation, here().service.identity, absolute("/oai"), sorted(asked.arguments.items())
        )
        changed = view.changed()
        if caching.fresh(tag):
            return stamped(Response(status=304), view.generation, tag, changed)
        body = Answering(_provider(), view, outlet.library, now).answer(asked)
        return stamped(_answer(body), view.generation, tag, changed)


def _asked() -> Asked:
    """The arguments, from the query string or the body. Raises ProtocolError."""
    try:
        sent = Parameters.of(request.query_string)
        if request.method == "POST":
            sent = Parameters.of(read_body(_BODY), "The body")
    except (Malformed, TooLarge) as error:
        raise ProtocolError("badArgument", str(error)) from None
    return read(sent.pairs)


def _provider() -> Provider:
    service = here().service
    contact = service.settings.email or f"webmaster@{urlsplit(service.settings.base).hostname}"
    return Provider(absolute("/oai"), "escrgraph", contact, service.kinds)


def _answer(body: bytes) -> Response:
    response = Response(body, content_type=f"{XML}; charset=utf-8")
    response.headers["Cache-Control"] = "no-cache"
    return response
