"""Dumps at `/dumps/…`: files, whole or in parts (RFC 9110, section 14)."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from flask import Blueprint, Response, send_file

from escrgraph.harvesting.dumps import FORMATS, SUMS, WHOLE, Dump
from escrgraph.repository.errors import Unavailable
from escrgraph.web import caching
from escrgraph.web.context import here
from escrgraph.web.describing import described
from escrgraph.web.outlet import stamped
from escrgraph.web.problems import Refusal

blueprint = Blueprint("dumps", __name__)

GZIP, TEXT = "application/gzip", "text/plain"
KEPT = 3600
"""Seconds for which a dump of a version is good unasked: an erasure has to reach it, or it would be for ever."""


@blueprint.get(f"/dumps/{SUMS}")
@described("Harvesting", TEXT)
def sums() -> Response:
    """The SHA-256 of every dump, those of versions among them."""
    manifest, _ = here().outlet.dumps()
    dumps = [*manifest.dumps, *(frozen.dump for frozen in here().outlet.frozen().there() if frozen.dump)]
    tag = caching.validator(manifest.generation, here().service.identity, SUMS, len(dumps))
    if caching.fresh(tag):
        return stamped(Response(status=304), manifest.generation, tag, manifest.changed)
    lines = "".join(f"{dump.sha256}  {dump.name}\n" for dump in dumps)
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
    return _sent(directory / name, found, manifest.generation, manifest.changed)


@blueprint.get("/dumps/<version>/<name>")
@described("Harvesting", GZIP, place={"version": "1.0.0", "name": "escrgraph.nq.gz"})
def frozen(version: str, name: str) -> Response:
    """A data set as it was published in a version: the file stays as it is, unless a record in it is erased."""
    there = here().outlet.frozen()
    wanted = f"{version}/{name}"
    found = next((frozen for frozen in there.there() if frozen.dump and frozen.dump.name == wanted), None)
    if found is None or found.dump is None:
        raise Refusal(404, "Not found", f"There is no dump {wanted}. /catalog lists the versions that there are.")
    response = _sent(there.directory / wanted, found.dump, found.number, found.issued)
    response.headers["Cache-Control"] = f"public, max-age={KEPT}"
    return response


def _sent(path: Path, dump: Dump, generation: int, changed: datetime) -> Response:
    try:
        response = send_file(path.absolute(), GZIP, conditional=True, etag=dump.sha256, last_modified=changed)
        response.direct_passthrough = False  # what a server sends by itself tells nobody when it is over
    except FileNotFoundError:
        raise Unavailable("Newer dumps have just taken the place of these. Ask again.") from None
    response.headers["X-Generation"] = str(generation)
    response.headers["Cache-Control"] = "no-cache"
    return response
