"""The tokenizer against its reference, `tokenizers` (a development dependency): the same ids for every text."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import BertWordPieceTokenizer, Tokenizer, normalizers

from slm.embed.model_files import VOCABULARY
from slm.embed.wordpiece import MAX_CACHED_CHARS, MAX_CACHED_PARTS, SPECIAL_TOKENS, WordPiece
from tests.embed.texts import FRAGMENTS, SPECIAL, fuzzed, texts

NO_LIMIT = 1 << 30
SURROGATES = range(0xD800, 0xE000)


@cache
def both(lowercase: bool, accents: bool, apart: bool) -> tuple[Tokenizer, WordPiece]:
    oracle = BertWordPieceTokenizer(str(VOCABULARY))
    oracle.normalizer = normalizers.BertNormalizer(True, apart, accents, lowercase)
    return oracle, WordPiece(
        oracle.get_vocab(), lowercase=lowercase, strip_accents=accents, ideographs_apart=apart
    )  # fmt: skip


def disagreements(wordpiece: WordPiece, reference: Tokenizer, samples: list[str]) -> list[str]:
    expected = [encoding.ids for encoding in reference.encode_batch(samples)]
    return [text for text, ids in zip(samples, expected, strict=True) if wordpiece.encode(text, NO_LIMIT) != ids]


@settings(max_examples=400, deadline=None)
@given(texts())
def test_any_text_gets_the_ids_of_the_reference(wordpiece, reference, text):
    """Oracle: the reference implementation."""
    assert wordpiece.encode(text, NO_LIMIT) == reference.encode(text).ids


def test_three_thousand_fuzzed_texts_get_the_ids_of_the_reference(wordpiece, reference):
    """Oracle: the reference implementation, on a fixed corpus."""
    assert disagreements(wordpiece, reference, fuzzed(3_000, seed=1)) == []


@pytest.mark.slow
def test_twenty_thousand_fuzzed_texts_get_the_ids_of_the_reference(wordpiece, reference):
    """Oracle: the reference implementation, on a fixed corpus."""
    assert disagreements(wordpiece, reference, fuzzed(20_000, seed=2)) == []


@pytest.mark.parametrize("frame", ["{}", "x{}y", "x {} y", "É{}."])
@pytest.mark.parametrize(
    "planes", [range(0x3000), range(0xA000, 0x11000), range(0x1D000, 0x1FC00)], ids=["low", "mid", "high"]
)
def test_every_character_of_the_living_scripts_is_classed_as_by_the_reference(wordpiece, reference, frame, planes):
    """Oracle: the reference implementation, code point by code point."""
    samples = [frame.format(chr(code)) for code in planes if code not in SURROGATES]

    assert disagreements(wordpiece, reference, samples) == []


@pytest.mark.slow
@pytest.mark.parametrize("frame", ["{}", "x{}y"])
def test_every_code_point_is_classed_as_by_the_reference(wordpiece, reference, frame):
    """Oracle: the reference implementation over all of Unicode."""
    samples = [frame.format(chr(code)) for code in range(0x110000) if code not in SURROGATES]

    assert disagreements(wordpiece, reference, samples) == []


@pytest.mark.parametrize("first", FRAGMENTS)
def test_fragments_next_to_each_other_get_the_ids_of_the_reference(wordpiece, reference, first):
    """Oracle: the reference implementation, on all pairs."""
    assert disagreements(wordpiece, reference, [first + second for second in FRAGMENTS]) == []


@settings(max_examples=100, deadline=None)
@given(texts(), st.booleans(), st.booleans(), st.booleans())
def test_every_setting_of_the_normaliser_means_what_it_means_in_the_reference(text, lowercase, accents, apart):
    """Oracle: the reference implementation with the same settings."""
    oracle, own = both(lowercase, accents, apart)

    assert own.encode(text, NO_LIMIT) == oracle.encode(text).ids


@settings(max_examples=200, deadline=None)
@given(texts(), st.integers(2, 20))
def test_a_limit_cuts_where_the_reference_cuts(wordpiece, reference, text, limit):
    """Oracle: the reference's truncation; [CLS] and [SEP] count."""
    reference.enable_truncation(limit)
    try:
        expected = reference.encode(text).ids
    finally:
        reference.no_truncation()

    assert wordpiece.encode(text, limit) == expected


@settings(max_examples=200, deadline=None)
@given(texts())
def test_a_count_is_the_length_without_the_two_ends(wordpiece, text):
    """By definition."""
    assert wordpiece.count(text) == len(wordpiece.encode(text, NO_LIMIT)) - 2


