"""Moments as data write them (xsd:dateTime, xsd:date, OAI-PMH datestamps), to be compared."""

from __future__ import annotations

from datetime import UTC, datetime

EARLIEST = datetime.min.replace(tzinfo=UTC)


def instant(text: str) -> datetime | None:
    """The moment that a text names, in UTC where it names no zone; None when it names none."""
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
