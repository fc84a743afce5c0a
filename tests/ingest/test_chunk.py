"""Chunks: nothing lost, nothing too long, cut where a reader would cut."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slm.embed.model_files import VOCABULARY
from slm.embed.wordpiece import WordPiece
from slm.ingest.chunk import ABBREVIATIONS, split

PROSE = (
    "Ana moved to Lisbon in May. She rents a flat near the harbour! Does she like it? "
    "Dr. Silva, e.g., visited on Monday… It cost 3.50 euros (see https://a.example/b.c?d=1.). 「はい。」 They left. "
)
TEXT_PARTS = st.one_of(
    st.text(max_size=20),
    st.sampled_from(["word ", "two words. ", "\n", "\n\n", " \r\n\r\n", "- item\n", "```\n", "e.g. ", "# Title\n"]),
    st.sampled_from(["Why? ", "\u3000", "\x0c", "\x1c", "\ud800", "東京都。", "e\u0301" * 60, "x" * 300, "/a.b" * 90]),
)  # fmt: skip
TEXTS = st.lists(TEXT_PARTS, max_size=25).map("".join)


def words(text: str) -> int:
    """The plainest count: a piece a word."""
    return len(text.split())


def characters(text: str) -> int:
    """A count that doesn't care for words at all: a piece a character that isn't white space."""
    return len("".join(text.split()))


def crowded(text: str) -> int:
    """A count that doesn't add up: joined texts have more pieces than their parts."""
    return words(text) + words(text) ** 2 // 50


@pytest.fixture(scope="module")
def pieces():
    return WordPiece.from_file(VOCABULARY).count


def chunks(text: str, count=words, limit: int = 8) -> list[str]:
    return [text[start:stop] for start, stop in split(text, count, limit)]


@settings(max_examples=200, deadline=None)
@given(TEXTS, st.sampled_from([words, characters, crowded]), st.integers(8, 40))
def test_chunks_are_in_order_disjoint_and_leave_out_only_white_space(text, count, limit):
    """Nothing of a text is lost: what no chunk holds is white space."""
    spans = split(text, count, limit)
    ends = [0, *(end for span in spans for end in span), len(text)]

    assert ends == sorted(ends)
    assert not "".join(text[stop:start] for stop, start in zip(ends[::2], ends[1::2], strict=True)).strip()


@settings(max_examples=200, deadline=None)
@given(TEXTS, st.sampled_from([words, characters, crowded]), st.integers(8, 40))
def test_no_chunk_has_more_pieces_than_the_limit(text, count, limit):
    """Whatever counts them, and even where counts don't add up."""
    assert all(count(chunk) <= limit for chunk in chunks(text, count, limit))


@settings(max_examples=100, deadline=None)
@given(TEXTS, st.integers(8, 128))
def test_the_bundled_tokenizers_count_keeps_both_promises(pieces, text, limit):
    """With the count that is used in earnest."""
    found = chunks(text, pieces, limit)

    assert "".join("".join(found).split()) == "".join(text.split())
    assert all(pieces(chunk) <= limit for chunk in found)


@given(TEXTS)
def test_chunks_begin_and_end_with_something(text):
    """White space is trimmed, so no chunk is empty."""
    assert all(chunk and chunk == chunk.strip() for chunk in chunks(text))


@given(TEXTS)
def test_a_text_within_the_limit_is_one_chunk(text):
    """Short notes are never cut."""
    assert chunks(text, characters, max(8, characters(text))) == ([text.strip()] if text.strip() else [])


@given(TEXTS)
def test_splitting_is_repeatable(text):
    """Same text, same chunks."""
    assert split(text, words, 8) == split(text, words, 8)


@given(st.text(alphabet=" \t\n\r\x0b\x0c\u00a0\u3000"))
def test_white_space_has_no_chunk(text):
    """There is nothing to remember in it."""
    assert split(text, words) == []


