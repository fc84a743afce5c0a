"""Global options are found wherever they stand, and only where they are meant."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slm.cli.app import command
from slm.cli.argv import FLAGS, Options, parse
from slm.errors import InvalidInput


def parsed(*argv):
    return parse(argv, command())


@pytest.mark.parametrize("position", range(4))
def test_a_flag_means_the_same_before_and_after_the_verb(position):
    """Documented: accepted before and after every command."""
    words = ["recall", "which", "port"]
    words.insert(position, "--json")

    found = parsed(*words)

    assert found.options == Options(json=True)
    assert found.rest == ["recall", "which", "port"]


@pytest.mark.parametrize("position", range(4))
@pytest.mark.parametrize("spelling", [["--profile", "work"], ["--profile=work"]])
def test_a_value_means_the_same_before_and_after_the_verb(position, spelling):
    words = ["recall", "which", "port"]
    words[position:position] = spelling

    found = parsed(*words)

    assert found.options == Options(profile="work")
    assert found.rest == ["recall", "which", "port"]


def test_every_global_option_is_known():
    flags = ["--json", "--quiet", "--no-color"]
    values = ["--profile", "p", "--scope", "s", "--config", "c", "--socket", "k", "--timeout", "2.5"]

    found = parsed(*flags, *values, "status")

    assert found.options == Options(True, True, True, "p", "s", "c", "k", 2.5)
    assert found.rest == ["status"]


def test_nothing_after_a_lone_double_dash_is_an_option():
    found = parsed("remember", "--", "the", "--json", "flag", "--profile")

    assert found.options == Options()
    assert found.rest == ["remember", "--", "the", "--json", "flag", "--profile"]


def test_the_value_of_a_commands_own_option_is_never_a_global_option():
    """In ``--tag --json`` the tag is "--json", as the command's own parser reads it."""
    found = parsed("recall", "--tag", "--json", "port", "-n", "--quiet")

    assert found.options == Options()
    assert found.rest == ["recall", "--tag", "--json", "port", "-n", "--quiet"]


def test_a_commands_own_flag_takes_no_value():
    found = parsed("recall", "--why", "--json", "port")

    assert found.options == Options(json=True)
    assert found.rest == ["recall", "--why", "port"]


def test_options_of_a_subcommand_keep_their_values():
    found = parsed("daemon", "logs", "-n", "--json", "--json")

    assert found.options == Options(json=True)
    assert found.rest == ["daemon", "logs", "-n", "--json"]


def test_the_arguments_of_bench_are_left_alone():
    found = parsed("--quiet", "bench", "recall", "--json", "--profile", "x")

    assert found.options == Options(quiet=True)
    assert found.rest == ["bench", "recall", "--json", "--profile", "x"]


def test_a_later_value_wins():
    assert parsed("--scope", "a", "status", "--scope=b").options.scope == "b"


@pytest.mark.parametrize("option", ["--profile", "--scope", "--config", "--socket", "--timeout"])
def test_an_option_without_its_value_is_wrong_usage(option):
    with pytest.raises(InvalidInput, match=f"{option} needs a value"):
        parsed("status", option)


@pytest.mark.parametrize("value", ["0", "-1", "soon", "nan", "inf", "1e9", ""])
def test_a_timeout_is_a_positive_number_of_seconds(value):
    with pytest.raises(InvalidInput, match="seconds"):
        parsed(f"--timeout={value}", "status")


@pytest.mark.parametrize(
    ("argv", "complete"),
    [
        (["recall"], True),
        (["recall", "x"], True),
        (["config", "get", "recall.limit"], True),
        (["--json", "status"], True),
        ([], False),
        (["--version"], False),
        (["--help"], False),
        (["config"], False),
        (["config", "nosuch"], False),
        (["nosuch"], False),
        (["--nosuch", "recall"], True),
    ],
)
def test_it_says_whether_a_command_was_named(argv, complete):
    assert parsed(*argv).complete is complete


PLAIN = st.text("abcdefg ", min_size=1, max_size=6)


@settings(max_examples=60)
@given(st.lists(PLAIN, max_size=6), st.lists(st.tuples(st.integers(0, 6), st.sampled_from(sorted(FLAGS))), max_size=4))
def test_flags_scattered_among_words_leave_the_words_in_order(words, flags):
    """Oracle: the words themselves, and the set of flags."""
    argv = ["remember", *words]
    for position, flag in flags:
        argv.insert(1 + min(position, len(argv) - 1), flag)

    found = parsed(*argv)

    assert found.rest == ["remember", *words]
    assert {"--json": found.options.json, "--quiet": found.options.quiet, "--no-color": found.options.no_color} == {
        flag: any(flag == given for _, given in flags) for flag in FLAGS
    }
