"""Whatever the description of the API allows is answered, and never by a failure of ours: requests by schemathesis."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from tests.web.sites import Site
from werkzeug.wsgi import ClosingIterator

READING = {("/sparql", "POST"), ("/oai", "POST"), ("/api/reconcile", "POST")}
"""What changes nothing although it is no GET."""

EXAMPLES = 4
"""Requests of each kind. More find more: a run of some hundreds is for a night."""


def test_what_the_description_allows_never_fails_here(site: Site) -> None:
    schema = schemathesis.openapi.from_wsgi("/openapi.json", _closing(site.client.application))
    tried = 0
    for found in schema.get_all_operations():
        operation = found.ok()
        if operation.method.upper() == "GET" or (operation.path, operation.method.upper()) in READING:
            _try(operation)
            tried += 1
    assert tried > 60


def _closing(application: WSGIApplication) -> WSGIApplication:
    """The application, each answer of which is read whole and closed, as a server does and the client does not."""

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        chunks = ClosingIterator(application(environ, start_response))
        with closing(chunks):
            return [b"".join(chunks)]

    return answer


def _try(operation: Any) -> None:
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def attempt(case: Any) -> None:
        answer = case.call()
        # 503 is said in time: what was not made yet, or takes too long.
        assert answer.status_code < 500 or answer.status_code == 503, (
            f"{case.as_curl_command()}\n{answer.content[:500]!r}"
        )
        assert b"Traceback" not in answer.content

    attempt()
