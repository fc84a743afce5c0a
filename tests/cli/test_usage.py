"""What the parser says, in slm's words. The inputs are its real complaints, had from the real command tree."""

from __future__ import annotations

import pytest

from slm.cli.usage import wrong_usage


@pytest.mark.parametrize(
    ("argv", "message", "fix"),
    [
        (["recal", "foo"], "no command 'recal'", "did you mean recall? Otherwise slm --help"),
        (["xyzzy"], "no command 'xyzzy'", "slm --help"),
        (["daemon", "strt"], "no command 'strt'", "did you mean start or restart? Otherwise slm daemon --help"),
        (["recall", "--limt", "3", "x"], "no option --limt", "did you mean --limit?"),
        (["recall", "--zzz"], "no option --zzz", "slm recall --help; words that start with a dash go after --"),
        (["connect", "clade-code"], "AGENT: 'clade-code' is none of claude-code, codex", "did you mean claude-code?"),
        (["list", "--kind", "nte"], "--kind: 'nte' is none of note, fact", "did you mean note?"),
        (["list", "-n", "x"], "--limit: 'x' is not a whole number", "slm list --help"),
        (["recall", "--min-confidence", "x", "y"], "--min-confidence: 'x' is not a number", "slm recall --help"),
        (["list", "-n", "-3"], "--limit: -3 is not in the range x>=0", "slm list --help"),
        (["show"], "ID... is missing", "slm show --help"),
        (["import", "x"], "--from is missing: one of jsonl, markdown", "slm import --help"),
        (["list", "--kind"], "--kind needs a value", "--help"),
        (["export", "x"], "too many words: x", "slm export --help"),
    ],
)
def test_every_mistake_says_what_is_wrong_and_what_to_do(argv, message, fix, client):
    """STYLE.md, an error: what, where, next step; in one voice."""
    ran = client(*argv)
    first, second = ran.stderr.splitlines()

    assert ran.code == 2
    assert first.startswith(f"slm: error: {message}")
    assert fix in second
    assert second.startswith("  fix: ")


def test_a_complaint_of_another_form_is_handed_on_in_one_line():
    """A parser that learns new words is still understood."""
    error = wrong_usage("Something\n\tnew.", "slm recall")

    assert (error.message, error.hint) == ("Something new", "slm recall --help")
