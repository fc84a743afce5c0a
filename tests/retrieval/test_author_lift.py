from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from slm.retrieval.author_lift import author_lifts

NOBODY, ANNA, BEN = 0, 1, 2


def _dialogue(turns: int) -> tuple[np.ndarray, np.ndarray]:
    """Anna and Ben take turns in one session: who speaks, and what comes after each."""
    speaker = np.array([ANNA, BEN] * (turns // 2))
    return speaker, np.array([*range(1, turns), -1])


def test_without_evidence_the_field_is_trusted() -> None:
    """A store of notes that name nobody: the author term works as if there were no lift."""
    speaker, after = _dialogue(10)

    assert author_lifts({}, speaker, after, 2).tolist() == [1.0, 1.0, 1.0]
    assert author_lifts({ANNA: np.zeros(0, np.int64)}, speaker, after, 2).tolist() == [1.0, 1.0, 1.0]


def test_authors_who_speak_when_they_are_called_keep_all() -> None:
    """All of Ben's turns name Anna and hers follow: h = n, and 1 is the most that informedness can be."""
    speaker, after = _dialogue(40)

    assert author_lifts({ANNA: np.flatnonzero(speaker == BEN)}, speaker, after, 2)[ANNA] == 1.0


def test_a_field_with_the_names_exchanged_says_nothing() -> None:
    """Who is called never speaks: below 0, so 0."""
    speaker, after = _dialogue(40)

    assert author_lifts({ANNA: np.flatnonzero(speaker == ANNA)}, speaker, after, 2)[ANNA] == 0.0


def test_the_share_is_informedness_with_three_sure_turns() -> None:
    """By hand: 8 turns after a mention, 6 by Anna, who has half of all turns that follow: (6 − 4 + 3) / (8 − 4 + 3)."""
    speaker = np.array([NOBODY, ANNA] * 6 + [NOBODY, BEN] * 6)
    after = np.array([i + 1 if i % 2 == 0 else -1 for i in range(24)])
    mentions = np.array([0, 2, 4, 6, 8, 10, 12, 14])

    assert author_lifts({ANNA: mentions}, speaker, after, 2)[ANNA] == pytest.approx(5 / 7)


@pytest.mark.parametrize("seed", range(5))
def test_authors_dealt_at_random_lose_nearly_all(seed: int) -> None:
    """Chance: h is c on average; with 300 turns after a mention informedness strays by less than a quarter."""
    draw = np.random.default_rng(seed)
    speaker, after = _dialogue(1200)
    named = draw.choice(1200, 600, replace=False)

    lifts = author_lifts({ANNA: named[:300], BEN: named[300:]}, draw.permutation(speaker), after, 2)

    assert (lifts[[ANNA, BEN]] < 0.25).all()


def test_wrong_authors_of_one_source_leave_the_others_alone() -> None:
    """The lift is each author's own."""
    speaker, after = _dialogue(40)

    lifts = author_lifts({ANNA: np.flatnonzero(speaker == ANNA), BEN: np.arange(0, 40, 2)}, speaker, after, 2)

    assert lifts[ANNA] == 0.0
    assert lifts[BEN] == 1.0


def test_the_only_author_of_a_store_keeps_all() -> None:
    """Chance foretells everything, so nothing speaks for or against: the prior decides."""
    speaker, after = np.full(6, ANNA), np.array([1, 2, 3, 4, 5, -1])

    assert author_lifts({ANNA: np.arange(6)}, speaker, after, 1)[ANNA] == 1.0


@given(st.data())
def test_the_share_is_always_a_share(data: st.DataObject) -> None:
    """Whatever is stored, the author term is scaled by something between 0 and 1."""
    n = data.draw(st.integers(0, 12))
    speaker = np.array(data.draw(st.lists(st.integers(0, 3), min_size=n, max_size=n)), np.int64)
    after = np.array(data.draw(st.lists(st.integers(-1, n - 1), min_size=n, max_size=n)), np.int64)
    mentions = {a: np.flatnonzero(data.draw(st.lists(st.booleans(), min_size=n, max_size=n))) for a in (1, 2, 3)}

    lifts = author_lifts(mentions, speaker, after, 3)

    assert lifts.shape == (4,)
    assert ((lifts >= 0) & (lifts <= 1)).all()
