"""A repository in merge mode as its writer holds it: the change log, the store made from it, and what changes both."""

from __future__ import annotations

import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import Store
from sqlalchemy.exc import DatabaseError, OperationalError, SQLAlchemyError

from escrgraph.repository import faults
from escrgraph.repository.addresses import log_of
from escrgraph.repository.bulk import Loading
from escrgraph.repository.changes import Action, Change, Entry, Receipt, RecordChange, Redaction
from escrgraph.repository.errors import Damaged, Moved, NotApplied, RepositoryError, Unavailable
from escrgraph.repository.exchange import CURRENT, STAGING, exchange, fresh_staging, settle
from escrgraph.repository.following import take_away, tidy
from escrgraph.repository.generations import GENERATIONS, Generations
from escrgraph.repository.inference import Inference, read_rules
from escrgraph.repository.preparing import Prepared, Preparer
from escrgraph.repository.provenance import Provenance
from escrgraph.repository.recording import Recorder
from escrgraph.repository.redaction import erase
from escrgraph.repository.replay import apply_entry, rebuilt
from escrgraph.repository.room import Room
from escrgraph.repository.store import Delta, MergedStore, combined, n_quads
from escrgraph.vocabulary import shipped
from escrgraph.vocabulary.iris import Base

STUCK = 60.0
"""Seconds after which a store that does not take a change is given up."""


TOGETHER = 100
"""Changes of other machines that readers are told quad by quad; of more they take the snapshot."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a change did. changed: False when it had no effect. delta: None when it is not known quad by quad."""

    receipt: Receipt
    changed: bool = True
    delta: Delta | None = None


