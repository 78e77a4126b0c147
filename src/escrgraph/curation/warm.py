"""Imported by the process from which checks are forked, so that each begins with the shapes read."""

from __future__ import annotations

from escrgraph.curation import checking
from escrgraph.validation import shipped_shapes
from escrgraph.validation.whole import compiled
from escrgraph.vocabulary.kinds import shipped_kinds

__all__ = ["checking"]

shipped_kinds()
compiled(shipped_shapes())
_ = (shipped_shapes().core, shipped_shapes().class_graph, shipped_shapes().version)
