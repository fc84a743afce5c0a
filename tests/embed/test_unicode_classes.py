"""Ranges of code points, and the frozen classes against this Python's own Unicode tables."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slm.embed.unicode_classes import CJK, DROPPED, MARKS, PUNCTUATION, SPACES, ranges, within

CODE_POINTS = st.integers(0, 0x10FFFF)


@given(st.sets(st.integers(0, 300)))
def test_a_code_point_is_within_exactly_the_ranges_that_were_written(wanted):
    """Oracle: a set."""
    bounds = ranges(" ".join(f"{code:x}" for code in sorted(wanted)))

    assert {code for code in range(302) if within(code, bounds)} == wanted


def test_both_ends_of_a_range_belong_to_it():
    """Inclusive, as written."""
    assert [within(code, ranges("a-c 10")) for code in (9, 10, 12, 13, 16, 17)] == [
        False,
        True,
        True,
        False,
        True,
        False,
    ]


@pytest.mark.parametrize("bounds", [CJK, DROPPED, MARKS, PUNCTUATION, SPACES])
def test_the_frozen_ranges_are_in_order_and_apart(bounds):
    """What the binary search needs."""
    assert bounds == sorted(set(bounds))


@pytest.mark.parametrize(("bounds", "groups"), [(MARKS, {"M"}), (PUNCTUATION, {"P", "S", "M"}), (SPACES, {"Z", "C"})])
def test_a_frozen_class_never_holds_what_python_classes_far_otherwise(bounds, groups):
    """Unicode moves a character between classes a handful of times in a decade, and not across these groups."""
    held = [code for code in range(0x110000) if within(code, bounds)]

    assert {unicodedata.category(chr(code))[0] for code in held} <= groups


@given(CODE_POINTS)
def test_a_code_point_has_at_most_one_class_of_the_first_pass(code):
    """Dropped, a space, an ideograph: the order of the tests can't matter."""
    assert within(code, DROPPED) + within(code, SPACES) + within(code, CJK) <= 1
