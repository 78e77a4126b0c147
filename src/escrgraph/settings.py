"""Settings: each with its default, what it allows, and where its value came from."""

from __future__ import annotations

import difflib
import math
import os
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from escrgraph.repository import addresses, faults
from escrgraph.repository.addresses import Address
from escrgraph.repository.formats import Mode
from escrgraph.repository.spawn import REMOTE

PREFIX = "ESCRGRAPH_"
CONFIG_FILE = Path("escrgraph.toml")
RUNTIME = "ESCRGRAPH_RUNTIME"
"""Names the directory of sockets to the web processes of a service; no setting."""

WORKING = "ESCRGRAPH_WORKING"
"""Names the file in which each web process says in a line that it works; no setting."""

PROCESSES = 2
"""Web processes of a service."""

SALT = "ESCRGRAPH_SALT"
"""Hands the web processes what all machines of a repository tell clients apart with; no setting."""

_SIZE = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*(?:([kmgt])(?:i?b)?|b)?", re.IGNORECASE)
_UNITS = {"": 0, "k": 10, "m": 20, "g": 30, "t": 40}


class SettingError(Exception):
    """A setting has a value it does not allow, or there is no setting of that name. The text names what is allowed."""


def _base(value: object) -> str:
    text = str(value)
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname or not text.endswith("/"):
        raise ValueError
    if parts.query or parts.fragment or re.search(r'[\x00-\x20<>"{}|\\^`?#]', text):
        raise ValueError
    return text


def _addresses(value: object) -> tuple[str, ...]:
    words = [str(word) for word in value] if isinstance(value, tuple | list) else str(value).split()
    return tuple(_base(word) for word in words)


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError
    return value


def _store(value: object) -> str:
    text = _text(value)
    if "://" in text:
        parts = urlsplit(text)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
            raise ValueError
    return text


def _name(value: object) -> str:
    text = str(value)
    if not re.fullmatch(r"[a-z0-9-]*", text):
        raise ValueError
    return text


def _database(value: object) -> str:
    text = "" if value == "" else _text(value)
    if text:
        from escrgraph.repository.postgresql import checked  # noqa: PLC0415 - most settings name none

        checked(text)
    return text


def _site(value: object) -> str:
    return "" if value == "" else _base(value)


def _smtp(value: object) -> str:
    text = str(value)
    parts = urlsplit(text)
    if text and (parts.scheme not in {"smtp", "smtps"} or not parts.hostname or parts.port == 0):
        raise ValueError
    return text


def _mail(value: object) -> str:
    text = str(value)
    if text and not re.fullmatch(r"[^@\s<>]+@[^@\s<>]+", text):
        raise ValueError
    return text


def _mode(value: object) -> Mode:
    return Mode(str(value))


def _number(value: object) -> float:
    if isinstance(value, bool):
        raise ValueError
    number = float(str(value))
    if not math.isfinite(number):
        raise ValueError
    return number


def _seconds(value: object) -> float:
    number = _number(value)
    if not 0 < number <= 86_400:
        raise ValueError
    return number


def _budget(value: object) -> float:
    number = _number(value)
    if number < 0:
        raise ValueError
    return number


def _bytes(value: object) -> int:
    match = _SIZE.fullmatch(str(value).strip())
    if isinstance(value, bool) or match is None:
        raise ValueError
    size = int(float(match[1]) * (1 << _UNITS[(match[2] or "").lower()]))
    if size < 16 << 20:
        raise ValueError
    return size


def _count(least: int) -> Callable[[object], int]:
    def read(value: object) -> int:
        if isinstance(value, bool | float):
            raise ValueError
        number = int(str(value).replace("_", "").replace(",", ""))
        if number < least:
            raise ValueError
        return number

    return read


def _contact(value: object) -> str:
    text = str(value).strip()
    if text and not re.fullmatch(r"(?:https?://|mailto:)[^\s<>\"]+|[^\s<>@\":/]+@[^\s<>@\":/]+", text):
        raise ValueError
    return text


def _token(value: object) -> str | None:
    text = str(value)
    if re.search(r"[^\x21-\x7e]", text):
        raise ValueError
    return text or None


@dataclass(frozen=True, slots=True)
class Definition:
    """One setting. read: makes the value or raises ValueError; allowed: what read accepts, for people."""

    name: str
    read: Callable[[object], Any]
    default: Callable[[], object]
    allowed: str
    meaning: str
    secret: bool = False

    @property
    def environment(self) -> str:
        """The setting's name as an environment variable."""
        return PREFIX + self.name.upper()


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


