"""Build hook: compiles the message catalogues, and puts vocabulary, shapes, data and questions into the wheel."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SHIPPED = ("ontology", "shapes", "data", "queries")
TRANSLATIONS = Path("src/escrgraph/web/translations")


class Hook(BuildHookInterface[Any]):
    """Runs for the wheel and for an editable installation."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Make what the build needs.

        version: "standard" or "editable"; an editable installation finds the shipped folders where they are.
        """
        root = Path(self.root)
        for catalogue in sorted(root.glob(f"{TRANSLATIONS}/*/LC_MESSAGES/*.po")):
            compile_catalogue(catalogue)
        if version == "standard":
            for folder in SHIPPED:
                build_data["force_include"][str(root / folder)] = f"escrgraph/shipped/{folder}"


def compile_catalogue(source: Path) -> None:
    """Write the .mo file beside a .po file."""
    with source.open("rb") as readable:
        catalogue = read_po(readable, locale=source.parent.parent.name)
    with source.with_suffix(".mo").open("wb") as writable:
        write_mo(writable, catalogue)
