"""Days that a question names, questions for a time, and texts that tell one; how near a day is has its own file."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slm.retrieval.temporal import MONTHS, intervals, is_when_question, tells_a_time

quick = settings(max_examples=150, deadline=None)
ASKED_ON = date(2024, 3, 31)
"""A Sunday at the end of a month, a month after a leap day."""
YEARS = range(2023, 2025)
DAYS = st.dates(date(1900, 1, 1), date(2099, 12, 31))
ANY_TEXT = st.text(st.characters(codec=None, categories=None), max_size=60)
TIME_WORDS = st.lists(
    st.sampled_from(
        "may March april 3 31 3rd of last past week month year monday ago two a couple days years 2023 0000-00-00 "
        "2023-02-29 9999-12-31 1999 yesterday today in , ? \n".split(" ")
    ),
    max_size=12,
).map(" ".join)


def days(question, asked_on=ASKED_ON, years=YEARS) -> list[tuple[str, str]]:
    """First and last day of each interval, as ISO dates."""
    return [
        (date.fromordinal(found.first).isoformat(), date.fromordinal(found.last).isoformat())
        for found in intervals(question, asked_on, years)
    ]


def day(question, asked_on=ASKED_ON) -> str:
    """The one day that the question names."""
    [(first, last)] = days(question, asked_on)
    assert first == last
    return first


# --- dates in writing


@pytest.mark.parametrize(
    "written",
    [
        "May 3, 2023",
        "May 3 2023",
        "may 3rd, 2023",
        "3 May 2023",
        "03 May 2023",
        "3rd of May 2023",
        "the 3rd of may, 2023",
        "2023-05-03",
        "2023-05-03T10:30",
        "May 3 in 2023",
    ],
)
def test_a_day_is_read_as_people_write_it(written) -> None:
    """Pinned behaviour: one day, whatever the order of its parts."""
    assert day(f"What happened on {written}?") == "2023-05-03"


@given(DAYS, st.sampled_from(["%Y-%m-%d", "%d %B %Y", "%B %d, %Y", "the %dth of %B %Y"]))
def test_every_day_of_two_centuries_is_read(wanted, form) -> None:
    """Oracle: strftime."""
    assert day(f"Who came on {wanted.strftime(form)}?") == wanted.isoformat()


def test_a_day_without_its_year_is_tried_in_the_years_of_the_store() -> None:
    """Specification; a year in which it doesn't exist is left out."""
    assert [first for first, _ in days("on May 3?")] == ["2023-05-03", "2024-05-03"]
    assert [first for first, _ in days("on 29 February?")] == ["2024-02-29"]
    assert days("on May 3?", years=()) == []


def test_a_year_named_apart_is_that_of_the_days_without_one() -> None:
    """In 2023, what happened on 3 May: the years of the store don't matter."""
    assert day("In 2019, what happened on 3 May?") == "2019-05-03"


def test_two_dates_keep_their_own_years() -> None:
    """A date that has a year isn't tried in that of the other."""
    assert days("from 3 May 2023 to 4 June 2024") == [("2023-05-03",) * 2, ("2024-06-04",) * 2]
    assert days("May 2023 or June 2024") == [("2023-05-01", "2023-05-31"), ("2024-06-01", "2024-06-30")]


@pytest.mark.parametrize(
    "written", ["31 June", "May 0", "0 May", "May 32", "45th of March", "2023-13-01", "2023-00-10", "0000-01-01"]
)
def test_days_that_no_calendar_has_are_ignored(written) -> None:
    """Nothing is guessed from them; a year in them may still count as a year."""
    assert [found for found in days(f"on {written}") if found[0] == found[1]] == []


def test_a_day_that_does_not_exist_leaves_its_year() -> None:
    """29 February of no leap year: what is left is 2023."""
    assert days("on 29 February 2023") == [("2023-01-01", "2023-12-31")]
    assert days("on 2023-02-29") == [("2023-01-01", "2023-12-31")]


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("in June 2023", ("2023-06-01", "2023-06-30")),
        ("in February 2024", ("2024-02-01", "2024-02-29")),
        ("in December, 2023", ("2023-12-01", "2023-12-31")),
        ("in 2023", ("2023-01-01", "2023-12-31")),
        ("during the summer of 1999", ("1999-01-01", "1999-12-31")),
    ],
)
def test_months_and_years_are_read_whole(written, found) -> None:
    """From their first to their last day, over leap years and the end of the year."""
    assert days(f"What did she do {written}?") == [found]


