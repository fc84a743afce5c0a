from __future__ import annotations

from itertools import islice

import pytest

from slm.bench.corpus import notes
from slm.bench.stores import batches, median_ms, questions


def test_the_same_seed_gives_the_same_notes() -> None:
    """A figure can be measured again only on the same texts."""
    assert list(notes(200, 3)) == list(notes(200, 3))
    assert list(notes(200, 3)) != list(notes(200, 4))


def test_fewer_notes_are_the_beginning_of_more() -> None:
    """Sizes of a benchmark share their texts."""
    assert list(notes(50)) == list(islice(notes(500), 50))


def test_notes_are_sentences_of_ordinary_length_and_seldom_repeat() -> None:
    """Pinned behaviour on ten thousand: less than one in a hundred repeats, which a store takes as a confirmation."""
    made = list(notes(10_000))
    lengths = [len(note.split()) for note in made]

    assert len(set(made)) > 9_900
    assert 12 <= min(lengths) <= max(lengths) <= 25
    assert all(note.endswith(".") and "{" not in note for note in made)


@pytest.mark.parametrize("n_tokens", [8, 12])
def test_questions_have_exactly_the_tokens_asked_for(embedder, n_tokens: int) -> None:
    """ "A 12-token query" is what is measured; the model's own two tokens count."""
    asked = questions(embedder, 10, n_tokens, seed=1)

    assert len(asked) == 10
    assert {len(embedder.tokenizer.encode(question, 256)) for question in asked} == {n_tokens}


def test_batches_hold_everything_once_in_order() -> None:
    """Oracle: joining them."""
    texts = [str(i) for i in range(10)]

    assert [list(batch) for batch in batches(texts, 4)] == [texts[:4], texts[4:8], texts[8:]]
    assert list(batches([], 4)) == []


def test_a_median_is_told_in_milliseconds() -> None:
    """Seconds in, milliseconds out."""
    assert median_ms([0.001, 0.5, 0.002]) == 2.0
