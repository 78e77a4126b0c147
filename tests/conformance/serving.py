"""A real service in own mode on a free port, as its users meet it."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import requests
from pyoxigraph import RdfFormat, parse
from tests.running import serving

from escrgraph.repository.readers import Readers

BASE = "http://example.org/"


@dataclass
class Own:
    """What a test needs of the service. http: asks without proxies, and keeps no connection; admin: its headers."""

    url: str
    token: str
    readers: Readers
    runtime: Path
    store: Path
    base: str = BASE
    http: requests.Session = field(default_factory=requests.Session)
    _held: tuple[str, int] | None = None

    def __post_init__(self) -> None:
        self.http.trust_env = False
        self.http.headers["Connection"] = "close"

    @property
    def admin(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def query(self, text: str, **parameters: str) -> requests.Response:
        return self.http.post(self.url + "/sparql", data={"query": text, **parameters})

    def update(self, text: str) -> requests.Response:
        return self.http.post(self.url + "/update", data={"update": text}, headers=self.admin)

    def hold(self, trig: str) -> None:
        """Let the store hold these data and nothing else; nothing is done when it does already."""
        if self._held == (trig, self.generation()):
            return
        graphs: dict[str, list[str]] = {}
        for quad in parse(trig.encode(), RdfFormat.TRIG, base_iri=BASE):
            graphs.setdefault(str(quad.graph_name), []).append(f"{quad.subject} {quad.predicate} {quad.object} .")
        parts = [
            "\n".join(lines) if name == "DEFAULT" else f"GRAPH {name} {{\n" + "\n".join(lines) + "\n}"
            for name, lines in graphs.items()
        ]
        answer = self.update("DROP ALL ; INSERT DATA {\n" + "\n".join(parts) + "\n}")
        assert answer.status_code in {200, 204}, answer.text
        self._held = (trig, self.generation())

    def dump(self) -> bytes:
        """Everything in the store as sorted N-Quads."""
        answer = self.http.get(self.url + "/store", headers={"Accept": "application/n-quads"})
        assert answer.status_code == 200, answer.text
        return b"".join(sorted(answer.content.splitlines(keepends=True)))

    def graph_names(self) -> set[str]:
        """The named graphs there are, empty ones too, as they are written in N-Triples."""
        rows = self.query("SELECT ?g { GRAPH ?g {} }").json()["results"]["bindings"]
        return {f"<{row['g']['value']}>" for row in rows}

    def generation(self) -> int:
        return self.readers.generation()

    def public_workers(self) -> list[int]:
        """The processes that evaluate queries of the public."""
        return list(self.readers.status()["pools"]["public"]["pids"])


@contextmanager
def serve(store: Path, **settings: str) -> Iterator[Own]:
    """A service on an empty store in own mode. settings: further ones by name, such as query_timeout="2"."""
    token = secrets.token_urlsafe(16)
    chosen = {"base": BASE, "default_graph": "own", "admin_token": token, **settings}
    variables = {f"ESCRGRAPH_{name.upper()}": value for name, value in chosen.items()}
    with serving(store, "--empty", **variables) as running:
        runtime = Path((store / "runtime").read_text().strip())
        own = Own(running.url.rstrip("/"), token, Readers(runtime, "public"), runtime, store)
        with own.http:
            yield own
