"""Settings: four sources, one winner, and sentences for what is not allowed."""

from __future__ import annotations

from pathlib import Path

import pytest

from escrgraph.settings import DEFINITIONS, SettingError, describe, read_settings, unknown_variables


def _origins(settings):
    return {name: origin for name, _, origin in describe(settings)}


def test_without_anything_every_setting_has_the_documented_default(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    settings = read_settings(environment={})
    assert settings.base == "https://w3id.org/escrgraph/"
    assert settings.store == "var/store"
    assert settings.default_graph == "merge"
    assert (settings.query_timeout, settings.query_memory, settings.replica_triples) == (30, 2 << 30, 500_000)
    assert (settings.rate_limit, settings.admin_token, settings.database) == (45, None, "")
    assert settings.query_workers >= 2
    assert set(_origins(settings).values()) == {"default"}


def test_a_flag_beats_the_environment_which_beats_the_file(tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text('store = "from-file"\nquery_timeout = 5\nquery_workers = 3\n')
    environment = {"ESCRGRAPH_STORE": "from-environment", "ESCRGRAPH_QUERY_TIMEOUT": "7"}
    settings = read_settings({"store": "from-flag", "base": None}, config=file, environment=environment)
    assert (settings.store, settings.query_timeout, settings.query_workers) == ("from-flag", 7, 3)
    origins = _origins(settings)
    assert origins["ESCRGRAPH_STORE"] == "flag"
    assert origins["ESCRGRAPH_QUERY_TIMEOUT"] == "environment"
    assert origins["ESCRGRAPH_QUERY_WORKERS"] == str(file)
    assert origins["ESCRGRAPH_BASE"] == "default"


def test_the_file_in_the_working_directory_is_read_unasked(tmp_path, monkeypatch):
    (tmp_path / "escrgraph.toml").write_text('default_graph = "own"\n')
    monkeypatch.chdir(tmp_path)
    assert read_settings(environment={}).default_graph == "own"


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("2GiB", 2 << 30),
        ("2G", 2 << 30),
        ("2 gib", 2 << 30),
        ("512M", 512 << 20),
        ("1.5GB", 3 << 29),
        ("2147483648", 2 << 30),
    ],
)
def test_memory_is_read_as_people_write_it(text, size):
    assert read_settings(environment={"ESCRGRAPH_QUERY_MEMORY": text}).query_memory == size


@pytest.mark.parametrize(
    ("name", "value", "named"),
    [
        ("BASE", "w3id.org/escrgraph/", "ends with “/”"),
        ("BASE", "https://example.org/rights", "ends with “/”"),
        ("BASE", "https://example.org/?a=/", "without query"),
        ("DEFAULT_GRAPH", "union", "merge"),
        ("QUERY_TIMEOUT", "0", "above 0"),
        ("QUERY_TIMEOUT", "nan", "above 0"),
        ("QUERY_TIMEOUT", "soon", "seconds"),
        ("QUERY_MEMORY", "much", "2GiB"),
        ("QUERY_MEMORY", "1", "at least 16 MiB"),
        ("QUERY_WORKERS", "0", "at least 1"),
        ("QUERY_WORKERS", "1.5", "whole number"),
        ("REPLICA_TRIPLES", "-1", "0 for never"),
        ("RATE_LIMIT", "-1", "0 for no limit"),
        ("DATABASE", "mysql://localhost/x", "postgresql:"),
        ("STORE", " ", "a directory"),
    ],
)
def test_a_wrong_value_is_named_with_what_is_allowed(name, value, named):
    with pytest.raises(SettingError, match=f"^ESCRGRAPH_{name} \\(environment\\) cannot be ") as caught:
        read_settings(environment={f"ESCRGRAPH_{name}": value})
    assert named in str(caught.value)
    assert value in str(caught.value)


