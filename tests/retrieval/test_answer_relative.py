"""Times counted from the day of speaking, a Friday: 15 March 2024."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slm.retrieval.answer_calendar import written
from slm.retrieval.answer_time import moments
from tests.retrieval.answer_passages import SAID_ON

quick = settings(max_examples=50, deadline=None)
DAYS = st.dates(date(1900, 1, 1), date(2099, 12, 31))


def told(sentence: str, said_on: date = SAID_ON) -> list[str]:
    """The times of a sentence as they are written."""
    return [moment.text for moment in moments(sentence, said_on)]


@pytest.mark.parametrize(
    ("words", "days"),
    [
        ("the day before yesterday", -2),
        ("yesterday", -1),
        ("Yesterday", -1),
        ("last night", -1),
        ("today", 0),
        ("tonight", 0),
        ("this morning", 0),
        ("tomorrow", 1),
        ("day after tomorrow", 2),
        ("a day ago", -1),
        ("two days ago", -2),
        ("10 days ago", -10),
        ("3 days from now", 3),
    ],
)
@quick
@given(DAYS)
def test_a_day_that_is_certain_is_written_out(words, days, said_on) -> None:
    """Oracle: datetime."""
    [moment] = moments(f"It happened {words}.", said_on)
    assert moment.first == said_on + timedelta(days=days)
    assert moment.text == written(moment.first)
    assert moment.sure


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("a month ago", "February 2024"),
        ("three months ago", "December 2023"),
        ("a year ago", "2023"),
        ("twelve months ago", None),
        ("5 years ago", "2019"),
        ("last month", "February 2024"),
        ("this month", "March 2024"),
        ("next month", "April 2024"),
        ("last year", "2023"),
        ("this year", "2024"),
        ("next year", "2025"),
    ],
)
def test_months_and_years_are_named(words, text) -> None:
    """Specification: no day is made up. Counts are written in words up to ten, in figures above."""
    assert told(f"It happened {words}") == ([text] if text else [])


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("last week", "the week before 15 March 2024"),
        ("the past week", "the week before 15 March 2024"),
        ("this week", "the week of 15 March 2024"),
        ("next week", "the week after 15 March 2024"),
        ("last weekend", "the weekend before 15 March 2024"),
        ("this past weekend", "the weekend before 15 March 2024"),
        ("this coming weekend", "the weekend after 15 March 2024"),
        ("two weeks ago", "two weeks before 15 March 2024"),
        ("a week ago", "a week before 15 March 2024"),
        ("two weekends ago", "two weekends before 15 March 2024"),
        ("a few days ago", "a few days before 15 March 2024"),
        ("a couple of weeks back", "a couple of weeks before 15 March 2024"),
        ("several months ago", "several months before 15 March 2024"),
        ("a few years ago", "a few years before 15 March 2024"),
        ("two weeks from now", "two weeks after 15 March 2024"),
        ("last Friday", "the Friday before 15 March 2024"),
        ("Last Tues", "the Tuesday before 15 March 2024"),
        ("on Monday", "the Monday before 15 March 2024"),
        ("next Monday", "the Monday after 15 March 2024"),
        ("this Sunday", "the Sunday after 15 March 2024"),
    ],
)
def test_what_is_not_certain_keeps_its_words_and_gains_the_day_of_speaking(words, text) -> None:
    """Specification: the reader can still check it."""
    assert told(f"It happened {words}") == [text]


@quick
@given(DAYS, st.sampled_from("Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()))
def test_a_weekday_lies_within_a_week_on_the_side_that_the_sentence_looks_to(said_on, name) -> None:
    """Oracle: strftime; the day of speaking itself isn't meant."""
    [back] = moments(f"I ran last {name}", said_on)
    [ahead] = moments(f"I will run {name}", said_on)
    assert back.first.strftime("%A") == ahead.first.strftime("%A") == name
    assert 1 <= (said_on - back.first).days <= 7
    assert 1 <= (ahead.first - said_on).days <= 7


def test_last_looks_back_in_a_sentence_that_looks_ahead() -> None:
    """Specification: its own word decides before the sentence's."""
    assert told("I will go again like last Monday") == ["the Monday before 15 March 2024"]


@pytest.mark.parametrize("words", ["recently", "the other day", "a while ago", "lately"])
def test_what_was_near_is_not_sure(words) -> None:
    """Specification: better times go before it."""
    [moment] = moments(f"It happened {words}", SAID_ON)
    assert moment.text == "shortly before 15 March 2024"
    assert not moment.sure


@pytest.mark.parametrize("sentence", ["yesterdays", "a weekday", "they lasted week on week", "in two minutes"])
def test_other_words_tell_no_time(sentence) -> None:
    """Words have borders."""
    assert told(sentence) == []


@pytest.mark.parametrize(
    "sentence", ["9999 years ago", "9999 days from now", "3000 years ago", "next month", "tomorrow"]
)
@pytest.mark.parametrize("said_on", [date.min, date.max, SAID_ON])
def test_what_lies_outside_the_calendar_is_left_out(sentence, said_on) -> None:
    """Nothing is raised at the ends of the calendar; what is told lies in it."""
    assert all(date.min <= moment.first <= date.max for moment in moments(sentence, said_on))
