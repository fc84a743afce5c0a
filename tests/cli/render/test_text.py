"""Text on a terminal: harmless, whole, and within its cells."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from slm.cli.render.text import Layout, columns, json_text, padded
from slm.visible import HOSTILE, one_line

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
anything = st.text(st.characters(exclude_categories=()), max_size=60)
prose = st.text(st.sampled_from("ab é漢字🙂 \n"), max_size=120)


def layout(width=None, colour=False):
    return Layout(width, colour, NOW)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | anything,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(anything, inner, max_size=3),
        max_leaves=8,
    )
)
def test_json_is_one_harmless_line_that_says_the_same(value):
    line = json_text(value)

    assert json.loads(line) == value
    assert not HOSTILE.search(line)
    assert "\n" not in line


def test_json_stays_readable():
    assert json_text({"text": "Zürich 漢字"}) == '{"text": "Zürich 漢字"}'


@settings(max_examples=200)
@given(prose, st.integers(40, 200), st.sampled_from([0, 7]))
def test_no_line_is_wider_than_the_terminal(text, width, indent):
    for line in layout(width).wrapped(text, indent):
        assert cell_len(line) <= width - indent


@settings(max_examples=200)
@given(prose, st.integers(40, 60))
def test_wrapping_loses_no_character_but_blanks(text, width):
    """Oracle: the text without its white space."""
    lines = layout(width).wrapped(text, 7)

    assert "".join("".join(lines).split()) == "".join(text.split())


@given(prose)
def test_without_a_width_lines_are_as_they_were_written(text):
    assert layout().wrapped(text, 7) == text.rstrip().lstrip("\n").split("\n")


def test_words_are_kept_whole_where_they_fit():
    assert layout(40).wrapped("aaaa " * 12, 10) == ["aaaa aaaa aaaa aaaa aaaa aaaa"] * 2


def test_indented_lines_keep_their_indent():
    assert layout(60).wrapped("def f():\n    return 1", 0) == ["def f():", "    return 1"]


def test_a_long_text_is_cut_after_so_many_lines():
    lines = layout(40).wrapped("word " * 100, 0, most=3)

    assert len(lines) == 3
    assert lines[-1].endswith(" …")
    assert all(cell_len(line) <= 40 for line in lines)


def test_a_glimpse_leaves_out_blank_lines():
    assert layout(40).wrapped("Title\n\n\ntext", 0, most=2) == ["Title", "text"]
    assert layout(40).wrapped("\n", 0, most=2) == [""]


def test_a_text_that_just_fits_is_not_cut():
    assert layout(40).wrapped("a\nb\nc", 0, most=3) == ["a", "b", "c"]


@given(prose, st.integers(40, 80), st.integers(0, 30))
def test_a_trimmed_text_is_one_line_that_fits(text, width, indent):
    line = layout(width).trimmed(text, indent)

    assert "\n" not in line
    assert cell_len(line) <= max(width - indent, 10)


@given(prose)
def test_without_a_width_nothing_is_trimmed(text):
    assert layout().trimmed(text, 7) == " ".join(text.split())


def test_a_wide_character_counts_as_two_cells():
    assert layout(40).trimmed("漢" * 30, 20) == "漢" * 9 + "…"
    assert padded("漢", 4) == "漢  "


def test_columns_are_aligned_by_cells():
    assert columns([("漢", "1", "x"), ("abc", "10", "y")], right=frozenset({1})) == ["漢    1  x", "abc  10  y"]


def test_no_rows_make_no_columns():
    assert columns([]) == []


def test_colour_wraps_what_is_painted():
    assert layout(colour=True).paint("dim", "x") == "\x1b[2mx\x1b[0m"
    assert layout(colour=True).paint("dim", "") == ""
    assert layout().paint("dim", "x") == "x"


def test_one_line_folds_white_space_and_shows_controls():
    assert one_line(" a\n\tb\x1b ") == "a b\\x1b"


def test_a_line_of_columns_is_cut_with_its_blanks():
    """A table keeps its columns on a narrow terminal, and loses what stands beyond its edge."""
    line = "words       0.53  ████████████  2nd of 10009"

    assert Layout(40, False, NOW).cut(line, 2) == "words       0.53  ████████████  2nd o…"
    assert Layout(None, False, NOW).cut(line, 2) == line
