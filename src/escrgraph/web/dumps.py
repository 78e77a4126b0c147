"""Dumps at `/dumps/…`: files, whole or in parts (RFC 9110, section 14)."""

from __future__ import annotations

from flask import Blueprint, Response, send_file

from escrgraph.harvesting.dumps import FORMATS, SUMS, WHOLE, Manifest
from escrgraph.repository.errors import Unavailable
from escrgraph.web import caching
from escrgraph.web.context import here
from escrgraph.web.describing import described
from escrgraph.web.problems import Refusal

blueprint = Blueprint("dumps", __name__)

GZIP, TEXT = "application/gzip", "text/plain"


@blueprint.get(f"/dumps/{SUMS}")
@described("Harvesting", TEXT)
def sums() -> Response:
    """The SHA-256 of every dump."""
    manifest, directory = here().outlet.dumps()
    tag = caching.validator(manifest.generation, here().service.identity, SUMS)
    return _file(manifest, str(directory / SUMS), TEXT, tag)


@blueprint.get("/dumps/<name>")
@described("Harvesting", GZIP, place={"name": "escrgraph.nq.gz"})
def dump(name: str) -> Response:
    """One graph, or all of them, whole and compressed; parts of it by Range."""
    manifest, directory = here().outlet.dumps()
    found = manifest.dump(name)
    if found is None:
        endings = ", ".join(f"{WHOLE}.{ending}.gz" for ending in FORMATS)
        raise Refusal(404, "Not found", f"There is no dump {name}. There are {endings}, and those that /catalog lists.")
    return _file(manifest, str(directory / name), GZIP, found.sha256)


def _file(manifest: Manifest, path: str, media_type: str, tag: str) -> Response:
    try:
        response = send_file(path, media_type, conditional=True, etag=tag, last_modified=manifest.changed)
    except FileNotFoundError:
        raise Unavailable("Newer dumps have just taken the place of these. Ask again.") from None
    response.headers["X-Generation"] = str(manifest.generation)
    response.headers["Cache-Control"] = "no-cache"
    return response
