"""man and completions as commands."""

from __future__ import annotations

import json
import stat

import pytest

from tests.cli.canned import memory


def test_man_shows_the_page_of_a_command(client):
    ran = client("man", "profile", "delete")

    assert ran.code == 0
    assert ran.stdout.startswith("NAME\n       slm-profile - separate stores")


def test_man_alone_shows_all_commands(client):
    ran = client("man")

    assert "slm recall" in ran.stdout
    assert "EXIT STATUS" in ran.stdout


def test_man_of_nothing_is_an_error(client):
    assert client("man", "rember").code == 4


def test_all_pages_are_written_into_a_folder(client, tmp_path):
    ran = client("--json", "man", "--output", str(tmp_path / "man"))

    assert "slm-recall.1" in json.loads(ran.stdout)["files"]
    assert (tmp_path / "man" / "slm.1").read_text().startswith(".TH")


@pytest.mark.parametrize(("shell", "place"), [
    ("bash", "data/bash-completion/completions/slm"), ("zsh", "data/zsh/site-functions/_slm"),
    ("fish", "config/fish/completions/slm.fish"),
])  # fmt: skip
def test_completion_goes_to_where_the_shell_looks(client, monkeypatch, tmp_path, shell, place):
    """bash-completion's user folder, fish's, and a site-functions folder for zsh."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("SHELL", f"/usr/bin/{shell}")

    ran = client("completions", "install")

    assert (ran.code, (tmp_path / place).exists()) == (0, True)
    assert str((tmp_path / place).parent) in ran.stderr


def test_an_unknown_shell_is_wrong_usage(client, monkeypatch):
    monkeypatch.setenv("SHELL", "/bin/tcsh")

    ran = client("completions", "install")

    assert ran.code == 2
    assert "bash|zsh|fish" in ran.stderr


def test_a_folder_that_cannot_be_written_is_an_error(client, tmp_path):
    (tmp_path / "file").touch(mode=stat.S_IRUSR)

    assert client("completions", "install", "--output", str(tmp_path / "file")).code == 8


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_script_can_be_printed(client, shell):
    assert "slm" in client("completions", shell).stdout


def test_values_come_with_what_they_are(either):
    answers = {
        "list": {"memories": [memory(), memory("k3m9z0000000", "x" * 99)], "next": None},
        "tags": {"tags": [{"name": "work", "memories": 3}]},
        "profiles": {"profiles": [{"name": "default", "disk_bytes": 1}]},
        "scopes": {"scopes": [{"name": "global", "memories": 1}], "current": "global"},
    }

    def told(kind):
        return either("candidates", kind, answers=answers).stdout.splitlines()

    assert told("ids") == ["k3m9q\tAPI listens on 5433 since the PG16 move", "k3m9z\t" + "x" * 50]
    assert told("tags") == ["work\t3 memories"]
    assert told("changes") == ["+work\t3 memories", "-work\t3 memories"]
    assert told("profiles") == ["default\t"]
    assert told("scopes") == ["global\t1 memory"]


def test_an_unknown_kind_of_values_is_wrong_usage(either):
    assert either("candidates", "nothing").code == 2


def test_a_tag_that_could_break_the_prompt_is_not_offered(either):
    answers = {"tags": {"tags": [{"name": "a\nb", "memories": 1}, {"name": "fine", "memories": 1}]}}

    assert either("candidates", "tags", answers=answers).stdout == "fine\t1 memory\n"