def test_a_month_without_its_year_is_tried_in_the_years_of_the_store() -> None:
    """Like a day."""
    assert [first for first, _ in days("Who called in June?")] == ["2023-06-01", "2024-06-01"]


def test_a_month_named_again_beside_its_day_adds_nothing() -> None:
    """On 3 June, not all of June."""
    assert days("Was it in June, on June 3?") == [("2023-06-03",) * 2, ("2024-06-03",) * 2]


@pytest.mark.parametrize(
    "question",
    ["may I come?", "May I come?", "When did the march start?", "Who may march?", "March on!", "maybe", "marching"],
)
def test_may_and_march_are_words_too(question) -> None:
    """Without a capital inside the question, or a word that leads a month, they are not months."""
    assert days(question) == []


@pytest.mark.parametrize(
    "question",
    ["What may she do in May?", "in may?", "early may", "the end of May", "May 2023 and may 2024", "Was it May?"],
)
def test_may_is_a_month_where_it_is_written_as_one(question) -> None:
    """A capital that isn't the first of the question, a word that leads a month, or a year beside it."""
    assert ("2023-05-01", "2023-05-31") in days(question)


# --- days told from the asking day


@pytest.mark.parametrize(
    ("phrase", "asked_on", "expected"),
    [
        ("yesterday", date(2024, 3, 1), "2024-02-29"),
        ("yesterday", date(2023, 3, 1), "2023-02-28"),
        ("yesterday", date(2024, 1, 1), "2023-12-31"),
        ("today", date(2024, 2, 29), "2024-02-29"),
        ("3 weeks ago", date(2024, 3, 10), "2024-02-18"),
        ("three weeks ago", date(2024, 1, 5), "2023-12-15"),
        ("a couple of days ago", date(2024, 3, 1), "2024-02-28"),
        ("a few days ago", date(2024, 1, 2), "2023-12-30"),
        ("a week ago", date(2024, 3, 7), "2024-02-29"),
        ("ten days ago", date(2024, 3, 10), "2024-02-29"),
        ("1999 days ago", date(2024, 3, 31), "2018-10-10"),
        ("last monday", date(2024, 3, 31), "2024-03-25"),
        ("last sunday", date(2024, 3, 31), "2024-03-24"),
        ("this past Friday", date(2024, 3, 1), "2024-02-23"),
    ],
)
def test_a_day_is_counted_back_from_the_asking_day(phrase, asked_on, expected) -> None:
    """Calendar arithmetic over the ends of months and years and the leap day; last Sunday on a Sunday is a week ago."""
    assert day(f"What did I eat {phrase}?", asked_on) == expected


@pytest.mark.parametrize(
    ("asked_on", "expected"),
    [
        (date(2024, 3, 31), ("2024-02-01", "2024-02-29")),
        (date(2023, 3, 31), ("2023-02-01", "2023-02-28")),
        (date(2024, 1, 31), ("2023-12-01", "2023-12-31")),
        (date(2024, 12, 31), ("2024-11-01", "2024-11-30")),
    ],
)
def test_last_month_is_the_whole_month_before(asked_on, expected) -> None:
    """On the 31st of a month after a shorter one, and over the new year."""
    assert days("Who called last month?", asked_on) == [expected]


@pytest.mark.parametrize(
    ("phrase", "expected"),
    [
        ("last year", ("2023-01-01", "2023-12-31")),
        ("last week", ("2024-02-15", "2024-02-28")),
        ("the previous weekend", ("2024-02-20", "2024-02-28")),
    ],
)
def test_the_last_week_weekend_and_year_are_periods_before_the_asking_day(phrase, expected) -> None:
    """Pinned behaviour: a week said loosely is any of the last fourteen days, a weekend any of nine; on a leap day."""
    assert days(f"What did we do {phrase}?", date(2024, 2, 29)) == [expected]


def test_months_and_years_ago_are_about_a_day() -> None:
    """Mean months of 30.4 days and years of 365.25, with a third of their length to either side."""
    [month], [year] = intervals("a month ago", ASKED_ON, ()), intervals("one year ago", date(2024, 2, 29), ())

    assert abs(month.first - date(2024, 2, 29).toordinal()) <= 1 < month.before == month.after < 12
    assert abs(year.first - date(2023, 2, 28).toordinal()) <= 1 < year.before == year.after < 130


