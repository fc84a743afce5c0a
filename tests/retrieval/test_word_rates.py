"""The prior of common words."""

from slm.retrieval.word_rates import _WORDS_BY_RATE, UNKNOWN_RATE, word_rates
from slm.retrieval.words import query_terms


def test_rates_are_shares_and_above_that_of_an_unknown_word():
    """A listed word is commoner than one that isn't."""
    assert all(UNKNOWN_RATE < rate < 0.5 for rate in word_rates().values())


def test_words_are_listed_as_they_are_looked_up():
    """Keys are terms: a stem, and never grammar, which is not indexed."""
    assert word_rates()["someth"] == 0.03
    assert all(isinstance(term, str) and term for term in word_rates())


def test_a_common_question_consists_of_common_words_and_its_subject():
    """What is left with the rate of an unknown word is what the question is about."""
    rare = [term for term in query_terms("What kind of boat did we want to buy last year?") if term not in word_rates()]

    assert rare == ["boat"]


def test_no_word_is_listed_twice():
    """Its rate would depend on the order of the list."""
    words = [term for listed in _WORDS_BY_RATE.values() for word in listed.split() for term in query_terms(word)]

    assert len(words) == len(set(words)) == len(word_rates())
