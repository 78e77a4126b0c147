from __future__ import annotations

import pytest
from benchmarks.workload import QUERIES, documents, workload
from pyoxigraph import DefaultGraph, Quad, QuerySolutions, RdfFormat, Store, parse
from tests.benchmarks.conftest import Generated


@pytest.fixture(scope="module")
def store(generated: Generated) -> Store:
    store = Store()
    quads = parse(generated.text.encode(), RdfFormat.N_QUADS)
    store.extend(Quad(quad.subject, quad.predicate, quad.object, DefaultGraph()) for quad in quads)
    return store


@pytest.mark.parametrize("name", QUERIES)
def test_a_query_finds_something(generated: Generated, store: Store, name: str) -> None:
    found = 0
    for text in workload(name, generated.manifest, 1, 400).texts:
        solutions = store.query(text)
        assert isinstance(solutions, QuerySolutions)
        found += len(list(solutions))
        if found:
            return
    pytest.fail(f"no query of {name} has an answer")


@pytest.mark.parametrize("name", QUERIES)
def test_the_same_seed_asks_the_same(generated: Generated, name: str) -> None:
    assert workload(name, generated.manifest, 7, 50) == workload(name, generated.manifest, 7, 50)


def test_another_seed_asks_for_other_records(generated: Generated) -> None:
    assert workload("entity", generated.manifest, 1, 50) != workload("entity", generated.manifest, 2, 50)


def test_documents_are_those_of_the_records_that_entity_asks_for(generated: Generated) -> None:
    paths = documents(generated.manifest, 1, ".ttl", 20)
    texts = workload("entity", generated.manifest, 1, 20).texts
    for path, text in zip(paths, texts, strict=True):
        assert f"/id/{path.removeprefix('/doc/').removesuffix('.ttl')}>" in text


def test_an_unknown_query_is_refused_by_name(generated: Generated) -> None:
    with pytest.raises(ValueError, match=r"“nothing”.*entity"):
        workload("nothing", generated.manifest, 1)
