"""Answers to when-questions: times told, and days of telling."""

from __future__ import annotations

from datetime import date

import pytest

from slm.retrieval.answer_when import when
from tests.retrieval.answer_passages import passages_of


def asked(question: str, *memories: str, said_on: date = date(2024, 3, 15)) -> tuple[str, str, int]:
    quote = when(question, passages_of(question, *memories, said_on=said_on))
    assert quote is not None
    return quote.text, quote.kind, quote.passage.memory


def test_a_time_is_resolved_against_the_day_of_the_memory() -> None:
    """Specification."""
    assert asked("When did the kiln crack?", "The kiln cracked yesterday.") == ("14 March 2024", "date", 0)


def test_without_a_time_the_day_of_telling_is_the_answer_and_says_so() -> None:
    """Specification: the kind tells the two apart."""
    assert asked("When did the kiln crack?", "The kiln cracked!") == ("15 March 2024", "told", 0)


def test_the_time_of_the_sentence_that_fits_is_taken() -> None:
    """Not the first of the memory."""
    memory = "Last week we baked bread. The kiln cracked two days ago. In 2019 we had none."
    assert asked("When did the kiln crack?", memory)[0] == "13 March 2024"


def test_a_time_in_a_lower_memory_goes_before_a_day_of_telling() -> None:
    """The day of telling costs more than a rank."""
    assert asked("When did the kiln crack?", "The kiln cracked!", "The kiln cracked last year.") == ("2023", "date", 1)


def test_a_sentence_that_fits_much_better_goes_before_one_with_a_time() -> None:
    """The cost of not telling a time is bounded."""
    memories = ("The old blue kiln cracked in the shed!", "Yesterday we saw a kiln.")
    assert asked("When did the old blue kiln crack in the shed?", *memories)[1] == "told"


def test_a_sure_time_goes_before_a_near_one() -> None:
    """ "Recently" says less than a date."""
    memories = ("The kiln cracked recently.", "The kiln cracked on 3 March.")
    assert asked("When did the kiln crack?", *memories)[0] == "3 March 2024"
    assert asked("When did the kiln crack?", memories[0])[0] == "shortly before 15 March 2024"


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("What year did the kiln crack?", "2024"),
        ("In which month did the kiln crack?", "March 2024"),
        ("On what day did the kiln crack?", "14 March 2024"),
    ],
)
def test_the_answer_is_as_fine_as_the_question(question, text) -> None:
    """A year for a year, a month for a month."""
    assert asked(question, "The kiln cracked yesterday.")[0] == text


def test_a_year_is_that_of_the_time_told_not_of_the_telling() -> None:
    """Yesterday was last year on New Year's Day."""
    told = asked("What year did the kiln crack?", "The kiln cracked yesterday.", said_on=date(2024, 1, 1))
    assert told[0] == "2023"


def test_nothing_to_read_gives_no_time() -> None:
    """An honest no-answer."""
    assert when("When did the kiln crack?", []) is None
