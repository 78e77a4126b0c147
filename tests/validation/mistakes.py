"""Changes that spoil records of the library at random, for tests that compare verdicts."""

from __future__ import annotations

import random

from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Store

from escrgraph.vocabulary.iris import Base
from escrgraph.vocabulary.namespaces import HOME

ID = HOME + "id/"

_WRONG = [
    Literal("x"),
    Literal("x", language="xx"),
    Literal(-3),
    NamedNode("https://b.org/"),
    NamedNode(ID + "country/gtm"),
]


def spoil(store: Store, chance: random.Random, *records: str) -> tuple[list[Quad], list[Quad]]:
    """What to add and what to remove so that each record gets up to two wrong values and loses up to two statements."""
    by_record: dict[str | None, list[Quad]] = {}
    for quad in store:
        by_record.setdefault(Base().record_of(quad.subject.value), []).append(quad)
    added: list[Quad] = []
    removed: list[Quad] = []
    for record in records:
        own = sorted(by_record[record], key=str)
        removed += chance.sample(own, min(len(own), chance.randrange(3)))
        chosen = chance.sample(own, min(len(own), 2))
        added += [Quad(quad.subject, quad.predicate, chance.choice(_WRONG), DefaultGraph()) for quad in chosen]
    return added, removed


def some_records(store: Store, chance: random.Random, number: int) -> list[str]:
    """Records of the library, without those that describe its data sets."""
    found = {record for quad in store if (record := Base().record_of(quad.subject.value))}
    return chance.sample(sorted(record for record in found if not record.startswith("dataset/")), number)
