"""Accounts: who may sign in, what a secret is good for, and that a person can take everything along or away."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from pathlib import Path

import pytest
from sqlalchemy import update
from tests.curation.proposing import proposal
from tests.postgres import SERVERS

from escrgraph.curation.actors import Role
from escrgraph.curation.database import Database, account_table, secret_table, verify
from escrgraph.curation.errors import NotNow, NotReady, TooOften
from escrgraph.curation.people import FAILURES, RESET, SESSION, TOKEN, People, Refused
from escrgraph.curation.submissions import Submissions
from escrgraph.curation.throttle import Throttle

PASSWORD = "four words of mine"


@pytest.fixture
def people(database: Database) -> People:
    return People(database)


def absent(database: Database, directory: Path, texts: Collection[str]) -> list[str]:
    """Those of the texts that stand nowhere on the disk."""
    if isinstance(database.address, str):
        server = SERVERS[database.address.partition("?")[0]]
        return [text for text in texts if not server.holds(text.encode())]
    kept = everything(directory)
    return [text for text in texts if text not in kept]


def everything(directory: Path) -> str:
    """All text in the database and what stands beside it on the disk."""
    return "".join(path.read_bytes().decode("latin-1") for path in directory.glob("curation.sqlite*"))


def test_somebody_signs_in_with_name_and_password(people: People) -> None:
    ana = people.add("Ana", password=PASSWORD, mail="ana@example.org")
    assert people.sign_in(" ANA ", PASSWORD) == ana
    for name, password in (("ana", PASSWORD + "x"), ("bob", PASSWORD), ("ana", ""), ("", "")):
        with pytest.raises(Refused, match="name or the password"):
            people.sign_in(name, password)


def test_an_account_without_password_cannot_be_entered(people: People) -> None:
    people.add("ana")
    with pytest.raises(Refused):
        people.sign_in("ana", "")


def test_guessing_locks_an_account_for_a_while(people: People, database: Database) -> None:
    ana = people.add("ana", password=PASSWORD)
    for _ in range(FAILURES):
        with pytest.raises(Refused):
            people.sign_in("ana", "wrong wrong wrong")
    with pytest.raises(Refused, match="locked"):
        people.sign_in("ana", PASSWORD)
    with database.writing() as connection:
        connection.execute(update(account_table).values(locked=1))
    assert people.sign_in("ana", PASSWORD).id == ana.id


@pytest.mark.parametrize("name", ["", "a b", "ä", "-a", "a" * 41, "closed-1", "<script>", "a/b"])
def test_names_that_cannot_be(people: People, name: str) -> None:
    with pytest.raises(NotReady):
        people.add(name)


@pytest.mark.parametrize(
    "mail", ["x", "a@b", "a b@example.org", "a@example.org\nBcc: b@example.org", "<a@example.org>"]
)
def test_addresses_that_cannot_be(people: People, mail: str) -> None:
    with pytest.raises(NotReady):
        people.add("ana", mail=mail)


def test_a_name_is_taken_once_and_a_short_password_is_refused(people: People) -> None:
    people.add("ana")
    with pytest.raises(NotNow):
        people.add("ANA")
    with pytest.raises(NotReady, match="10 to 200"):
        people.add("bob", password="short")


def test_secrets_are_good_for_their_use_until_they_end(people: People, database: Database) -> None:
    ana = people.add("ana")
    session, token = people.open(ana.id, SESSION), people.open(ana.id, TOKEN, name="script", scope="submit")
    assert people.holder(session, SESSION) == (ana, "")
    assert people.holder(token, TOKEN) == (ana, "submit")
    assert people.holder(session, TOKEN) is people.holder(token, RESET) is people.holder("x", SESSION) is None
    people.end(session)
    assert people.holder(session, SESSION) is None
    with database.writing() as connection:
        connection.execute(update(secret_table).values(until=1))
    assert people.holder(token, TOKEN) is None


def test_secrets_and_passwords_are_nowhere_on_the_disk(people: People, database: Database, tmp_path: Path) -> None:
    ana = people.add("anastasia", password=PASSWORD)
    shown = [people.open(ana.id, use, scope="read") for use in (SESSION, RESET, TOKEN)]
    assert absent(database, tmp_path, ["anastasia", *shown, PASSWORD]) == [*shown, PASSWORD]


def test_a_new_password_ends_sessions_and_links_but_not_tokens(people: People) -> None:
    ana = people.add("ana", password=PASSWORD)
    session, link, token = (people.open(ana.id, use, scope="read") for use in (SESSION, RESET, TOKEN))
    people.set_password(ana.id, PASSWORD + " now")
    assert people.holder(session, SESSION) is people.holder(link, RESET) is None
    assert people.holder(token, TOKEN) is not None
    assert people.sign_in("ana", PASSWORD + " now").id == ana.id


def test_tokens_are_listed_without_themselves_and_revoked(people: People) -> None:
    ana, bob = people.add("ana"), people.add("bob")
    token = people.open(ana.id, TOKEN, name="script", scope="read")
    (listed,) = people.tokens(ana.id)
    assert (listed.name, listed.scope, token in repr(listed)) == ("script", "read", False)
    people.revoke(bob.id, listed.id)
    assert people.holder(token, TOKEN) is not None
    people.revoke(ana.id, listed.id)
    assert people.holder(token, TOKEN) is None
    with pytest.raises(NotReady):
        people.revoke(ana.id, "%")
    with pytest.raises(NotReady, match="no scope"):
        people.open(ana.id, TOKEN, scope="all")


def test_the_last_administrator_stays(people: People) -> None:
    root = people.add("root", Role.ADMIN)
    with pytest.raises(NotNow):
        people.change(root.id, role="member")
    with pytest.raises(NotNow):
        people.close(root.id)
    people.add("second", Role.ADMIN)
    assert people.change(root.id, role="curator").role is Role.CURATOR
    for bad in ("visitor", "king"):
        with pytest.raises(NotReady, match="no role"):
            people.change(root.id, role=bad)


def test_a_person_takes_everything_along_or_away(
    people: People, submissions: Submissions, database: Database, tmp_path: Path
) -> None:
    ana = people.add("ana", mail="ana@example.org", password=PASSWORD)
    token = people.open(ana.id, TOKEN, name="xylophone", scope="read")
    draft, _ = submissions.create(proposal(text="An unpublished draft"), ana.actor)
    sent, _ = submissions.create(proposal("resource/b", "Sent"), ana.actor)
    submissions.submit(sent.id, ana.actor)
    submissions.comment(sent.id, ana.actor, "my telephone number")
    told = people.export(ana.id)
    assert told["account"]["mail"] == "ana@example.org"
    assert {row["title"] for row in told["submissions"]} == {"An unpublished draft", "Sent"}
    assert [row["text"] for row in told["comments"]] == ["my telephone number"]
    people.close(ana.id)
    assert people.holder(token, TOKEN) is None
    with pytest.raises(Refused):
        people.sign_in("ana", PASSWORD)
    assert people.all() == []
    if isinstance(database.address, Path):
        with sqlite3.connect(database.address) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        connection.close()
    gone = ["ana@example.org", "xylophone", "telephone", "unpublished"]
    assert absent(database, tmp_path, gone) == gone
    assert submissions.get(sent.id).account == ana.id
    assert submissions.proposal(draft.id).added == ()
    assert verify(database) == 4


def test_a_client_that_does_too_much_waits(database: Database) -> None:
    throttle = Throttle(database)
    for _ in range(3):
        throttle.take("sign-in", "a", 3, 600)
    with pytest.raises(TooOften, match="3 times in 10 minutes"):
        throttle.take("sign-in", "a", 3, 600)
    throttle.take("sign-in", "b", 3, 600)
    throttle.take("other", "a", 3, 600)
