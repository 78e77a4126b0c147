"""The outlet: the register, the records and what else harvesters are given, opened once for an application."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cached_property
from pathlib import Path

from flask import Response

from escrgraph.harvesting.contents import Library
from escrgraph.harvesting.dumps import Dumper, Dumps, Manifest
from escrgraph.harvesting.freezing import Freezer, FrozenDumps
from escrgraph.harvesting.register import Register, View
from escrgraph.harvesting.registering import Registrar
from escrgraph.repository.errors import Unavailable, WrongStore
from escrgraph.service import Service
from escrgraph.web import caching
from escrgraph.web.problems import Refusal


class Outlet:
    """What is given out. A store in own mode has no change log, and so nothing here."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self.register = Register(service.derived / Registrar.name)
        self._dumps = Dumps(service.derived / Dumper.name)
        self._frozen = FrozenDumps(service.derived / Freezer.name)

    @cached_property
    def library(self) -> Library:
        """The records. Raises Refusal (404) where there is no change log."""
        try:
            log = self._service.log()
        except WrongStore:
            raise Refusal(
                404,
                "Not found",
                "This store keeps no change log, so it cannot say what changed when. Take it whole from /store, or ask "
                "/sparql.",
            ) from None
        # Harvesters take their time in the public's pool, so that pages need not wait for them.
        return Library(self._service.public, log, self._service.base)

    @contextmanager
    def view(self) -> Iterator[View]:
        """The register at one generation. Raises Refusal without a change log, Unavailable while it is being made."""
        _ = self.library
        with self.register.view() as view:
            yield view

    def dumps(self) -> tuple[Manifest, Path]:
        """The newest dumps and where they are. Raises Refusal without a change log, Unavailable too early."""
        _ = self.library
        found = self._dumps.newest()
        if found is None:
            raise Unavailable(
                "The dumps and counts are being made. Try again in a moment; /store has all data meanwhile."
            )
        return found

    def frozen(self) -> FrozenDumps:
        """The dumps of versions of data sets that are there. Raises Refusal without a change log."""
        _ = self.library
        return self._frozen

    def close(self) -> None:
        """Close the change log."""
        if "library" in self.__dict__:
            self.library.log.close()


def stamped(
    response: Response, generation: int, tag: str, changed: datetime | None = None, seconds: int = 0
) -> Response:
    """Mark an answer with its generation and validators. changed: for Last-Modified; seconds: it is good unasked."""
    caching.stamp(response, generation, tag)
    if changed is not None:
        response.last_modified = changed
    if seconds:
        response.headers["Cache-Control"] = f"public, max-age={seconds}"
    return response
