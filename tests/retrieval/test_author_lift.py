from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from slm.retrieval.author_lift import author_lifts

NOBODY, ANNA, BEN = 0, 1, 2


def _lifts(mentions: dict[int, np.ndarray], speaker: np.ndarray, after: np.ndarray, n_authors: int = 2) -> np.ndarray:
    """The lifts where all turns are of one session."""
    return author_lifts(mentions, speaker, np.ones(len(speaker), np.int64), after, n_authors)


def _dialogue(turns: int) -> tuple[np.ndarray, np.ndarray]:
    """Anna and Ben take turns in one session: who speaks, and what comes after each."""
    speaker = np.array([ANNA, BEN] * (turns // 2))
    return speaker, np.array([*range(1, turns), -1])


def test_without_evidence_the_field_is_trusted() -> None:
    """A store of notes that name nobody: the author term works as if there were no lift."""
    speaker, after = _dialogue(10)

    assert _lifts({}, speaker, after).tolist() == [1.0, 1.0, 1.0]
    assert _lifts({ANNA: np.zeros(0, np.int64)}, speaker, after).tolist() == [1.0, 1.0, 1.0]


def test_authors_who_speak_when_they_are_called_keep_all() -> None:
    """All of Ben's turns name Anna and hers follow: h = n, and 1 is the most that informedness can be."""
    speaker, after = _dialogue(40)

    assert _lifts({ANNA: np.flatnonzero(speaker == BEN)}, speaker, after)[ANNA] == 1.0


def test_a_field_with_the_names_exchanged_says_nothing() -> None:
    """Who is called never speaks: below 0, so 0."""
    speaker, after = _dialogue(40)

    assert _lifts({ANNA: np.flatnonzero(speaker == ANNA)}, speaker, after)[ANNA] == 0.0


def test_the_share_is_informedness_with_three_sure_turns() -> None:
    """By hand: 8 turns after a mention, 6 by Anna, who has half of all turns that follow: (6 − 4 + 3) / (8 − 4 + 3)."""
    speaker = np.array([NOBODY, ANNA] * 6 + [NOBODY, BEN] * 6)
    after = np.array([i + 1 if i % 2 == 0 else -1 for i in range(24)])
    mentions = np.array([0, 2, 4, 6, 8, 10, 12, 14])

    assert _lifts({ANNA: mentions}, speaker, after)[ANNA] == pytest.approx(5 / 7)


@pytest.mark.parametrize("seed", range(5))
def test_authors_dealt_at_random_lose_nearly_all(seed: int) -> None:
    """Chance: h is c on average; with 300 turns after a mention informedness strays by less than a quarter."""
    draw = np.random.default_rng(seed)
    speaker, after = _dialogue(1200)
    named = draw.choice(1200, 600, replace=False)

    lifts = _lifts({ANNA: named[:300], BEN: named[300:]}, draw.permutation(speaker), after)

    assert (lifts[[ANNA, BEN]] < 0.25).all()


def test_wrong_authors_of_one_source_leave_the_others_alone() -> None:
    """The lift is each author's own."""
    speaker, after = _dialogue(40)

    lifts = _lifts({ANNA: np.flatnonzero(speaker == ANNA), BEN: np.arange(0, 40, 2)}, speaker, after)

    assert lifts[ANNA] == 0.0
    assert lifts[BEN] == 1.0


def test_conversations_of_others_change_nothing() -> None:
    """A name is called in a session that its bearer has no part in, as in a store that holds other people's too."""
    speaker, after = _dialogue(40)
    others = np.array([BEN + 1, BEN + 2] * 10)
    own = np.arange(1, 40, 2)
    alone = author_lifts({ANNA: own}, speaker, np.ones(40, np.int64), after, 4)

    among_others = author_lifts(
        {ANNA: np.concatenate([own, np.arange(40, 55)])},
        np.concatenate([speaker, others]),
        np.repeat([1, 2], [40, 20]),
        np.concatenate([after, np.arange(41, 60), [-1]]),
        4,
    )

    assert among_others[ANNA] == alone[ANNA] == 1.0


def test_chance_is_what_it_is_in_the_session_of_the_mention() -> None:
    """By hand: of Anna's 4 calls in session 1, where she has 2 of 4 turns that follow, 2 are hers; session 2 is Ben's
    but for one: (3 − 2 − 1/4 + 3) / (5 − 2 − 1/4 + 3) with its one call, which she answers."""
    speaker = np.array([BEN, ANNA, BEN, ANNA, BEN, BEN, ANNA, BEN, BEN, BEN])
    session = np.repeat([1, 2], 5)
    after = np.array([1, 2, 3, 4, -1, 6, 7, 8, 9, -1])

    lifts = author_lifts({ANNA: np.array([0, 1, 2, 3, 5])}, speaker, session, after, 2)

    assert lifts[ANNA] == pytest.approx((3 - 2.25 + 3) / (5 - 2.25 + 3))


def test_the_only_author_of_a_store_keeps_all() -> None:
    """Chance foretells everything, so nothing speaks for or against: the prior decides."""
    speaker, after = np.full(6, ANNA), np.array([1, 2, 3, 4, 5, -1])

    assert _lifts({ANNA: np.arange(6)}, speaker, after, 1)[ANNA] == 1.0


@given(st.data())
def test_the_share_is_always_a_share(data: st.DataObject) -> None:
    """Whatever is stored, the author term is scaled by something between 0 and 1."""
    n = data.draw(st.integers(0, 12))
    speaker = np.array(data.draw(st.lists(st.integers(0, 3), min_size=n, max_size=n)), np.int64)
    after = np.array(data.draw(st.lists(st.integers(-1, n - 1), min_size=n, max_size=n)), np.int64)
    mentions = {a: np.flatnonzero(data.draw(st.lists(st.booleans(), min_size=n, max_size=n))) for a in (1, 2, 3)}

    session = np.array(data.draw(st.lists(st.integers(0, 2), min_size=n, max_size=n)), np.int64)

    lifts = author_lifts(mentions, speaker, session, after, 3)

    assert lifts.shape == (4,)
    assert ((lifts >= 0) & (lifts <= 1)).all()
