"""What runs in the environment of the peer: rdflib-endpoint over one N-Triples file. Arguments: file, store, port."""

from __future__ import annotations

import sys

import uvicorn  # type: ignore[import-not-found,unused-ignore]  # of the peer's environment
from rdflib import Dataset
from rdflib_endpoint import SparqlEndpoint  # type: ignore[import-not-found,unused-ignore]  # of the peer's environment


def main() -> None:
    """Load the file and serve it on 127.0.0.1."""
    path, store, port = sys.argv[1:]
    dataset = Dataset(store=store, default_union=False)
    dataset.default_graph.parse(path, format="ox-nt" if store == "Oxigraph" else "nt")
    uvicorn.run(SparqlEndpoint(graph=dataset), host="127.0.0.1", port=int(port), log_level="error")


if __name__ == "__main__":
    main()
