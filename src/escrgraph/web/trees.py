"""Trees of concepts: the narrower ones under the broader ones (SKOS Reference, section 8)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from escrgraph.web.entity import Value


@dataclass(frozen=True, slots=True)
class Branch:
    """A concept and those below it, in the order of the reader's language."""

    iri: str
    name: Value
    depth: int
    branches: tuple[Branch, ...] = ()

    def all(self) -> Iterator[Branch]:
        """The concept and all below it, as a reader goes down the tree."""
        yield self
        for branch in self.branches:
            yield from branch.all()


def grow(
    pairs: Iterable[tuple[str, str]], name: Callable[[str], Value], key: Callable[[str], str] = str.casefold
) -> tuple[Branch, ...]:
    """The trees of some concepts.

    pairs: each concept with one that it is narrower than, "" for none. A concept under several stands under each; one
    whose broader concepts are not among them is a root. A circle is cut where it closes, at its first concept.
    name: what a concept is called; key: by what names are put in order.
    """
    broader: dict[str, dict[str, None]] = {}
    for concept, above in pairs:
        broader.setdefault(concept, {}).update({above: None} if above else {})
    below: dict[str, list[str]] = {}
    for concept, found in broader.items():
        for above in found:
            below.setdefault(above, []).append(concept)
    seen: set[str] = set()

    def branch(concept: str, trail: tuple[str, ...]) -> Branch:
        seen.add(concept)
        here = (*trail, concept)
        inner = [branch(narrower, here) for narrower in below.get(concept, ()) if narrower not in here]
        return Branch(concept, name(concept), len(trail), in_order(inner))

    def in_order(branches: list[Branch]) -> tuple[Branch, ...]:
        return tuple(sorted(branches, key=lambda found: (key(found.name.text), found.iri)))

    roots = [branch(concept, ()) for concept, found in broader.items() if not any(above in broader for above in found)]
    roots += [branch(concept, ()) for concept in broader if concept not in seen]
    return in_order(roots)
