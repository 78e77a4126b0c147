"""Dumps at `/dumps/…`: files, whole or in parts (RFC 9110, section 14)."""

from __future__ import annotations

from flask import Blueprint, Response, send_file

from escrgraph.harvesting.dumps import FORMATS, SUMS, WHOLE
from escrgraph.repository.errors import Unavailable
from escrgraph.web import caching
from escrgraph.web.context import here
from escrgraph.web.describing import described
from escrgraph.web.outlet import stamped
from escrgraph.web.problems import Refusal

blueprint = Blueprint("dumps", __name__)

GZIP, TEXT = "application/gzip", "text/plain"


@blueprint.get(f"/dumps/{SUMS}")
@described("Harvesting", TEXT)
def sums() -> Response:
    """The SHA-256 of every dump."""
    manifest, _ = here().outlet.dumps()
    tag = caching.validator(manifest.generation, here().service.identity, SUMS)
    if caching.fresh(tag):
        return stamped(Response(status=304), manifest.generation, tag, manifest.changed)
    lines = "".join(f"{dump.sha256}  {dump.name}\n" for dump in manifest.dumps)
    response = Response(lines, content_type=f"{TEXT}; charset=utf-8")
    return stamped(response, manifest.generation, tag, manifest.changed)


@blueprint.get("/dumps/<name>")
@described("Harvesting", GZIP, place={"name": "escrgraph.nq.gz"})
def dump(name: str) -> Response:
    """One graph, or all of them, whole and compressed; parts of it by Range."""
    manifest, directory = here().outlet.dumps()
    found = manifest.dump(name)
    if found is None:
        endings = ", ".join(f"{WHOLE}.{ending}.gz" for ending in FORMATS)
        raise Refusal(404, "Not found", f"There is no dump {name}. There are {endings}, and those that /catalog lists.")
    try:
        path = str(directory / name)
        response = send_file(path, GZIP, conditional=True, etag=found.sha256, last_modified=manifest.changed)
        response.direct_passthrough = False  # what a server sends by itself tells nobody when it is over
    except FileNotFoundError:
        raise Unavailable("Newer dumps have just taken the place of these. Ask again.") from None
    response.headers["X-Generation"] = str(manifest.generation)
    response.headers["Cache-Control"] = "no-cache"
    return response
