"""Whose words a question asks for: names among words, names inside names, and the user."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slm.retrieval.entity import named_authors, speaks_of_the_user, subject, without_names

quick = settings(max_examples=150, deadline=None)
ANY_TEXT = st.text(st.characters(codec=None, categories=None), max_size=40)
NAMES = ("Ann", "Anna", "Ann Lee", "Bob", "Will", "May", "田中", "O'Neil", "ana.b", "C++")
QUESTIONS = st.lists(
    st.sampled_from((*NAMES, "ann's", "Lee", "will", "in", "may", "3", "?", ",", "said", "’s", "BOB")), max_size=10
)


def stripped(question, *authors) -> str:
    return without_names(question, named_authors(question, authors))


# --- plain names


def test_the_authors_named_come_in_the_order_of_the_store() -> None:
    """Specification."""
    assert named_authors("Did Bob or Ann call Carl?", ["Ann", "Bob", "Dora"]) == ["Ann", "Bob"]


@given(st.lists(st.sampled_from(["Ann", "Bob", "Carl", "Dora", "Eve"]), max_size=6), st.sampled_from([" ", ", ", "/"]))
def test_plain_names_are_found_word_by_word(words, joint) -> None:
    """Oracle: the set of words."""
    authors = ["Eve", "Ann", "Bob", "Carl"]

    assert named_authors(joint.join(words), authors) == [name for name in authors if name in words]


@pytest.mark.parametrize("question", ["what did ann say", "ANN?", "Ann", "(Ann)", "@ann", "Ann's", "Ann’s", "“Ann”"])
def test_case_and_signs_around_a_name_do_not_matter(question) -> None:
    """People type names in lower case, quote them and give them things."""
    assert named_authors(question, ["Ann"]) == ["Ann"]


@pytest.mark.parametrize(
    "question", ["Anna's plan", "an annual plan", "Joann called", "the ann_lee branch", "", "ann3", "Annʼn"]
)
def test_a_name_inside_a_word_is_not_meant(question) -> None:
    """Whole words only."""
    assert named_authors(question, ["Ann"]) == []


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("What did Anna say?", ["Anna"]),
        ("What did Ann say?", ["Ann"]),
        ("What did Ann Lee say?", ["Ann Lee"]),
        ("Did Ann meet Ann Lee?", ["Ann", "Ann Lee"]),
        ("Did ann lee's sister call?", ["Ann Lee"]),
    ],
)
def test_the_longest_name_is_the_one_meant(question, expected) -> None:
    """The shorter name inside it would count as a second author, and then neither were preferred."""
    assert named_authors(question, ["Ann", "Anna", "Ann Lee", "Lee"]) == expected


def test_two_authors_of_one_name_are_both_named() -> None:
    """In another case they are two authors of the store; the question doesn't say which."""
    assert named_authors("What did Ann say?", ["ann", "Ann"]) == ["ann", "Ann"]


def test_user_and_assistant_are_roles_and_not_names() -> None:
    """They are words of many questions."""
    assert named_authors("Which user asked the assistant?", ["user", "assistant"]) == []


@pytest.mark.parametrize("name", ["a.b", "C++", "(x)", "O'Neil", "Ann-Marie", "x|y", "[bot]", "a\\b", "^", "😀"])
def test_signs_in_a_name_are_only_signs(name) -> None:
    """A name isn't a pattern."""
    assert named_authors(f"What did {name} say?", [name, "x"]) == [name]
    assert stripped(f"What did {name} say?", name) == "What did say?"


def test_white_space_in_names_and_questions_is_one_space() -> None:
    """A name over the end of a line; a speaker written with two spaces."""
    assert named_authors("Did Ann\n Lee call?", ["Ann  Lee"]) == ["Ann  Lee"]


def test_a_name_of_nothing_is_never_named() -> None:
    """The empty name would stand everywhere."""
    assert named_authors("What did Ann say?", ["", " "]) == []


# --- the first of two


@pytest.mark.parametrize(
    "question",
    [
        "What advice did Ann give to Bob?",
        "According to ann, what makes Bob's boat fast?",
        "What does Ann think of Bob and his boats?",
        "Who is Ann's friend Bob's sister?",
        "Did Ann tell Bob that Ann sails?",
        "What boat did Ann mention while she sailed with Bob?",
    ],
)
def test_the_first_of_two_authors_tells_of_the_other(question) -> None:
    """English puts the one who acts or says before the one who is told."""
    assert subject(question, ["Bob", "Ann"]) == "Ann"


@pytest.mark.parametrize(
    "joint", [" and ", " or ", ", ", " & ", "/", ", and ", "'s and ", "’s AND ", " with "], ids=str.strip
)
def test_of_two_authors_asked_about_alike_neither_is_preferred(joint) -> None:
    """What both share, either may have said; so too where the names are joined once only."""
    assert subject(f"What do Ann{joint}Bob share?", ["Ann", "Bob"]) is None
    assert subject(f"What did Bob say that Ann{joint}Bob share?", ["Ann", "Bob"]) is None