def test_a_secret_is_shown_as_set_only_even_when_it_is_wrong():
    settings = read_settings(environment={"ESCRGRAPH_ADMIN_TOKEN": "open-sesame"})
    assert settings.admin_token == "open-sesame"
    assert "open-sesame" not in repr(settings)
    assert ("ESCRGRAPH_ADMIN_TOKEN", "set", "environment") in describe(settings)
    with pytest.raises(SettingError) as caught:
        read_settings(environment={"ESCRGRAPH_ADMIN_TOKEN": "open sesame"})
    assert "sesame" not in str(caught.value)


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("postgresql://curator:hidden@localhost/escr", "postgresql://curator:…@localhost/escr"),
        ("postgresql://curator@localhost/escr?password=hidden&sslmode=require", "postgresql://curator@localhost/escr?password=…&sslmode=require"),
        ("postgresql+psycopg://:hidden@/escr", "postgresql+psycopg://:…@/escr"),
    ],
)  # fmt: skip
def test_a_password_in_a_database_address_is_not_shown(address, told):
    settings = read_settings(environment={"ESCRGRAPH_DATABASE": address})
    assert {name: value for name, value, _ in describe(settings)}["ESCRGRAPH_DATABASE"] == told
    assert "hidden" not in repr(settings)


@pytest.mark.parametrize(
    "address",
    [
        "mysql://me:hidden@localhost/x",
        "postgresql://me:hid@hidden:hidden@localhost/x",
        "sqlite:///x.sqlite",
        "postgresql",
    ],
)
def test_another_database_than_postgresql_is_refused_without_its_password(address):
    with pytest.raises(SettingError, match="PostgreSQL") as caught:
        read_settings(environment={"ESCRGRAPH_DATABASE": address})
    assert "hidden" not in str(caught.value)


def test_an_unknown_name_in_the_file_is_refused_with_a_guess(tmp_path):
    file = tmp_path / "escrgraph.toml"
    file.write_text("query_timout = 5\n")
    with pytest.raises(SettingError, match="Did you mean query_timeout"):
        read_settings(config=file, environment={})


def test_an_unknown_variable_is_told_and_ignored():
    (warning,) = unknown_variables({"ESCRGRAPH_QUERY_TIMOUT": "5", "PATH": "/bin"})
    assert warning == "ESCRGRAPH_QUERY_TIMOUT is no setting and is ignored. Did you mean ESCRGRAPH_QUERY_TIMEOUT?"


@pytest.mark.parametrize(("content", "told"), [(None, "cannot be read"), ("store = ", "is not TOML")])
def test_a_file_that_cannot_be_read_is_named(tmp_path, content, told):
    file = tmp_path / "escrgraph.toml"
    if content is not None:
        file.write_text(content)
    with pytest.raises(SettingError, match=told) as caught:
        read_settings(config=file, environment={})
    assert str(file) in str(caught.value)


def test_settings_survive_the_way_through_an_environment():
    settings = read_settings({"query_timeout": 2.5, "store": "there"}, environment={"ESCRGRAPH_RATE_LIMIT": "60"})
    assert read_settings(environment=settings.environment()) == settings


def test_a_server_as_the_store_leaves_this_machine_a_directory_of_its_own():
    environment = {"ESCRGRAPH_STORE": "http://localhost:8890/sparql", "ESCRGRAPH_DIRECTORY": "kept"}
    settings = read_settings(environment=environment)
    assert (settings.remote, settings.directory) == (True, Path.cwd() / "kept")
    assert read_settings(environment=settings.environment()) == settings
    settings = read_settings({"store": "here"}, environment={"ESCRGRAPH_DIRECTORY": "kept"})
    assert (settings.remote, settings.directory) == (False, Path.cwd() / "here")


@pytest.mark.parametrize("address", ["ftp://host/sparql", "http://", "http://host/sparql?query=x", "http://host/#x"])
def test_an_address_that_is_none_of_a_sparql_server_is_no_store(address):
    with pytest.raises(SettingError, match="ESCRGRAPH_STORE"):
        read_settings({"store": address}, environment={})


def test_passwords_of_servers_are_never_shown():
    environment = {"ESCRGRAPH_STORE": "http://me:hush@host/sparql", "ESCRGRAPH_STORE_PASSWORD": "hush"}
    settings = read_settings(environment=environment)
    assert "hush" not in str(describe(settings)) + repr(settings.store_user)


def test_every_setting_is_documented():
    operating = (Path(__file__).parent.parent / "docs" / "operating.md").read_text(encoding="utf-8")
    assert [d.environment for d in DEFINITIONS if f"`{d.environment}`" not in operating] == []
