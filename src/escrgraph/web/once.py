"""What pages at a glance ask of the whole library, asked once a generation instead of once a reader."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from flask import current_app

from escrgraph.repository.readers import Query
from escrgraph.service import Service
from escrgraph.web.page_queries import Asked, ask

NAME = "escrgraph.once"
"""Where the application keeps them, in its extensions."""

_MOST = 64  # answers that are kept: days and types are few, but anybody may invent more


class Once:
    """The answers of the newest generation that pages at a glance were made from."""

    def __init__(self) -> None:
        self._answers: dict[str, Asked] = {}
        self._asking: dict[str, threading.Lock] = {}
        self._lock = threading.Lock()

    def ask(self, service: Service, queries: Sequence[Query]) -> Asked:
        """What `ask` answers; who wants the same at the same time waits for one answer. Raises RepositoryError."""
        key = repr(queries)
        generation = service.pages.generation()
        with self._lock:
            asking = self._asking.setdefault(key, threading.Lock())
        with asking:
            found = self._answers.get(key)
            if found is not None and found.generation >= generation:
                return found
            answer = ask(service, queries)
            whole = Asked(answer.generation, answer.bodies[:])
            self._keep(key, whole)
            return whole

    def _keep(self, key: str, whole: Asked) -> None:
        with self._lock:
            self._answers = {name: kept for name, kept in self._answers.items() if kept.generation >= whole.generation}
            self._answers[key] = whole
            while len(self._answers) > _MOST:
                del self._answers[next(iter(self._answers))]
            self._asking = {name: lock for name, lock in self._asking.items() if name in self._answers or lock.locked()}


def ask_once(service: Service, queries: Sequence[Query]) -> Asked:
    """The answers to the queries of a page at a glance, kept by the application. Raises RepositoryError."""
    once: Once = current_app.extensions.setdefault(NAME, Once())
    return once.ask(service, queries)