@given(st.integers(max_value=7))
def test_a_limit_under_eight_is_refused(limit):
    """A character may have several pieces: so little room couldn't be kept to."""
    with pytest.raises(ValueError, match="at least 8"):
        split("text", words, limit)


def test_sentences_are_packed_whole():
    """By hand: two sentences fit into ten words, three don't."""
    text = "One two three four. Five six seven eight. Nine ten eleven twelve. Thirteen."

    assert chunks(text, limit=10) == [
        "One two three four. Five six seven eight.",
        "Nine ten eleven twelve. Thirteen.",
    ]


def test_a_paragraph_past_the_middle_ends_the_chunk():
    """By hand: the next paragraph's first sentence would fit, but a paragraph is the better end."""
    text = "One two three four five six.\n\nSeven eight. Nine ten eleven twelve thirteen fourteen."

    assert chunks(text) == ["One two three four five six.", "Seven eight. Nine ten eleven twelve thirteen fourteen."]


def test_a_short_heading_stays_with_what_follows():
    """By hand: a paragraph before the middle is no reason to leave a chunk nearly empty."""
    text = "# Moving\n\nAna moved to Lisbon in May. She rents a flat near the harbour."

    assert chunks(text, limit=9) == ["# Moving\n\nAna moved to Lisbon in May.", "She rents a flat near the harbour."]


def test_a_line_that_a_paragraph_wraps_at_is_no_sentence():
    """By hand: hard-wrapped prose is cut at its full stop, not at the line's end."""
    text = "One two three four five. Six\nseven eight nine ten."

    assert chunks(text) == ["One two three four five.", "Six\nseven eight nine ten."]


def test_without_sentences_lines_are_kept():
    """A list of keys and values, a poem, a log."""
    text = "\n".join(f"key{i} is {i}" for i in range(6))

    assert chunks(text) == ["key0 is 0\nkey1 is 1", "key2 is 2\nkey3 is 3", "key4 is 4\nkey5 is 5"]


@pytest.mark.parametrize("bullet", ["-", "*", "•", "1.", "12)", ">", "- [ ]"])
def test_list_items_are_kept(bullet):
    """An item ends where the next one begins, also without a full stop."""
    items = [f"{bullet} buy bread and olives\n  and some butter" for _ in range(3)]

    assert sentences("\n".join(items)) == [line for item in items for line in item.split("\n  ")]
    assert chunks("\n".join(items), limit=2 * words(items[0]) - 1) == items


def test_code_is_cut_between_lines_only():
    """A full stop in code ends nothing."""
    code = "```\nx = a. b. C d e\ny = f. G h i j\nz = k. L m n o\n```"

    assert chunks(code, limit=9) == ["```\nx = a. b. C d e", "y = f. G h i j", "z = k. L m n o\n```"]


def test_prose_after_code_is_sentences_again():
    """The second fence closes the block."""
    text = "```\na b c d e f\n```\nOne two three. Four five six seven eight."

    assert chunks(text)[-1] == "Four five six seven eight."


def test_a_sentence_longer_than_the_limit_is_cut_between_words():
    """By hand: twenty words, eight a chunk."""
    assert [words(chunk) for chunk in chunks("word " * 20)] == [8, 8, 4]


def test_a_word_longer_than_the_limit_is_cut_inside():
    """There is no better place."""
    assert "".join(chunks("x" * 100, characters)) == "x" * 100
    assert max(map(len, chunks("x" * 100, characters))) <= 8


def test_a_long_address_is_cut_after_its_punctuation():
    """By hand: four characters a slice at most, and each ends at a slash."""
    assert all(chunk.endswith("/") for chunk in chunks("ab/" * 30, characters, 16))


def test_combining_marks_stay_with_their_letter():
    """A slice that began with an accent would be shown wrongly."""
    found = chunks("e\u0301o\u0308u\u0302" * 40, characters, 10)

    assert not any(chunk[0] in "\u0301\u0308\u0302" for chunk in found)


