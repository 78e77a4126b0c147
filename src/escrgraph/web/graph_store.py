"""The graph store: graphs read and written whole (SPARQL 1.1 Graph Store HTTP Protocol).

A graph is named by `/store?graph=IRI`, the default graph by `/store?default`. Directly, `/graph/{name}` and
`/store/{name}` are the graphs whose IRIs are these paths on the base (section 4.1).
"""

from __future__ import annotations