DEFINITIONS: tuple[Definition, ...] = (
    Definition(
        "base",
        _base,
        lambda: "https://w3id.org/escrgraph/",
        "an http or https address that ends with “/”, without query or fragment",
        "where /id/, /doc/ and /graph/ IRIs begin",
    ),
    Definition(
        "url",
        _addresses,
        lambda: "",
        "http or https addresses that end with “/”, separated by spaces, the one to be cited first; or nothing",
        "where the public reaches the service; absolute links begin there",
    ),
    Definition(
        "store",
        _store,
        lambda: "var/store",
        "a directory, or the http or https address of a SPARQL server",
        "where log and triples are kept, or which server answers queries",
    ),
    Definition(
        "directory",
        _text,
        lambda: "var/store",
        "a directory",
        "what this machine keeps where the store is a server: the change log and a copy to work on",
    ),
    Definition("store_user", str, lambda: "", "a name, or nothing", "who writes to the SPARQL server"),
    Definition(
        "store_password",
        _token,
        lambda: "",
        "visible ASCII characters without spaces, or nothing",
        "that user's password, or a bearer token where there is no user",
        secret=True,
    ),
    Definition(
        "store_profile",
        _name,
        lambda: "",
        "the name of a profile, or nothing to ask the server what it is",
        "what the SPARQL server does in its own way",
    ),
    Definition(
        "database",
        _database,
        lambda: "",
        "the address of a PostgreSQL, postgresql://user@host/name, or nothing for SQLite beside the store",
        "where change log and curation are kept",
    ),
    Definition(
        "default_graph",
        _mode,
        lambda: "merge",
        "merge (set merge of the public graphs) or own (a plain SPARQL store)",
        "what the default graph is",
    ),
    Definition("query_timeout", _seconds, lambda: 30, "seconds, above 0 and up to 86400", "how long a query may run"),
    Definition(
        "query_memory",
        _bytes,
        lambda: 2 << 30,
        "bytes, at least 16 MiB, such as 2147483648, 2GiB or 512M",
        "how much memory a query may take",
    ),
    Definition(
        "query_workers",
        _count(1),
        lambda: _cores() + 1,
        "a whole number, at least 1",
        "how many queries run at a time",
    ),
    Definition(
        "replica_triples",
        _count(0),
        lambda: 500_000,
        "a whole number; 0 for never",
        "up to how many triples are served from memory",
    ),
    Definition(
        "rate_limit",
        _budget,
        lambda: 45,
        "query seconds a minute; 0 for no limit",
        "what one client may use",
    ),
    Definition(
        "slow_query",
        _budget,
        lambda: 5,
        "seconds; 0 for every query",
        "from how long on the shape of a query of the public is written to the log",
    ),
    Definition(
        "site",
        _site,
        lambda: "",
        "an http or https address that ends with “/”, or nothing",
        "where people reach the service, for links in mail and feeds",
    ),
    Definition(
        "smtp",
        _smtp,
        lambda: "",
        "an address that begins with smtp:// or smtps://, or nothing for no mail",
        "the server that mail goes out through",
    ),
    Definition("mail_from", _mail, lambda: "", "an e-mail address, or nothing", "whom mail comes from"),
    Definition(
        "contact",
        _contact,
        lambda: "",
        "an e-mail address, or an address that begins with https://, http:// or mailto:, or nothing",
        "where people ask for a correction or removal",
    ),
    Definition(
        "admin_token",
        _token,
        lambda: "",
        "visible ASCII characters without spaces, or nothing",
        "a bearer token with the admin role",
        secret=True,
    ),
)
_BY_NAME = {definition.name: definition for definition in DEFINITIONS}


