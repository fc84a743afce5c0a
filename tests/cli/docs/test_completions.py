"""Completion at the prompt of real shells."""

from __future__ import annotations

import pytest

from slm.cli.docs.completions import SCRIPTS
from slm.cli.docs.tree import tree
from tests.cli.docs.shells import Shell, needs


@pytest.fixture
def shell(tmp_path) -> Shell:
    return Shell(tmp_path)


@needs("bash")
@pytest.mark.parametrize(("words", "offered"), [
    (("slm", "rem"), ["remember"]),
    (("slm", "profile", ""), ["list", "create", "delete"]),
    (("slm", "remember", "--val"), ["--valid-from", "--valid-until"]),
    (("slm", "remember", "--kind", "de"), ["decision"]),
    (("slm", "remember", "--kind", "=", "de"), ["decision"]),
    (("slm", "remember", "--kind", "="), ["note", "fact", "preference", "decision", "event", "turn"]),
    (("slm", "--json", "list", "--prof"), ["--profile"]),
    (("slm", "config", "get", "llm.mod"), ["llm.model"]),
    (("slm", "show", "k3"), ["k3m9q"]),
    (("slm", "show", "k3m9q", ""), ["k3m9q", "p7d2x"]),
    (("slm", "import", "no"), ["notes.md"]),
    (("slm", "remember", "any", ""), []),
    (("slm", "remember", "list", "--unu"), []),
    (("slm", "remember", "--", "--ki"), []),
])  # fmt: skip
def test_bash_offers_what_may_stand_there(shell, words, offered):
    assert shell.bash(*words) == offered


@needs("fish")
@pytest.mark.parametrize(("line", "offered"), [
    ("slm rem", ["remember"]),
    ("slm profile ", ["create", "delete", "list"]),
    ("slm remember --val", ["--valid-from", "--valid-until"]),
    ("slm remember --kind de", ["decision"]),
    ("slm config get llm.mod", ["llm.model"]),
    ("slm show k3", ["k3m9q"]),
    ("slm import no", ["notes.md"]),
    ("slm remember any ", []),
    ("slm remember list --unu", []),
    ("slm remember --at ", []),
])  # fmt: skip
def test_fish_offers_what_may_stand_there(shell, line, offered):
    assert shell.fish(line) == offered


@needs("zsh")
@pytest.mark.parametrize(("line", "asked"), [
    ("slm rememb", "remember"),
    ("slm profile del", "profile delete"),
    ("slm remember --valid-f", "remember --valid-from"),
    ("slm remember --kind de", "remember --kind decision"),
    ("slm config get llm.mod", "config get llm.model"),
    ("slm show k3", "show k3m9q"),
    ("slm import no", "import notes.md"),
])  # fmt: skip
def test_zsh_completes_what_may_stand_there(shell, line, asked):
    assert shell.zsh(line) == asked


@needs("bash")
@needs("fish")
@needs("zsh")
def test_stored_values_are_those_of_the_profile_on_the_line(shell):
    shell.bash("slm", "--profile", "work", "show", "")
    shell.fish("slm --profile work show ")
    shell.zsh("slm --profile work show k3")

    assert set(shell.questions()) == {"--profile work candidates ids", "--profile work show k3m9q"}


@pytest.mark.parametrize("shell_name", SCRIPTS)
def test_every_command_and_option_is_in_the_script(shell_name):
    text = SCRIPTS[shell_name][1]()
    for command in tree().walk():
        assert command.name in text
        for option in command.options:
            assert all(name.lstrip("-") in text for name in option.names)


def test_no_hidden_command_is_offered():
    assert "candidates" not in [command.name for command in tree().walk()]
