"""Which tokens late interaction keeps."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from slm.embed.late_tokens import MAX_KEPT, STOP_WORDS, dropped_ids, kept_positions
from tests.embed.texts import texts


@pytest.fixture(scope="module")
def dropped(wordpiece):
    return dropped_ids(wordpiece)


@pytest.fixture(scope="module")
def kept_words(wordpiece, dropped):
    pieces = {i: piece for piece, i in wordpiece.vocabulary.items()}

    def words(text):
        ids = wordpiece.encode(text, 256)
        return [pieces[ids[i]] for i in kept_positions(ids, dropped, wordpiece.special_ids)]

    return words


def test_stop_words_and_punctuation_are_dropped(kept_words):
    """The rule, on a sentence worked out by hand."""
    assert kept_words("The deploy, at 9:30, is on the billing host!") == ["deploy", "9", "30", "billing", "host"]


def test_continued_words_keep_all_their_pieces(kept_words):
    """A piece of a word is no stop word, even where it is spelt like one."""
    assert kept_words("embeddings of Postgres") == ["em", "##bed", "##ding", "##s", "post", "##gre", "##s"]


def test_a_text_of_stop_words_keeps_them_all(kept_words):
    """Something has to stand for it."""
    assert kept_words("To be, or not to be") == ["to", "be", ",", "or", "not", "to", "be"]


def test_an_empty_text_keeps_its_first_token(kept_words):
    """Never none: the state of [CLS] stands for it."""
    assert kept_words("") == kept_words("\n \u200b") == ["[CLS]"]


def test_an_unknown_word_is_kept(kept_words):
    """Its state says what stands around it."""
    assert kept_words("🫠 party") == ["[UNK]", "party"]


def test_at_most_thirty_two_are_kept_and_they_are_the_first(kept_words):
    """The cap bounds what a memory takes on disk."""
    assert kept_words("red green " * 40) == ["red", "green"] * (MAX_KEPT // 2)


def test_a_limit_of_none_keeps_every_one(wordpiece, dropped):
    """Queries are not stored."""
    ids = wordpiece.encode("red green " * 40, 256)

    assert len(kept_positions(ids, dropped, wordpiece.special_ids, limit=None)) == 80


@given(texts())
def test_kept_positions_are_in_order_within_the_text_and_never_none(wordpiece, dropped, text):
    """Oracle: a list comprehension."""
    ids = wordpiece.encode(text, 64)
    kept = kept_positions(ids, dropped, wordpiece.special_ids).tolist()
    wanted = [i for i, piece in enumerate(ids) if not dropped[piece]]

    assert kept == wanted[:MAX_KEPT] or not wanted
    assert 1 <= len(kept) <= MAX_KEPT
    assert kept == sorted(set(kept))


class Vocabulary:
    """As little of a tokenizer as the rule looks at."""

    padding = 0
    special_ids = frozenset({0, 1})

    def __init__(self) -> None:
        pieces = ["<s>", "</s>", "▁the", "Ġof", "▁whale", "he", "##the", "...", "▁"]
        self.vocabulary = {**{piece: i for i, piece in enumerate(pieces)}, "C": 11}


def test_word_starts_of_other_tokenizers_are_understood():
    """SentencePiece writes ▁the, byte-level BPE Ġof."""
    dropped = dropped_ids(Vocabulary())

    assert np.flatnonzero(dropped).tolist() == [0, 1, 2, 3, 5, 7, 8]


def test_the_flags_reach_the_highest_id():
    """Vocabularies may have holes."""
    assert len(dropped_ids(Vocabulary())) == 12


@given(st.sampled_from(sorted(STOP_WORDS)))
def test_every_stop_word_is_one_piece(wordpiece, word):
    """A stop word of several pieces could never be dropped."""
    assert wordpiece.count(word) == 1