def sentences(text: str) -> list[str]:
    """Sentences as the chunker sees them: here each fills a chunk by itself."""
    return chunks(text, lambda part: 8)


@pytest.mark.parametrize(
    "sentence",
    [
        "Dr. Silva came.", "It costs 3.50 euros.", "See https://a.example/b.c?d=!x for it.", "Run v2.4.6 now.",
        "Use e.g. Python or i.e. That.", "J. R. R. Tolkien wrote it.", "The U.S. Army left.", "Fruit etc. was sold.",
        "Wait... there is more.", "Mail a.b@c.example today.", "See Fig. 3 in Vol. 2.", "Ask for No.7 (approx. Two).",
    ],
)  # fmt: skip
def test_a_full_stop_inside_a_sentence_does_not_end_it(sentence):
    """Abbreviations, numbers, addresses, initials, versions, an ellipsis before a small letter."""
    assert sentences(f"{sentence} Then came the rest.") == [sentence, "Then came the rest."]


@pytest.mark.parametrize("end", [".", "!", "?", "…", "?!", "...", '."', ".)", "!”", ".'"])
def test_a_sentence_may_end_in_many_ways(end):
    """Western punctuation with what closes after it."""
    assert sentences(f"He came{end} She left.") == [f"He came{end}", "She left."]


@pytest.mark.parametrize("end", ["。", "！", "？", "。」", "！）"])
def test_a_chinese_or_japanese_sentence_ends_without_a_space(end):
    """Their full stops are followed by the next sentence at once."""
    assert sentences(f"私は東京に住む{end}彼は京都に住む。") == [f"私は東京に住む{end}", "彼は京都に住む。"]


def test_lines_are_boundaries_too():
    """The poorest that isn't inside a sentence."""
    assert sentences("port: 5432\nhost: db") == ["port: 5432", "host: db"]


@pytest.mark.parametrize("number", ["1.", "23."])
def test_a_lists_number_is_no_sentence(number):
    """It begins one."""
    assert sentences(f"To do:\n{number} Buy bread.\n{number} Eat it.") == [
        "To do:",
        f"{number} Buy bread.",
        f"{number} Eat it.",
    ]


def test_abbreviations_are_written_in_lower_case_without_their_stop():
    """As they are looked up."""
    assert all(word == word.lower() and word.isalpha() for word in ABBREVIATIONS)


@pytest.mark.parametrize(
    "text",
    [
        "{" * 20_000, " " * 50_000, "." * 20_000, "a. " * 10_000, '."' * 10_000, "\n" * 50_000, "a\n" * 10_000,
        "1. " * 10_000, "(" * 20_000 + ".", "```\n" * 5_000, "。" * 10_000, "a\u0301" * 10_000, "\u0301" * 10_000,
        " \t" * 20_000 + "x",
    ],
    ids=lambda text: repr(text[:3]),
)  # fmt: skip
def test_the_work_grows_with_the_text_not_with_its_square(text):
    """Every character is counted a bounded number of times: as part of its sentence, its word, its slice, its chunk."""
    counted = 0

    def count(part: str) -> int:
        nonlocal counted
        counted += len(part)
        return characters(part)

    split(text, count, 128)

    assert counted <= 6 * len(text)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.sampled_from(["Ana left. ", "Ben came in! ", "Who?\n\n", "- a list\n"]), min_size=1, max_size=60))
def test_all_chunks_but_the_last_are_at_least_half_full(parts):
    """The best boundary is sought past the middle only."""
    text = "".join(parts)
    counts = [words(chunk) for chunk in chunks(text, limit=20)]

    assert all(count >= 10 for count in counts[:-1])


def test_prose_is_cut_at_its_sentences(pieces):
    """Every chunk of a page of prose ends as a sentence does."""
    found = chunks(PROSE * 20, pieces, 128)

    assert all(re.search(r"[.!?…。」]$", chunk) for chunk in found)
    assert min(map(pieces, found[:-1])) >= 64