@settings(max_examples=200, deadline=None)
@given(st.lists(texts(), max_size=5), st.sampled_from([" ", "\n", "\t", "\r\n", "  \n "]))
def test_counts_add_up_across_white_space(wordpiece, parts, space):
    """What chunking relies on: no piece reaches across ASCII white space."""
    assert wordpiece.count(space.join(parts)) == sum(map(wordpiece.count, parts))


@settings(max_examples=200, deadline=None)
@given(st.text(st.characters()), st.text(st.characters(categories=["Cs"]), min_size=1), st.text())
def test_lone_surrogates_count_as_the_replacement_character(wordpiece, before, broken, after):
    """The reference can't be given them; U+FFFD is what a decoder puts in their place."""
    replaced = before + "\ufffd" * len(broken) + after

    assert wordpiece.encode(before + broken + after, NO_LIMIT) == wordpiece.encode(replaced, NO_LIMIT)


@pytest.mark.parametrize("token", SPECIAL)
def test_a_special_token_in_a_text_becomes_that_token(wordpiece, reference, token):
    """Pinned behaviour of the reference; in lower case it is punctuation and a word."""
    assert wordpiece.encode(f"a{token}b", NO_LIMIT)[2] == reference.token_to_id(token)
    assert wordpiece.count(token.lower()) >= 3


def test_a_word_of_more_than_a_hundred_characters_is_unknown_as_a_whole(wordpiece):
    """Pinned behaviour of the reference."""
    assert wordpiece.encode("z" * 100, NO_LIMIT) != [101, 100, 102]
    assert wordpiece.encode("z" * 101, NO_LIMIT) == [101, 100, 102]


def test_capital_sigma_is_lowered_without_its_context(wordpiece):
    """`str.lower` makes a final sigma of it, the reference lowers each character by itself."""
    vocabulary = wordpiece.vocabulary

    assert wordpiece.encode("ΑΣ", NO_LIMIT) == [101, vocabulary["α"], vocabulary["##σ"], 102]


def test_white_space_that_only_python_knows_does_not_end_a_word(wordpiece):
    """U+001C to U+001F and U+0085 are controls to the reference: dropped, their neighbours joined."""
    for control in "\x1c\x1d\x1e\x1f\x85":
        assert wordpiece.encode(f"mem{control}ory", NO_LIMIT) == wordpiece.encode("memory", NO_LIMIT)


def test_an_empty_text_has_the_two_ends_only(wordpiece):
    """As in the reference."""
    assert wordpiece.encode("", 256) == wordpiece.encode(" \n\u3000\0", 256) == [101, 102]
    assert wordpiece.count("") == 0


def test_the_cache_is_bounded_and_changes_no_answer():
    """The oracle is a tokenizer that has seen nothing yet."""
    own = WordPiece.from_file(VOCABULARY)
    for number in range(MAX_CACHED_PARTS + 10):
        own.count(str(number))
    own.count("long" * MAX_CACHED_CHARS)

    assert len(own._cached) <= MAX_CACHED_PARTS
    assert max(map(len, own._cached)) <= MAX_CACHED_CHARS
    assert own.encode("65540 memories", NO_LIMIT) == WordPiece.from_file(VOCABULARY).encode("65540 memories", NO_LIMIT)


def test_threads_may_share_a_tokenizer():
    """The same ids as one thread gives."""
    samples = fuzzed(300, seed=3)
    shared, alone = WordPiece.from_file(VOCABULARY), WordPiece.from_file(VOCABULARY)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda text: shared.encode(text, NO_LIMIT), samples * 3))

    assert found == [alone.encode(text, NO_LIMIT) for text in samples] * 3


def test_a_vocabulary_without_the_special_tokens_is_refused():
    """KeyError names the one that is missing."""
    with pytest.raises(KeyError, match=r"\[SEP\]"):
        WordPiece({"[UNK]": 0, "[CLS]": 1, "a": 2})


def test_the_vocabulary_is_read_by_line(tmp_path):
    """An id is a line number; a file with Windows line ends or without the last one reads the same."""
    lines = [*SPECIAL_TOKENS, "a", "##b"]
    for ending, last in (("\n", "\n"), ("\r\n", "\r\n"), ("\n", "")):
        path = tmp_path / "vocab.txt"
        path.write_bytes((ending.join(lines) + last).encode())

        assert WordPiece.from_file(path).encode("ab", 9) == [2, 5, 6, 3]
