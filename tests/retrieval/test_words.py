"""What a text is found under: words, identifiers, numbers, scripts, and text that is no text."""

import re
import string
import threading
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from snowballstemmer.english_stemmer import EnglishStemmer

from slm.retrieval import words as module
from slm.retrieval.words import MAX_TERM, STOP_WORDS, query_terms, stems, terms

any_text = st.text(st.characters(codec=None, categories=None), max_size=60)
"""Every code point, lone surrogates and unassigned ones too."""
identifier_like = st.text("aZbQ09_-./\\:@&'+#,x ", max_size=40)
name_part = st.from_regex(r"[a-z]{3,8}", fullmatch=True).filter(lambda word: word not in STOP_WORDS)


def stem(word):
    return EnglishStemmer().stemWord(word)


# --- plain words


def test_words_become_snowball_stems_in_reading_order():
    """Published examples of the English Snowball algorithm."""
    assert terms("Running generously consisted knightly") == ["run", "generous", "consist", "knight"]


def test_repetitions_are_kept():
    """Term frequencies are counted from them."""
    assert terms("dog dogs Dog") == ["dog", "dog", "dog"]


def test_grammar_is_neither_indexed_nor_looked_for():
    """Stop words carry no subject."""
    assert terms("What is it that they would do with the boat?") == ["boat"]
    assert query_terms("who am I") == []


@given(name_part)
def test_a_plain_word_is_its_stem_in_any_case(word):
    """Oracle: the stemmer itself, on the word in lower case."""
    expected = [stem(word)]

    assert terms(word) == terms(word.upper()) == terms(word.capitalize()) == expected


@pytest.mark.parametrize("apostrophe", ["'", "’", "ʼ", "＇"])
def test_possessives_and_contractions_leave_the_word(apostrophe):
    """English: the ending after the apostrophe belongs to grammar."""
    text = "Ann's dogs' tails aren't they'll don't I'm".replace("'", apostrophe)

    assert terms(text) == ["ann", "dog", "tail"]


def test_other_apostrophes_join_a_name():
    """Whole and in parts, like every compound."""
    assert terms("O'Brien") == ["o'brien", "o", "brien"]


def test_quotation_marks_are_not_part_of_words():
    """A joint needs a word on both sides."""
    assert terms("'boat' \"boat\" ‘boat’ «boat»") == ["boat"] * 4


def test_markdown_emphasis_does_not_make_an_identifier():
    """Underscores around a word are decoration."""
    assert terms("_very_ **important** __boat__") == ["import", "boat"]


# --- identifiers


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("max_map_count", ["max_map_count", "max", "map", "count"]),
        ("read-only", ["read-only", "read"]),
        ("camelCase", ["camelcas", "camel", "case"]),
        ("HTTPServer", ["httpserver", "http", "server"]),
        ("PDFs", ["pdfs"]),
        ("slm.geometry.bm25", ["slm.geometry.bm25", "slm", "geometri", "bm25"]),
        ("/etc/nginx/conf.d", ["etc/nginx/conf.d", "etc", "nginx", "conf.d", "conf", "d"]),
        (r"C:\Tools\run.bat", [r"c:\tools\run.bat", "c", "tool", "run.bat", "run", "bat"]),
        ("std::vector", ["std::vector", "std", "vector"]),
        ("localhost:5432", ["localhost:5432", "localhost", "5432"]),
        ("--dry-run", ["dry-run", "dri", "run"]),
        ("__init__.py", ["init__.py", "init", "py"]),
        ("ann@example.com", ["ann@example.com", "ann", "example.com", "exampl", "com"]),
        ("AT&T", ["at&t", "t"]),
        ("C++ c# F#", ["c++", "c#", "f#"]),
    ],
)
def test_identifiers_are_found_whole_and_in_parts(text, expected):
    """Pinned behaviour: the whole form first and unstemmed, parts as plain words, grammar among them dropped."""
    assert terms(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2.4.6", ["2.4.6", "2.4", "2"]),
        ("v2.4.6-rc1", ["v2.4.6-rc1", "2.4.6", "2.4", "2", "rc1"]),
        ("10.0.0.1:80", ["10.0.0.1:80", "10.0.0.1", "10.0.0", "10.0", "10", "80"]),
        ("1,234,567", ["1234567"]),
        ("$1,200.50", ["1200.50", "1200"]),
        ("10:30", ["10:30", "10", "30"]),
        ("2024-03-14", ["2024-03-14", "2024", "03", "14"]),
        ("5432", ["5432"]),
        ("3rd", ["3rd"]),
    ],
)
def test_numbers_are_found_as_people_write_them(text, expected):
    """Pinned behaviour: a version under each of its beginnings, grouped digits as one number."""
    assert terms(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "https://example.com/guide/start?lang=en#top",
        "See (https://www.example.com/guide/start?lang=en#top).",
        "[guide](https://example.com/guide/start?lang=en#top)!",
    ],
)
def test_a_url_is_one_term_and_its_parts(text):
    """Scheme, ``www.`` and the punctuation around it are not part of the whole form."""
    found = terms(text)

    assert "example.com/guide/start?lang=en#top" in found
    assert {"example.com", "exampl", "guid", "start", "lang", "en", "top"} <= set(found)


