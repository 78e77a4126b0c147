"""Mail: letters that wait in the database go out through an SMTP server, each once, and again later when it is away."""

from __future__ import annotations

import smtplib
import ssl
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from urllib.parse import unquote, urlsplit

from sqlalchemy import delete, select, update

from escrgraph.curation.database import Database, letter_table, now
from escrgraph.curation.words import SITE

SECONDS = 20
"""How long a server may take for one step."""

_CLAIM = 300
_TRIES = 12


class Mailer:
    """Sends what waits. address: smtp:// or smtps:// with name and password where needed; site: ends with a slash."""

    def __init__(self, database: Database, address: str, sender: str, site: str) -> None:
        self._database = database
        self._server = urlsplit(address)
        self._sender = sender
        self._site = site

    def deliver(self) -> int:
        """Send the letters that are due; how many went out. What does not go out is tried later, then dropped."""
        sent = 0
        while (found := self._claim()) is not None:
            id_, tries, message = found
            try:
                self._send(message)
            except (OSError, smtplib.SMTPException):
                self._put_off(id_, tries + 1)
                continue
            with self._database.writing() as connection:
                connection.execute(delete(letter_table).where(letter_table.c.id == id_))
            sent += 1
        return sent

    def _claim(self) -> tuple[str, int, EmailMessage] | None:
        """A letter that is due, out of the hands of other processes for a while."""
        table = letter_table.c
        with self._database.writing() as connection:
            asked = letter_table.select().where(table.due <= now()).order_by(table.made, table.id).limit(1)
            row = connection.execute(asked).first()
            if row is None:
                return None
            connection.execute(update(letter_table).where(table.id == row.id).values(due=now() + _CLAIM))
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = self._sender, row.address, row.subject
        message["Date"], message["Message-ID"] = formatdate(), make_msgid(domain=urlsplit(self._site).hostname)
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(row.body.replace(SITE, self._site))
        return row.id, row.tries, message

    def _put_off(self, id_: str, tries: int) -> None:
        here = letter_table.c.id == id_
        with self._database.writing() as connection:
            if tries >= _TRIES:
                connection.execute(delete(letter_table).where(here))
            else:
                connection.execute(update(letter_table).where(here).values(due=now() + 60 * 2**tries, tries=tries))

    def _send(self, message: EmailMessage) -> None:
        host, port = self._server.hostname or "localhost", self._server.port
        context = ssl.create_default_context()
        if self._server.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, port or 465, timeout=SECONDS, context=context)
        else:
            server = smtplib.SMTP(host, port or 25, timeout=SECONDS)
        with server:
            if self._server.scheme == "smtp" and server.ehlo()[0] == 250 and server.has_extn("starttls"):
                server.starttls(context=context)
            if self._server.username:
                server.login(unquote(self._server.username), unquote(self._server.password or ""))
            server.send_message(message)


def waiting(database: Database) -> int:
    """How many letters have not gone out."""
    with database.reading() as connection:
        return len(connection.execute(select(letter_table.c.id)).all())
