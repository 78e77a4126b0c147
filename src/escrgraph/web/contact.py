"""Where people turn to for a correction or removal of a record."""

from __future__ import annotations

from urllib.parse import quote


def contact(setting: str, record: str) -> str | None:
    """The address behind the setting ESCRGRAPH_CONTACT, as a link; None when there is none.

    setting: an e-mail address, a mailto: or web address, or nothing. record: named in the subject of a mail.
    """
    if not setting:
        return None
    if setting.startswith(("http://", "https://")):
        return setting
    address, _, query = setting.removeprefix("mailto:").partition("?")
    subject = "" if "subject=" in query else f"subject={quote(record)}"
    extra = "&".join(part for part in (query, subject) if part)
    return f"mailto:{address}" + (f"?{extra}" if extra else "")
