from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from slm.retrieval.abstention import KEYWORDS, SMALL_SHARE, SMALL_STORE, Verdict, judge
from slm.retrieval.question import Query
from slm.retrieval.ranking import Ranking

COSINES = st.floats(-1, 1)
SHARES = st.floats(0, 1)
THRESHOLD = 0.088


QUESTION = Query(np.zeros(1, np.float32), ["who", "moved", "to", "porto"], np.zeros((0, 1), np.float32), np.zeros(0))


def _ranking(
    cosines: list[float], coverage: list[float], n_searched: int = 1000, *, phrases: float = 0.0, lead: float = 0.0
) -> Ranking:
    n = len(cosines)
    none = np.zeros(n)
    return Ranking(
        ordinals=np.arange(n),
        features={},
        weights={},
        scores=none,
        cosines=np.array(cosines),
        coverage=np.array(coverage),
        held=np.zeros((0, 0), bool),
        phrases=none + phrases,
        superseded=none > 0,
        lead=lead,
        n_searched=n_searched,
    )


def _judge(ranking: Ranking, threshold: float, unknown: Sequence[str] = ()) -> Verdict:
    return judge(ranking, QUESTION, lambda: unknown, threshold)


@given(COSINES, SHARES)
def test_the_probability_is_one_and_grows_with_nearness_and_coverage(cosine: float, share: float) -> None:
    """A logistic law with positive weights."""
    verdict = _judge(_ranking([cosine], [share]), 0.0)
    nearer = _judge(_ranking([min(1.0, cosine + 0.1)], [share]), 0.0)
    fuller = _judge(_ranking([cosine], [min(1.0, share + 0.1)]), 0.0)

    assert 0.0 < verdict.probability < 1.0
    assert verdict.probability <= nearer.probability
    assert verdict.probability <= fuller.probability


@given(COSINES, SHARES, SHARES)
def test_a_large_store_abstains_exactly_below_the_threshold(cosine: float, share: float, threshold: float) -> None:
    """experience.md: abstention has one threshold; 0 never abstains."""
    verdict = _judge(_ranking([cosine], [share]), threshold)

    assert (verdict.reason is None) == (verdict.probability >= threshold)


@given(COSINES, SHARES, st.integers(1, SMALL_STORE - 1))
def test_a_small_store_abstains_only_when_nothing_is_near_at_all(cosine: float, share: float, n: int) -> None:
    """experience.md: below 50 memories slm abstains only when nothing is near at all; less than a fifth is asked."""
    verdict = _judge(_ranking([cosine], [share], n), THRESHOLD)

    assert (verdict.reason is None) == (verdict.probability >= THRESHOLD * SMALL_SHARE)
    assert _judge(_ranking([cosine], [share], n), 0.0).reason is None


@pytest.mark.parametrize(
    ("ranking", "reason"),
    [
        (_ranking([], [], 0), "nothing is remembered here yet"),
        (_ranking([], [], 5), "nothing fits the filters"),
        (_ranking([0.01], [0.0], 5), "nothing here speaks about that"),
        (_ranking([0.01], [0.0]), "nothing here speaks about that"),
        (_ranking([0.01], [0.1]), "only near misses"),
        (_ranking([0.9], [0.9]), None),
    ],
)
def test_each_way_of_finding_nothing_has_its_reason(ranking: Ranking, reason: str | None) -> None:
    """experience.md: an honest "nothing" says why."""
    assert _judge(ranking, THRESHOLD).reason == reason


def test_the_best_cosine_may_stand_anywhere_but_coverage_counts_at_the_top() -> None:
    """Pinned behaviour: the words of the first three that are shown, the nearness of all."""
    assert _judge(_ranking([0.1, 0.1, 0.1, 0.9], [0] * 4), 0.5) == _judge(_ranking([0.9], [0]), 0.5)
    assert _judge(_ranking([0.1] * 4, [0, 0, 0, 1.0]), 0.5) == _judge(_ranking([0.1], [0]), 0.5)


def test_an_empty_ranking_has_no_probability() -> None:
    """Nothing that could answer."""
    assert _judge(_ranking([], [], 0), THRESHOLD).probability == 0.0


@given(COSINES, SHARES, st.floats(0, 1))
def test_phrases_make_an_answer_likelier_and_a_lead_of_others_less(cosine: float, share: float, phrases: float) -> None:
    """design/retrieval.md, abstention: + 3.47 MaxSim of the top, a lead of other authors speaks against it."""
    plain = _judge(_ranking([cosine], [share]), 0.0).probability

    assert _judge(_ranking([cosine], [share], phrases=phrases), 0.0).probability >= plain
    assert _judge(_ranking([cosine], [share], lead=phrases), 0.0).probability <= plain


def test_a_few_keywords_need_less_than_a_question() -> None:
    """ARCHITECTURE.md: short queries share less with their answers; measured false abstentions fell below 5 %."""
    ranking = _ranking([0.3], [0.5], phrases=0.3)
    short = replace(QUESTION, terms=QUESTION.terms[:KEYWORDS])

    assert judge(ranking, short, tuple, 0.0).probability > judge(ranking, QUESTION, tuple, 0.0).probability


@pytest.mark.parametrize(
    ("ranking", "unknown", "reason"),
    [
        (_ranking([0.01], [0.1]), ["zanzibar", "visa"], "nothing about zanzibar, visa"),
        (_ranking([0.01], [0.1]), ["x" * 40, "y" * 41], f"nothing about {'x' * 40}, {'y' * 39}…"),
        (_ranking([0.01], [0.1]), list("abcdefgh"), "nothing about a, b, c, d, e, f, g, h"),
        (_ranking([0.01], [0.1]), list("abcdefgh") * 200, "nothing about a, b, c, d, e, f, g, h and others"),
        (_ranking([0.01], [0.1], lead=0.6), ["visa"], "only about someone else"),
        (_ranking([0.9], [0.9]), ["visa"], None),
        (_ranking([0.01], [0.1]), ["x" * 9000, "visa"], "nothing about " + "x" * 39 + "…, visa"),
    ],
)
def test_a_reason_names_what_is_missing(ranking: Ranking, unknown: list[str], reason: str | None) -> None:
    """design/retrieval.md: nothing about X, only about someone else, only near misses."""
    assert _judge(ranking, THRESHOLD, unknown).reason == reason
