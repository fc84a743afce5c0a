"""Sections of a Markdown text."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slm.ingest.sections import SHORT, Section, merged, sections

LONG = "A sentence that is long enough to stand on its own, without being merged with its neighbours."


def found(text: str) -> list[tuple[str, str]]:
    return [(" > ".join(section.path), section.body) for section in sections(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("\n \n---\n***\n", []),
        ("body", [("", "body")]),
        ("# A\nbody", [("A", "body")]),
        ("# A #\nbody\n\n\n", [("A", "body")]),
        ("#\tA  \n\nbody", [("A", "body")]),
        ("   # A\nbody", [("A", "body")]),
        ("# A\nx\n## B\ny\n### C\nz\n## D\nw", [("A", "x"), ("A > B", "y"), ("A > B > C", "z"), ("A > D", "w")]),
        ("### C\nx\n# A\ny", [("C", "x"), ("A", "y")]),
        ("before\n# A\nx", [("", "before"), ("A", "x")]),
        ("A\n=====\nx\n\nB\n---\ny", [("A", "x"), ("A > B", "y")]),
        ("# A\n## B\n### C\nx", [("A > B > C", "x")]),
        ("# Ideas\n## Use LMDB\n## Use sheaves", [("Ideas > Use LMDB", ""), ("Ideas > Use sheaves", "")]),
        ("# A", [("A", "")]),
        ("# C#\nx", [("C#", "x")]),
    ],
)
def test_headings_make_paths(text, expected):
    """Specification: CommonMark's ATX and setext headings, read by eye."""
    assert found(text) == expected


@pytest.mark.parametrize(
    "line",
    ["#hashtag", "#", "####### seven", "    # code", "\\# escaped", "text # no", "| a | b |\n|---|---|",
    "- item\n---", "1. item\n---",
     "two\nlines\n---", "> quote\n---", "a | b\n--- | ---", "<!-- note -->"],
)  # fmt: skip
def test_what_only_looks_like_a_heading_is_text(line):
    """Specification: CommonMark, and bullets, tables and quotes stay with their heading."""
    assert found(f"# A\n\n{line}\nend")[0] == ("A", f"{line}\nend")


@pytest.mark.parametrize(
    "block",
    [
        "```\n# no heading\n```",
        "```bash\n# no heading\n## none\n```",
        "~~~\n# no\n```\n# no\n~~~",
        "````md\n```\n# no\n```\n# no\n````",
        "   ```\n# no\n   ```",
        "```\n# no\n``` not the end\n# no\n```",
        "```\nA\n===\n```",
        "```\n# open to the end",
    ],
)
def test_code_fences_are_kept_whole(block):
    """Specification: CommonMark's fenced code blocks."""
    assert found(f"# A\n{block}") == [("A", block)]


def test_a_line_with_backticks_on_both_sides_opens_no_fence():
    """Specification: CommonMark, info strings hold no backticks."""
    assert found("# A\n``` x ```\n# B\ny") == [("A", "``` x ```"), ("B", "y")]


def test_sections_know_the_line_of_their_heading():
    """Specification: origins name file and line."""
    lines = [section.line for section in sections("x\n# A\ny\n\nB\n---\nz\n", first_line=11)]

    assert lines == [11, 12, 15]


def test_white_space_at_line_ends_goes_and_indentation_stays():
    """Specification: bullets and code keep their form."""
    assert found("# A\n\n- x  \n  - y\t\n\n      code\n\n---\n") == [("A", "- x\n  - y\n\n      code")]


# Merging


def joined(text: str, *dates: str | None) -> list[tuple[str, str]]:
    every = sections(text)
    moments = list(dates) or [None] * len(every)
    return [(" > ".join(section.path), section.body) for section, _ in merged(every, moments)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# A\n## B\nx\n## C\ny", [("A", "B\nx\n\nC\ny")]),
        ("# A\nx\n## B\ny", [("A", "x\n\nB\ny")]),
        ("# A\n## B\n### D\nx\n## C\ny", [("A > B > D", "x"), ("A > C", "y")]),
        (f"# A\n## B\n{LONG}\n## C\ny", [("A > B", LONG), ("A > C", "y")]),
        (f"# A\n## B\nx\n## C\n{LONG}\n## D\nz", [("A", f"B\nx\n\nC\n{LONG}"), ("A > D", "z")]),
        ("# A\nx\n# B\ny", [("A", "x"), ("B", "y")]),
        ("before\n# A\nx", [("A", "before\n\nx")]),
        ("# Ideas\n## Use LMDB\n## Use sheaves", [("Ideas", "Use LMDB\n\nUse sheaves")]),
    ],
)
def test_very_short_sections_are_merged_under_the_heading_they_share(text, expected):
    """Specification: very short sections merged; top headings never."""
    assert joined(text) == expected


def test_sections_of_different_days_are_not_merged():
    """Specification: a merged section would have to lie about its time."""
    text = "# Log\n## 2024-03-14\nx\n## 2024-03-15\ny"

    assert joined(text, "2024-03-14", "2024-03-15") == [("Log > 2024-03-14", "x"), ("Log > 2024-03-15", "y")]


LINES = st.lists(
    st.sampled_from(["# A", "## B", "### C", "# A", "text", "- item", LONG, "", "  ", "```", "```py", "~~~", "---",
    "===",
                     "    code", "<!-- c -->", "| t |", "1. one", "#tag"]) | st.text("ab #`~-=\t", max_size=8),
    max_size=25,
)  # fmt: skip


@given(LINES)
def test_no_line_of_text_is_lost_or_doubled(lines):
    """Oracle: the words of the text; only headings, rules and underlines leave the bodies, for the paths."""
    every = sections("\n".join(lines))
    kept = "\n".join(section.body for section in every).split("\n")
    counted = [line.rstrip() for line in lines if line.strip() and line.strip("#-=*_ \t")]

    for line in set(counted):
        in_paths = any(line.strip().lstrip("#").strip().rstrip("#").strip() in " ".join(each.path) for each in every)
        assert kept.count(line) == counted.count(line) or in_paths or line.strip().startswith("#")


@given(LINES)
def test_merging_keeps_every_body_in_order(lines):
    """Theorem: merging only joins."""
    every = sections("\n".join(lines))
    together = "\n".join(section.body for section, _ in merged(every, [None] * len(every)))

    at = 0
    for section in every:
        at = together.index(section.body, at) + len(section.body)


@given(LINES)
def test_after_merging_no_short_section_stands_before_its_own_child(lines):
    """Specification: SHORT."""
    every = sections("\n".join(lines))
    done = [section for section, _ in merged(every, [None] * len(every))]

    for first, second in pairwise(done):
        below = len(second.path) > len(first.path) and second.path[: len(first.path)] == first.path
        assert len(first.body) >= SHORT or not below


@given(LINES, LINES)
def test_sections_of_a_text_do_not_depend_on_what_follows_a_top_heading(first, second):
    """Theorem: cutting at a level-one heading outside a fence cuts the list of sections."""
    text = "\n".join([*first, ""])
    if text.count("```") or text.count("~~~") or not any(line.strip() for line in first):
        return
    whole = sections("\n".join([text, "# Zed", *second]))

    assert whole[: len(sections(text))] == sections(text)


def test_a_section_is_a_plain_tuple():
    """Pinned."""
    assert sections("# A\nx") == [Section(("A",), "x", 1)]
