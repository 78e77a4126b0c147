"""The people behind submissions and decisions: accounts, how they sign in, and what they may do."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from escrgraph.curation import passwords
from escrgraph.curation.actors import Actor, Role
from escrgraph.curation.database import (
    Database,
    account_table,
    comment_table,
    letter_table,
    notice_table,
    now,
    repeat_table,
    revision_table,
    secret_table,
    submission_table,
)
from escrgraph.curation.errors import NotNow, NotReady, NotYours
from escrgraph.curation.kept import blank, moment
from escrgraph.curation.states import State
from escrgraph.repository.log import sha256
from escrgraph.vocabulary.languages import LANGUAGES

SESSION, RESET, TOKEN = "session", "reset", "token"
_HOUR, _DAY = 3600, 86_400
LASTING = {SESSION: 7 * _DAY, RESET: _DAY, TOKEN: 366 * _DAY}
"""Seconds that a secret is good for, by its use."""

SCOPES = ("read", "submit", "curate")
"""What a token can be good for; each also for what stands before it."""

FAILURES = 6
"""Wrong passwords in a row after which an account is locked."""

LOCKED = 900
"""Seconds that it stays locked."""

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,38}[a-z0-9])?")
_MAIL = re.compile(r"[^@\s<>\"',;:\\]{1,64}@[^@\s<>\"',;:\\]{1,190}\.[^@\s<>\"',;:\\.]{2,63}")


@dataclass(frozen=True, slots=True)
class Person:
    """An account. id: a pseudonym, the only thing that events and the change log name. name: to sign in with."""

    id: str
    name: str
    mail: str
    role: Role
    language: str
    mailed: bool
    feed: str
    made: datetime
    closed: bool
    has_password: bool

    @property
    def actor(self) -> Actor:
        """The person as somebody who acts."""
        return Actor(self.id, self.role)


@dataclass(frozen=True, slots=True)
class Token:
    """A token as it is listed: what it is for, never the token itself. id: the beginning of its digest."""

    id: str
    name: str
    scope: str
    made: datetime
    until: datetime
    used: datetime | None


class Refused(NotYours):
    """Signing in did not work."""

    status = 401
    title = "Not signed in"


class People:
    """The accounts in a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self, name: str, role: Role = Role.MEMBER, *, mail: str = "", password: str = "", language: str = "en"
    ) -> Person:
        """Make an account; without a password it can be entered only by a link to set one.

        Raises NotReady for a name, address or password that cannot be, NotNow when the name is taken.
        """
        chosen = _name(name)
        values = {"mail": _mail(mail), "language": _language(language), "role": _role(role).value}
        kept = passwords.hashed(password) if password else ""
        id_ = secrets.token_hex(6)
        with self._database.writing() as connection:
            if connection.execute(select(account_table.c.id).where(account_table.c.name == chosen)).first():
                raise NotNow(f"There is an account “{chosen}” already. Choose another name.")
            more = {"mailed": bool(mail), "feed": secrets.token_urlsafe(24), "failures": 0, "locked": 0}
            connection.execute(
                insert(account_table).values(
                    id=id_, name=chosen, password=kept, made=now(), closed=False, **values, **more
                )
            )
        return self.get(id_)

    def get(self, id_: str) -> Person:
        """The person of that id. Raises NotReady when there is none."""
        return self._one(account_table.c.id == id_, id_)

    def named(self, name: str) -> Person:
        """The person of that name. Raises NotReady when there is none."""
        return self._one(account_table.c.name == name.strip().lower(), name)

    def all(self) -> list[Person]:
        """Everybody with an open account, by name."""
        asked = account_table.select().where(account_table.c.closed.is_(False)).order_by(account_table.c.name)
        with self._database.reading() as connection:
            return [_person(row) for row in connection.execute(asked)]

    def curators(self) -> list[Person]:
        """Those to whom decisions belong."""
        return [person for person in self.all() if person.actor.curates]

    def names(self, ids: Collection[str]) -> dict[str, str]:
        """What the people of these ids are called; closed accounts are left out."""
        table = account_table.c
        asked = select(table.id, table.name).where(table.id.in_(list(ids)), table.closed.is_(False))
        with self._database.reading() as connection:
            return {row.id: row.name for row in connection.execute(asked)}

    def change(self, id_: str, **values: object) -> Person:
        """Change role, mail, language, mailed or feed. Raises NotReady for a value that cannot be."""
        found = {name: _CHECKS[name](value) for name, value in values.items()}
        person = self.get(id_)
        with self._database.writing() as connection:
            if person.role is Role.ADMIN and found.get("role", Role.ADMIN.value) != Role.ADMIN.value:
                _demand_another_admin(connection, id_)
            connection.execute(update(account_table).where(account_table.c.id == id_).values(**found))
        return self.get(id_)

    def sign_in(self, name: str, password: str) -> Person:
        """The person with this name and password. Raises Refused, alike for a wrong name and a wrong password."""
        asked = account_table.select().where(account_table.c.name == name.strip().lower())
        with self._database.reading() as connection:
            row = connection.execute(asked).first()
        right = passwords.fits(password, row.password if row else "")
        if row is None or row.closed:
            raise Refused("The name or the password is not right.")
        if row.locked > now():
            raise Refused("Too many wrong passwords: the account is locked for a quarter of an hour.")
        here = account_table.c.id == row.id
        with self._database.writing() as connection:
            if right:
                connection.execute(update(account_table).where(here).values(failures=0, locked=0))
            else:
                failures = connection.execute(select(account_table.c.failures).where(here)).scalar_one() + 1
                locked = now() + LOCKED if failures >= FAILURES else 0
                values = {"failures": 0 if locked else failures, "locked": locked}
                connection.execute(update(account_table).where(here).values(**values))
        if not right:
            raise Refused("The name or the password is not right.")
        return _person(row)

    def set_password(self, id_: str, password: str) -> None:
        """Give an account another password; every session and link of it ends. Raises NotReady for a bad one."""
        kept = passwords.hashed(password)
        with self._database.writing() as connection:
            here = account_table.c.id == id_
            connection.execute(update(account_table).where(here).values(password=kept, failures=0, locked=0))
            secret = secret_table.c
            connection.execute(delete(secret_table).where(secret.account == id_, secret.use.in_((SESSION, RESET))))

    def open(self, id_: str, use: str, *, name: str = "", scope: str = "") -> str:
        """Make a secret for an account: a session, a link to set a password, or a token. It is shown only here."""
        if use == TOKEN and scope not in SCOPES:
            raise NotReady(f"“{scope}” is no scope of a token. Scopes: {', '.join(SCOPES)}.")
        secret = ("escr_" if use == TOKEN else "") + secrets.token_urlsafe(32)
        until = now() + LASTING[use]
        with self._database.writing() as connection:
            connection.execute(delete(secret_table).where(secret_table.c.until < now()))
            connection.execute(
                insert(secret_table).values(
                    digest=sha256(secret.encode()), use=use, account=id_, name=name.strip()[:80], scope=scope,
                    made=now(), until=until, used=0,
                )
            )  # fmt: skip
        return secret

    def holder(self, secret: str, use: str) -> tuple[Person, str] | None:
        """Whose secret this is, with its scope; None when it is none, or none any more."""
        table = secret_table.c
        asked = secret_table.select().where(table.digest == sha256(secret.encode()), table.use == use)
        with self._database.reading() as connection:
            row = connection.execute(asked).first()
            if row is None or row.until < now():
                return None
            found = connection.execute(account_table.select().where(account_table.c.id == row.account)).one()
        if found.closed:
            return None
        if use == TOKEN and row.used < now() - _HOUR:  # when it was last used need not be known to the second
            with self._database.writing() as connection:
                connection.execute(update(secret_table).where(table.digest == row.digest).values(used=now()))
        return _person(found), row.scope

    def end(self, secret: str) -> None:
        """A secret is good for nothing any more."""
        with self._database.writing() as connection:
            connection.execute(delete(secret_table).where(secret_table.c.digest == sha256(secret.encode())))

    def tokens(self, id_: str) -> list[Token]:
        """The tokens of an account, newest first."""
        table = secret_table.c
        asked = secret_table.select().where(table.account == id_, table.use == TOKEN).order_by(table.made.desc())
        with self._database.reading() as connection:
            return [
                Token(
                    row.digest[:12], row.name, row.scope, moment(row.made), moment(row.until),
                    moment(row.used) if row.used else None,
                )
                for row in connection.execute(asked)
            ]  # fmt: skip

    def revoke(self, id_: str, token: str) -> None:
        """End the token of an account that is listed by this id."""
        table = secret_table.c
        if not re.fullmatch(r"[0-9a-f]{12}", token):
            raise NotReady("There is no such token.")
        with self._database.writing() as connection:
            connection.execute(
                delete(secret_table).where(table.account == id_, table.use == TOKEN, table.digest.startswith(token))
            )

    def export(self, id_: str) -> dict[str, Any]:
        """Everything that is kept about a person, for JSON."""
        person = self.get(id_)
        with self._database.reading() as connection:
            mine = submission_table.select().where(submission_table.c.account == id_)
            comments = comment_table.select().where(comment_table.c.author == id_)
            return {
                "account": asdict(person) | {"made": person.made.isoformat()},
                "tokens": [
                    {"name": token.name, "scope": token.scope, "made": token.made.isoformat()}
                    for token in self.tokens(id_)
                ],
                "submissions": [
                    {
                        "id": row.id,
                        "title": row.title,
                        "record": row.record,
                        "state": row.state,
                        "made": moment(row.made).isoformat(),
                    }
                    for row in connection.execute(mine)
                ],
                "comments": [
                    {"submission": row.submission, "made": moment(row.made).isoformat(), "text": row.text}
                    for row in connection.execute(comments)
                ],
            }

    def close(self, id_: str) -> None:
        """Delete a person's data. What was published stays, and with it the pseudonym that nobody can resolve now.

        Drafts go, what waits is withdrawn by an administrator's hand or decided as it stands; comments lose their text.
        Raises NotNow for the last administrator.
        """
        person = self.get(id_)
        with self._database.writing() as connection:
            if person.role is Role.ADMIN:
                _demand_another_admin(connection, id_)
            table = submission_table.c
            private = (State.DRAFT.value, State.HELD.value, State.WITHDRAWN.value)
            drafts = select(table.id).where(table.account == id_, table.state.in_(private))
            blank(connection, list(connection.execute(drafts).scalars()))
            connection.execute(update(comment_table).where(comment_table.c.author == id_).values(text=""))
            connection.execute(update(revision_table).where(revision_table.c.author == id_).values(note=""))
            for gone in (secret_table, notice_table, letter_table, repeat_table):
                connection.execute(delete(gone).where(gone.c.account == id_))
            connection.execute(
                update(account_table)
                .where(account_table.c.id == id_)
                .values(name=f"closed-{id_}", mail="", password="", mailed=False, feed="", closed=True)
            )
        self._database.compact()

    def fed(self, feed: str) -> Person | None:
        """Whose feed has this secret address."""
        if not feed:
            return None
        with self._database.reading() as connection:
            row = connection.execute(account_table.select().where(account_table.c.feed == feed)).first()
        return _person(row) if row else None

    def mailable(self, mail: str) -> list[Person]:
        """The open accounts with an address."""
        asked = account_table.select().where(
            func.lower(account_table.c.mail) == mail.strip().lower(), account_table.c.closed.is_(False)
        )
        with self._database.reading() as connection:
            return [_person(row) for row in connection.execute(asked)] if mail.strip() else []

    def _one(self, condition: Any, name: str) -> Person:
        with self._database.reading() as connection:
            row = connection.execute(account_table.select().where(condition)).first()
        if row is None:
            raise NotReady(f"There is no account “{name[:60]}”.")
        return _person(row)