def test_an_address_is_found_with_and_without_its_scheme():
    """Both forms have the same whole term."""
    assert terms("http://example.com/guide/")[0] == terms("example.com/guide")[0] == "example.com/guide"


@given(st.lists(name_part, min_size=2, max_size=4), st.sampled_from("_-./:\\@"))
def test_every_part_of_a_compound_is_found_by_its_plain_word(parts, joint):
    """Searchable whole and in parts, whatever joins them."""
    compound = joint.join(parts)
    found = terms(compound)

    assert found[0] == compound[:MAX_TERM]
    assert {term for part in parts for term in query_terms(part)} <= set(found)


@given(st.lists(name_part, min_size=2, max_size=4))
def test_camel_case_is_found_by_its_parts_and_written_as_one_word(parts):
    """``camelCase``, ``camel`` and ``camelcase`` must meet."""
    camel = parts[0] + "".join(part.capitalize() for part in parts[1:])
    found = set(terms(camel))

    assert set(query_terms(camel.lower())) <= found
    assert set(query_terms(parts[0])) <= found


def test_a_sentence_without_a_space_after_its_full_stop_still_has_its_words():
    """A joined pair costs one extra term, never a word."""
    assert {"boat", "sail"} <= set(terms("We have a boat.Sailing starts"))


def test_terms_are_cut_alike_in_documents_and_queries():
    """A key longer than a term is still found by itself."""
    key = "k" * 500 + "_" + "v" * 500

    assert max(map(len, terms(key))) == MAX_TERM
    assert query_terms(key) == terms(key)


# --- other scripts


def test_unspaced_scripts_give_characters_and_pairs():
    """Documents hold both, so that a query of one character finds them; longer queries look for pairs alone."""
    assert terms("東京都") == ["東", "京", "都", "東京", "京都"]
    assert query_terms("東京都") == ["東京", "京都"]
    assert query_terms("都") == ["都"]


@pytest.mark.parametrize("text", ["東京タワー", "한국어", "ภาษาไทย", "ខ្មែរ", "မြန်မာ", "𠮷野家"])
def test_any_two_neighbours_of_an_unspaced_text_find_it(text):
    """A query of two characters cut out anywhere."""
    for i in range(len(text) - 1):
        assert set(query_terms(text[i : i + 2])) <= set(terms(text))


def test_scripts_meet_in_one_token():
    """A change of script is a boundary."""
    assert terms("iPhone手机") == ["iphon", "phone", "手", "机", "手机"]


def test_middle_dot_parts_katakana_names():
    """U+30FB stands between words."""
    assert "ン・" not in terms("ジョン・スミス")


def test_composed_and_decomposed_letters_are_one():
    """Unicode canonical equivalence."""
    assert terms("café") == terms("cafe\u0301") == ["café"]


def test_compatibility_forms_are_one():
    """Unicode compatibility equivalence: full width, mathematical bold, ligature."""
    assert terms("ｂｏａｔ 𝐛𝐨𝐚𝐭 ﬁnd") == ["boat", "boat", "find"]


def test_case_folding_goes_beyond_lower_case():
    """Unicode case folding; the Turkish capital İ meets a plain i."""
    assert terms("STRASSE Straße") == ["strass", "strass"]
    assert terms("İstanbul") == terms("istanbul")


