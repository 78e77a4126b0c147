"""Every example in the README is run as it stands, against a whole service."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests.running import PROJECT, environment

from escrgraph.cli.serving import serve

README = (PROJECT / "README.md").read_text(encoding="utf-8")
SHELL = re.findall(r"^```sh\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
SETUP = [block for block in SHELL if block.startswith("make ")]
EXAMPLES = [block for block in SHELL if block not in SETUP]
ADDRESS = "http://127.0.0.1:8000/"


def test_there_is_an_example_for_each_of_the_four_audiences():
    assert len(SETUP) == 1
    assert len(EXAMPLES) >= 5
    for audience in ("Members", "Researchers", "Partners", "Curators"):
        assert f"**{audience}**" in README


@pytest.mark.parametrize("block", EXAMPLES, ids=lambda block: " ".join(block.split()[:2]))
def test_an_example_does_what_it_says(library, tmp_path, block):
    path = f"{Path(sys.executable).parent}:{environment()['PATH']}"
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", block.replace(ADDRESS, library.url).replace("curl ", "curl -sS --fail ")],
        cwd=tmp_path,
        env=environment(ESCRGRAPH_STORE=str(library.store), PATH=path),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert len(done.stdout) > 40, "the example shows nothing"


def test_the_two_commands_are_targets_and_the_port_is_the_default_one():
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"^make (\w+)", SETUP[0], re.MULTILINE):
        assert f"\n{target}: " in makefile
    (port,) = [parameter for parameter in serve.params if parameter.name == "port"]
    assert f"http://127.0.0.1:{port.default}/" == ADDRESS


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "CHANGES.md", "docs/operating.md"])
def test_links_between_documents_lead_somewhere(name):
    page = PROJECT / name
    links = re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []
