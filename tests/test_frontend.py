"""What runs in the browser: built from the lock file alone, with the licences of all that is in it."""

from __future__ import annotations

import json

from tests.running import PROJECT

FRONTEND = PROJECT / "frontend"
BUILT = PROJECT / "src/escrgraph/web/static/dist"
TOOLS = {"d3-geo", "esbuild", "topojson-client"}
"""What works at the build, and of which nothing is shipped."""


def _lock() -> dict[str, dict[str, str]]:
    packages = json.loads((FRONTEND / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    return {name: package for name, package in packages.items() if name}


def test_the_lock_file_names_what_is_fetched_by_digest_and_from_no_particular_place():
    packages = _lock()
    assert len(packages) > 20
    assert [name for name, package in packages.items() if not package.get("integrity", "").startswith("sha512-")] == []
    assert [name for name, package in packages.items() if "resolved" in package] == []
    assert "://" not in (FRONTEND / "package-lock.json").read_text(encoding="utf-8")


def test_what_pages_load_is_built_from_each_source():
    built = {path.name for path in BUILT.iterdir()}
    assert {path.name for path in (FRONTEND / "src").glob("*.js")} <= built


def test_every_dependency_stands_with_its_licence_beside_what_was_made_of_it():
    wanted = set(json.loads((FRONTEND / "package.json").read_text(encoding="utf-8"))["dependencies"]) - TOOLS
    licences = (BUILT / "licences.txt").read_text(encoding="utf-8")
    versions = {name.removeprefix("node_modules/"): package["version"] for name, package in _lock().items()}
    assert [name for name in wanted if f"\n{name} {versions[name]} (" not in licences] == []
    assert "Permission is hereby granted, free of charge" in licences
