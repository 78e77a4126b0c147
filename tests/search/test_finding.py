"""What people type finds what they mean, the thing they name first."""

from __future__ import annotations

import pytest
from tests.search.worlds import World, iri, library, records

from escrgraph.search.asking import Selection
from escrgraph.search.folding import key


def test_the_exact_title_comes_first_for_every_title_of_the_library(shipped: World) -> None:
    names = {path for kind in shipped.kinds.values() for path in kind.label_properties}
    missed = []
    titles = 0
    for record, quads in library().items():
        for fact in quads:
            if fact.subject.value == iri(record) and fact.predicate.value in names:
                titles += 1
                found = shipped.searcher.search(Selection(fact.object.value), size=30, facets=False)
                same = [q.subject.value for q in _with_title(fact.object.value, names)]
                if not found.hits or iri(found.hits[0].record) not in same:
                    missed.append((record, fact.object.value, records(found)[:3]))
    assert titles > 2500
    assert missed == []


def _with_title(title: str, names: set[str], cache: dict[str, list] = {}) -> list:  # noqa: B006
    if not cache:
        for record, quads in library().items():
            for fact in quads:
                if fact.subject.value == iri(record) and fact.predicate.value in names:
                    cache.setdefault(key(fact.object.value), []).append(fact)
    return cache[key(title)]


@pytest.mark.parametrize(
    ("typed", "record"),
    [
        ("budget analysis on health in Mexico", "finding/mex-maternal-mortality-stagnation"),
        ("right to food", "right/food"),
        ("derecho a una alimentacion adecuada", "right/food"),
        ("الحق في الصحة", "right/health"),
        ("الصحه", "right/health"),
        ("mexique", "country/mex"),
        ("المكسيك", "country/mex"),
        ("MEX", "country/mex"),
        ("484", "country/mex"),
        ("10.2139/ssrn.3218609", "resource/assessing-austerity-briefing"),
        ("https://doi.org/10.2139/SSRN.3218609", "resource/assessing-austerity-briefing"),
        ("doi: 10.2139/ssrn.3218609", "resource/assessing-austerity-briefing"),
        ("E/C.12/GC/20", "resource/cescr-gc-20"),
        ("ec12gc20", "resource/cescr-gc-20"),
        ("finding/gtm-maternal-mortality-indigenous", "finding/gtm-maternal-mortality-indigenous"),
        ("https://w3id.org/escrgraph/id/country/gtm", "country/gtm"),
        ("ESCR-Net", "organization/escr-net"),
    ],
)
def test_what_is_named_comes_first(shipped: World, typed: str, record: str) -> None:
    assert records(shipped.searcher.search(Selection(typed)))[:1] == [record]
