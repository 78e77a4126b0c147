"""What pages at a glance ask is asked once a generation, by whoever comes first."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, cast

from escrgraph.repository.readers import Query
from escrgraph.service import Service
from escrgraph.web.once import Once


class Readers:
    """Readers that count how often they are asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.shown = 1
        self.slowly = threading.Event()
        self.slowly.set()

    def generation(self) -> int:
        return self.shown

    def ask_all(self, queries: Sequence[Query]) -> Any:
        self.slowly.wait(10)
        self.asked += 1
        return _Bodies([query.text.encode() for query in queries], self.shown)


class _Bodies(list[bytes]):
    def __init__(self, bodies: Sequence[bytes], generation: int) -> None:
        super().__init__(bodies)
        self.generation = generation


def service(readers: Readers) -> Service:
    return cast(Service, SimpleNamespace(pages=readers))


def test_the_same_is_asked_once_and_anew_for_another_generation() -> None:
    readers, once = Readers(), Once()
    for _ in range(3):
        assert once.ask(service(readers), [Query("ASK {}")]).bodies == [b"ASK {}"]
    assert readers.asked == 1
    once.ask(service(readers), [Query("ASK { ?s ?p ?o }")])
    assert readers.asked == 2
    readers.shown = 2
    assert once.ask(service(readers), [Query("ASK {}")]).generation == 2
    assert readers.asked == 3


def test_those_who_come_at_once_wait_for_one_answer() -> None:
    readers, once = Readers(), Once()
    readers.slowly.clear()
    many = [threading.Thread(target=once.ask, args=(service(readers), [Query("ASK {}")])) for _ in range(20)]
    for one in many:
        one.start()
    readers.slowly.set()
    for one in many:
        one.join()
    assert readers.asked == 1


def test_no_more_is_kept_than_so_much() -> None:
    readers, once = Readers(), Once()
    for number in range(200):
        once.ask(service(readers), [Query(f"ASK {{ FILTER({number}) }}")])
    assert len(once._answers) == 64
    assert len(once._asking) <= 65
