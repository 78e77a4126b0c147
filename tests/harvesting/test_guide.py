"""Every command in the guide to harvesting is run as it stands."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from tests.harvesting import node
from tests.places import restored, variables_of
from tests.running import PROJECT, Running, environment

from escrgraph.curation.mapping import read_recipe
from escrgraph.harvesting.taking import read_wanted
from escrgraph.vocabulary.kinds import shipped_kinds

GUIDE = (PROJECT / "docs" / "harvesting.md").read_text(encoding="utf-8")
pytestmark = pytest.mark.usefixtures("dumps")
ADDRESS = "http://127.0.0.1:8000/"


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)


def run(command: list[str], directory: Path, **variables: str) -> str:
    path = f"{Path(sys.executable).parent}:{environment()['PATH']}"
    done = subprocess.run(
        command, cwd=directory, env=environment(PATH=path, **variables), capture_output=True, text=True, timeout=120,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("block", blocks("sh"), ids=range(len(blocks("sh"))))
def test_a_command_does_what_it_says(given: Running, shipped_store: Path, tmp_path: Path, block: str) -> None:
    script = (
        block.replace(ADDRESS, given.url).replace("curl ", "curl -sS --fail ").replace("harvest ", "harvest --pause 0 ")
    )
    variables = {}
    if "escrgraph harvest" in block:  # into another repository than the one that is harvested
        store = restored(shipped_store, tmp_path / "store")
        variables = {"ESCRGRAPH_STORE": str(store), **variables_of(store)}
    assert len(run(["bash", "-eu", "-c", script], tmp_path, **variables)) > 40


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


@pytest.mark.parametrize("block", blocks("toml"), ids=range(len(blocks("toml"))))
def test_a_mapping_can_be_followed(block: str) -> None:
    content = tomllib.loads(block)
    assert read_wanted(content["source"]).base.iri == "https://partner.example/"
    assert "finding" in read_recipe("partner", content, shipped_kinds()).types


@pytest.mark.usefixtures("dumps")
def test_every_address_that_the_guide_names_is_there(given: Running) -> None:
    from tests.harvesting.clients import get

    for path in sorted(set(re.findall(r"`/((?:feeds|ldes|dumps|catalog|oai|sitemap|\.well-known)[^` …]*)`", GUIDE))):
        address = path.rstrip("/").replace("{version}", "1.0.0").replace("{graph}", "right")
        assert get(given.url + address).status_code in {200, 206}, path
