"""The export that people read."""

from __future__ import annotations

from slm.cli.render.notebook import notebook
from tests.cli.canned import memory


def lines(*records):
    return list(notebook(records, "Memories"))


def test_projects_are_chapters_with_days_in_order():
    """Specification: whatever order the records come in."""
    written = lines(
        memory("b00000000000", "second", observed_at="2024-11-04T10:00:00+01:00"),
        memory("c00000000000", "other", scope="global"),
        memory("a00000000000", "first"),
    )

    assert [line for line in written if line.startswith(("#", "- "))] == [
        "# Memories",
        "## github.com/acme/api",
        "### 3 November 2024",
        "- first",
        "### 4 November 2024",
        "- second",
        "## global",
        "### 3 November 2024",
        "- other",
    ]


def test_the_day_is_the_one_that_was_written():
    """A time keeps its offset: half past eleven at night in Berlin is that day there."""
    assert "### 3 November 2024" in lines(memory(observed_at="2024-11-03T23:30:00-08:00"))


def test_what_does_not_stand_is_left_out_and_what_was_replaced_says_so():
    """Specification."""
    written = lines(
        memory("a00000000000", "forgotten", forgotten_at="2024-11-03T10:00:00Z"),
        memory("b00000000000", "never true", never_true=True),
        memory("c00000000000", "until then", superseded_by="d00000000000"),
    )

    assert not any("forgotten" in line or "never true" in line for line in written)
    assert "  *c00000000000 · note · cli · replaced by d00000000000*" in written


def test_a_text_of_several_lines_stays_in_its_item():
    """Markdown: what is indented by two belongs to the item."""
    assert "\n".join(lines(memory(text="# not a chapter\n\n- a\n"))).endswith(
        "- # not a chapter\n\n  - a\n  *k3m9q0000000 · note · cli*"
    )


def test_all_that_is_known_is_told():
    """Specification; a star can't end the emphasis."""
    told = memory(tags=["a", "b"], pinned=True, private=True, source="pl*n.md", speaker="Anna", kind="fact")

    assert lines(told)[-1] == r"  *k3m9q0000000 · fact · Anna · from pl\*n.md · #a #b · pinned · private*"


def test_nothing_is_a_title():
    """Specification."""
    assert lines() == ["# Memories"]
