"""Times by the calendar, their missing parts supplied by the day of speaking."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slm.retrieval.answer_calendar import SEASONS, month_of, months_from, written
from slm.retrieval.answer_time import moments
from tests.retrieval.answer_passages import SAID_ON

quick = settings(max_examples=150, deadline=None)
DAYS = st.dates(date(1900, 1, 1), date(2099, 12, 31))


def told(sentence: str, said_on: date = SAID_ON) -> list[str]:
    """The times of a sentence as they are written."""
    return [moment.text for moment in moments(sentence, said_on)]


@quick
@given(DAYS, st.sampled_from(["%Y-%m-%d", "%d %B %Y", "%B %d, %Y", "%b %d %Y", "the %dth of %B %Y", "%b. %d, %Y"]))
def test_a_full_date_is_read_whatever_its_form_and_the_day_of_speaking(day, form) -> None:
    """Oracle: strftime."""
    [moment] = moments(f"It burst on {day.strftime(form)}.", SAID_ON)
    assert moment.first == day
    assert moment.text == written(day)


@pytest.mark.parametrize(
    ("sentence", "text"),
    [
        ("The audit was on 14 March.", "14 March 2024"),
        ("The audit was on 16 March.", "16 March 2023"),
        ("We met on June 3rd.", "3 June 2023"),
        ("We'll meet on June 3rd.", "3 June 2024"),
        ("The audit is on 10 January.", "10 January 2025"),
        ("The deadline: 2 April", "2 April 2024"),
        ("They married on 29 February.", "29 February 2024"),
    ],
)
def test_a_day_without_its_year_lies_behind_unless_the_sentence_looks_ahead(sentence, text) -> None:
    """Specification; said on 15 March 2024."""
    assert told(sentence) == [text]


@pytest.mark.parametrize(
    ("sentence", "text"),
    [
        ("We moved in January.", "January 2024"),
        ("We moved in June.", "June 2023"),
        ("We moved in June 2019.", "June 2019"),
        ("We are planning to move in June.", "June 2024"),
        ("last March was cold", "March 2024"),
        ("It was mid-June.", "mid June 2023"),
        ("By early October 2021 it was done.", "early October 2021"),
        ("Come in Sept please", "September 2023"),
    ],
)
def test_a_month_is_written_with_its_year(sentence, text) -> None:
    """Specification; said on 15 March 2024."""
    assert told(sentence) == [text]


@pytest.mark.parametrize("sentence", ["I may go.", "May I go?", "They march on.", "The sun sat low.", "I can decide."])
def test_words_that_are_months_and_days_too_tell_no_time(sentence) -> None:
    """English: small letters, or the capital of a first word."""
    assert told(sentence) == []


def test_may_is_a_month_after_what_leads_one() -> None:
    """English."""
    assert told("It rained in May.") == told("May 2023 was wet.")[:1] == ["May 2023"]


@pytest.mark.parametrize(
    ("sentence", "text"),
    [
        ("I came on the 3rd.", "3 March 2024"),
        ("I came on the 20th.", "20 February 2024"),
        ("I'll come on the 20th.", "20 March 2024"),
        ("I'll come on the 3rd.", "3 April 2024"),
    ],
)
def test_a_day_without_its_month_is_the_nearest_on_its_side(sentence, text) -> None:
    """Specification; said on 15 March 2024."""
    assert told(sentence) == [text]


@pytest.mark.parametrize(
    ("sentence", "said_on", "text"),
    [
        ("last summer", date(2024, 3, 15), "summer 2023"),
        ("last summer", date(2024, 10, 1), "summer 2024"),
        ("last summer", date(2024, 7, 1), "summer 2023"),
        ("this summer", date(2024, 3, 15), "summer 2024"),
        ("next spring", date(2024, 2, 1), "spring 2024"),
        ("next spring", date(2024, 3, 15), "spring 2025"),
        ("this winter", date(2024, 1, 15), "winter 2023"),
        ("last winter", date(2024, 4, 1), "winter 2023"),
        ("in the fall of 2020", date(2024, 4, 1), "fall 2020"),
    ],
)
def test_a_season_is_the_one_that_people_mean(sentence, said_on, text) -> None:
    """Specification: the last is over, the next has not begun, and a winter is named by the year it begins in."""
    assert told(sentence, said_on) == [text]


def test_a_season_without_a_lead_is_just_a_word() -> None:
    """To spring and to fall are verbs."""
    assert told("I fall often, spring or summer") == []


@pytest.mark.parametrize("sentence", ["since 1999", "in 2019,", "back in 2021."])
def test_a_year_stands_for_itself(sentence) -> None:
    """Specification."""
    [moment] = moments(sentence, SAID_ON)
    assert moment.text in sentence
    assert moment.first == date(int(moment.text), 1, 1)


@pytest.mark.parametrize("sentence", ["room 1812b", "2019-model", "1500 people", "2024.5 volts", "20231 steps"])
def test_other_numbers_are_no_years(sentence) -> None:
    """Words have borders."""
    assert told(sentence) == []


@pytest.mark.parametrize(
    "sentence", ["2023-02-30", "31 June 1850", "31 June", "on the 31st", "0000-01-01", "9999-99-99"]
)
def test_what_no_calendar_holds_is_left_out(sentence) -> None:
    """Days that don't exist; the last month before 1 May has no 31st."""
    assert told(sentence, date(2024, 5, 1)) in ([], ["June 2023"])


@quick
@given(DAYS, st.integers(-600, 600))
def test_months_are_counted_over_the_years(day, months) -> None:
    """Oracle: stepping over one month's end after the other."""
    moved = day.replace(day=1)
    for _ in range(abs(months)):
        moved = (moved + timedelta(days=31) if months > 0 else moved - timedelta(days=1)).replace(day=1)
    assert months_from(day, months) == moved


def test_days_and_months_are_written_as_people_write_them() -> None:
    """Specification."""
    assert written(date(2023, 5, 7)) == "7 May 2023"
    assert month_of(date(2023, 5, 7)) == "May 2023"
    assert set(SEASONS.values()) == {3, 6, 9, 12}


@pytest.mark.parametrize(
    ("sentence", "said_on", "text"),
    [
        ("They married on 29 February.", date(2023, 3, 1), ["29 February 2020"]),
        ("They will marry on 29 February.", date(2025, 3, 1), ["29 February 2028"]),
        ("They married on 29 February.", date(1903, 3, 1), ["29 February 1896"]),
        ("They married on 30 February.", date(2023, 3, 1), ["February 2023"]),
    ],
)
def test_a_leap_day_is_that_of_the_nearest_leap_year(sentence, said_on, text) -> None:
    """The calendar: 1900 had none; no year has a thirtieth, which leaves the month."""
    assert told(sentence, said_on) == text
