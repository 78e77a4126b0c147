"""Problems told to clients: what was asked, why it was not done, what to do (RFC 9457, plain text or a page)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus

from flask import Flask, Response, current_app, render_template, request
from sqlalchemy.exc import DatabaseError, OperationalError
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.routing import RoutingException

from escrgraph.repository.errors import Interrupted, Malformed, NotApplied, OutOfTime, RepositoryError, Unavailable
from escrgraph.web.negotiation import MediaType, NotAcceptable, negotiate
from escrgraph.web.remedies import remedy

JSON = MediaType("application", "problem+json")
_PLAIN_JSON = MediaType("application", "json")
TEXT = MediaType("text", "plain")
HTML = MediaType("text", "html")

_SENTENCES = {
    404: "There is nothing at this address. Start at the front page, or query /sparql.",
    405: "This address does not take the method {method}. It takes: {allowed}.",
    413: "The body of the request is larger than this address takes.",
    500: "Something here went wrong that should not have; it is in the service's log. Please tell the operators.",
}


class Refusal(Exception):
    """A request that is understood and not done. text: sentences for the client; headers: what the status demands."""

    def __init__(self, status: int, title: str, text: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(text)
        self.status = status
        self.title = title
        self.headers = dict(headers or {})


def problem(
    status: int,
    title: str,
    detail: str,
    members: Mapping[str, object] | None = None,
    headers: Mapping[str, str] | None = None,
    template: str = "problem.html",
    **context: object,
) -> Response:
    """An answer that tells a problem, as the client accepts it: problem+json, plain text or a page.

    members: further members of the problem object, such as the line of a mistake. None are left out.
    template: the page, rendered with the problem and the context.
    """
    known = {name: value for name, value in (members or {}).items() if value is not None}
    try:
        media = negotiate(request.headers.get("Accept"), [JSON, _PLAIN_JSON, TEXT, HTML])
    except NotAcceptable:
        media = JSON  # a client that only takes results is still told why it gets none
    if media == HTML:
        told = {"status": status, "title": title, "detail": detail, **known}
        body = render_template(template, problem=told, remedy=remedy(status), **context)
    elif media == TEXT:
        body = f"{status} {title}\n{detail}\n"
    else:
        found = {"title": title, "status": status, "detail": detail, **known}
        body = json.dumps(found, ensure_ascii=False, indent=1) + "\n"
    response = Response(body, status)
    response.headers["Content-Type"] = f"{media}; charset=utf-8" if media.type == "text" else str(media)
    response.headers["Cache-Control"] = "no-store"
    response.vary.add("Accept")
    response.headers.update(headers or {})
    return response


def register(app: Flask) -> None:
    """Tell every problem that can come up in a request in these words and forms."""
    app.register_error_handler(RepositoryError, of_repository)
    app.register_error_handler(Refusal, _of_refusal)
    app.register_error_handler(NotAcceptable, _of_negotiation)
    app.register_error_handler(HTTPException, _of_http)
    app.register_error_handler(DatabaseError, _of_database)
    app.register_error_handler(Exception, _of_accident)


def of_repository(error: RepositoryError, template: str = "problem.html", **context: object) -> Response:
    """What the repository answered instead of a result. template, context: as for problem."""
    if isinstance(error, Interrupted):
        error = Unavailable(f"{error} None of it was sent: ask again.")
    members: dict[str, object] = {"error": type(error).__name__, "retry_after": error.retry_after}
    if isinstance(error, Malformed | OutOfTime):
        members |= {"line": error.line, "column": error.column}
    if isinstance(error, NotApplied):
        members["change"] = error.number
    headers = {} if error.retry_after is None else {"Retry-After": str(error.retry_after)}
    return problem(error.status, error.title, str(error), members, headers, template, **context)


def _of_refusal(error: Refusal) -> Response:
    return problem(error.status, error.title, str(error), headers=error.headers)


def _of_negotiation(error: NotAcceptable) -> Response:
    return problem(406, "Not acceptable", str(error), {"available": [str(offer) for offer in error.offers]})


def _of_http(error: HTTPException) -> Response | HTTPException:
    if isinstance(error, RoutingException) or error.code is None or error.code < 400:
        return error
    headers = {}
    allowed = ""
    if isinstance(error, MethodNotAllowed):
        allowed = ", ".join(sorted(error.valid_methods or ()))
        headers = {"Allow": allowed}
    sentence = _SENTENCES.get(error.code, error.description or "")
    detail = sentence.format(method=request.method, allowed=allowed)
    return problem(error.code, HTTPStatus(error.code).phrase, detail, headers=headers)


def _of_database(error: DatabaseError) -> Response:
    """A database that takes nothing now: its disk is full or gone, or it is starting. Operators read why in the log."""
    if type(error) not in (DatabaseError, OperationalError):  # what we ask of it is wrong
        return _of_accident(error)
    current_app.logger.error("%s %s: the database did not take it: %s", request.method, request.path, error.orig)
    return of_repository(Unavailable("This cannot be kept now: the disk is full, most likely. Ask again in a while."))


def _of_accident(error: Exception) -> Response:
    current_app.logger.error("%s %s failed", request.method, request.path, exc_info=error)
    return problem(500, HTTPStatus.INTERNAL_SERVER_ERROR.phrase, _SENTENCES[500])
