"""What other programs wrote is made fit, or passed over by name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slm.ingest.found import digest, one_line, sound, tags, take, time_of
from slm.ingest.records import check_record

ANY_TEXT = st.text(st.characters(), max_size=40)


@given(ANY_TEXT)
def test_a_sound_text_is_one_that_the_gate_takes(text):
    """Oracle: the gate itself; what it takes already stays as it is."""
    made = sound(text)

    assert check_record({"text": made + "x"}, "")
    assert made == text or "\0" in text or any("\ud800" <= sign <= "\udfff" for sign in text)


@given(ANY_TEXT)
def test_a_name_on_one_line_is_one_that_the_gate_takes(text):
    """Oracle: the gate itself."""
    assert check_record({"text": "x", "source": one_line(text, "none")}, "")


def test_a_long_name_is_cut_between_characters():
    """A name has at most 4,096 bytes, and importers put words before it."""
    assert one_line("ü" * 5000) == "ü" * 1024


@pytest.mark.parametrize("value", [None, 7, "", " \n", [], "\x1b"])
def test_what_is_no_name_gives_the_other(value):
    """Specification."""
    assert one_line(value, "untitled") == "untitled"


@given(st.lists(ANY_TEXT | st.none() | st.integers(), max_size=8))
def test_tags_are_words_that_the_gate_takes(given_tags):
    """Oracle: the gate itself."""
    assert check_record({"text": "x", "tags": tags(given_tags)}, "")["tags"] == tags(given_tags)


def test_tags_lose_their_sign_and_their_blanks():
    """Specification."""
    assert tags(["#work", "two words", "a,b", "work", "", "-x"]) == ["work", "two-words", "a-b", "x"]


@pytest.mark.parametrize(
    ("given_time", "expected"),
    [
        (0, "1970-01-01T00:00:00Z"),
        (1_730_624_400.25, "2024-11-03T09:00:00.250000Z"),
        ("2024-11-03T10:00:00+01:00", "2024-11-03T10:00:00+01:00"),
        ("2024-11-03", "2024-11-03T00:00:00Z"),
        ("soon", None),
        (None, None),
        (True, None),
        (float("nan"), None),
        (float("inf"), None),
        (1e300, None),
        ({}, None),
    ],
)
def test_a_time_is_iso_or_seconds(given_time, expected):
    """ISO 8601 and POSIX; anything else is no time."""
    assert time_of(given_time) == expected


def test_a_record_that_cannot_be_taken_is_passed_over_by_name():
    """Specification."""
    warnings: list[str] = []

    assert list(take({"text": " ", "session": None}, "x.json[3]", warnings.append)) == []
    assert warnings == ["x.json[3]: field 'text' must be a text that isn't empty, not ' '; passed over"]
    assert list(take({"text": "a", "session": None}, "x", warnings.append)) == [("x", {"text": "a"})]


def test_a_digest_tells_parts_apart():
    """("ab", "c") and ("a", "bc") are different."""
    assert digest("ab", "c") != digest("a", "bc")
    assert len(digest("a")) == 32
