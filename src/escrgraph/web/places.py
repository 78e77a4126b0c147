"""Places for the public, and for whoever sends a body: a part of each process's threads, so that pages find one free.

A place is held from before the body of a request is read until the last byte of its answer is taken, however slowly.
"""

from __future__ import annotations

from collections.abc import Collection
from threading import BoundedSemaphore

from flask import Flask, Response, current_app, g, request

from escrgraph.repository.errors import Busy

_NAME = "escrgraph.places"


def take_place() -> None:
    """Take a place for this request, whose answer may last. Raises Busy when there is none."""
    places: Places = current_app.extensions[_NAME]
    places.take()


class Places:
    """Counts the requests of the public that are being handled."""

    def __init__(self, number: int) -> None:
        self._number = number
        self._blueprints: Collection[str] = ()
        self._free = BoundedSemaphore(number)

    def register(self, app: Flask, blueprints: Collection[str]) -> None:
        """Let a request to one of these blueprints begin only when there is a place; Busy is the answer otherwise."""
        self._blueprints = blueprints
        app.extensions[_NAME] = self
        app.before_request(self._take)
        app.after_request(self._hold)

    def _take(self) -> None:
        # Whoever sends a body may take long for it, wherever it goes.
        sends = request.content_length or "Transfer-Encoding" in request.headers
        if request.blueprint in self._blueprints or sends:
            self.take()

    def take(self) -> None:
        """Take a place for this request, which may last. Raises Busy when there is none."""
        if not self._free.acquire(blocking=False):
            raise Busy(
                f"{self._number} requests like this are being answered, the most at once. Try again in a moment."
            )
        g.place = self._free

    def _hold(self, response: Response) -> Response:
        """Give the place back when the answer is over; without one, as after Busy, there is nothing to give back."""
        place: BoundedSemaphore | None = g.pop("place", None)
        if place is not None:
            response.call_on_close(place.release)
        return response
