"""Foreign text made harmless, and nothing else of it changed."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slm.visible import HOSTILE, one_line, visible

anything = st.text(st.characters(exclude_categories=()), max_size=60)


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("\x1b[31mred", "\\x1b[31mred"),
        ("\x1b]0;title\x07", "\\x1b]0;title\\x07"),
        ("\x9b2J", "\\x9b2J"),
        ("over\rwritten", "over\\x0dwritten"),
        ("back\x08space", "back\\x08space"),
        ("nul\0", "nul\\x00"),
        ("del\x7f", "del\\x7f"),
        ("\u202egnp.exe", "\\u202egnp.exe"),
        ("\u2066isolate\u2069", "\\u2066isolate\\u2069"),
        ("mark\u200f", "mark\\u200f"),
        ("line\u2028separator", "line\\u2028separator"),
        ("\ufeffbom", "\\ufeffbom"),
        ("half\ud800", "half\\ud800"),
        ("tag\U000e0041", "tag\\U000e0041"),
    ],
)
def test_what_could_act_on_a_terminal_or_hide_is_written_out(hostile, shown):
    assert visible(hostile) == shown


@pytest.mark.parametrize(
    "text", ["tab\tand\nnewline", "naïve", "漢字", "👩‍👩‍👧‍👦", "नमस्ते", "می‌خواهم", "e\u0301", "שלום"]
)
def test_writing_of_any_language_stays_as_it_is(text):
    """Joiners are part of the writing, not controls."""
    assert visible(text) == text


def test_the_line_ends_of_other_systems_are_line_ends():
    assert visible("a\r\nb") == "a\nb"


@given(anything)
def test_no_control_character_survives(text):
    """Oracle: the Unicode database."""
    shown = visible(text)

    assert not any(unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") and c not in "\n\t" for c in shown)
    assert not any(
        unicodedata.bidirectional(c) in ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI") for c in shown
    )


@given(anything)
def test_a_visible_text_is_visible(text):
    """Nothing is escaped twice."""
    assert visible(visible(text)) == visible(text)
    assert not HOSTILE.search(visible(text))


@given(anything)
def test_one_line_is_one_line(text):
    """Oracle: str.splitlines, which knows every line end of Unicode."""
    assert len(one_line(text).splitlines()) <= 1
    assert one_line(f"  a \t b\n{text}").startswith("a b")
