"""Mappings that ship with escrgraph, by the name by which `escrgraph harvest --mapping` takes them."""

from __future__ import annotations

from pathlib import Path

SHIPPED = {path.stem: path for path in sorted(Path(__file__).parent.glob("*.toml"))}
