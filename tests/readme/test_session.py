from __future__ import annotations

from pathlib import Path

import pytest

from tests.end_to_end.home import SCRIPT, Home
from tests.readme.blocks import blocks
from tests.readme.session import LANGUAGE, MEMORIES, Names, neutral, written

README = Path(__file__).parents[2] / "README.md"

installed = pytest.mark.skipif(not SCRIPT.exists(), reason="the slm script is not installed beside this interpreter")


@installed
def test_the_sessions_of_the_readme_are_what_a_new_user_sees(home: Home) -> None:
    """The README itself: each command through the installed script, against a daemon of its own."""
    readme = README.read_text(encoding="utf-8")
    assert blocks(readme, LANGUAGE)

    assert written(readme, home) == readme, "make regenerate writes the sessions anew"


@installed
def test_a_block_that_is_not_true_is_written_as_it_is(home: Home) -> None:
    """``make generated`` compares with what this returns; text around the blocks stays."""
    readme = f"before\n\n```console\n$ slm list --ids; echo $?\n{MEMORIES[0]}\n0\n```\nafter\n"

    block = "$ slm list --ids; echo $?\nnothing here yet: slm remember TEXT makes the first\n1\n"
    assert written(readme, home) == f"before\n\n```console\n{block}```\nafter\n"


@installed
def test_a_later_command_means_the_memory_that_an_earlier_one_named(home: Home) -> None:
    """Ids are drawn at random; the names in the README stand for them in both directions, over all blocks."""
    readme = (
        "```console\n$ slm remember olives are green\n```\n"
        f"```console\n$ slm tag {MEMORIES[0][:5]} +food\n$ slm list --tag food --ids\n```\n"
    )

    once = written(readme, home)

    assert f"$ slm remember olives are green\n{MEMORIES[0]}\nremembered\n" in once
    assert once.endswith(f"$ slm list --tag food --ids\n{MEMORIES[0]}\n```\n")


def test_ids_are_named_in_the_order_in_which_they_come_up() -> None:
    """Whole ids, beginnings of five and more, and conflicts; other words of the same letters stay."""
    names = Names()
    names.meet(["aaaaabbbbbcc", "dddddeeeeeff"])

    shown = names.shown("dddddeeeeeff\naaaaa  exact, where grapefruit stays\nc:zzz and c:yyy and c:zzz")

    assert shown == (
        f"{MEMORIES[1]}\n{MEMORIES[0][:5]}  exact, where grapefruit stays\nc:4d1 and c:4d2 and c:4d1"
    )  # fmt: skip
    assert names.meant(f"slm show {MEMORIES[0][:6]} ; slm audit resolve c:4d2") == (
        "slm show aaaaab ; slm audit resolve c:yyy"
    )


def test_more_memories_than_names_are_refused() -> None:
    """A session that long is no session of a README."""
    with pytest.raises(ValueError, match="more than"):
        Names().meet([f"{number:012d}" for number in range(len(MEMORIES) + 1)])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("likely answered (56 %) · global · 9 ms", "likely answered (81 %) · global · 163 ms"),
        ("  words      0.20  ██▎           best of 5", "  words      1.71  █████ best of 5"),
        ("undid 7  2026-11-24T20:39:32.348830Z  remember", "undid 7  2027-01-01T00:00:00.000001Z  remember"),
    ],
)
def test_times_shares_and_scores_are_no_difference(one: str, other: str) -> None:
    """They are of the machine and the day; what is found, said and in which order is not."""
    assert neutral(one) == neutral(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("k3m9q  Hana quit smoking", "p7d2x  Hana quit smoking"),
        ("misses by 2 days", "misses by 3 days"),
        ("likely answered (56 %)", "perhaps answered (56 %)"),
        ("3 claims, 1 independent check", "4 claims, 1 independent check"),
        ("exit code 5", "exit code 0"),
    ],
)
def test_whatever_else_is_printed_is_a_difference(one: str, other: str) -> None:
    """Which memory, which sum, which answer, which exit code."""
    assert neutral(one) != neutral(other)
