"""Accounts: signing in and out, what somebody chose, tokens, taking one's data along or away."""

from __future__ import annotations

import json
import re
import secrets
from urllib.parse import quote

from flask import Blueprint, Flask, Response, request
from flask_babel import gettext

from escrgraph.curation import notices, words
from escrgraph.curation.actors import Role
from escrgraph.curation.errors import NotReady
from escrgraph.curation.people import RESET, SESSION, TOKEN, Refused, is_mail
from escrgraph.repository.errors import RepositoryError
from escrgraph.web.context import client, here
from escrgraph.web.describing import HTML, described
from escrgraph.web.notice_feed import feed
from escrgraph.web.pages import language
from escrgraph.web.problems import Refusal
from escrgraph.web.visitors import (
    SignIn,
    csrf,
    demand_own_form,
    end_session,
    person,
    private,
    see,
    start_session,
    unkept,
    visitor,
)

blueprint = Blueprint("accounts", __name__)

SIGN_IN = "/account/sign-in"
FORM = ("application/x-www-form-urlencoded",)
_FORM = 64 << 10


def register(app: Flask) -> None:
    """Lead whoever has to sign in to the page where they can."""
    app.register_error_handler(SignIn, _lead)
    app.jinja_env.globals.update(csrf_token=lambda: csrf() if visitor().session else "")


@blueprint.before_request
def _small() -> None:
    request.max_content_length = _FORM


@blueprint.get(SIGN_IN)
@described("Account", HTML, method="GET")
def sign_in_form() -> Response:
    """Where somebody signs in."""
    return private("sign-in.html", wrong=None, name="", following=_following())


@blueprint.post(SIGN_IN)
@described("Account", status=303, method="POST", bodies=FORM)
def sign_in() -> Response:
    """Sign in, and go on to where one wanted to go."""
    demand_own_form()
    desk = here().desks.get()
    desk.throttle.take("sign-in", client(), 30, 600)
    name = request.form.get("name", "")
    try:
        found = desk.people.sign_in(name, request.form.get("password", ""))
    except Refused as error:
        wrong = _locked() if "locked" in str(error) else gettext("The name or the password is not right.")
        return private("sign-in.html", 401, wrong=wrong, name=name, following=_following())
    return start_session(see(_following()), desk.people.open(found.id, SESSION))


@blueprint.post("/account/sign-out")
@described("Account", status=303, method="POST", bodies=FORM)
def sign_out() -> Response:
    """End the session."""
    demand_own_form()
    here().desks.get().people.end(visitor().session)
    return end_session(see("/"))


@blueprint.get("/account")
@described("Account", status=303)
def account() -> Response:
    """What somebody chose, and what they may do."""
    return _account()


@blueprint.post("/account")
@described("Account", status=303, method="POST", bodies=FORM)
def choose() -> Response:
    """Change language, address and mail."""
    demand_own_form()
    me, form = person(), request.form
    try:
        values = {"language": form.get("language", ""), "mail": form.get("mail", ""), "mailed": "mailed" in form}
        here().desks.get().people.change(me.id, **values)
    except NotReady:
        return _account(400, wrong=gettext("That is no e-mail address, or no language of these pages."))
    return see("/account")


@blueprint.post("/account/password")
@described("Account", status=303, method="POST", bodies=FORM)
def change_password() -> Response:
    """Choose another password, knowing the present one; other sessions end."""
    demand_own_form()
    me, people = person(), here().desks.get().people
    try:
        people.sign_in(me.name, request.form.get("present", ""))
        people.set_password(me.id, request.form.get("password", ""))
    except Refused:
        return _account(400, wrong=gettext("The present password is not right."))
    except NotReady:
        return _account(400, wrong=_short())
    return start_session(see("/account"), people.open(me.id, SESSION))


@blueprint.post("/account/tokens")
@described("Account", status=303, method="POST", bodies=FORM)
def make_token() -> Response:
    """Make a token; it is shown on this one page only."""
    demand_own_form()
    me, people, form = person(), here().desks.get().people, request.form
    scope = form.get("scope", "")
    if scope == "curate" and not me.actor.curates:
        raise Refusal(403, "Declined", "Only curators make tokens that decide.")
    try:
        token = people.open(me.id, TOKEN, name=form.get("name", ""), scope=scope)
    except NotReady as error:
        raise Refusal(400, "Malformed", str(error)) from error
    return _account(token=token)


@blueprint.post("/account/tokens/<token>/end")
@described("Account", status=303, method="POST", bodies=FORM)
def end_token(token: str) -> Response:
    """Revoke a token."""
    demand_own_form()
    here().desks.get().people.revoke(person().id, token)
    return see("/account")


@blueprint.post("/account/feed")
@described("Account", status=303, method="POST", bodies=FORM)
def new_feed() -> Response:
    """Give the feed another secret address."""
    demand_own_form()
    here().desks.get().people.change(person().id, feed=secrets.token_urlsafe(24))
    return see("/account")


@blueprint.get("/account/export")
@described("Account", status=303)
def export() -> Response:
    """Everything that is kept about somebody."""
    body = json.dumps(here().desks.get().people.export(person().id), ensure_ascii=False, indent=1, default=str)
    response = unkept(Response(body + "\n", content_type="application/json"))
    response.headers["Content-Disposition"] = 'attachment; filename="escrgraph-account.json"'
    return response


@blueprint.post("/account/close")
@described("Account", status=303, method="POST", bodies=FORM)
def close() -> Response:
    """Delete what is kept about somebody, who says their name to show that they mean it."""
    demand_own_form()
    me = person()
    if request.form.get("name", "").strip().lower() != me.name:
        return _account(400, wrong=gettext("Write your name in the last field to delete your account."))
    here().desks.get().people.close(me.id)
    return end_session(see("/"))


@blueprint.get("/account/reset")
@described("Account", HTML, method="GET")
def reset_form() -> Response:
    """Where somebody asks for a link to set a password."""
    return private("reset.html", sent=False, mails=here().desks.mails)


@blueprint.post("/account/reset")
@described("Account", status=303, method="POST", bodies=FORM)
def ask_reset() -> Response:
    """Mail a link; the answer is the same whether there is such an account or not."""
    demand_own_form()
    desk = here().desks.get()
    desk.throttle.take("reset", client(), 5, 3600)
    mail = request.form.get("mail", "")
    if here().desks.mails and is_mail(mail):
        for found in desk.people.mailable(mail):
            address = f"{words.SITE}account/reset/{desk.people.open(found.id, RESET)}"
            subject, body = words.reset(found.language, found.name, address)
            with desk.database.writing() as connection:
                notices.post(connection, found.mail, subject, body, found.id)
        here().desks.mail()
    return private("reset.html", sent=True, mails=here().desks.mails)


@blueprint.get("/account/reset/<secret>")
@described("Account", HTML, method="GET")
def set_form(secret: str) -> Response:
    """Where the link leads."""
    return private("password.html", name=_reset_by(secret), secret=secret, wrong=None)


@blueprint.post("/account/reset/<secret>")
@described("Account", status=303, method="POST", bodies=FORM)
def set_password(secret: str) -> Response:
    """Set a password by a link, which is then used up."""
    demand_own_form()
    name, people = _reset_by(secret), here().desks.get().people
    try:
        people.set_password(people.named(name).id, request.form.get("password", ""))
    except NotReady:
        return private("password.html", 400, name=name, secret=secret, wrong=_short())
    return see(SIGN_IN)


@blueprint.get("/account/feed/<secret>.atom")
@described("Account", "application/atom+xml")
def notices_feed(secret: str) -> Response:
    """What somebody is told, as an Atom feed (RFC 4287) at an address that only they know."""
    desk = here().desks.get()
    found = desk.people.fed(secret)
    if found is None:
        raise Refusal(404, "Not found", "There is no feed at this address, or none any more.")
    site = here().service.settings.site or request.url_root
    body = feed(desk.notices.of(found.id), found.language, site, f"account/feed/{secret}.atom")
    return unkept(Response(body, content_type="application/atom+xml; charset=utf-8"))


@blueprint.get("/account/people")
@described("Account", status=303)
def people_page() -> Response:
    """Everybody with an account, for administrators."""
    return _people()


@blueprint.post("/account/people")
@described("Account", status=303, method="POST", bodies=FORM)
def add_person() -> Response:
    """Make an account; the link to set its password is shown on this one page."""
    demand_own_form()
    _administrator()
    form, people = request.form, here().desks.get().people
    try:
        role = Role(form.get("role", ""))
        made = people.add(form.get("name", ""), role, mail=form.get("mail", ""), language=language())
    except (ValueError, RepositoryError) as error:
        return _people(400, wrong=str(error))
    return _people(made=made.name, invitation=_invitation(made.id))


@blueprint.post("/account/people/<id_>")
@described("Account", status=303, method="POST", bodies=FORM)
def change_person(id_: str) -> Response:
    """Give somebody another role, or make a link to set their password."""
    demand_own_form()
    _administrator()
    people = here().desks.get().people
    try:
        if "link" in request.form:
            return _people(made=people.get(id_).name, invitation=_invitation(id_))
        people.change(id_, role=request.form.get("role", ""))
    except RepositoryError as error:
        return _people(400, wrong=str(error))
    return see("/account/people")


def _account(status: int = 200, *, wrong: str | None = None, token: str | None = None) -> Response:
    me = person()
    desk = here().desks.get()
    feed_address = f"{request.url_root}account/feed/{me.feed}.atom"
    return private(
        "account.html", status, wrong=wrong, token=token, tokens=desk.people.tokens(me.id), feed_address=feed_address,
        mails=here().desks.mails, roles=role_names(),
    )  # fmt: skip


def _people(
    status: int = 200, *, wrong: str | None = None, made: str | None = None, invitation: str | None = None
) -> Response:
    _administrator()
    everybody = here().desks.get().people.all()
    return private(
        "people.html", status, everybody=everybody, wrong=wrong, made=made, invitation=invitation, roles=role_names()
    )


def role_names() -> dict[str, str]:
    """The roles in the reader's language."""
    return {"member": gettext("Member"), "curator": gettext("Curator"), "admin": gettext("Administrator")}


def _administrator() -> None:
    if person().role is not Role.ADMIN:
        raise Refusal(403, "Declined", "This is for administrators.")


def _invitation(id_: str) -> str:
    return f"{request.url_root}account/reset/{here().desks.get().people.open(id_, RESET)}"


def _reset_by(secret: str) -> str:
    found = here().desks.get().people.holder(secret, RESET) if re.fullmatch(r"[\w-]{20,100}", secret) else None
    if found is None:
        raise Refusal(404, "Not found", "This link is used up, or older than a day. Ask for another one.")
    return found[0].name


def _following() -> str:
    """Where somebody wanted to go: a path of this site, and nothing else."""
    path = request.values.get("next", "")
    return path if re.fullmatch(r"/(?:[\w.~%&=?-][\w./~%&=?:+-]*)?", path, re.ASCII) else "/account"


def _lead(_: SignIn) -> Response:
    wanted = request.full_path.rstrip("?") if request.method == "GET" else "/account"
    return see(f"{SIGN_IN}?next={quote(wanted)}")


def _locked() -> str:
    return str(gettext("Too many wrong passwords: the account is locked for a quarter of an hour."))


def _short() -> str:
    return str(gettext("A password has at least 10 characters. A few words that only you put together are good."))