def test_a_relative_and_an_absolute_time_are_both_meant() -> None:
    """The nearest of the intervals counts, so none shuts another out."""
    assert days("in 2019 or yesterday") == [("2019-01-01", "2019-12-31"), ("2024-03-30", "2024-03-30")]


@pytest.mark.parametrize(
    "phrase", ["yesterday", "last month", "last year", "last week", "last friday", "9999 years ago"]
)
@pytest.mark.parametrize("asked_on", [date.min, date(1, 2, 1), date.max])
def test_the_calendar_has_a_first_day(phrase, asked_on) -> None:
    """Year 1: what would lie before it begins on its first day, and nothing raises."""
    for first, last in days(phrase, asked_on):
        assert first <= last


@pytest.mark.parametrize("question", ["", "?", "an hour ago", "years ago", "1 ago", "the 3rd", "year 3000"])
def test_questions_without_a_day_name_none(question) -> None:
    """No guess."""
    assert days(question) == []


@quick
@given(ANY_TEXT | TIME_WORDS, st.dates(), st.lists(st.integers(1, 9999), max_size=3))
def test_any_question_is_read(question, asked_on, years) -> None:
    """Total: never raises; intervals lie in the calendar, first day first, and fade to both sides."""
    for found in intervals(question, asked_on, years):
        assert 1 <= found.first <= found.last <= date.max.toordinal()
        assert found.after > 0 < found.before
    assert is_when_question(question) in (True, False)
    assert tells_a_time(question) in (True, False)


@pytest.mark.parametrize("phrase", ["3 May", "3 May 2023", "2023-05-03", "May 2023", "2023", "3 days ago", "yesterday"])
def test_a_time_that_is_named_again_adds_nothing(phrase) -> None:
    """Every interval is compared with every day of the store: a pasted log would name one thousands of times."""
    assert intervals(" , ".join([phrase] * 50), ASKED_ON, YEARS) == intervals(phrase, ASKED_ON, YEARS)


@pytest.mark.parametrize(
    "unit",
    ["may ", "May ", "March", "3 ", "3", "3rd of ", "last ", "in may", "a couple ", "2023-05-", "when ", "  "],
)
def test_long_runs_of_one_pattern_are_read(unit) -> None:
    """100,000 characters of what could make a pattern backtrack; the suite's own time limit is the judge."""
    text = unit * (100_000 // len(unit))

    for found in intervals(text, ASKED_ON, YEARS):
        assert found.first <= found.last
    assert is_when_question("x" + text) in (True, False)
    assert tells_a_time("x" + text) in (True, False)


# --- questions and texts


@pytest.mark.parametrize(
    "question",
    [
        "When did we move?",
        "when's the launch",
        "  When is it?",
        "«When is it?»",
        "How long did it take?",
        "Since when do we use it?",
        "In which year did she graduate?",
        "What day was the launch?",
        "Tell me what year it was",
        "On which weekend did they sail?",
    ],
)
def test_a_question_for_a_time_is_known(question) -> None:
    """Its first words, or what day, which year anywhere."""
    assert is_when_question(question)


@pytest.mark.parametrize(
    "question", ["", "Which port?", "What did she say when it rained?", "Whenever", "Who plans the day?", "How often?"]
)
def test_other_questions_are_not_for_a_time(question) -> None:
    """A clause with when, a word that begins alike."""
    assert not is_when_question(question)


@pytest.mark.parametrize(
    "text",
    [
        "We sailed YESTERDAY",
        "two weeks ago",
        "since Monday",
        "in 2019",
        "on the 3rd",
        "her birthday",
        "in October",
        "on 3 May",
        "on May 3",
        "it was in March",
        "2024-03-14",
        *(f"on 12 {name.capitalize()}" for name in MONTHS),
    ],
)
def test_a_text_that_tells_a_time_is_known(text) -> None:
    """Relative and absolute times, in any case; May and March beside a day or led by what leads a month."""
    assert tells_a_time(text)


@pytest.mark.parametrize("text", ["", "You may come", "They march on", "Mayday", "the port is 5432", "justice", "2150"])
def test_a_text_without_a_time_is_known(text) -> None:
    """May and march as words, parts of words, numbers."""
    assert not tells_a_time(text)
