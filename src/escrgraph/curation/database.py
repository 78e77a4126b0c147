"""The curation database: accounts, submissions and the events that chain what became of them (SQLAlchemy Core).

SQL here is what SQLite and PostgreSQL both understand. Times are seconds since 1970, UTC.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Engine,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    insert,
    select,
    update,
)
from sqlalchemy.exc import DBAPIError

from escrgraph.repository import log
from escrgraph.repository.backups import CURATION
from escrgraph.repository.errors import WrongStore

VERSION = 1
FIRST = log.sha256(b"escrgraph curation events")
"""What the first event names as its previous digest."""

METADATA = MetaData()

head_table = Table(
    "head",  # one row: what every writing transaction takes first, so that events are numbered without a gap
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("version", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    Column("digest", Text, nullable=False),
)
account_table = Table(
    "account",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False, unique=True),  # by which somebody signs in, in small letters
    Column("mail", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("password", Text, nullable=False),  # scrypt with its parameters; empty: none set yet
    Column("language", Text, nullable=False),
    Column("mailed", Boolean, nullable=False),  # whether notices are mailed too
    Column("feed", Text, nullable=False),  # the secret part of the address of the feed
    Column("made", Integer, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("locked", Integer, nullable=False),  # until when nobody can sign in
    Column("closed", Boolean, nullable=False),
)
secret_table = Table(
    "secret",  # sessions, tokens, links to set a password: of each only a digest
    METADATA,
    Column("digest", Text, primary_key=True),
    Column("use", Text, nullable=False),
    Column("account", Text, ForeignKey("account.id"), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("scope", Text, nullable=False),
    Column("made", Integer, nullable=False),
    Column("until", Integer, nullable=False),
    Column("used", Integer, nullable=False),
)
submission_table = Table(
    "submission",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("purpose", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("record", Text, nullable=False, index=True),
    Column("base", Integer),
    Column("state", Text, nullable=False),
    Column("since", Integer, nullable=False),
    Column("made", Integer, nullable=False),
    Column("sent", Integer, nullable=False),  # when it was last submitted
    Column("turn", Integer, nullable=False),  # how many steps it has taken: who acts says on which they look
    Column("revision", Integer, nullable=False),
    Column("account", Text, nullable=False),
    Column("contact", Text, nullable=False),  # of somebody without an account
    Column("key", Text, nullable=False),  # digest of the secret of somebody without an account
    Column("curator", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("private", Boolean, nullable=False),
    Column("change", Integer),  # the number of the change that published it
    Column("undoes", Text, nullable=False),
    Index("submission_of_account", "account", "since"),
    Index("submission_in_state", "state", "since"),
)
revision_table = Table(
    "revision",
    METADATA,
    Column("submission", Text, ForeignKey("submission.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("made", Integer, nullable=False),
    Column("author", Text, nullable=False),
    Column("base", Integer),
    Column("added", LargeBinary, nullable=False),  # N-Quads, deflated
    Column("removed", LargeBinary, nullable=False),
    Column("report", Text, nullable=False),  # JSON
    Column("note", Text, nullable=False),
)
comment_table = Table(
    "comment",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("submission", Text, ForeignKey("submission.id"), nullable=False, index=True),
    Column("turn", Integer, nullable=False),  # at which step of the submission it was made
    Column("made", Integer, nullable=False),
    Column("author", Text, nullable=False),
    Column("party", Text, nullable=False),
    Column("internal", Boolean, nullable=False),  # among curators
    Column("text", Text, nullable=False),
)
event_table = Table(
    "event",  # never changed; names accounts and submissions by id, and nobody by name
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("time", Integer, nullable=False),
    Column("submission", Text, nullable=False, index=True),
    Column("step", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("detail", Text, nullable=False),  # canonical JSON
    Column("previous", Text, nullable=False),
    Column("digest", Text, nullable=False),
)
notice_table = Table(
    "notice",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("account", Text, ForeignKey("account.id"), nullable=False),
    Column("submission", Text, nullable=False),
    Column("event", Integer, nullable=False),
    Column("made", Integer, nullable=False),
    Column("read", Boolean, nullable=False),
    Index("notice_of_account", "account", "made"),
)
letter_table = Table(
    "letter",  # to be mailed; removed when it was
    METADATA,
    Column("id", Text, primary_key=True),
    Column("account", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("made", Integer, nullable=False),
    Column("due", Integer, nullable=False),  # when it is tried next
    Column("tries", Integer, nullable=False),
)
repeat_table = Table(
    "repeat",  # answers to requests that named an idempotency key
    METADATA,
    Column("account", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("digest", Text, nullable=False),
    Column("submission", Text, nullable=False),
    Column("made", Integer, nullable=False),
)
link_table = Table(
    "link",  # what addresses that the library names answered
    METADATA,
    Column("address", Text, primary_key=True),
    Column("status", Integer, nullable=False),
    Column("why", Text, nullable=False),
    Column("checked", Integer, nullable=False),
)
source_table = Table(
    "source",  # other repositories from which records are harvested, and how far each was read
    METADATA,
    Column("name", Text, primary_key=True),
    Column("since", Text, nullable=False),  # from where the next reading asks for changes, in words of the protocol
    Column("position", Text, nullable=False),  # where a reading that was interrupted goes on; empty for none
    Column("run", Integer, nullable=False),  # how many readings were begun
    Column("ended", Integer, nullable=False),  # when one last came to its end
)
taken_table = Table(
    "taken",  # what each record of a source said when it was last read
    METADATA,
    Column("source", Text, ForeignKey("source.name"), primary_key=True),
    Column("key", Text, primary_key=True),  # digest of its identifier, which an erasure takes away
    Column("identifier", Text, nullable=False),
    Column("record", Text, nullable=False, index=True),
    Column("submission", Text, nullable=False, index=True),  # the newest about it; empty for none
    Column("datestamp", Text, nullable=False),
    Column("rank", Integer),
    Column("digest", Text, nullable=False),  # of what the source said
    Column("content", LargeBinary, nullable=False),  # what that is here: N-Quads, deflated
    Column("gone", Boolean, nullable=False),
    Column("barred", Boolean, nullable=False),  # erased here, and never taken again
    Column("run", Integer, nullable=False),  # the reading that last named it
)
origin_table = Table(
    "origin",  # where a revision of a submission was harvested
    METADATA,
    Column("submission", Text, ForeignKey("submission.id"), primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("source", Text, nullable=False),
    Column("identifier", Text, nullable=False),
    Column("datestamp", Text, nullable=False),
    Column("mapping", Text, nullable=False),
    Column("taken", Integer, nullable=False),
)
attempt_table = Table(
    "attempt",  # what a client did lately, to hold back one that does too much
    METADATA,
    Column("id", Text, primary_key=True),
    Column("what", Text, nullable=False),
    Column("client", Text, nullable=False),
    Column("made", Integer, nullable=False),
    Index("attempt_of_client", "what", "client", "made"),
)


class Database:
    """The curation database. Threads and processes may share one."""

    def __init__(self, engine: Engine) -> None:
        """Make what is missing of the schema. Raises WrongStore for a database of a newer version."""
        self.engine = engine
        _make(engine)
        with self.reading() as connection:
            version = connection.execute(select(head_table.c.version)).scalar_one()
        if version > VERSION:
            raise WrongStore(
                f"The curation database was written by a newer version of escrgraph (its format is {version}, this "
                f"version knows {VERSION}). Install that version."
            )

    @classmethod
    def beside(cls, store: Path) -> Database:
        """The one in a store's directory."""
        return cls(log.engine(store / CURATION))

    def close(self) -> None:
        """Close it."""
        self.engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A view of the database as it is now."""
        with self.engine.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction; on the disk when the block ends, undone when it raises. Writers wait for each other."""
        with self.engine.begin() as connection:
            connection.execute(update(head_table).values(id=1))
            yield connection


def now() -> int:
    """The time as it is kept: seconds since 1970, UTC."""
    return int(time.time())


def add_event(
    connection: Connection, submission: str, step: str, state: str, actor: str, detail: Mapping[str, object]
) -> int:
    """Chain an event to those before; its number. The transaction must be one of `Database.writing`."""
    head = connection.execute(select(head_table.c.number, head_table.c.digest)).one()
    body = {
        "number": head.number + 1,
        "time": now(),
        "submission": submission,
        "step": step,
        "state": state,
        "actor": actor,
        "detail": _canonical(detail),
    }
    digest = log.chain(head.digest, log.sha256(_canonical(body).encode()))
    connection.execute(insert(event_table).values(**body, previous=head.digest, digest=digest))
    connection.execute(update(head_table).values(number=body["number"], digest=digest))
    return int(head.number) + 1


def verify(database: Database) -> int:
    """See that every event is what was written; how many there are. Raises log.BrokenLog at the first that is not."""
    names = ("number", "time", "submission", "step", "state", "actor", "detail")
    previous, count = FIRST, 0
    with database.reading() as connection:
        for row in connection.execute(event_table.select().order_by(event_table.c.number)):
            count += 1
            body = {name: getattr(row, name) for name in names}
            expected = log.chain(previous, log.sha256(_canonical(body).encode()))
            if (row.number, row.previous, row.digest) != (count, previous, expected):
                raise log.BrokenLog(f"Event {count} of the curation database is not what was written.", count)
            previous = row.digest
        head = connection.execute(select(head_table.c.number, head_table.c.digest)).one()
    if (head.number, head.digest) != (count, previous):
        raise log.BrokenLog(f"The curation database lacks events after number {count}.", count)
    return count


def _canonical(value: Mapping[str, object]) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _make(engine: Engine) -> None:
    """Processes that start together may make the same table: who comes second finds it made."""
    for attempt in range(5):
        try:
            METADATA.create_all(engine)
            with engine.begin() as connection:
                if connection.execute(select(head_table.c.id)).first() is None:
                    connection.execute(insert(head_table).values(id=1, version=VERSION, number=0, digest=FIRST))
        except DBAPIError:
            if attempt == 4:
                raise
        else:
            return
