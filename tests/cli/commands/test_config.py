"""config: the file is read and changed in the client, without a daemon."""

from __future__ import annotations

import json

import pytest

from slm.config import describe, example


@pytest.fixture
def file(tmp_path, monkeypatch):
    path = tmp_path / "config.toml"
    monkeypatch.setenv("SLM_CONFIG", str(path))
    return path


def test_show_marks_what_differs_from_the_default(client, file):
    file.write_text("[recall]\nlimit = 7\n")

    lines = client("config", "show").stdout.splitlines()

    assert len(lines) == len(describe())
    assert [line for line in lines if line.startswith("*")] == ["* recall.limit             7"]
    assert '  embed.model              "bundled"' in lines


def test_show_in_json_is_every_key(client, file):
    file.write_text('[remember]\nredact_patterns = ["B-[0-9]{6}"]\n')

    document = json.loads(client("config", "show", "--json").stdout)

    assert list(document) == [key.key for key in describe()]
    assert document["remember.redact_patterns"] == [{"name": "custom", "pattern": "B-[0-9]{6}"}]


def test_get_prints_a_value_for_scripts(client, file):
    assert client("config", "get", "recall.limit").stdout == "5\n"
    assert client("config", "get", "embed.model").stdout == "bundled\n"
    assert client("config", "get", "remember.redact").stdout == "true\n"
    assert json.loads(client("config", "get", "recall.limit", "--json").stdout) == {"recall.limit": 5}


def test_set_changes_one_line(client, file):
    file.write_text("# mine\n[recall]\nlimit = 7  # seven\n")

    ran = client("config", "set", "recall.limit", "9")

    assert ran.code == 0
    assert file.read_text() == "# mine\n[recall]\nlimit = 9  # seven\n"
    assert ran.stderr.splitlines() == [f"recall.limit = 9 in {file}", "slm daemon restart applies it"]


@pytest.mark.parametrize(
    "argv", [["get", "recall.limits"], ["set", "recall.limit", "many"], ["set", "nosuch", "1"], ["set", "recall.limit"]]
)
def test_a_wrong_key_or_value_ends_with_2_and_changes_nothing(argv, client, file):
    ran = client("config", *argv)

    assert ran.code == 2
    assert ran.stderr.startswith("slm: error: ")
    assert not file.exists()


def test_a_wrong_key_is_corrected(client, file):
    assert "did you mean 'recall.limit'?" in client("config", "get", "recall.limits").stderr


def test_path_prints_the_file(client, file):
    assert client("config", "path").stdout == f"{file}\n"
    assert json.loads(client("config", "path", "--json").stdout) == {"path": str(file), "exists": False}


def test_path_follows_the_option(client, tmp_path):
    assert client("config", "path", "--config", str(tmp_path / "other.toml")).stdout == f"{tmp_path / 'other.toml'}\n"


def test_check_says_what_is_wrong_and_where(client, file):
    assert client("config", "check").stderr == f"{file}: doesn't exist, the defaults hold\n"
    file.write_text("[recall]\nlimit = 7\n")
    assert client("config", "check").stderr == f"{file}: right\n"
    file.write_text("[recall]\nlimits = 7\n")
    ran = client("config", "check")
    assert ran.code == 2
    assert f"{file}:2" in ran.stderr


def test_example_prints_every_key(client):
    assert client("config", "example").stdout == example()
    assert json.loads(client("config", "example", "--json").stdout) == {"example": example()}


def test_nothing_is_asked_of_a_daemon(client, file):
    for argv in (["show"], ["get", "profile"], ["set", "recall.limit", "3"], ["path"], ["check"], ["example"]):
        assert client("config", *argv).calls == []
