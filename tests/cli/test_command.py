"""The command as a whole: help, exit codes, settings, and stores that are not what was asked for."""

from __future__ import annotations

import json

import pytest

from escrgraph.cli import COMMANDS


def test_help_names_every_command_in_one_line_each(escrgraph):
    done = escrgraph("--help")
    assert done.code == 0
    for name in COMMANDS:
        (line,) = [line for line in done.out.splitlines() if line.startswith(f"  {name} ")]
        assert line.strip() != name


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_takes_store_and_config_and_explains_itself(escrgraph, name):
    done = escrgraph(name, "--help")
    assert done.code == 0
    assert "--store DIR" in done.out
    assert "--config FILE" in done.out


@pytest.mark.parametrize(
    "arguments",
    [["nonsense"], ["load"], ["query", "--format", "xlsx", "x"], ["redact", "finding/x"], ["serve", "-p", "99999"]],
)
def test_wrong_usage_ends_with_2(escrgraph, arguments):
    done = escrgraph(*arguments)
    assert done.code == 2
    assert done.out == ""
    assert done.err


def test_config_shows_each_setting_with_its_origin(escrgraph, tmp_path, monkeypatch):
    (tmp_path / "escrgraph.toml").write_text("query_timeout = 5\n")
    monkeypatch.setenv("ESCRGRAPH_ADMIN_TOKEN", "open-sesame")
    monkeypatch.setenv("ESCRGRAPH_QUERY_TIMOUT", "7")
    done = escrgraph("config", "--store", "elsewhere")
    shown = {line.split()[0]: line.split()[1:] for line in done.out.splitlines()}
    assert shown["ESCRGRAPH_STORE"] == ["elsewhere", "flag"]
    assert shown["ESCRGRAPH_QUERY_TIMEOUT"] == ["5", "escrgraph.toml"]
    assert shown["ESCRGRAPH_ADMIN_TOKEN"] == ["set", "environment"]
    assert "ESCRGRAPH_QUERY_TIMOUT is no setting" in done.err
    assert "open-sesame" not in done.out + done.err


def test_a_wrong_setting_is_told_by_the_command_that_met_it(escrgraph, monkeypatch):
    monkeypatch.setenv("ESCRGRAPH_QUERY_TIMEOUT", "soon")
    done = escrgraph("stats")
    assert done.code == 2
    assert done.err.startswith("escrgraph stats: ESCRGRAPH_QUERY_TIMEOUT (environment) cannot be “soon”")


@pytest.mark.parametrize("command", [["stats"], ["export"], ["query", "catalogue"], ["rebuild"], ["backup", "b"]])
def test_without_a_store_a_command_says_how_to_make_one(escrgraph, tmp_path, command):
    done = escrgraph(*command)
    assert done.code == 3
    assert done.err == (
        f"escrgraph {command[0]}: There is no store at {tmp_path}/var/store. "
        "`escrgraph serve` or `escrgraph load` makes one.\n"
    )
    assert not (tmp_path / "var").exists()


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"base": "https://example.org/r/"}, "was made for the base https://example.org/r/"),
        ({"mode": "own"}, "was made with ESCRGRAPH_DEFAULT_GRAPH=own"),
        ({"version": 99}, "has format version 99"),
    ],
)
@pytest.mark.parametrize("command", [["stats"], ["serve", "-p", "0"]])
def test_a_store_of_another_kind_is_refused(escrgraph, store, command, changed, told):
    file = store / "format.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | changed))
    done = escrgraph(*command, "--store", store)
    assert done.code == 3
    assert told in done.err
    assert done.err.startswith(f"escrgraph {command[0]}: The store {store}")


def test_a_directory_of_something_else_is_no_store(escrgraph, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    done = escrgraph("serve", "-p", "0", "--store", "mine")
    assert done.code == 3
    assert "it is not a store" in done.err
    assert [path.name for path in (tmp_path / "mine").iterdir() if path.name != "lock"] == ["letter.txt"]


def test_a_store_with_a_log_of_its_own_is_not_given_another_one(escrgraph, monkeypatch, store):
    monkeypatch.setenv("ESCRGRAPH_DATABASE", "postgresql://me:secret@127.0.0.1:1/x")
    done = escrgraph("stats", "--store", store)
    assert done.code == 3
    assert "has a change log of its own" in done.err
    assert "escrgraph restore" in done.err
    assert "secret" not in done.err


def test_a_database_that_does_not_answer_is_named_before_anything_starts(escrgraph, monkeypatch, tmp_path):
    monkeypatch.setenv("ESCRGRAPH_DATABASE", "postgresql://me:secret@127.0.0.1:1/x")
    done = escrgraph("load", "--release", "--store", tmp_path / "new")
    assert done.code == 3
    assert "postgresql://me:…@127.0.0.1:1/x" in done.err
    assert "onnection refused" in done.err
    assert "secret" not in done.err


def test_a_plain_store_takes_no_database(escrgraph, monkeypatch, tmp_path):
    monkeypatch.setenv("ESCRGRAPH_DATABASE", "postgresql://127.0.0.1:1/x")
    monkeypatch.setenv("ESCRGRAPH_DEFAULT_GRAPH", "own")
    done = escrgraph("load", "--release", "--store", tmp_path / "new")
    assert done.code == 2
    assert "Leave one of the two out" in done.err