def is_mail(text: str) -> bool:
    """Whether a text can be an address that mail goes to."""
    return _MAIL.fullmatch(text.strip()) is not None


def _demand_another_admin(connection: Connection, id_: str) -> None:
    table = account_table.c
    others = (table.role == Role.ADMIN.value, table.id != id_, table.closed.is_(False))
    if not connection.execute(select(func.count()).select_from(account_table).where(*others)).scalar_one():
        raise NotNow("This is the last administrator. Make another one first.")


def _person(row: Row[Any]) -> Person:
    return Person(
        id=row.id,
        name=row.name,
        mail=row.mail,
        role=Role(row.role),
        language=row.language,
        mailed=row.mailed,
        feed=row.feed,
        made=moment(row.made),
        closed=row.closed,
        has_password=bool(row.password),
    )


def _name(name: str) -> str:
    chosen = name.strip().lower()
    if not _NAME.fullmatch(chosen) or chosen.startswith("closed-"):
        raise NotReady(
            f"“{name[:60]}” cannot be the name of an account: use 1 to 40 small letters, digits, dots and hyphens."
        )
    return chosen


def _mail(mail: object) -> str:
    text = str(mail).strip()
    if text and not is_mail(text):
        raise NotReady(f"“{text[:80]}” is no e-mail address.")
    return text


def _language(language: object) -> str:
    if language not in LANGUAGES:
        raise NotReady(f"“{str(language)[:20]}” is no language of the pages. Languages: {', '.join(LANGUAGES)}.")
    return str(language)


def _role(role: object) -> Role:
    try:
        found = Role(str(role))
    except ValueError:
        found = Role.VISITOR
    if found is Role.VISITOR:
        raise NotReady(f"“{str(role)[:20]}” is no role. Roles: member, curator, admin.")
    return found


_CHECKS: Mapping[str, Callable[[object], object]] = {
    "role": lambda value: _role(value).value,
    "mail": _mail,
    "language": _language,
    "mailed": bool,
    "feed": str,
}
