from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from slm.engine.asked import FIRST_OF_TWO, ask, unknown_words
from slm.retrieval.question import Query
from tests.engine.desk import Desk


def _ask(desk: Desk, question: str, eligible: list[bool] | None = None) -> Query:
    def run(engine) -> Query:
        mask = np.ones(engine.index.columns.count, bool) if eligible is None else np.array(eligible, bool)
        return ask(engine, question, date(2026, 3, 1), mask)

    return desk.service.inspect(run)


def _say(desk: Desk, speaker: str, text: str, at: str = "2025-05-01") -> None:
    desk.call("remember", text=text, speaker=speaker, kind="turn", session="s", at=at, idempotency_key=text)


def test_a_name_in_the_question_becomes_an_author_and_no_word(desk: Desk) -> None:
    """design/retrieval.md: names of known authors are stripped and handled by the author term."""
    _say(desk, "Ana", "I moved to Porto")
    _say(desk, "Ben", "Good for you")

    query = _ask(desk, "Where did Ana move?")

    assert query.author == desk.service.inspect(lambda engine: engine.index.speakers.index("Ana"))
    assert query.terms == ["move"]


def test_a_name_that_no_author_has_stays_a_word(desk: Desk) -> None:
    """Only known authors are stripped: other names are what is asked for."""
    _say(desk, "Ben", "Carla moved to Porto")

    query = _ask(desk, "Where did Carla move?")

    assert query.author == 0
    assert query.terms == ["carla", "move"]


def test_the_first_of_two_authors_has_half_the_term(desk: Desk) -> None:
    """What Ben told Ana, Ben has said: likely, and less surely than where he alone is named."""
    _say(desk, "Ana", "I moved to Porto")
    _say(desk, "Ben", "Good for you")

    query = _ask(desk, "What did Ben tell Ana?")

    assert query.author == desk.service.inspect(lambda engine: engine.index.speakers.index("Ben"))
    assert not query.author_alone
    assert query.author_lift == pytest.approx(FIRST_OF_TWO * _ask(desk, "What did Ben tell?").author_lift)


def test_two_authors_asked_about_alike_prefer_neither(desk: Desk) -> None:
    """The term is for the one whose words are asked for."""
    _say(desk, "Ana", "I moved to Porto")
    _say(desk, "Ben", "Good for you")

    assert _ask(desk, "What do Ana and Ben share?").author == 0


def test_authors_of_memories_that_may_not_be_seen_are_unknown(desk: Desk) -> None:
    """Whose words lie in another scope must not show in the answer."""
    _say(desk, "Ana", "I moved to Porto")
    _say(desk, "Ben", "Good for you")

    assert _ask(desk, "Where did Ana move?", [False, True]).terms == ["ana", "move"]


def test_a_question_about_oneself_is_about_the_user_where_user_and_assistant_talk(desk: Desk) -> None:
    """design/retrieval.md, role term: first person, and the store has user and assistant turns."""
    _say(desk, "user", "my tea is oolong")
    assert _ask(desk, "Which tea do I drink?").user == 0
    _say(desk, "assistant", "a fine tea")

    assert _ask(desk, "Which tea do I drink?").user == desk.service.inspect(
        lambda engine: engine.index.speakers.index("user")
    )


def test_a_day_without_its_year_is_meant_in_the_years_of_the_store(desk: Desk) -> None:
    """A date without its year is tried in each year that the memories lie in."""
    _say(desk, "Ana", "sailing", at="2023-05-01")
    _say(desk, "Ana", "sailing again", at="2024-05-01")

    days = _ask(desk, "What happened on 3 May?").days

    assert [date.fromordinal(interval.first) for interval in days] == [date(2023, 5, 3), date(2024, 5, 3)]


def test_rare_words_weigh_more_among_the_phrases(real_desk: Desk) -> None:
    """MaxSim is weighted by idf."""
    for i in range(8):
        real_desk.remember(f"the port of number {i}")

    query = _ask(real_desk, "port zanzibar")

    assert query.shares.sum() == pytest.approx(1.0)
    assert query.shares[0] < query.shares[1:].sum()


def test_an_empty_store_is_asked_without_trouble(desk: Desk) -> None:
    """No authors and no years."""
    assert _ask(desk, "When is it, on 3 May?").days == []


def test_words_that_no_memory_holds_are_unknown_as_they_are_written(desk: Desk) -> None:
    """A reason to find nothing names them; grammar and inflections of known words aren't unknown."""
    desk.remember("the api ports are open")

    question = "Is the Zanzibar port open for kube-proxy?"

    found = desk.service.inspect(lambda engine: list(unknown_words(engine, question, np.array([True]))))

    assert found == ["Zanzibar", "kube-proxy"]


def test_words_of_memories_that_may_not_be_seen_are_unknown(desk: Desk) -> None:
    """A reason must not tell an agent which words stand in private memories."""
    desk.remember("the zanzibar visa")
    desk.remember("the api ports")

    found = desk.service.inspect(lambda engine: list(unknown_words(engine, "zanzibar ports", np.array([False, True]))))

    assert found == ["zanzibar"]


def _talk(desk: Desk, speakers: str) -> None:
    """Ana and Ben call each other by name; ``speakers`` says who is written down for each turn."""
    for i, speaker in enumerate(speakers):
        other = "Ben" if i % 2 == 0 else "Ana"
        desk.call(
            "remember", text=f"turn {i}, what do you think, {other}?", speaker={"a": "Ana", "b": "Ben"}[speaker],
            kind="turn", session="talk", at=f"2025-05-01T10:{i:02}:00", idempotency_key=str(i),
        )  # fmt: skip


def test_authors_that_the_texts_bear_out_keep_their_term(desk: Desk) -> None:
    """design/retrieval.md: the author term is scaled by a lift learnt from the store."""
    _talk(desk, "ab" * 15)

    assert _ask(desk, "What does Ana think?").author_lift == pytest.approx(1.0)


def test_authors_that_contradict_the_texts_lose_their_term(desk: Desk) -> None:
    """Wrong metadata can't hurt: whoever is called is never the one who is said to answer."""
    _talk(desk, "ba" * 15)

    assert _ask(desk, "What does Ana think?").author_lift < 0.1


def test_an_author_whom_no_text_names_is_trusted(desk: Desk) -> None:
    """Without evidence against it the field says what it says."""
    _say(desk, "Ana", "I moved to Porto")

    assert _ask(desk, "Where did Ana move?").author_lift == 1.0


def test_an_author_is_asked_about_in_the_conversations_they_have_a_part_in(desk: Desk) -> None:
    """Whoever talks with Ana, and notes that name her, are within; what others talk of elsewhere is not."""
    _talk(desk, "ab")
    desk.remember("Ana likes tea")
    desk.remember("the api listens on 5433")

    assert _ask(desk, "What does Ana think?").author_circle.tolist() == [True, True, True, False]
    assert _ask(desk, "What does Carla think?").author_circle is None


def test_words_are_as_rare_as_where_the_author_has_a_part(desk: Desk) -> None:
    """A store of other people's memories, too, must not make the words of Ana's conversations rarer or commoner."""
    _talk(desk, "ab" * 5)
    before = _ask(desk, "What turn does Ana think of?")
    for i in range(30):
        desk.remember(f"I think of gear {i}")

    after = _ask(desk, "What turn does Ana think of?")

    assert after.words is not None
    assert before.words is not None
    assert [after.words.idf(term) for term in after.terms] == [before.words.idf(term) for term in before.terms]
    assert after.shares.tolist() == before.shares.tolist()
