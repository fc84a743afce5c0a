"""Durations, elapsed times and numbers."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slm.retrieval.answer_quantity import duration, number, time_between
from tests.retrieval.answer_passages import SAID_ON, passages_of, sought

quick = settings(max_examples=150, deadline=None)
ASKED_ON = date(2024, 6, 1)


def lasted(question: str, *memories: str) -> tuple[str, str] | None:
    quote = duration(question, passages_of(question, *memories), ASKED_ON)
    return (quote.text, quote.kind) if quote else None


def counted(question: str, *memories: str) -> str | None:
    quote = number(passages_of(question, *memories), sought(question))
    return quote.text if quote else None


@pytest.mark.parametrize(
    ("memory", "text"),
    [
        ("The kiln burned for seven hours.", "seven hours"),
        ("The kiln burned about 2 days", "about 2 days"),
        ("The kiln burned almost a week", "almost a week"),
        ("The kiln burned 30-60 seconds.", "30-60 seconds"),
        ("The kiln has burned since 2016.", "since 2016"),
        ("The kiln has burned since March 2016.", "since March 2016"),
        ("The kiln burned a couple of nights", "a couple of nights"),
        ("The kiln was 40 years old", "40 years old"),
        ("The kiln began to burn three years ago.", "three years"),
    ],
)
def test_a_length_of_time_is_quoted(memory, text) -> None:
    """Specification: word for word, without "ago"."""
    assert lasted("How long did the kiln burn?", memory) == (text, "duration")
    assert text in memory


def test_the_length_in_the_sentence_that_fits_is_taken() -> None:
    """Not the first."""
    assert lasted("How long did the kiln burn?", "Lunch took two hours. The kiln burned five.", "six days") is not None
    assert lasted("How long did the kiln burn?", "Lunch took two hours. The kiln burned 5 hours.") == (
        "5 hours",
        "duration",
    )


def test_a_memory_without_a_length_of_time_gives_none() -> None:
    """An honest no-answer: a memory is no duration."""
    assert lasted("How long did the kiln burn?", "The kiln burned.") is None
    assert lasted("How long ago did the kiln burn?", "The kiln burned.") is None


@pytest.mark.parametrize(
    ("memory", "text"),
    [
        ("The kiln burned yesterday.", "2 months ago"),
        ("The kiln burned ten years ago.", "10 years ago"),
        ("The kiln burned on 25 May 2023.", "12 months ago"),
    ],
)
def test_how_long_ago_is_counted_from_the_day_of_asking(memory, text) -> None:
    """Said on 15 March, asked on 1 June 2024: "yesterday" isn't a day ago any more."""
    assert lasted("How long ago did the kiln burn?", memory) == (text, "elapsed")


@pytest.mark.parametrize("memory", ["The kiln burned recently.", "The kiln will burn in 2030."])
def test_nothing_is_counted_from_a_time_that_is_not_sure_or_still_to_come(memory) -> None:
    """An honest no-answer."""
    assert lasted("How long ago did the kiln burn?", memory) is None


@pytest.mark.parametrize(
    ("days", "text"),
    [
        (0, "0 days"), (1, "1 day"), (13, "13 days"), (14, "2 weeks"), (60, "8 weeks"), (61, "2 months"),
        (730, "24 months"), (731, "2 years"), (3653, "10 years"),
    ],
)  # fmt: skip
def test_time_is_told_in_the_largest_unit_of_which_there_are_two(days, text) -> None:
    """Specification."""
    assert time_between(SAID_ON, SAID_ON + timedelta(days=days)) == text


@quick
@given(st.integers(0, 40_000))
def test_time_between_is_never_more_than_it_was(days) -> None:
    """Rounded down, by less than one of its unit."""
    count, unit = time_between(date(1900, 1, 1), date(1900, 1, 1) + timedelta(days=days)).split()
    length = {"day": 1, "week": 7, "month": 30.4, "year": 365.25}[unit.removesuffix("s")]
    assert 0 <= days - int(count) * length < length


@pytest.mark.parametrize(
    ("memory", "text"),
    [
        ("We have three kilns.", "three"),
        ("Our kilns cost $1,250.50.", "$1,250.50"),
        ("We own 12 kilns", "12"),
        ("The kilns run twice a week", "twice"),
        ("The kilns run every night", "every night"),
        ("Kilns: 45% are new.", "45%"),
    ],
)
def test_a_number_is_quoted_as_it_stands(memory, text) -> None:
    """Specification: in words or figures."""
    assert counted("How many kilns?", memory) == text
    assert text in memory


def test_the_number_of_what_is_asked_about_goes_before_others() -> None:
    """The counted thing follows its number."""
    assert counted("How many kilns are there?", "Our 40 guests saw two old kilns.") == "two"


def test_no_number_gives_none() -> None:
    """An honest no-answer."""
    assert counted("How many kilns?", "We have kilns.") is None
    assert counted("How many kilns?") is None
