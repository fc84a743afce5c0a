"""The block on top of a Markdown file: a safe subset of YAML."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slm.ingest.front_matter import MAX_LINES, as_list, split


@pytest.mark.parametrize(
    ("block", "fields"),
    [
        ("title: A note", {"title": "A note"}),
        ("Title:   'A: note'  ", {"title": "A: note"}),
        ('title: "A # note" ', {"title": "A # note"}),
        ("title: A note # remark", {"title": "A note"}),
        ("url: https://host/#x", {"url": "https://host/#x"}),
        ("tags: [a, 'b c', \"d\", ]", {"tags": ["a", "b c", "d"]}),
        ("tags:\n  - a\n  - b # x\n- 'c'", {"tags": ["a", "b", "c"]}),
        ("tags: a, b", {"tags": "a, b"}),
        ("tags:\ntitle: x", {"title": "x"}),
        ("date: 2024-03-14\n# remark\n\nkind of: x", {"date": "2024-03-14", "kind of": "x"}),
        ("a: {b: c}\nb: &x y\nc: *x\nd: !!python/object:os.system x\ne: |\n  text\nf: >\n  text", {}),
        ("author:\n  name: x", {}),
        ("no field\n: x\n- item", {}),
        ("a:b", {}),
        ("a: 1\na: 2", {"a": "2"}),
    ],
)
def test_scalars_and_lists_are_read_as_text_and_the_rest_is_passed_over(block, fields):
    """Specification: a tiny safe subset."""
    assert split(f"---\n{block}\n---\nbody") == (fields, block.count("\n") + 3)


@pytest.mark.parametrize(
    "text",
    ["", "body", "\n---\na: b\n---\n", "---", "---\na: b\n", " ---\na: b\n---\n", "--- x\na: b\n---",
    "----\na: b\n----\n",
     "---\n" + "a: b\n" * MAX_LINES + "---\n"],
)  # fmt: skip
def test_what_does_not_start_and_end_as_a_block_is_body(text):
    """Specification: no block, no lines."""
    assert split(text) == ({}, 0)


def test_three_dots_end_a_block_too():
    """Specification: YAML's end of a document."""
    assert split("---\na: b\n...\nbody") == ({"a": "b"}, 3)


def test_an_empty_block_is_a_block():
    """Specification."""
    assert split("---\n---\nbody") == ({}, 2)


@pytest.mark.parametrize(
    ("value", "items"), [("a, b,,c ", ["a", "b", "c"]), ("a b", ["a b"]), (["a"], ["a"]), ("", [])]
)
def test_a_list_may_be_written_with_commas(value, items):
    """Specification."""
    assert as_list(value) == items


@given(st.text(max_size=80), st.text("-.: []'\"#ab\n", max_size=80))
def test_any_text_splits(first, second):
    """Specification: never an error; the lines are lines of the text."""
    for text in (first, second, f"---\n{second}\n---\n{first}"):
        fields, n_lines = split(text)
        assert 0 <= n_lines <= text.count("\n") + 1
        assert all(isinstance(value, str | list) and value for value in fields.values())
