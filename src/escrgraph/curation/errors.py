"""What curation can answer instead of doing what was asked, each with the HTTP status that fits it."""

from __future__ import annotations

from escrgraph.repository.errors import RepositoryError


class NoSuchSubmission(RepositoryError):
    """There is none, or it is not for this person to know of."""

    status = 404
    title = "Not found"


class NotYours(RepositoryError):
    """Somebody else has to do this."""

    status = 403
    title = "Not yours to do"


class NotNow(RepositoryError):
    """The submission stands where this cannot be done, or somebody acted meanwhile."""

    status = 409
    title = "Not possible now"


class NotReady(RepositoryError):
    """The proposal has findings that must be mended first."""

    status = 422
    title = "Something has to change first"


class TooOften(RepositoryError):
    """A client did more than it may."""

    status = 429
    title = "Too often"
    retry_after = 600
