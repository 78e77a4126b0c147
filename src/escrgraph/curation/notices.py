"""Notices: what happened to a submission, told to those whom it concerns, on the desk, in a feed and by mail."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select, update

from escrgraph.curation import words
from escrgraph.curation.actors import Actor, Party, Role
from escrgraph.curation.database import (
    Database,
    account_table,
    event_table,
    letter_table,
    notice_table,
    now,
    submission_table,
)
from escrgraph.curation.kept import moment
from escrgraph.curation.states import State, Step

TOLD_TO_SUBMITTER = frozenset({Step.ASK, Step.REJECT, Step.COMMENT, Step.PUBLISH, Step.UNPUBLISH, Step.ACCEPT})
TOLD_TO_CURATORS = frozenset({Step.SUBMIT, Step.CONFIRM, Step.COMMENT, Step.WITHDRAW, Step.RETURN})


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing that happened, as it is told. party: what the reader is to the submission."""

    id: str
    submission: str
    title: str
    step: Step
    state: State
    party: Party
    made: datetime
    read: bool


class Notices:
    """The notices in a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, account: str, limit: int = 50) -> list[Notice]:
        """What an account was told, newest first."""
        table, events, submissions = notice_table.c, event_table.c, submission_table.c
        asked = (
            select(
                table.id, table.submission, table.made, table.read, events.step, events.state,
                submissions.title, submissions.account,
            )
            .join(event_table, events.number == table.event)
            .join(submission_table, submissions.id == table.submission)
            .where(table.account == account)
            .order_by(table.event.desc())
            .limit(limit)
        )  # fmt: skip
        with self._database.reading() as connection:
            return [
                Notice(
                    row.id, row.submission, row.title, Step(row.step), State(row.state),
                    Party.SUBMITTER if row.account == account else Party.CURATOR, moment(row.made), row.read,
                )
                for row in connection.execute(asked)
            ]  # fmt: skip

    def unread(self, account: str) -> int:
        """How many an account has not looked at."""
        here = (notice_table.c.account == account, notice_table.c.read.is_(False))
        with self._database.reading() as connection:
            return int(connection.execute(select(func.count()).select_from(notice_table).where(*here)).scalar_one())

    def seen(self, account: str, submission: str | None = None) -> None:
        """An account has looked at all its notices, or those about one submission."""
        here = [notice_table.c.account == account, notice_table.c.read.is_(False)]
        if submission is not None:
            here.append(notice_table.c.submission == submission)
        with self._database.writing() as connection:
            connection.execute(update(notice_table).where(*here).values(read=True))


def tell(connection: Connection, event: int, submission: str, step: Step, actor: Actor, *, internal: bool) -> None:
    """Tell those whom an event concerns, in the transaction that wrote it. internal: among curators."""
    row = connection.execute(submission_table.select().where(submission_table.c.id == submission)).one()
    told: set[str] = set()
    if step in TOLD_TO_SUBMITTER and row.account and not internal:
        told.add(row.account)
    if step in TOLD_TO_CURATORS:
        told |= {row.curator} if row.curator else _curators(connection)
    people = account_table.select().where(
        account_table.c.id.in_(sorted(told - {actor.account})), account_table.c.closed.is_(False)
    )
    for person in connection.execute(people).all():
        connection.execute(
            insert(notice_table).values(
                id=secrets.token_hex(8), account=person.id, submission=submission, event=event, made=now(), read=False
            )
        )
        if person.mailed and person.mail:
            party = Party.SUBMITTER if person.id == row.account else Party.CURATOR
            subject, body = words.letter(person.language, step, row.title, submission, party)
            post(connection, person.mail, subject, body, person.id)
    if row.contact and not row.account and step in TOLD_TO_SUBMITTER and not internal:
        subject, body = words.letter(row.language, step, row.title, submission, None)
        post(connection, row.contact, subject, body)


def post(connection: Connection, address: str, subject: str, body: str, account: str = "") -> None:
    """Put a letter where it is fetched from to be mailed."""
    connection.execute(
        insert(letter_table).values(
            id=secrets.token_hex(8), account=account, address=address, subject=subject, body=body, made=now(), due=0,
            tries=0,
        )
    )  # fmt: skip


def _curators(connection: Connection) -> set[str]:
    table = account_table.c
    roles = (Role.CURATOR.value, Role.ADMIN.value)
    return set(connection.execute(select(table.id).where(table.role.in_(roles), table.closed.is_(False))).scalars())
