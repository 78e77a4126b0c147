"""The curators' desk as the web holds it: opened when somebody first comes to it, so that readers pay nothing."""

from __future__ import annotations

import logging
import threading
import time

from escrgraph.curation.desk import Desk
from escrgraph.curation.mailing import Mailer
from escrgraph.repository import addresses
from escrgraph.repository.errors import RepositoryError, Unavailable
from escrgraph.service import Service

_LOG = logging.getLogger(__name__)
_PATIENCE = 60


class Desks:
    """Opens the desk of a service once; to be closed."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._lock = threading.Lock()
        self._desk: Desk | None = None

    def get(self) -> Desk:
        """The desk. Raises Declined where the store is a plain one, which has no curation."""
        with self._lock:
            if self._desk is None:
                self._desk = self._service.desk()
            return self._desk

    def close(self) -> None:
        """Close the desk, if somebody came to it."""
        with self._lock:
            if self._desk is not None:
                self._desk.close()
                self._desk = None

    @property
    def mails(self) -> bool:
        """Whether letters go out."""
        return bool(self._service.settings.smtp)

    def mail(self) -> None:
        """Send what waits, beside whatever else is done."""
        if self.mails:
            threading.Thread(target=self._mail, name="mail", daemon=True).start()

    def resume(self) -> None:
        """Finish what a crash left half decided, beside whatever else is done."""
        if addresses.exists(self._service.settings.curation):
            threading.Thread(target=self._resume, name="resume", daemon=True).start()

    def _mail(self) -> None:
        settings = self._service.settings
        try:
            Mailer(self.get().database, settings.smtp, settings.mail_from, settings.site).deliver()
        except RepositoryError as error:
            _LOG.warning("Mail waits: %s", error)

    def _resume(self) -> None:
        until = time.monotonic() + _PATIENCE
        while time.monotonic() < until:
            try:
                self.get().decisions.resume()
            except Unavailable:
                time.sleep(1)
            except RepositoryError as error:
                _LOG.warning("A decision could not be finished: %s", error)
                return
            else:
                self.mail()
                return
