"""Query seconds that each client may use: so many a minute, refilled all the time."""

from __future__ import annotations

import time
from collections.abc import Callable

from escrgraph.repository.errors import RateLimited

MOST = 10_000
"""Clients remembered; beyond that those with a full budget are forgotten, which changes nothing for them."""


class Budgets:
    """What each client has left. seconds: budget a minute; 0 for no limit."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._left: dict[str, tuple[float, float]] = {}  # client -> seconds left, as of

    def check(self, client: str) -> None:
        """Let a client pass that has something left. Raises RateLimited, which says when it will have."""
        if not self._seconds:
            return
        left = self._now(client)
        if left > 0:
            return
        error = RateLimited(
            f"You have used your {self._seconds:g} query seconds a minute (ESCRGRAPH_RATE_LIMIT). "
            "Wait a little, ask for less at once, or take a dump."
        )
        error.retry_after = max(1, round(-left * 60 / self._seconds) + 1)
        raise error

    def charge(self, client: str, seconds: float) -> None:
        """Take seconds off a client's budget. One long answer, such as an export, costs a wait of a minute at most."""
        if self._seconds:
            self._left[client] = (max(self._now(client) - seconds, -self._seconds), self._clock())
            if len(self._left) > MOST:
                self._left = {name: left for name, left in self._left.items() if self._now(name) < self._seconds}

    def _now(self, client: str) -> float:
        left, since = self._left.get(client, (self._seconds, 0.0))
        return min(self._seconds, left + (self._clock() - since) * self._seconds / 60)
