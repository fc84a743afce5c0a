"""All times of a sentence: order, overlap, any text."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from slm.retrieval.answer_time import moments
from tests.retrieval.answer_passages import SAID_ON

quick = settings(max_examples=200, deadline=None)
ANY_TEXT = st.text(st.characters(codec=None, categories=None), max_size=60)
TIME_WORDS = st.lists(
    st.sampled_from(
        "may May March April 3 31 3rd the 31st on of last past week month year Monday ago two a couple days few years "
        "2023 0000-00-00 2023-02-29 9999-12-31 9999 winter next yesterday tomorrow in from now , will Sat \n".split(" ")
    ),
    max_size=14,
).map(" ".join)


def test_times_come_in_reading_order() -> None:
    """Specification, whichever reader finds them."""
    told = moments("Last week I fell, two days ago I limped, in 2019 I ran, and yesterday I swam.", SAID_ON)
    assert [moment.text for moment in told] == [
        "the week before 15 March 2024",
        "13 March 2024",
        "2019",
        "14 March 2024",
    ]


def test_a_time_inside_a_longer_one_is_not_told_again() -> None:
    """May 2023 in 7 May 2023, 2023 in both."""
    assert [moment.text for moment in moments("on 7 May 2023", SAID_ON)] == ["7 May 2023"]
    assert [moment.text for moment in moments("the day before yesterday", SAID_ON)] == ["13 March 2024"]


def test_a_reading_that_fails_leaves_its_words_to_the_next() -> None:
    """30 February is no day, but it names a year that is one."""
    assert [moment.text for moment in moments("2023-02-30 or 2021", SAID_ON)][-1] == "2021"


def test_offsets_are_those_of_the_sentence() -> None:
    """What is told can be pointed at."""
    sentence = "We sailed last Friday."
    [moment] = moments(sentence, SAID_ON)
    assert sentence[moment.start : moment.end] == "last Friday"


@quick
@given(ANY_TEXT | TIME_WORDS, st.dates())
def test_any_text_on_any_day_gives_times_in_order_without_overlap(text, said_on) -> None:
    """Total: nothing is raised, at the ends of the calendar neither."""
    told = list(moments(text, said_on))
    assert all(0 <= moment.start < moment.end <= len(text) for moment in told)
    assert all(one.end <= other.start for one, other in pairwise(told))
    assert all(date.min <= moment.first <= date.max and moment.text for moment in told)