@pytest.mark.parametrize("named", [[], ["Ann"], ["Ann", "Bob", "Carl"]])
def test_only_of_two_authors_one_is_the_first(named) -> None:
    """One alone needs no choice; of three it says too little."""
    assert subject("What did Ann tell Bob about Carl?", named) is None


def test_of_two_authors_of_one_name_neither_is_the_first() -> None:
    """The question doesn't say which."""
    assert subject("What did Ann say to Ann?", ["ann", "Ann"]) is None


def test_a_name_inside_another_name_does_not_come_first() -> None:
    """Ann Lee stands first, though the letters of Ann do too."""
    assert subject("What did Ann Lee tell Ann?", ["Ann", "Ann Lee"]) == "Ann Lee"


@given(st.lists(st.sampled_from(["Ann", "Bob", "and", "told", ",", "with", "´"]), max_size=8), st.text(max_size=3))
def test_the_subject_is_one_of_the_two_or_nobody(words, end) -> None:
    """Total, for any text."""
    question = " ".join([*words, end])

    assert subject(question, named_authors(question, ["Ann", "Bob"])) in ("Ann", "Bob", None)


# --- names that are words


@pytest.mark.parametrize(
    "question",
    ["Will Caroline come?", "will it rain", "What will Ann do?", "WILL IT RAIN?", "It rains. Will Ann come?", "Will?"],
)
def test_will_is_a_verb_at_the_start_and_in_lower_case(question) -> None:
    """English: an auxiliary."""
    assert "Will" not in named_authors(question, ["Will", "Caroline", "Ann"])


@pytest.mark.parametrize(
    "question",
    ["What did Will say?", "Will's dog", "Will’s", "Did Ann, Will and Bob go?", "Ann Will", "will Will come?"],
)
def test_will_is_a_name_with_a_capital_inside_or_a_possessive(question) -> None:
    """English: only names have them there."""
    assert "Will" in named_authors(question, ["Will"])


def test_a_speaker_called_me_does_not_take_every_me() -> None:
    """Chats are exported under such names."""
    assert named_authors("What did you tell me about my tea?", ["Me", "You", "I"]) == []


@pytest.mark.parametrize("name", ["April", "June", "August"])
def test_a_name_that_is_a_month_is_a_name_where_it_is_no_date(name) -> None:
    """In a store with that author; beside a day or a year, or after "in", it is the month."""
    assert named_authors(f"What does {name} like?", [name]) == [name]
    for month in (f"in {name}", f"on {name} 3", f"on 3 {name}", f"the 3rd of {name}", f"since {name}, 2023"):
        assert named_authors(f"What happened {month}?", [name]) == []


def test_may_the_author_is_neither_the_verb_nor_the_month() -> None:
    """All three in one question."""
    assert named_authors("What may May do in May?", ["May"]) == ["May"]
    assert stripped("What may May do in May?", "May") == "What may do in May?"
    assert named_authors("What may Ann do in May?", ["May"]) == []


# --- other scripts


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("田中さんは何が好きですか", "田中"),
        ("李雷昨天说了什么", "李雷"),
        ("민수가 뭐라고 했어?", "민수"),
        ("ใครที่สมชายชอบ", "สมชาย"),
        ("そうだとタナカは言った", "タナカ"),
    ],
)
def test_names_in_scripts_without_spaces_are_found_inside_the_line(question, name) -> None:
    """There, words have no borders that a pattern could see."""
    assert named_authors(question, [name]) == [name]
    assert stripped(question, name) == " ".join(question.replace(name, " ").split())


def test_the_longest_name_is_meant_in_scripts_without_spaces_too() -> None:
    """田中太郎 isn't 田中."""
    assert named_authors("田中太郎は何と言いましたか", ["田中", "田中太郎"]) == ["田中太郎"]


def test_one_character_alone_is_a_name_only_where_it_stands_alone() -> None:
    """A single Han character is part of very many words."""
    assert named_authors("中国の地図", ["中"]) == []
    assert named_authors("中 said so", ["中"]) == ["中"]


def test_composed_and_decomposed_names_are_one() -> None:
    """Unicode canonical equivalence, either way round; José isn't Jose."""
    decomposed = unicodedata.normalize("NFD", "José")

    assert named_authors(f"What did {decomposed} say?", ["José"]) == ["José"]
    assert named_authors("What did José say?", [decomposed]) == [decomposed]
    assert named_authors(f"What did {decomposed} say?", ["Jose"]) == []


