"""What a page tells about a problem in the reader's language: its heading, and what to do."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _


@dataclass(frozen=True, slots=True)
class Remedy:
    """heading: what kind of problem it is; text: what the reader can do."""

    heading: str
    text: str


def remedy(status: int) -> Remedy:
    """What to tell a reader of an HTTP status from 400 on (RFC 9110, section 15.5 and 15.6)."""
    told = {
        400: (_("Not understood"), _("Something in the address or the form cannot be read. Check it, or go back.")),
        401: (_("Sign in first"), _("This is for people with an account. Sign in, then try again.")),
        403: (_("Not allowed"), _("You may not do this here. If you think you should, ask the curators.")),
        404: (_("Not found"), _("There is nothing at this address. Search the library, or start at the front page.")),
        406: (_("No such format"), _("What you asked for does not come in this format. Choose another one.")),
        409: (_("Not possible now"), _("It has changed in the meantime. Load the page again, and look.")),
        413: (_("Too large"), _("What you sent is larger than can be taken. Send less at a time.")),
        422: (_("Not complete"), _("Something is missing or does not fit. Mend it, and send it again.")),
        429: (_("Too many requests"), _("Wait a moment, then try again.")),
        503: (_("Too much to do"), _("The service is busy or is being restarted. Try again in a moment.")),
    }
    other = _("This cannot be done"), _("Go back, or start at the front page.")
    fault = _("Something went wrong here"), _("It is our fault, and it has been written down. Try again later.")
    return Remedy(*told.get(status, fault if status >= 500 else other))
