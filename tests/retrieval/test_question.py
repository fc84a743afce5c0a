"""A question read: the text that is left, whose words, which days, a time."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slm.retrieval.question import Query, Reading, read

ASKED_ON = date(2024, 3, 31)
ANY_TEXT = st.text(st.characters(codec=None, categories=None), max_size=40)


def reading(question, *authors) -> Reading:
    return read(question, authors, ASKED_ON, range(2023, 2025))


def first_days(question, *authors) -> list[str]:
    return [date.fromordinal(found.first).isoformat() for found in reading(question, *authors).days]


def test_a_question_is_taken_apart() -> None:
    """All parts at once: name, time, days, text."""
    found = reading("When did Ann sail in May 2023?", "Ann", "Bob")

    assert found.text == "When did sail in May 2023?"
    assert found.authors == ["Ann"]
    assert found.asks_when
    assert [(day.first, day.last) for day in found.days] == [
        (date(2023, 5, 1).toordinal(), date(2023, 5, 31).toordinal())
    ]
    assert not found.about_user


def test_a_question_that_says_nothing_of_the_kind_is_only_its_text() -> None:
    """Terms are switched on by what a question says."""
    assert reading("Which port?", "Ann") == Reading("Which port?", [], None, about_user=False, asks_when=False, days=[])


def test_a_question_to_one_author_about_another_has_both_and_a_subject() -> None:
    """Both names leave the text; the first is whose words are asked for."""
    found = reading("What did Bob tell Ann?", "Ann", "Bob")

    assert (found.text, found.authors, found.subject) == ("What did tell ?", ["Ann", "Bob"], "Bob")


def test_a_name_alone_is_author_and_text() -> None:
    """Something must be looked for, and Ann's words come first."""
    found = reading("Ann?", "Ann")

    assert found.text == "Ann?"
    assert found.authors == ["Ann"]


@pytest.mark.parametrize(
    ("authors", "about_user"),
    [(("user", "assistant"), True), (("user",), False), (("assistant", "Ann"), False), ((), False)],
)
def test_the_user_is_asked_about_only_where_user_and_assistant_talk(authors, about_user) -> None:
    """design/retrieval.md: first-person question, store has user and assistant turns."""
    assert reading("Which tea do I drink?", *authors).about_user is about_user


def test_what_the_assistant_said_is_not_asked_of_the_user() -> None:
    """First person, but the other's words are wanted."""
    assert not reading("Which tea did you recommend to me?", "user", "assistant").about_user


def test_an_author_who_is_called_like_a_month_is_no_date() -> None:
    """What April likes need not have been said in April; without such an author it is the month."""
    assert first_days("What does April like?", "April") == []
    assert first_days("What did April do in April?", "April") == ["2023-04-01", "2024-04-01"]
    assert first_days("What does April like?", "Ann") == ["2023-04-01", "2024-04-01"]


def test_a_date_with_the_name_of_an_author_is_still_a_date() -> None:
    """On May 3, in a store in which May speaks."""
    found = reading("What happened on May 3?", "May")

    assert found.authors == []
    assert first_days("What happened on May 3?", "May") == ["2023-05-03", "2024-05-03"]


def test_a_name_before_the_question_does_not_hide_that_it_asks_for_a_time() -> None:
    """The question begins after the name."""
    assert reading("Ann, when did you sail?", "Ann").asks_when


@settings(max_examples=100, deadline=None)
@given(ANY_TEXT, st.lists(ANY_TEXT | st.sampled_from(["Ann", "May", "user", "assistant"]), max_size=4), st.dates())
def test_any_question_is_read(question, authors, asked_on) -> None:
    """Total, and the same twice."""
    found = read(question, authors, asked_on, [asked_on.year])

    assert found == read(question, authors, asked_on, [asked_on.year])
    assert set(found.authors) <= set(authors)


def test_a_query_switches_nothing_on_by_itself() -> None:
    """Author and user 0 are none; no day, no time."""
    query = Query(np.zeros(8, np.float32), [], np.zeros((0, 8), np.float32), np.zeros(0))

    assert (query.author, query.user, query.asks_when, list(query.days)) == (0, 0, False, [])