def test_a_name_inside_a_word_with_vowel_signs_is_not_meant() -> None:
    """Devanagari vowel signs are part of the word, though no letters: राम isn't रामा nor in काराम."""
    assert named_authors("राम ने क्या कहा?", ["राम"]) == ["राम"]
    assert named_authors("रामा ने कहा, काराम में", ["राम"]) == []


def test_a_variation_selector_belongs_to_the_sign_before_the_name() -> None:
    """It is a combining mark by category, of the heart."""
    assert named_authors("❤️Ann", ["Ann"]) == ["Ann"]


# --- without names


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Where does Ann live?", "Where does live?"),
        ("What is Ann's dog called?", "What is dog called?"),
        ("What is Ann’s dog called?", "What is dog called?"),
        ("What is Annʼs dog called?", "What is dog called?"),
        ("Ann, ann and ANN: who is older?", ", and : who is older?"),
        ("Anna's dog", "Anna's dog"),
    ],
)
def test_names_and_their_possessives_are_taken_out(question, expected) -> None:
    """design/retrieval.md: names of known authors are stripped from the query; every time they stand there."""
    assert without_names(question, ["Ann"]) == expected


def test_the_bare_apostrophe_of_a_plural_goes_too() -> None:
    """James' is a possessive."""
    assert without_names("What is James' dog called?", ["James"]) == "What is dog called?"


@pytest.mark.parametrize("question", ["Ann", "Ann?", "Ann's", "  Ann  &  Ann Lee!", "ann…"])
def test_a_question_of_names_alone_stays_as_it_is(question) -> None:
    """Something must be looked for."""
    assert without_names(question, ["Ann", "Ann Lee"]) == question


def test_a_longer_name_goes_as_a_whole() -> None:
    """In whatever order the names come."""
    assert without_names("Did Ann meet Ann Lee there?", ["Ann", "Ann Lee"]) == "Did meet there?"


@quick
@given(QUESTIONS.map(" ".join), st.permutations(NAMES))
def test_the_order_of_the_authors_changes_nothing_but_their_order(question, authors) -> None:
    """Longer names first is the rule, not who spoke first; what is left has only letters of the question."""
    named = named_authors(question, authors)
    left = without_names(question, named)

    assert named == [author for author in authors if author in named_authors(question, NAMES)]
    assert left == without_names(question, sorted(named))
    assert re.search(r"\w", left) or left == question
    assert not Counter(left.replace(" ", "")) - Counter(question)


@quick
@given(ANY_TEXT, st.lists(ANY_TEXT, max_size=4))
def test_any_question_and_any_names_are_read(question, authors) -> None:
    """Total: never raises; only authors are named; without names a question is left, unless there was none."""
    named = named_authors(question, authors)

    assert set(named) <= set(authors)
    assert without_names(question, []).split() == unicodedata.normalize("NFC", question).split() or not re.search(
        r"\w", question
    )
    assert bool(without_names(question, named)) == bool(question)
    assert speaks_of_the_user(question) in (True, False)


@pytest.mark.parametrize("unit", ["Ann", "Ann ", "Ann's ", "A", "'", "Will ", "may 3 ", "you have ", "me of ", "田中"])
def test_long_runs_of_one_pattern_are_read(unit) -> None:
    """100,000 characters of what could make a pattern backtrack; the suite's own time limit is the judge."""
    text = unit * (100_000 // len(unit))
    named = named_authors(text, ["Ann", "Will", "May", "田中", "A" * 200])

    assert without_names(text, named)
    assert speaks_of_the_user(text) in (True, False)


def test_many_authors_are_looked_for_one_by_one() -> None:
    """A store of 20,000 speakers; only those whose letters occur cost a pattern."""
    authors = [f"speaker{i:05}" for i in range(20_000)]

    assert named_authors("What did speaker00042 tell speaker19999?", authors) == ["speaker00042", "speaker19999"]


# --- the user


@pytest.mark.parametrize(
    "question",
    ["Which tea do I drink?", "what's my dog called", "I’ve got a dog, which?", "Where did we go?", "Who told us?"],
)
def test_a_question_in_the_first_person_is_about_the_user(question) -> None:
    """design/retrieval.md, role term."""
    assert speaks_of_the_user(question)


@pytest.mark.parametrize(
    "question",
    [
        "Which tea did you recommend to me?",
        "What have you told me about tea?",
        "Which book you’ve suggested should I read?",
        "What was your advice on my tea?",
        "Remind me of the tea",
    ],
)
def test_a_question_for_what_was_answered_is_about_the_assistant(question) -> None:
    """The first person is there, but the words looked for are the other's."""
    assert not speaks_of_the_user(question)


@pytest.mark.parametrize("question", ["", "Which tea does Ann drink?", "mining in the US", "Amy's diet", "myself-ish"])
def test_a_question_without_the_first_person_is_not_about_the_user(question) -> None:
    """Parts of words, and the country that looks like us."""
    assert not speaks_of_the_user(question)
