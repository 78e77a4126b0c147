"""What the repository can answer instead of a result, each with the HTTP status that fits it (RFC 9110, section 15)."""

from __future__ import annotations


class RepositoryError(Exception):
    """Something was asked that the repository did not do. The text says what, why and what to do."""

    status = 500
    title = "The repository failed"
    retry_after: int | None = None  # seconds


class Malformed(RepositoryError):
    """The query or update is not SPARQL, or the data are not RDF. line and column start at 1 when known."""

    status = 400
    title = "Malformed"

    def __init__(self, text: str, line: int | None = None, column: int | None = None) -> None:
        super().__init__(text)
        self.line = line
        self.column = column


class Declined(RepositoryError):
    """Understood, and not done here: SERVICE, LOAD from the network, a write in merge mode."""

    status = 403
    title = "Declined"


class Moved(RepositoryError):
    """A record is not any more as whoever asked for the change had seen it."""

    status = 409
    title = "Changed meanwhile"


class Unacceptable(RepositoryError):
    """None of the formats the client accepts fits this kind of result."""

    status = 406
    title = "Not acceptable"


class TooLarge(RepositoryError):
    """More than the limit named in the text: bytes, nesting, quads."""

    status = 413
    title = "Too large"


class Busy(RepositoryError):
    """No place in the queue, or this client already has a query running."""

    status = 503
    title = "Busy"
    retry_after = 2


class RateLimited(RepositoryError):
    """The client has used its budget of query seconds."""

    status = 429
    title = "Too many query seconds"
    retry_after = 60


class OutOfTime(RepositoryError):
    """The query ran into ESCRGRAPH_QUERY_TIMEOUT. line and column: where a pattern begins that nothing joins."""

    status = 503
    title = "Out of time"

    def __init__(self, text: str, line: int | None = None, column: int | None = None) -> None:
        super().__init__(text)
        self.line = line
        self.column = column


class OutOfMemory(RepositoryError):
    """The query ran into ESCRGRAPH_QUERY_MEMORY."""

    status = 503
    title = "Out of memory"


class Crashed(RepositoryError):
    """The worker that evaluated this died for another reason, such as nesting too deep for its stack."""

    status = 503
    title = "The query broke its worker"


class Unavailable(RepositoryError):
    """A part of the service is not there now: it is starting, restarting, out of disk, or stopped."""

    status = 503
    title = "Unavailable"
    retry_after = 5


class Damaged(Unavailable):
    """A file of the store is gone, or is not what was written."""

    title = "Damaged"


class NotApplied(Unavailable):
    """A change is in the log but not yet readable; it will be after the restart that follows. number names it."""

    title = "Logged, not yet visible"

    def __init__(self, text: str, number: int) -> None:
        super().__init__(text)
        self.number = number


class WrongStore(RepositoryError):
    """The store is of another base, mode or newer version, or in use by another service."""

    title = "Wrong store"


class Interrupted(RepositoryError):
    """An answer ended before it was whole, after its first byte. Whoever streams it breaks the connection."""

    title = "The answer broke off"
