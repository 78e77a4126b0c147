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
    LargeBinary,
    MetaData,
    Table,
    insert,
    select,
    update,
)
from sqlalchemy.exc import DBAPIError

from escrgraph.repository import copying, databases, log, postgresql
from escrgraph.repository.addresses import CURATION, Address
from escrgraph.repository.databases import ROWS, WHOLE, WORDS
from escrgraph.repository.errors import WrongStore

VERSION = 1
FIRST = log.sha256(b"escrgraph curation events")
"""What the first event names as its previous digest."""

METADATA = MetaData()

head_table = Table(
    databases.HEAD,  # one row: what every writing transaction takes first, so that events are numbered without a gap
    METADATA,
    Column("id", WHOLE, primary_key=True, autoincrement=False),
    Column("version", WHOLE, nullable=False),
    Column("number", WHOLE, nullable=False),
    Column("digest", WORDS, nullable=False),
)
account_table = Table(
    "account",
    METADATA,
    Column("id", WORDS, primary_key=True),
    Column("name", WORDS, nullable=False, unique=True),  # by which somebody signs in, in small letters
    Column("mail", WORDS, nullable=False),
    Column("role", WORDS, nullable=False),
    Column("password", WORDS, nullable=False),  # scrypt with its parameters; empty: none set yet
    Column("language", WORDS, nullable=False),
    Column("mailed", Boolean, nullable=False),  # whether notices are mailed too
    Column("feed", WORDS, nullable=False),  # the secret part of the address of the feed
    Column("made", WHOLE, nullable=False),
    Column("failures", WHOLE, nullable=False),
    Column("locked", WHOLE, nullable=False),  # until when nobody can sign in
    Column("closed", Boolean, nullable=False),
)
secret_table = Table(
    "secret",  # sessions, tokens, links to set a password: of each only a digest
    METADATA,
    Column("digest", WORDS, primary_key=True),
    Column("use", WORDS, nullable=False),
    Column("account", WORDS, ForeignKey("account.id"), nullable=False, index=True),
    Column("name", WORDS, nullable=False),
    Column("scope", WORDS, nullable=False),
    Column("made", WHOLE, nullable=False),
    Column("until", WHOLE, nullable=False),
    Column("used", WHOLE, nullable=False),
)
submission_table = Table(
    "submission",
    METADATA,
    Column("id", WORDS, primary_key=True),
    Column("purpose", WORDS, nullable=False),
    Column("type", WORDS, nullable=False),
    Column("record", WORDS, nullable=False, index=True),
    Column("base", WHOLE),
    Column("state", WORDS, nullable=False),
    Column("since", WHOLE, nullable=False),
    Column("made", WHOLE, nullable=False),
    Column("sent", WHOLE, nullable=False),  # when it was last submitted
    Column("turn", WHOLE, nullable=False),  # how many steps it has taken: who acts says on which they look
    Column("revision", WHOLE, nullable=False),
    Column("account", WORDS, nullable=False),
    Column("contact", WORDS, nullable=False),  # of somebody without an account
    Column("key", WORDS, nullable=False),  # digest of the secret of somebody without an account
    Column("curator", WORDS, nullable=False),
    Column("language", WORDS, nullable=False),
    Column("title", WORDS, nullable=False),
    Column("private", Boolean, nullable=False),
    Column("change", WHOLE),  # the number of the change that published it
    Column("undoes", WORDS, nullable=False),
    Index("submission_of_account", "account", "since"),
    Index("submission_in_state", "state", "since"),
)
revision_table = Table(
    "revision",
    METADATA,
    Column("submission", WORDS, ForeignKey("submission.id"), primary_key=True),
    Column("number", WHOLE, primary_key=True),
    Column("made", WHOLE, nullable=False),
    Column("author", WORDS, nullable=False),
    Column("base", WHOLE),
    Column("added", LargeBinary, nullable=False),  # N-Quads, deflated
    Column("removed", LargeBinary, nullable=False),
    Column("report", WORDS, nullable=False),  # JSON
    Column("note", WORDS, nullable=False),
)
comment_table = Table(
    "comment",
    METADATA,
    Column("id", WORDS, primary_key=True),
    Column("submission", WORDS, ForeignKey("submission.id"), nullable=False, index=True),
    Column("turn", WHOLE, nullable=False),  # at which step of the submission it was made
    Column("made", WHOLE, nullable=False),
    Column("author", WORDS, nullable=False),
    Column("party", WORDS, nullable=False),
    Column("internal", Boolean, nullable=False),  # among curators
    Column("text", WORDS, nullable=False),
)
event_table = Table(
    "event",  # never changed; names accounts and submissions by id, and nobody by name
    METADATA,
    Column("number", WHOLE, primary_key=True, autoincrement=False),
    Column("time", WHOLE, nullable=False),
    Column("submission", WORDS, nullable=False, index=True),
    Column("step", WORDS, nullable=False),
    Column("state", WORDS, nullable=False),
    Column("actor", WORDS, nullable=False),
    Column("detail", WORDS, nullable=False),  # canonical JSON
    Column("previous", WORDS, nullable=False),
    Column("digest", WORDS, nullable=False),
)
notice_table = Table(
    "notice",
    METADATA,
    Column("id", WORDS, primary_key=True),
    Column("account", WORDS, ForeignKey("account.id"), nullable=False),
    Column("submission", WORDS, nullable=False),
    Column("event", WHOLE, nullable=False),
    Column("made", WHOLE, nullable=False),
    Column("read", Boolean, nullable=False),
    Index("notice_of_account", "account", "made"),
)
letter_table = Table(
    "letter",  # to be mailed; removed when it was
    METADATA,
    Column("id", WORDS, primary_key=True),
    Column("account", WORDS, nullable=False),
    Column("address", WORDS, nullable=False),
    Column("subject", WORDS, nullable=False),
    Column("body", WORDS, nullable=False),
    Column("made", WHOLE, nullable=False),
    Column("due", WHOLE, nullable=False),  # when it is tried next
    Column("tries", WHOLE, nullable=False),
)
repeat_table = Table(
    "repeat",  # answers to requests that named an idempotency key
    METADATA,
    Column("account", WORDS, primary_key=True),
    Column("key", WORDS, primary_key=True),
    Column("digest", WORDS, nullable=False),
    Column("submission", WORDS, nullable=False),
    Column("made", WHOLE, nullable=False),
)
link_table = Table(
    "link",  # what addresses that the library names answered
    METADATA,
    Column("address", WORDS, primary_key=True),
    Column("status", WHOLE, nullable=False),
    Column("why", WORDS, nullable=False),
    Column("checked", WHOLE, nullable=False),
)
source_table = Table(
    "source",  # other repositories from which records are harvested, and how far each was read
    METADATA,
    Column("name", WORDS, primary_key=True),
    Column("since", WORDS, nullable=False),  # from where the next reading asks for changes, in words of the protocol
    Column("position", WORDS, nullable=False),  # where a reading that was interrupted goes on; empty for none
    Column("run", WHOLE, nullable=False),  # how many readings were begun
    Column("ended", WHOLE, nullable=False),  # when one last came to its end
)
taken_table = Table(
    "taken",  # what each record of a source said when it was last read
    METADATA,
    Column("source", WORDS, ForeignKey("source.name"), primary_key=True),
    Column("key", WORDS, primary_key=True),  # digest of its identifier, which an erasure takes away
    Column("identifier", WORDS, nullable=False),
    Column("record", WORDS, nullable=False, index=True),
    Column("submission", WORDS, nullable=False, index=True),  # the newest about it; empty for none
    Column("datestamp", WORDS, nullable=False),
    Column("rank", WHOLE),
    Column("digest", WORDS, nullable=False),  # of what the source said
    Column("content", LargeBinary, nullable=False),  # what that is here: N-Quads, deflated
    Column("gone", Boolean, nullable=False),
    Column("barred", Boolean, nullable=False),  # erased here, and never taken again
    Column("run", WHOLE, nullable=False),  # the reading that last named it
)
origin_table = Table(
    "origin",  # where a revision of a submission was harvested
    METADATA,
    Column("submission", WORDS, ForeignKey("submission.id"), primary_key=True),
    Column("revision", WHOLE, primary_key=True),
    Column("source", WORDS, nullable=False),
    Column("identifier", WORDS, nullable=False),
    Column("datestamp", WORDS, nullable=False),
    Column("mapping", WORDS, nullable=False),
    Column("taken", WHOLE, nullable=False),
)
attempt_table = Table(
    "attempt",  # what a client did lately, to hold back one that does too much
    METADATA,
    Column("id", WORDS, primary_key=True),
    Column("what", WORDS, nullable=False),
    Column("client", WORDS, nullable=False),
    Column("made", WHOLE, nullable=False),
    Index("attempt_of_client", "what", "client", "made"),
)


