"""The commands for accounts, and sending files to a repository."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from tests.running import COMMAND, environment, serving

from escrgraph.repository.backups import restore


def run(*words: str, stdin: str = "", **variables: str) -> subprocess.CompletedProcess[str]:
    command = [*COMMAND, *words]
    return subprocess.run(
        command, env=environment(**variables), input=stdin, capture_output=True, text=True, check=False, cwd=os.sep
    )


@pytest.fixture
def store(shipped_store: Path, tmp_path: Path) -> Path:
    restore(shipped_store, tmp_path / "store")
    return tmp_path / "store"


def test_accounts_are_made_listed_changed_and_let_in(store: Path) -> None:
    there = ("--store", str(store))
    made = run("user", "add", "Ana", "--mail", "ana@example.org", *there)
    assert made.returncode == 0, made.stderr
    assert "/account/reset/" in made.stdout
    assert (
        run("user", "add", "carla", "--role", "curator", "--password", *there, stdin="a long password\n").returncode
        == 0
    )
    assert [line.split("\t")[:2] for line in run("user", "list", *there).stdout.splitlines()] == [
        ["ana", "member"],
        ["carla", "curator"],
    ]
    assert run("user", "role", "ana", "curator", *there).returncode == 0
    token = run("user", "token", "ana", "--scope", "curate", "--for", "a script", *there)
    assert token.stdout.startswith("escr_")
    assert "/account/reset/" in run("user", "password", "carla", *there).stdout
    for words in (("add", "ana"), ("role", "nobody", "member"), ("add", "x y")):
        failed = run("user", *words, *there)
        assert (failed.returncode, failed.stderr.startswith("escrgraph user: ")) == (2, True), failed.stderr


def test_accounts_need_a_store(tmp_path: Path) -> None:
    failed = run("user", "list", "--store", str(tmp_path / "none"))
    assert (failed.returncode, "there is none yet" in failed.stderr) == (2, True)


def test_a_file_is_submitted_once_and_what_to_mend_is_told(store: Path, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.ttl", tmp_path / "bad.ttl"
    head = "@prefix dcterms: <http://purl.org/dc/terms/> . @prefix escr: <https://w3id.org/escrgraph/def/> . "
    record = "<https://w3id.org/escrgraph/id/journal/sent> a escr:Journal, <http://purl.org/ontology/bibo/Journal>"
    good.write_text(f'{head}{record} ; dcterms:title "Sent"@en ; dcterms:source <https://example.org/> .')
    bad.write_text(f"{head}{record} ; dcterms:source <https://example.org/> .")
    run("user", "add", "ana", "--store", str(store))
    token = run("user", "token", "ana", "--store", str(store)).stdout.strip()
    with serving(store) as running:
        sent = run("submit", str(good), "--to", running.url, ESCRGRAPH_TOKEN=token)
        assert (sent.returncode, "submitted" in sent.stdout) == (0, True), sent.stderr
        again = run("submit", str(good), "--to", running.url, "--token", token)
        assert again.stdout == sent.stdout
        told = run("submit", str(bad), "--to", running.url, "--token", token)
        assert (told.returncode, "draft" in told.stdout) == (1, True), told.stderr
        assert "violation: Title" in told.stderr
        refused = run("submit", str(good), "--to", running.url, "--token", "escr_" + "x" * 43)
        assert refused.returncode == 2
    assert run("submit", str(good), "--to", running.url, "--token", token).returncode == 3
    assert run("submit", str(good), "--to", "ftp://x", "--token", token).returncode == 2
    assert run("submit", str(good), "--to", running.url).returncode == 2