@dataclass(frozen=True, slots=True)
class Settings:
    """What an operator chose. directory: absolute, of all that this machine keeps; the store itself where that is one.

    origins: setting -> where its value came from.
    """

    base: str
    url: tuple[str, ...]
    store: str
    directory: Path
    store_user: str
    store_password: str | None = field(repr=False)
    store_profile: str
    database: str = field(repr=False)  # may hold a password
    default_graph: Mode
    query_timeout: float
    query_memory: int
    query_workers: int
    replica_triples: int
    rate_limit: float
    slow_query: float
    site: str
    smtp: str
    mail_from: str
    contact: str
    admin_token: str | None = field(repr=False)
    origins: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)

    @property
    def email(self) -> str | None:
        """The e-mail address among what `contact` may be."""
        address = self.contact.removeprefix("mailto:").partition("?")[0]
        return address if address and ":" not in address else None

    @property
    def remote(self) -> bool:
        """Whether a SPARQL server answers queries."""
        return "://" in self.store

    @property
    def log(self) -> Address:
        """Where the change log is."""
        return addresses.log_of(self.directory, self.database)

    @property
    def curation(self) -> Address:
        """Where the curation database is."""
        return addresses.curation_of(self.directory, self.database)

    def environment(self) -> dict[str, str]:
        """The settings as ESCRGRAPH_* variables, for a process that is started with them."""
        return {definition.environment: _written(getattr(self, definition.name)) for definition in DEFINITIONS}


def read_settings(
    flags: Mapping[str, object] | None = None,
    *,
    config: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> Settings:
    """Defaults, then escrgraph.toml, then ESCRGRAPH_*, then flags: the later wins.

    flags: setting -> value, None where the flag was not given.
    config: the file named by --config, which must be there; otherwise escrgraph.toml where the command runs, if there.
    Raises SettingError for a value that is not allowed, an unknown name in the file, or a file that cannot be read.
    """
    environment = os.environ if environment is None else environment
    values: dict[str, object] = {definition.name: definition.default() for definition in DEFINITIONS}
    origins = dict.fromkeys(values, "default")
    for source, found in (
        _from_file(config),
        ("environment", {d.name: environment[d.environment] for d in DEFINITIONS if d.environment in environment}),
        ("flag", {name: value for name, value in (flags or {}).items() if value is not None}),
    ):
        for name, value in found.items():
            values[name] = value
            origins[name] = source
    read = {name: _read(_BY_NAME[name], value, origins[name]) for name, value in values.items()}
    kept = read["directory"] if "://" in read["store"] else read["store"]
    return Settings(**read | {"directory": Path(kept).expanduser().absolute()}, origins=origins)


def unknown_variables(environment: Mapping[str, str] | None = None) -> list[str]:
    """A sentence for each ESCRGRAPH_* variable that is no setting; they change nothing."""
    environment = os.environ if environment is None else environment
    known = [definition.environment for definition in DEFINITIONS]
    internal = {*known, RUNTIME, SALT, WORKING, REMOTE, faults.VARIABLE}
    names = sorted(name for name in environment if name.startswith(PREFIX) and name not in internal)
    return [f"{name} is no setting and is ignored.{_guess(name, known)}" for name in names]


def describe(settings: Settings) -> list[tuple[str, str, str]]:
    """(setting, value, origin) for people; a secret is shown as “set” only."""
    rows = []
    for definition in DEFINITIONS:
        value = getattr(settings, definition.name)
        origin = settings.origins.get(definition.name, "given")
        rows.append((definition.environment, _shown(definition, value), origin))
    return rows


def _written(value: object) -> str:
    if isinstance(value, tuple):
        return " ".join(value)
    return "" if value is None else str(value)


def _shown(definition: Definition, value: object) -> str:
    if definition.secret:
        return "set" if value else "not set"
    if isinstance(value, float):
        return f"{value:g}"
    return addresses.shown(_written(value))


def _read(definition: Definition, value: object, origin: str) -> Any:
    try:
        return definition.read(value)
    except ValueError:
        shown = "the value given" if definition.secret else f"“{_shown(definition, value)}”"
        raise SettingError(
            f"{definition.environment} ({origin}) cannot be {shown}: allowed is {definition.allowed}."
        ) from None


def _from_file(config: Path | None) -> tuple[str, dict[str, object]]:
    path = config or CONFIG_FILE
    if config is None and not path.is_file():
        return str(path), {}
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingError(f"The settings file {path} cannot be read: {error.strerror}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingError(f"The settings file {path} is not TOML: {error}.") from None
    for name in found:
        if name not in _BY_NAME:
            raise SettingError(
                f"The settings file {path} names “{name}”, which is no setting.{_guess(name, _BY_NAME)} "
                f"Settings: {', '.join(_BY_NAME)}."
            )
    return str(path), found


def _guess(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, list(known), n=1)
    return f" Did you mean {close[0]}?" if close else ""