class Database:
    """The curation database. Threads and processes may share one."""

    def __init__(self, address: Address) -> None:
        """Open it, and make what is missing of the schema.

        Raises WrongStore for a database of a newer version, Unavailable when PostgreSQL does not answer.
        """
        self.address = address
        self.engine = engine = databases.engine(address)
        self._view = databases.view(engine)
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
        return cls(store / CURATION)

    def close(self) -> None:
        """Close it."""
        databases.dispose(self.engine)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A view of the database as it is now."""
        with self._view.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction; on the disk when the block ends, undone when it raises. Writers wait for each other."""
        with self.engine.begin() as connection:
            connection.execute(update(head_table).values(id=1))
            yield connection

    def copy(self, target: Path) -> None:
        """Copy it, whatever it is, into a new file of SQLite. Raises Unavailable."""
        copying.copy([(self.address, METADATA)], target)
        copying.settle(target)

    def compact(self) -> bool:
        """See that what was erased is nowhere in the database's files. Returns whether that is so already.

        SQLite overwrites what it deletes; PostgreSQL keeps it until nobody sees it any more.
        """
        return not databases.shared(self.engine) or postgresql.compact(self.engine, METADATA.sorted_tables)


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
    asked = event_table.select().order_by(event_table.c.number).execution_options(yield_per=ROWS)
    with database.reading() as connection:
        with connection.execute(asked) as rows:
            for row in rows:
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
            databases.make(engine, METADATA)
            with engine.begin() as connection:
                if connection.execute(select(head_table.c.id)).first() is None:
                    connection.execute(insert(head_table).values(id=1, version=VERSION, number=0, digest=FIRST))
        except DBAPIError:
            if attempt == 4:
                raise
        else:
            return
