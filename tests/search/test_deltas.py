"""An index that followed every change holds what one made anew holds."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyoxigraph import Quad
from tests.search.worlds import BASE, World, counts, iri, quad, records, resource, some, text

from escrgraph.repository.log import ChangeLog
from escrgraph.search import indexing
from escrgraph.search.asking import Order, Selection
from escrgraph.search.indexing import Indexer
from escrgraph.search.searcher import Searcher

WORDS = ["agua", "Wasser", "salud", "budget", "الصحة", "vivienda", "éducation", "food", "audit", "niñez"]


def concept(record: str, label: str, *broader: str) -> list[Quad]:
    """A method, right or region with a label and broader ones."""
    graph = record.split("/", maxsplit=1)[0]
    made = [
        quad(record, "rdf:type", f"https://w3id.org/escrgraph/def/{graph.title()}", graph),
        quad(record, "skos:prefLabel", text(label), graph),
    ]
    return made + [quad(record, "skos:broader", above, graph) for above in broader]


class History:
    """Seeded changes to a few records, valid as quads whatever they mean."""

    def __init__(self, world: World, seed: int) -> None:
        self.world = world
        self.chance = some(seed)
        self.quads: set[Quad] = set()

    def next(self) -> None:
        """Publish a change that adds some quads, and takes others away."""
        chance = self.chance
        added: set[Quad] = set()
        for _ in range(chance.randint(1, 4)):
            added |= set(chance.choice((self._resource, self._concept))())
        old = sorted(self.quads - added, key=str)
        removed = set(chance.sample(old, k=min(len(old), chance.randint(0, 6))))
        if old and chance.random() < 0.2:
            gone = chance.choice(old).subject
            removed |= {quad for quad in old if quad.subject == gone}
        self.world.publish(added, removed)
        self.quads = (self.quads | added) - removed

    def _resource(self) -> list[Quad]:
        slug = f"r{self.chance.randrange(12)}"
        title = " ".join(self.chance.sample(WORDS, 3))
        method, right = (f"{type_}/c{self.chance.randrange(5)}" for type_ in ("method", "right"))
        return resource(slug, title, ("escr:usesMethod", method), ("dcterms:subject", right))

    def _concept(self) -> list[Quad]:
        type_ = self.chance.choice(("method", "right"))
        above = f"{type_}/c{self.chance.randrange(5)}"
        return concept(f"{type_}/c{self.chance.randrange(5)}", self.chance.choice(WORDS), above)


@pytest.mark.parametrize("seed", range(4))
def test_seeded_changes_leave_what_making_it_anew_makes(small: World, tmp_path: Path, seed: int) -> None:
    history = History(small, seed)
    for _ in range(25):
        history.next()
        if history.chance.random() < 0.7:  # at times several changes are caught up with at once
            small.index()
    small.index()
    fresh = tmp_path / "fresh"
    fresh.mkdir()
    anew = Indexer(fresh, small.kinds, BASE)
    with ChangeLog(small.publisher.log.address) as log:
        anew.catch_up(log, small.publisher.number)
    anew.close()
    other = Searcher(fresh, small.kinds, BASE)
    assert other.generation == small.searcher.generation == small.publisher.number
    selections = [Selection(), *(Selection(word) for word in WORDS), *(Selection(word[:3]) for word in WORDS)]
    selections += [Selection(chosen={t: (iri(f"{t}/c{n}"),)}) for t in ("method", "right") for n in range(5)]
    for selection in selections:
        kept, made = (s.search(selection, size=100, order=Order.TITLE) for s in (small.searcher, other))
        assert (records(kept), kept.total, kept.facets) == (records(made), made.total, made.facets)


def test_a_change_is_found_and_what_it_takes_away_is_not(small: World) -> None:
    small.publish(resource("a", "Counting wells"))
    assert records(small.find("wells")) == ["resource/a"]
    small.publish([quad("resource/a", "dcterms:title", text("Counting taps"))], resource("a", "Counting wells")[1:])
    assert records(small.find("wells")) == []
    assert records(small.find("taps")) == ["resource/a"]
    small.publish(withdrawn=["resource/a"])
    assert small.find("taps").total == small.find().total == 0
    assert small.find().generation == 3


def test_a_new_name_of_a_method_is_found_on_the_records_that_use_it(small: World) -> None:
    small.publish([*concept("method/m", "Budget analysis"), *resource("a", "Wells", ("escr:usesMethod", "method/m"))])
    assert set(records(small.find("budget"))) == {"method/m", "resource/a"}
    small.publish(concept("method/m", "Cost tracing")[1:], concept("method/m", "Budget analysis")[1:])
    assert records(small.find("budget")) == []
    assert set(records(small.find("tracing"))) == {"method/m", "resource/a"}


def test_a_new_broader_term_counts_for_all_below_it(small: World) -> None:
    small.publish(
        [
            *concept("method/top", "Top"),
            *concept("method/middle", "Middle"),
            *concept("method/low", "Low", "method/middle"),
            *resource("a", "Wells", ("escr:usesMethod", "method/low")),
        ]
    )
    assert iri("method/top") not in counts(small.find(types=("resource",)), "method")
    small.publish([quad("method/middle", "skos:broader", "method/top", "method")])
    assert counts(small.find(types=("resource",)), "method") == {
        iri(f"method/{name}"): 1 for name in ("low", "middle", "top")
    }
    small.publish(removed=[quad("method/low", "skos:broader", "method/middle", "method")])
    assert counts(small.find(types=("resource",)), "method") == {iri("method/low"): 1}


def test_a_ring_of_broader_terms_ends(small: World) -> None:
    small.publish([*concept("method/a", "A", "method/b"), *concept("method/b", "B", "method/a")])
    assert counts(small.find(), "method") == {iri("method/a"): 2, iri("method/b"): 2}


def test_much_at_once_makes_the_index_anew(small: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexing, "LEAST", 2)
    small.publish(resource("a", "Wells"))
    small.index()
    before = sorted(path.name for path in (small.store / "derived" / "search").iterdir())
    small.publish([fact for number in range(9) for fact in resource(f"b{number}", "Taps")])
    assert small.find("taps").total == 9
    assert sorted(path.name for path in (small.store / "derived" / "search").iterdir()) != before


def test_a_large_change_that_touches_no_record_is_known_as_seen(small: World) -> None:
    small.publish([quad("resource/a", "dcterms:title", text("x"), "resource")])
    small.index()
    graph = [quad("resource/a", "escr:position", text("irrelevant"), "resource")]
    small.publish(graph)
    assert small.find("x").generation == 2
