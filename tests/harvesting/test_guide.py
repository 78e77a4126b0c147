"""Every command in the guide to harvesting is run as it stands."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from tests.harvesting import node
from tests.running import PROJECT, Running, environment

GUIDE = (PROJECT / "docs" / "harvesting.md").read_text(encoding="utf-8")
pytestmark = pytest.mark.usefixtures("dumps")
ADDRESS = "http://127.0.0.1:8000/"


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)


def run(command: list[str], directory: Path) -> str:
    done = subprocess.run(
        command, cwd=directory, env=environment(), capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("block", blocks("sh"), ids=range(len(blocks("sh"))))
def test_a_command_does_what_it_says(given: Running, tmp_path: Path, block: str) -> None:
    script = block.replace(ADDRESS, given.url).replace("curl ", "curl -sS --fail ")
    assert len(run(["bash", "-eu", "-c", script], tmp_path)) > 40


@pytest.mark.parametrize("block", blocks("python"), ids=range(len(blocks("python"))))
def test_a_program_does_what_it_says(given: Running, tmp_path: Path, block: str) -> None:
    assert run([sys.executable, "-c", block.replace(ADDRESS, given.url)], tmp_path).strip()


@pytest.mark.parametrize("block", blocks("console"), ids=range(len(blocks("console"))))
def test_a_client_of_others_does_what_it_says(given: Running, block: str) -> None:
    node.install()
    npx, _, _, package, command, *arguments = shlex.split(block.replace(ADDRESS, given.url))
    name, _, version = package.rpartition("@")
    assert (npx, json.loads((node.CLIENTS / "package.json").read_text())["dependencies"][name]) == ("npx", version)
    assert len(node.run(command, *arguments)) > 40


def test_every_address_that_the_guide_names_is_there(given: Running) -> None:
    from tests.harvesting.clients import get

    for path in sorted(set(re.findall(r"`/((?:feeds|ldes|dumps|catalog|oai|sitemap|\.well-known)[^` …]*)`", GUIDE))):
        assert get(given.url + path.rstrip("/")).status_code in {200, 206}, path
