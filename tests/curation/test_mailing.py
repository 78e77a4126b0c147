"""Letters reach a real SMTP server once, and wait while there is none; strangers are held back and confirm."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from email.message import Message

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message as Handler
from sqlalchemy import update
from tests.curation.proposing import CURATOR, MEMBER, proposal

from escrgraph.curation.actors import VISITOR, Actor, Role
from escrgraph.curation.database import Database, letter_table
from escrgraph.curation.errors import NotReady, TooOften
from escrgraph.curation.mailing import Mailer, waiting
from escrgraph.curation.people import People
from escrgraph.curation.receiving import A_DAY, AN_HOUR, receive
from escrgraph.curation.states import State, Step
from escrgraph.curation.submissions import Submissions
from escrgraph.curation.words import HAPPENED, confirmation, letter, reset
from escrgraph.vocabulary.languages import LANGUAGES

SITE = "https://library.example.org/"


class Box(Handler):
    """Keeps what came."""

    def __init__(self) -> None:
        super().__init__()
        self.letters: list[Message] = []

    def handle_message(self, message: Message) -> None:
        self.letters.append(message)


@pytest.fixture
def box() -> Iterator[tuple[Box, str]]:
    handler = Box()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Controller(handler, hostname="127.0.0.1", port=port)
    server.start()
    yield handler, f"smtp://127.0.0.1:{port}"
    server.stop()


def body(message: Message) -> str:
    return str(message.get_payload(decode=True), "utf-8") if not message.is_multipart() else ""  # type: ignore[arg-type]


def test_what_happens_is_mailed_once_to_whom_it_concerns(
    submissions: Submissions, database: Database, box: tuple[Box, str]
) -> None:
    people, (kept, server) = People(database), box
    ana = people.add("ana", mail="ana@example.org", language="es")
    carla = people.add("carla", Role.CURATOR, mail="carla@example.org")
    people.add("silent", Role.CURATOR)
    made, _ = submissions.create(proposal(text="Título\r\nBcc: victim@example.org"), ana.actor)
    submissions.submit(made.id, ana.actor)
    submissions.ask(made.id, carla.actor, "¿Qué año?")
    assert waiting(database) == 2
    mailer = Mailer(database, server, "library@example.org", SITE)
    assert (mailer.deliver(), mailer.deliver(), waiting(database)) == (2, 0, 0)
    second, first = sorted(kept.letters, key=lambda found: str(found["To"]))
    assert (first["To"], second["To"], first["From"]) == ("carla@example.org", "ana@example.org", "library@example.org")
    assert f"{SITE}curate/{made.id}" in body(first)
    assert f"{SITE}submissions/{made.id}" in body(second)
    assert "se piden cambios" in body(second)
    assert not [found for found in kept.letters if found["Bcc"] or "victim" in found["To"]]


def test_letters_wait_for_a_server_that_is_away(
    submissions: Submissions, database: Database, box: tuple[Box, str]
) -> None:
    receive(database, proposal(), VISITOR, client="a", contact="x@example.org")
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        port = nobody.getsockname()[1]
    assert Mailer(database, f"smtp://127.0.0.1:{port}", "l@example.org", SITE).deliver() == 0
    assert waiting(database) == 1
    mailer = Mailer(database, box[1], "l@example.org", SITE)
    assert mailer.deliver() == 0
    with database.writing() as connection:
        connection.execute(update(letter_table).values(due=0))
    assert mailer.deliver() == 1
    assert len(box[0].letters) == 1


def test_a_stranger_confirms_by_the_link_that_was_mailed(
    submissions: Submissions, database: Database, box: tuple[Box, str]
) -> None:
    made, key = receive(database, proposal(), VISITOR, client="a", contact="x@example.org")
    Mailer(database, box[1], "l@example.org", SITE).deliver()
    (mailed,) = box[0].letters
    assert f"{SITE}submissions/{made.id}?key={key}" in body(mailed).replace("=\n", "")
    submissions.confirm(made.id, Actor(key=key))
    submissions.reject(made.id, CURATOR, "No.")
    Mailer(database, box[1], "l@example.org", SITE).deliver()
    assert [found["To"] for found in box[0].letters] == ["x@example.org"] * 2
    assert key not in body(box[0].letters[1])


def test_strangers_are_held_back(database: Database) -> None:
    with pytest.raises(NotReady, match="left empty"):
        receive(database, proposal(), VISITOR, client="bot", bait="http://spam.example")
    with pytest.raises(NotReady, match="no e-mail address"):
        receive(database, proposal(), VISITOR, client="a", contact="x@example.org\nBcc: y@example.org")
    for _ in range(AN_HOUR):
        receive(database, proposal(), VISITOR, client="a")
    with pytest.raises(TooOften):
        receive(database, proposal(), VISITOR, client="a")
    for number in range(A_DAY):
        receive(database, proposal(), VISITOR, client=f"b{number}", contact="v@example.org")
    with pytest.raises(TooOften):
        receive(database, proposal(), VISITOR, client="c", contact="V@example.org")


def test_members_begin_with_a_draft(database: Database) -> None:
    made, key = receive(database, proposal(), MEMBER, client="a", bait="x")
    assert (made.state, key) == (State.DRAFT, "")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_letter_is_in_every_language(language: str) -> None:
    assert set(HAPPENED[language]) == set(HAPPENED["en"])
    for step in HAPPENED["en"]:
        subject, text = letter(language, step, "T\nX", "id", None)
        assert "\n" not in subject
        assert subject.startswith("T X")
        assert len(text) > len(subject)
    for subject, text in (confirmation(language, "{title}", "https://a"), reset(language, "n", "https://a")):
        assert "\n" not in subject
        assert "https://a" in text
    if language != "en":
        assert letter(language, Step.ASK, "T", "id", None) != letter("en", Step.ASK, "T", "id", None)
