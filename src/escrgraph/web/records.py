"""What became of a record: there, withdrawn or renamed, as the change log tells."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache

from escrgraph.repository.changes import Action
from escrgraph.repository.errors import WrongStore
from escrgraph.repository.log import ChangeLog
from escrgraph.service import Service

_KEPT = 20_000


@dataclass(frozen=True, slots=True)
class History:
    """The last change of a record. successor: the record that it is now, when renamed."""

    action: Action
    number: int
    time: datetime
    reason: str
    successor: str | None = None


class Records:
    """The change log as documents need it; a store in own mode has none, and then nothing is known of any record."""

    def __init__(self, service: Service) -> None:
        self._service = service
        # What a generation says of a record never changes, and pages ask it before anything else.
        self.last_change = lru_cache(_KEPT)(self._last_change)

    @cached_property
    def _log(self) -> ChangeLog | None:
        try:
            return self._service.log()
        except WrongStore:
            return None

    def close(self) -> None:
        """Close the log."""
        if self._log is not None:
            self._log.close()

    @property
    def known(self) -> bool:
        """Whether there is a log to ask."""
        return self._log is not None

    def _last_change(self, record: str, generation: int) -> History | None:
        """The last change of a record up to a generation; None when there was none, or nothing is known."""
        found = self._log.last_change(record, generation) if self._log else None
        if found is None:
            return None
        entry, change = found
        return History(change.action, entry.number, entry.time, entry.reason, change.successor)