def test_combining_marks_stay_inside_words():
    """Devanagari vowel signs are marks, not boundaries."""
    assert terms("हिन्दी भाषा") == ["हिन्दी", "भाषा"]


def test_invisible_characters_do_not_split_words():
    """Soft hyphen, zero-width joiners, marks of direction, byte order mark."""
    assert terms("\ufeffhid\u00adden \u200ehidden\u200f hid\u200bden می\u200cخواهم") == ["hidden"] * 3 + ["میخواهم"]


def test_marks_and_signs_alone_are_no_terms():
    """Nothing without a letter or a digit is a term."""
    assert terms("\u0301 ́́ 🎉 — … ?! \ud800 _ __ '") == []


# --- properties


@given(any_text | identifier_like)
@example("1.1-" * 30)
@example("n't" * 3)
@example("\ud800a\udfffb")
@example("://")
@settings(max_examples=300, deadline=None)
def test_any_text_has_terms_that_can_be_stored(text):
    """Total: never raises; terms are non-empty UTF-8 of bounded length without white space."""
    for term in terms(text):
        assert 1 <= len(term) <= MAX_TERM
        assert not re.search(r"\s", term)
        term.encode()


@given(any_text | identifier_like)
@settings(max_examples=300, deadline=None)
def test_a_text_is_found_by_itself(text):
    """Whatever a query looks for in a text is indexed for the same text."""
    assert set(query_terms(text)) <= set(terms(text))


@given(any_text)
def test_terms_do_not_depend_on_the_normal_form(text):
    """NFC, NFD, NFKC and NFKD of one text are one text."""
    forms = [unicodedata.normalize(form, text) for form in ("NFC", "NFD", "NFKC", "NFKD")]

    assert all(terms(form) == terms(forms[0]) for form in forms)


@given(st.lists(any_text | identifier_like, max_size=4))
def test_lines_are_analysed_one_by_one(lines):
    """A line break is a boundary for everything."""
    lines = [line.replace("\\", "/") for line in lines]

    assert terms("\n".join(lines)) == [term for line in lines for term in terms(line)]


@given(st.text(string.ascii_letters + string.digits + " _-./:@'", max_size=40))
def test_ascii_text_and_the_same_text_beside_another_script_agree(text):
    """The fast path for ASCII is the general path: a foreign last line changes nothing before it."""
    assert terms(text + "\nя") == [*terms(text), "я"]


@pytest.mark.parametrize(
    "unit", ["a+", "1,111", "1.1-", "a.b", "_", "'", "a'", "://", "a://", "aB", "A", "x-", "1", "東a", "n't", "\u0301a"]
)
def test_long_runs_of_one_pattern_are_analysed(unit):
    """100,000 characters of what could make a pattern backtrack; the suite's own time limit is the judge."""
    for term in terms(unit * (100_000 // len(unit))):
        assert len(term) <= MAX_TERM


def test_threads_share_the_stemmer_without_mixing_words():
    """The stemmer keeps the word it works on; two at once must not meet in it."""
    words = ["".join(pair) for pair in zip("bcdfghklmnp" * 40, "aeiou" * 88, strict=True)]
    words = [f"{a}{b}ations" for a in words[:40] for b in words[:40]]
    expected = [(stem(word),) for word in words]
    found = [[] for _ in range(4)]
    module._remembered_stems.cache_clear()
    threads = [threading.Thread(target=lambda mine=mine: mine.extend(map(stems, words))) for mine in found]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert all(mine == expected for mine in found)


@given(any_text)
def test_a_forgotten_cache_changes_nothing(text):
    """Pure: the cache of words is not visible."""
    before = terms(text)
    module._remembered_stems.cache_clear()

    assert terms(text) == before


def test_long_tokens_are_read_and_not_remembered():
    """Of 16,384 remembered words each may be a word; a token of 100 kB is none."""
    module._remembered_stems.cache_clear()

    assert stems("x" * 100_000) == ("x" * MAX_TERM,)
    assert stems("x" * MAX_TERM) == ("x" * MAX_TERM,)
    assert module._remembered_stems.cache_info().currsize == 1
