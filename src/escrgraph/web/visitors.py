"""Who asks: somebody signed in by a session, a program with a token, or a reader of whom nothing is known."""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass, replace

from flask import Response, g, render_template, request

from escrgraph.curation.actors import VISITOR, Actor, Role
from escrgraph.curation.people import LASTING, SCOPES, SESSION, TOKEN, Person
from escrgraph.web.admin import is_admin
from escrgraph.web.context import here
from escrgraph.web.links import link
from escrgraph.web.pages import localized
from escrgraph.web.problems import Refusal

COOKIE = "escrgraph_session"
_SECRET = re.compile(r"[A-Za-z0-9_-]{20,100}")
_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="escrgraph"'}


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who asks. session: its secret, when signed in by browser. scope: of a token, "" otherwise."""

    actor: Actor = VISITOR
    person: Person | None = None
    session: str = ""
    scope: str = ""


def visitor() -> Visitor:
    """Who sent this request. Raises Refusal (401) for a token that is none."""
    if "visitor" not in g:
        g.visitor = _by_token() or _by_session() or Visitor(replace(VISITOR, key=_key()))
    found: Visitor = g.visitor
    return found


def person() -> Person:
    """Who is signed in by browser. Raises SignIn where nobody is."""
    found = visitor().person
    if found is None or not visitor().session:
        raise SignIn
    return found


def curator() -> Person:
    """The curator who is signed in. Raises SignIn, and Refusal (403) for others."""
    found = person()
    if not found.actor.curates:
        raise Refusal(403, "Declined", "This is for curators. Ask an administrator for the role.")
    return found


def bearer(scope: str) -> Visitor:
    """The program that asks. Raises Refusal without a token (401), or with one of too small a scope (403)."""
    found = visitor()
    if not found.scope:
        raise Refusal(401, "Unauthorized", "This takes a token: “Authorization: Bearer …”. See /account.", _CHALLENGE)
    if SCOPES.index(found.scope) < SCOPES.index(scope):
        raise Refusal(403, "Declined", f"The token is for “{found.scope}”, and this takes one for “{scope}”.")
    return found


class SignIn(Exception):
    """Somebody has to sign in first."""


def csrf() -> str:
    """What a form of somebody signed in carries, so that no other site can send it for them."""
    return hmac.new(visitor().session.encode(), b"escrgraph form", hashlib.sha256).hexdigest()


def demand_own_form() -> None:
    """See that a form comes from a page of this site. Raises Refusal (403)."""
    site = request.headers.get("Sec-Fetch-Site", "none")
    if site not in ("same-origin", "none"):
        raise Refusal(403, "Declined", "This form was sent by another site. Open the page here, and send it again.")
    if visitor().session and not hmac.compare_digest(request.form.get("csrf", "").encode(), csrf().encode()):
        raise Refusal(403, "Declined", "The form is from another session. Open the page again, and send it again.")


def private(template: str, status: int = 200, **values: object) -> Response:
    """A page for one person: kept nowhere."""
    found = visitor()
    unread = here().desks.get().notices.unread(found.person.id) if found.person else 0
    body = render_template(template, me=found.person, csrf=csrf() if found.session else "", unread=unread, **values)
    return unkept(localized(Response(body, status, content_type="text/html; charset=utf-8")))


def unkept(response: Response) -> Response:
    """Say that nobody may keep an answer."""
    response.headers["Cache-Control"] = "no-store"
    response.vary.add("Cookie")
    return response


def see(path: str) -> Response:
    """After a form: the page to look at (303)."""
    return unkept(Response(status=303, headers={"Location": link(path)}))


def start_session(response: Response, secret: str) -> Response:
    """Give somebody who signs in the only cookie there is."""
    response.set_cookie(
        COOKIE, secret, max_age=LASTING[SESSION], httponly=True, samesite="Lax", secure=request.is_secure, path="/"
    )
    return response


def end_session(response: Response) -> Response:
    """Take the cookie back."""
    response.delete_cookie(COOKIE, httponly=True, samesite="Lax", secure=request.is_secure, path="/")
    return response


def _by_token() -> Visitor | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return None
    if is_admin(here().service.settings):
        return Visitor(Actor("admin-token", Role.ADMIN), scope="curate")
    found = here().desks.get().people.holder(token.strip(), TOKEN) if _SECRET.fullmatch(token.strip()) else None
    if found is None:
        headers = {"WWW-Authenticate": 'Bearer realm="escrgraph", error="invalid_token"'}
        raise Refusal(401, "Unauthorized", "The token sent is none, or none any more. See /account.", headers)
    holder, scope = found
    limited = holder.role if scope == "curate" else Role.MEMBER
    return Visitor(Actor(holder.id, limited), holder, scope=scope)


def _by_session() -> Visitor | None:
    secret = request.cookies.get(COOKIE, "")
    if not _SECRET.fullmatch(secret):
        return None
    found = here().desks.get().people.holder(secret, SESSION)
    return Visitor(replace(found[0].actor, key=_key()), found[0], secret) if found else None


def _key() -> str:
    """The secret in a link by which somebody without an account comes back."""
    sent = request.values.get("key", "")
    return sent if _SECRET.fullmatch(sent) else ""