class Publisher:
    """Changes a merge-mode store. The process that has one never forks."""

    def __init__(
        self,
        directory: Path,
        base: Base,
        room: Room | None = None,
        stuck: Callable[[NotApplied], object] | None = None,
        patience: float = STUCK,
        database: str = "",
    ) -> None:
        """Open the store in `directory` and bring it up to its log.

        Raises Unavailable when the disk is full, or PostgreSQL does not answer.

        stuck: called on another thread when RocksDB waits for room instead of failing; the process has to end then.
        patience: seconds until that on a disk that is nearly full, beside one for each thousand quads.
        database: the address of a PostgreSQL that has the log, when it is not in `directory`.
        """
        self._directory = directory
        self._base = base
        self._room = room or Room(directory)
        self._stuck = stuck or (lambda _: None)
        self._patience = patience
        self._elsewhere: list[Delta | None] = []  # what other machines published, to be shown to readers
        with _disk():
            self.log = Recorder(log_of(directory, database))
        self._inference = Inference(base, read_rules(shipped.rule_files()))
        self._store = self._adopted()
        try:
            try:
                self._replay()
            except RuntimeError as error:  # a block of it is not what was written
                self._store.close()
                self._store = self._made_again(error)
            self._owing = self.log.owing()
        except BaseException:
            self.close()  # whoever tries again opens the same files
            raise
        self._elsewhere.clear()

    @property
    def store(self) -> Store:
        """The Oxigraph store, to take a snapshot of."""
        return self._store.store

    @property
    def number(self) -> int:
        """The number of the newest change in the store."""
        return self._store.number

    def close(self) -> None:
        """Close log and store."""
        self.log.close()
        self._store.close()

    def commit(self, change: Change) -> Outcome:
        """Publish a change; what a submission led to before is not done again.

        Raises Malformed, Moved, Unavailable; NotApplied when it is in the log and not in the store.
        """
        with self.turn():
            return self._told(self._commit(change))

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Be the only machine that writes, in a store that is up to the log. Raises Unavailable when another one is."""
        with self.log.turn():
            if self.log.shared:
                self._replay()
            yield

    def follow(self) -> Outcome | None:
        """Bring the store up to what other machines published. Returns what readers are to be shown, None for nothing.

        Raises Unavailable when the disk is full, or PostgreSQL does not answer.
        """
        self._replay()
        if self._owing:
            self._owing = not self.log.compact()
        if not self._elsewhere:
            return None
        return self._told(Outcome(Receipt(self.number, 0, 0, 0, 0, 0), changed=False))

    def _told(self, outcome: Outcome) -> Outcome:
        """An outcome together with what came from other machines before it."""
        if not self._elsewhere:
            return outcome
        deltas = [*self._elsewhere, outcome.delta] if outcome.changed else list(self._elsewhere)
        self._elsewhere.clear()
        return Outcome(outcome.receipt, delta=combined(deltas))

    def _commit(self, change: Change) -> Outcome:
        with _disk():  # a log that is only read makes files beside it too
            if change.decision and (entry := self.log.decided(change.decision.submission)):
                return Outcome(_repeated(entry, self.log.record_changes(entry.number)), changed=False)
            self._demand_unmoved(change)
            made = Preparer(self._base, self._store, self.log, self._inference).prepare(change)
        if not (made.added or made.removed or made.changes):
            return Outcome(Receipt(self.number, 0, 0, 0, 0, 0), changed=False)
        return self._publish(change, made)

    def settle(self) -> None:
        """Bring the store to the disk, as a snapshot needs it. Raises NotApplied when the disk does not take it.

        No acknowledgement waits for this: what a power cut takes from the store is in the log, and replayed.
        """
        with self._answering(self.number):
            self.store.flush()

    def load(self, source: int, header: Mapping[str, object]) -> Outcome:
        """Publish N-Quads read from the descriptor `source`, without validation and in any amount, as one entry.

        Raises Malformed for quads that cannot be published, Unavailable; then nothing was changed.
        """
        with self.turn():
            return self._told(self._load(source, header))

    def _load(self, source: int, header: Mapping[str, object]) -> Outcome:
        self._room.demand()
        staging = self._staging()
        copy = MergedStore(staging, self._base)
        try:
            with _disk():
                loading = Loading(self._store, copy, self.log, self._base, self._inference, self._room)
                receipt = loading.run(source, header)
        except BaseException:
            copy.close()
            shutil.rmtree(staging, ignore_errors=True)
            raise
        copy.close()
        faults.point("after-log")
        if receipt.number == self.number:
            shutil.rmtree(staging, ignore_errors=True)
            return Outcome(receipt, changed=False)
        self._swap()
        return Outcome(receipt)

    def redact(self, record: str, agent: str, reason: str) -> tuple[Outcome, Redaction]:
        """Erase a record from the log, and the store with it. Raises Malformed when nothing names it, Unavailable."""
        with self.turn():
            outcome, redaction = self._redact(record, agent, reason)
            return self._told(outcome), redaction

    def _redact(self, record: str, agent: str, reason: str) -> tuple[Outcome, Redaction]:
        self._room.demand(self.log.size)
        preparer = Preparer(self._base, self._store, self.log, self._inference)
        with _disk():
            redaction = erase(record, agent, reason, self._base, self._store, self.log, preparer)
        faults.point("in-redaction")
        number = redaction.receipt.number
        try:
            self._owing = not self.log.compact()
            self.rebuild()
        except (RepositoryError, SQLAlchemyError) as error:
            raise NotApplied(
                f"{record} is out of the log by entry {number}, but not yet out of the store: {error} "
                "The restart that follows finishes it.",
                number,
            ) from error
        return Outcome(redaction.receipt), redaction

    def rebuild(self) -> None:
        """Make the store again from the log. Raises Unavailable when the disk is full; the store is as before then.

        What else is derived from the log goes at once, and is made again by who follows it.
        """
        with _disk():
            take_away(self._directory)
            rebuilt(self.log, fresh_staging(self._directory), self._base)
        self._swap()

    def verify(self) -> int:
        """See that the log is what was written; how many entries it has. Raises BrokenLog."""
        return self.log.verify()

    def _publish(self, change: Change, made: Prepared) -> Outcome:
        added, removed = n_quads(made.added), n_quads(made.removed)
        self._room.demand(len(added) + len(removed))
        header = {name: getattr(change, name) for name in ("cause", "agent", "reason", "unchecked", "decision")}
        faults.point("before-log")
        counts = (len(made.added), len(made.removed))
        with _disk():
            number = self.log.append(header, added, removed, made.changes, made.parts, counts, after=self.number)
        faults.point("after-log")
        with self._answering(number, sum(counts)):
            faults.stall("stuck")
            delta = self._apply(number, made)
        return Outcome(_receipt(number, made, counts), delta=delta)

    @contextmanager
    def _answering(self, number: int, quads: int = 0) -> Iterator[None]:
        """Watch a store that is to take change `number`. Raises NotApplied when it fails."""
        patience = self._patience + quads / 1000
        try:
            with self._room.watched(patience, lambda: self._stuck(_not_applied(number, "it does not answer"))):
                yield
        except (OSError, RuntimeError, Unavailable) as error:
            raise _not_applied(number, str(error)) from error

    def _demand_unmoved(self, change: Change) -> None:
        for record, seen in change.expected.items():
            last = self.log.last_change(record)
            number = last[0].number if last else 0
            if number != seen:
                raise Moved(
                    f"{record} was changed meanwhile: change {number} touched it, and this was made on change {seen}. "
                    "Look at what changed, then decide again."
                )

    def _apply(self, number: int, made: Prepared) -> Delta:
        entry = self.log.entry(number)
        if entry is None:
            raise OSError(f"entry {number} is not in the log")
        come, gone = Provenance(self._store, self._base).of(entry, made.changes, self.log.decision(number))
        return self._store.apply(number, [*made.added, *come], [*made.removed, *gone])

    def _adopted(self) -> MergedStore:
        """The store, or the one that was to take its place when a crash came after its entry was logged."""
        current, staging = self._directory / CURRENT, self._directory / STAGING
        with _disk():
            head = self.log.head()
        if staging.is_dir() and current.is_dir() and head is not None:
            # While a load is under way its copy still has the number of the store it was made from.
            numbers = _number(current, self._base), _number(staging, self._base)
            if numbers[0] < head.number == numbers[1]:
                exchange(self._directory)
        settle(self._directory)
        tidy(self._directory)
        try:
            with _disk():
                return MergedStore(current, self._base)
        except (RuntimeError, Damaged) as error:
            if head is None:
                raise
            return self._made_again(error)

    def _made_again(self, damage: Exception) -> MergedStore:
        """The store, made from the log in the place of one that cannot be read. Raises BrokenLog, Unavailable."""
        told = f"The store in {self._directory / CURRENT} is damaged and is made again from the change log: {damage}"
        sys.stderr.write(f"escrgraph writer: {told}\n")
        self.log.verify()
        with _disk():
            Generations(self._directory / GENERATIONS).keep([])  # hard links to the same files
            rebuilt(self.log, fresh_staging(self._directory), self._base)
            exchange(self._directory)
            return MergedStore(self._directory / CURRENT, self._base)

    def _replay(self) -> None:
        """Bring the store up to the log: after a crash, and where other machines write to it too."""
        with _disk():
            head = self.log.head()
        newest, number = head.number if head else 0, self.number
        if newest == number:
            return
        if newest < number:
            if not self.log.shared:
                raise Damaged(
                    f"The store holds change {number}, and its log ends with {newest}: the log is not whole, or of "
                    "another store. Nothing is published on it. Restore the last backup to a new store."
                )
            self._anew()  # PostgreSQL was put back to an earlier time, and the log is the truth
            return
        self._room.demand()
        if self.log.last_redaction(newest) > number:
            # Its own quads are in no entry any more; only a store made anew is without them.
            if not self.log.shared:
                self.log.compact()
            self._anew()
            return
        with _disk():
            for entry in self.log.entries(after=number):
                delta = apply_entry(self.log, entry, self._store, self._base)
                if len(self._elsewhere) < TOGETHER:  # else readers take the snapshot, for one is None then
                    self._elsewhere.append(delta if len(self._elsewhere) < TOGETHER - 1 else None)
            self.store.flush()

    def _anew(self) -> None:
        self.rebuild()
        self._elsewhere.append(None)

    def _staging(self) -> Path:
        staging = fresh_staging(self._directory)
        with _disk():
            self.store.backup(str(staging))
        return staging

    def _swap(self) -> None:
        """Put the store in `staging` in the place of the current one."""
        self._store.close()
        exchange(self._directory)
        self._store = MergedStore(self._directory / CURRENT, self._base)


def _not_applied(number: int, why: str) -> NotApplied:
    return NotApplied(
        f"The change is number {number} of the log, but could not be brought into the store: {why}. "
        "It will be there after the restart that follows, once the disk has room.",
        number,
    )


def _receipt(number: int, made: Prepared, counts: tuple[int, int]) -> Receipt:
    """The acknowledgement of a change."""
    return _counted(number, made.changes, counts)


def _repeated(entry: Entry, changes: Sequence[RecordChange]) -> Receipt:
    """The acknowledgement of a change that was made before."""
    return _counted(entry.number, changes, (entry.added, entry.removed))


def _counted(number: int, changes: Sequence[RecordChange], counts: tuple[int, int]) -> Receipt:
    actions = [change.action for change in changes]
    return Receipt(
        number,
        *counts,
        created=actions.count(Action.CREATED),
        modified=actions.count(Action.MODIFIED),
        withdrawn=actions.count(Action.WITHDRAWN) + actions.count(Action.RENAMED),
    )


class _disk:  # noqa: N801 - reads as a word in a with statement
    """Turns what a full, failing or damaged disk raises into Unavailable."""

    def __enter__(self) -> None: ...

    def __exit__(self, _kind: object, error: BaseException | None, _traceback: object) -> None:
        if isinstance(error, FileNotFoundError):
            raise Damaged(f"A file is not there any more: {error}.") from error
        if type(error) in (DatabaseError, sqlite3.DatabaseError):  # what is only wrong at the moment is a subclass
            raise Damaged(
                f"The change log cannot be read: {getattr(error, 'orig', None) or error}. "
                "Restore the last backup to a new store."
            ) from error
        if isinstance(error, OSError | OperationalError | sqlite3.OperationalError) and not isinstance(
            error, RepositoryError
        ):
            cause = getattr(error, "orig", None) or error
            raise Unavailable(
                f"The disk did not take it: {cause}. Nothing was changed. Make room, then ask again."
            ) from error


def _number(store: Path, base: Base) -> int:
    try:
        opened = MergedStore(store, base)
    except OSError:
        return -1
    number = opened.number
    opened.close()
    return number
