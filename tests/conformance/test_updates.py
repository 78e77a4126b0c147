"""Nothing is lost over HTTP: each update leaves what it leaves in process."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, Store
from tests.conformance.comparing import canonical, graph
from tests.conformance.queries import DATA, PREFIXES
from tests.conformance.serving import Own
from tests.conformance.updates import FAILING, UPDATES


@pytest.fixture
def reference(tmp_path: Path) -> Store:
    """On disk, as the service has it: in memory pyoxigraph keeps the names of graphs that CLEAR ALL empties."""
    store = Store(str(tmp_path / "reference"))
    store.load(DATA.encode(), format=RdfFormat.TRIG)
    return store


@pytest.fixture(autouse=True)
def _loaded(own: Own) -> None:
    own.hold(DATA)


@pytest.mark.parametrize("name", UPDATES)
def test_updates(own: Own, reference: Store, name: str) -> None:
    text = PREFIXES + UPDATES[name]
    reference.update(text, base_iri=own.base + "update")
    answer = own.update(text)
    assert answer.status_code in {200, 204}, answer.text
    assert graph(own.dump(), RdfFormat.N_QUADS) == canonical(reference)
    assert own.graph_names() == {str(name) for name in reference.named_graphs() if hasattr(name, "value")}


@pytest.mark.parametrize("name", FAILING)
def test_refused_updates_leave_nothing(own: Own, reference: Store, name: str) -> None:
    text = PREFIXES + FAILING[name]
    with pytest.raises((SyntaxError, RuntimeError)):
        reference.update(text)
    before = own.generation()
    answer = own.update(text)
    assert answer.status_code == 400, answer.text
    assert graph(own.dump(), RdfFormat.N_QUADS) == canonical(reference)
    assert own.generation() == before
