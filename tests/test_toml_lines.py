"""Statements of a TOML text and their lines."""

from __future__ import annotations

import pytest
import tomli
from hypothesis import given
from hypothesis import strategies as st

from slm.toml_lines import dump, edited, flat, statements

TEXT = """# top

title = "a"
[one] # first
a = 1
b = [
  1, # in
  2,
]
c = '''
[not.a.header]
d = 3
'''

[one.two]
x = {y = 1}
"""


def test_statements_know_their_lines_sections_and_keys() -> None:
    """Oracle: read by eye."""
    found = [(each.first, each.last, each.section, each.keys, each.header) for each in statements(TEXT)]

    assert found == [
        (2, 2, "", ("title",), False),
        (3, 3, "one", ("one",), True),
        (4, 4, "one", ("one.a",), False),
        (5, 8, "one", ("one.b",), False),
        (9, 12, "one", ("one.c",), False),
        (14, 14, "one.two", ("one.two",), True),
        (15, 15, "one.two", ("one.two.x",), False),
    ]


def test_lines_inside_a_text_are_no_statements() -> None:
    """Specification: TOML's multi-line strings."""
    assert edited("[a]\nx = '''\ny = 1\n'''\n", "a.y", "2") == "[a]\nx = '''\ny = 1\n'''\ny = 2\n"


@pytest.mark.parametrize("text", ["", "a = 1\n", "\n\n# only\n"])
def test_a_missing_section_is_added_at_the_end(text) -> None:
    """Specification."""
    changed = edited(text, "new.key", "1")

    assert changed.startswith(text)
    assert tomli.loads(changed)["new"] == {"key": 1}


def test_flat_goes_one_level_down() -> None:
    """Specification: sections have keys, deeper tables are values."""
    assert dict(flat({"a": 1, "b": {"c": 2, "d": {"e": 3}}})) == {"a": 1, "b.c": 2, "b.d": {"e": 3}}


VALUES = st.recursive(
    st.booleans() | st.integers(-(2**62), 2**62) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(blacklist_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.from_regex("[a-z_-]{1,5}", fullmatch=True), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


@given(VALUES)
def test_what_is_dumped_reads_back(value) -> None:
    """Oracle: tomli."""
    assert tomli.loads(f"value = {dump(value)}")["value"] == value


@given(VALUES, VALUES)
def test_an_edit_replaces_one_value_by_another(before, after) -> None:
    """Oracle: tomli reads the new value and the neighbours as they were."""
    text = f"x = 1\n[s] # s\nkey = {dump(before)} # remark\nz = 2\n"

    changed = edited(text, "s.key", dump(after))

    assert tomli.loads(changed) == {"x": 1, "s": {"key": after, "z": 2}}
    assert "# remark" in changed
