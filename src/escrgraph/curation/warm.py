"""Imported by the process from which checks are forked, so that each begins with the shapes read."""

from __future__ import annotations

import importlib

from escrgraph.curation import checking
from escrgraph.validation import shipped_shapes
from escrgraph.validation.whole import compiled
from escrgraph.vocabulary.kinds import shipped_kinds

__all__ = ["checking"]

importlib.import_module("pyshacl.validator")  # which is imported at the first check elsewhere
shipped_kinds()
compiled(shipped_shapes())
_ = (shipped_shapes().core, shipped_shapes().class_graph, shipped_shapes().version)
