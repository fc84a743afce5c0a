from __future__ import annotations

import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from slm.retrieval.learning import (
    HEADER,
    INFORMATION,
    LEARNT,
    MOST_CHANGE,
    PRIOR_SPREAD,
    PRIOR_USES,
    ROUNDS,
    SHARPNESS,
    SHARPNESS_PRIOR_USES,
    Learner,
    can_be_learnt,
    replayed,
)
from slm.retrieval.weights import DEFAULT_WEIGHTS

TERMS = list(DEFAULT_WEIGHTS)
ENTRIES = st.floats(-3, 3, width=32)

PINNED = [
    "0x1.d106b2dcef087p-1",
    "0x1.20947ecdf0e50p+0",
    "0x1.eee83d8575936p+1",
    "0x1.fc1e2756ebcf4p-3",
    "0x1.31d316e0e23bbp-2",
    "0x1.40383e9f36350p+0",
    "0x1.b8909c7fbad50p-1",
    "0x1.ea4610cf885c5p-2",
    "0x1.e97ee8fac3dcep+0",
    "-0x1.58176e9391a50p-1",
    "0x1.246a988386abcp-2",
]


def _hits(**features: list[float]) -> np.ndarray:
    """Features (n, t) of hits, of the named terms; the others are 0."""
    found = np.zeros((len(next(iter(features.values()))), len(TERMS)), np.float32)
    for name, values in features.items():
        found[:, TERMS.index(name.replace("_", " "))] = values
    return found


@st.composite
def events(draw: st.DrawFn) -> tuple[np.ndarray, list[int]]:
    """What was shown and what was used of it, sometimes nothing, sometimes places that no hit has."""
    n = draw(st.integers(1, 6))
    features = draw(hnp.arrays(np.float32, (n, len(TERMS)), elements=ENTRIES))
    return features, draw(st.lists(st.integers(-2, n + 1), max_size=4))


def _same(one: Learner, other: Learner) -> bool:
    return one.to_bytes() == other.to_bytes()


def _random_walk(n_events: int, seed: int) -> list[tuple[np.ndarray, list[int]]]:
    draw = np.random.default_rng(seed)
    return [(draw.normal(0, 0.3, (5, len(TERMS))).astype(np.float32), [int(draw.integers(5))]) for _ in range(n_events)]


def test_before_any_use_the_weights_are_the_shipped_ones() -> None:
    """A new store ranks as the benchmarks say."""
    learner = Learner.start()

    assert learner.weights() == DEFAULT_WEIGHTS
    assert list(learner.weights()) == TERMS
    assert learner.n_uses == 0


def test_every_term_but_length_and_attention_learns() -> None:
    """The length corrects for how texts were split; attention is made of the very uses that would teach it."""
    assert [*LEARNT] == [name for name in TERMS if name not in ("length", "attention", "words nearby")]
    assert min(INFORMATION.values()) > 0


def test_a_use_is_gathered_by_fisher_scoring() -> None:
    """Oracle: the formulas with numpy's own softmax, moments and solver."""
    draw = np.random.default_rng(3)
    features = draw.normal(0, 0.3, (6, len(TERMS))).astype(np.float32)
    learner = Learner.start()
    learnt = [TERMS.index(name) for name in LEARNT]
    x, w, beta = features.astype(float), np.array(list(DEFAULT_WEIGHTS.values())), learner.sharpness

    after = learner.updated(features, [2])

    p = np.exp(beta * x @ w) / np.exp(beta * x @ w).sum()
    information = np.cov(x.T, aweights=p, ddof=0)
    pull = x[2] - p @ x + information @ (beta * w)
    of_terms = np.array(list(INFORMATION.values()))
    prior = PRIOR_USES * SHARPNESS**2 * of_terms + 1 / (PRIOR_SPREAD * w[learnt]) ** 2
    of_sharpness = SHARPNESS_PRIOR_USES * (w[learnt] ** 2 @ of_terms)
    found, fixed = w.copy(), [i for i in range(len(TERMS)) if i not in learnt]
    for _ in range(ROUNDS):
        beta = (of_sharpness * SHARPNESS + pull @ found) / (of_sharpness + found @ information @ found)
        rest = pull - beta * information[:, fixed] @ w[fixed]
        precision = np.diag(prior) + beta**2 * information[np.ix_(learnt, learnt)]
        found[learnt] = np.linalg.solve(precision, prior * w[learnt] + beta * rest[learnt])
    assert after.information == pytest.approx(information)
    assert after.pull == pytest.approx(pull)
    assert after.sharpness == pytest.approx(beta)
    assert after.theta == pytest.approx(found[learnt])
    assert after.precision == pytest.approx(precision)
    assert after.n_uses == 1


def test_what_was_learnt_is_the_most_probable_by_all_uses() -> None:
    """Theorem: at the maximum neither β nor a weight can be moved for the better. Oracle: the log-posterior itself."""
    draw = np.random.default_rng(2)
    walk = [draw.normal(0, 0.3, (5, len(TERMS))).astype(np.float32) for _ in range(60)]
    learner = replayed([(x, [int(np.argmax(x[:, TERMS.index("phrases")]))]) for x in walk])
    learnt, of_terms = [TERMS.index(name) for name in LEARNT], np.array(list(INFORMATION.values()))
    shipped = np.array([DEFAULT_WEIGHTS[name] for name in LEARNT])
    prior = PRIOR_USES * SHARPNESS**2 * of_terms + 1 / (PRIOR_SPREAD * shipped) ** 2

    def posterior(beta: float, theta: np.ndarray) -> float:
        weights = np.array(list(DEFAULT_WEIGHTS.values()))
        weights[learnt] = theta
        eta = beta * weights
        off = SHARPNESS_PRIOR_USES * (shipped**2 @ of_terms) * (beta - SHARPNESS) ** 2
        return float(learner.pull @ eta - eta @ learner.information @ eta / 2
                     - prior @ (theta - shipped) ** 2 / 2 - off / 2)  # fmt: skip

    top = posterior(learner.sharpness, learner.theta)
    assert all(posterior(learner.sharpness + step, learner.theta) < top for step in (-0.02, 0.02))
    for step in np.concatenate([np.eye(11), -np.eye(11)]) * 0.02 * np.abs(shipped):
        assert posterior(learner.sharpness, learner.theta + step) < top


def test_weights_go_back_where_reports_turn_out_to_be_random() -> None:
    """What the first reports seemed to say doesn't last once nothing speaks for their following the scores."""
    lure = [(_hits(words=[0.9, 0.1, 0.1], meaning=[0.1, 0.3, 0.3]), [0])] * 10
    misled = replayed(lure)

    back = replayed(_random_walk(500, 4), misled)

    assert misled.weights()["words"] > 1.05 * DEFAULT_WEIGHTS["words"]
    assert back.weights()["words"] == pytest.approx(DEFAULT_WEIGHTS["words"], rel=0.01)


def test_the_weight_of_what_the_used_hit_has_more_of_rises() -> None:
    """x_used − E x is positive for the words and negative for the meaning."""
    features = _hits(words=[0.9, 0.1, 0.1], meaning=[0.0, 0.5, 0.5])

    weights = Learner.start().updated(features, [0]).weights()

    assert weights["words"] > DEFAULT_WEIGHTS["words"]
    assert weights["meaning"] < DEFAULT_WEIGHTS["meaning"]
    assert weights["author"] == DEFAULT_WEIGHTS["author"]


def test_a_term_of_negative_weight_learns_in_its_own_direction() -> None:
    """Uses of short questions make their penalty smaller, that is the weight larger."""
    features = _hits(is_question=[1.0, 0.0, 0.0])

    weights = Learner.start().updated(features, [0]).weights()

    assert weights["is question"] > DEFAULT_WEIGHTS["is question"]


def test_uses_that_follow_a_law_teach_it() -> None:
    """Simulated uses drawn by other weights: what they are beside each other is found, for only β θ can be known."""
    draw = np.random.default_rng(1)
    law = {**DEFAULT_WEIGHTS, "words": 3.0, "meaning": 0.5}
    learner = Learner.start()
    for _ in range(1000):
        features = draw.normal(0, 0.4, (5, len(TERMS))).astype(np.float32)
        p = np.exp(features @ np.array(list(law.values())) / 0.6)
        learner = learner.updated(features, [int(draw.choice(5, p=p / p.sum()))])

    found = learner.weights()
    assert found["words"] / found["phrases"] == pytest.approx(law["words"] / law["phrases"], rel=0.15)
    assert found["meaning"] / found["phrases"] == pytest.approx(law["meaning"] / law["phrases"], rel=0.5)


@pytest.mark.parametrize("seed", range(3))
def test_random_reports_move_the_weights_little(seed: int) -> None:
    """A thousand reports that have nothing to do with the scores: sharpness falls to nearly 0, and weights go back."""
    learner = replayed(_random_walk(1000, seed))

    assert learner.sharpness < 0.15
    for name, weight in DEFAULT_WEIGHTS.items():
        assert learner.weights()[name] == pytest.approx(weight, rel=0.3)


def test_reports_by_the_scores_keep_the_learner_sharp() -> None:
    """The best hit is used each time."""
    learner = Learner.start()
    for features, _ in _random_walk(200, 5):
        best = int(np.argmax(features @ np.array(list(DEFAULT_WEIGHTS.values()))))
        learner = learner.updated(features, [best])

    assert learner.sharpness > Learner.start().sharpness


@pytest.mark.parametrize("name", LEARNT)
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_no_reports_change_a_weight_by_more_than_three_times(name: str, sign: float) -> None:
    """Documented bound, against somebody who reports to spoil: every weight keeps its sign, none falls silent."""
    column = [sign, 0.0, 0.0, 0.0]
    if np.sign(DEFAULT_WEIGHTS[name]) != sign:
        column = [-value for value in column]
    lure, learner = _hits(**{name.replace(" ", "_"): column}), Learner.start()
    for _ in range(150):
        learner = learner.updated(lure, [0]).updated(lure * 30, [1])

    ratio = learner.weights()[name] / DEFAULT_WEIGHTS[name]
    assert 1 / MOST_CHANGE - 1e-12 <= ratio <= MOST_CHANGE + 1e-12


@given(st.lists(events(), max_size=5))
@settings(max_examples=60)
def test_any_events_leave_a_state_that_ranks(seen: list[tuple[np.ndarray, list[int]]]) -> None:
    """Finite weights of the right sign, and errors that uses only make smaller."""
    before, learner = Learner.start(), replayed(seen)

    assert np.isfinite(learner.theta).all()
    assert all(learner.weights()[name] * weight > 0 for name, weight in DEFAULT_WEIGHTS.items())
    assert all(0 < error <= before.std_errors()[name] * (1 + 1e-9) for name, error in learner.std_errors().items())
    assert learner.sharpness >= 0.0


@given(st.lists(events(), max_size=5), st.integers(0, 5))
@settings(max_examples=60)
def test_a_replay_gives_the_same_bits(seen: list[tuple[np.ndarray, list[int]]], cut: int) -> None:
    """Also when the state was stored and read again between two events."""
    head, tail = seen[:cut], seen[cut:]
    restored = Learner.from_bytes(replayed(head).to_bytes())
    for features, used in tail:
        restored = restored.updated(features, used)

    assert _same(restored, replayed(seen))


def test_learnt_weights_have_the_same_bits_on_every_machine() -> None:
    """Pinned: the weights after 40 events, as digits; float64 additions, products, quotients and roots alone.

    Terms after the twelfth are 0 for every hit here, which changes no digit.
    """
    draw = np.arange(40 * 5 * 12).reshape(40, 5, 12)
    shown = np.pad((draw * 7919 % 101 / 101).astype(np.float32), [(0, 0), (0, 0), (0, len(TERMS) - 12)])
    learner = replayed([(x, [int(np.argmax(x[:, TERMS.index("phrases")]))]) for x in shown])

    assert [value.hex() for value in learner.theta.tolist()] == PINNED


def test_the_order_of_the_ids_in_a_report_and_repetitions_say_nothing() -> None:
    """A report is a set."""
    features = _hits(words=[0.9, 0.1, 0.4, 0.2], meaning=[0.0, 0.5, 0.1, 0.2])

    assert _same(Learner.start().updated(features, [2, 0, 2]), Learner.start().updated(features, [0, 2]))


def test_a_report_of_several_counts_as_one_use() -> None:
    """Otherwise one that cites everything it was shown would outvote all others: the information is an average."""
    features = _hits(words=[0.9, 0.1, 0.4, 0.2])
    place = TERMS.index("words")

    gained = [Learner.start().updated(features, used).information[place, place] for used in ([0], [0, 2])]

    assert Learner.start().updated(features, [0, 2]).n_uses == 1
    assert gained[1] < 2 * gained[0]


def test_two_that_were_of_use_don_t_compete() -> None:
    """Two equal hits: as if only one of them had been there."""
    twice = _hits(words=[0.9, 0.9, 0.1, 0.2])

    both = Learner.start().updated(twice, [0, 1])

    assert both.theta == pytest.approx(Learner.start().updated(twice[1:], [0]).theta, abs=1e-15)


@pytest.mark.parametrize(
    ("features", "used"),
    [
        (_hits(words=[0.9, 0.1]), []),
        (_hits(words=[0.9, 0.1]), [2, -1, 77]),
        (_hits(words=[0.9, 0.1]), [0, 1]),
        (_hits(words=[0.9]), [0]),
        (_hits(words=[0.1, 0.1, 0.1]), [1]),
        (_hits(words=[np.nan, 0.1]), [1]),
        (_hits(words=[np.inf, 0.1]), [1]),
        (_hits(words=[1e30, 0.1]), [1]),
        (np.zeros((0, len(TERMS)), np.float32), [0]),
    ],
    ids=["none used", "not shown", "all used", "one hit", "equal hits", "nan", "infinite", "too large", "no hits"],
)
def test_a_report_that_says_nothing_changes_nothing(features: np.ndarray, used: list[int]) -> None:
    """The same state, uses not counted."""
    learner = Learner.start()

    assert learner.updated(features, used) is learner


def test_places_that_no_hit_has_are_passed_over() -> None:
    """A use of a memory that wasn't shown does nothing beside one that was."""
    features = _hits(words=[0.9, 0.1])

    assert _same(Learner.start().updated(features, [0, 5]), Learner.start().updated(features, [0]))


def test_a_state_is_never_changed_in_place() -> None:
    """Immutable: the earlier epoch still ranks as before."""
    learner = Learner.start()
    before = learner.to_bytes()

    learner.updated(_hits(words=[0.9, 0.1]), [0])

    assert learner.to_bytes() == before
    assert Learner.start().weights() == DEFAULT_WEIGHTS


def test_features_of_another_number_of_terms_are_refused() -> None:
    """Documented ValueError: the journal of another version must be read by its order of terms."""
    with pytest.raises(ValueError, match=f"{len(TERMS)} terms"):
        Learner.start().updated(np.zeros((3, 5), np.float32), [0])


def _with_header(check: int | None = None, sharpness: float = 1.0) -> bytes:
    data = Learner.start().to_bytes()
    known = HEADER.unpack_from(data)[0]
    return HEADER.pack(known if check is None else check, 0, sharpness) + data[HEADER.size :]


def _with_theta(times: float) -> bytes:
    """The first weight so many times its shipped value, 1."""
    data = Learner.start().to_bytes()
    return data[: HEADER.size] + struct.pack("<d", times) + data[HEADER.size + 8 :]


def test_weights_that_uses_can_lead_to_have_all_terms_within_their_bounds() -> None:
    """Specification: a term that doesn't learn stays as shipped, none passes its bounds."""
    assert can_be_learnt(DEFAULT_WEIGHTS)
    assert can_be_learnt({**DEFAULT_WEIGHTS, "words": 4.5})
    assert not can_be_learnt({**DEFAULT_WEIGHTS, "words": 4.6})
    assert not can_be_learnt({**DEFAULT_WEIGHTS, "words": float("nan")})
    assert not can_be_learnt({**DEFAULT_WEIGHTS, "length": -0.2})
    assert not can_be_learnt({"words": 1.5})


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (b"", "0 bytes"),
        (Learner.start().to_bytes()[:-1], "not the learnt weights of 11 terms"),
        (_with_header(check=1), "other terms"),
        (_with_header(sharpness=-1.0), "no numbers"),
        (_with_header(sharpness=float("nan")), "no numbers"),
        (Learner.start().to_bytes()[:-8] + struct.pack("<d", float("inf")), "no numbers"),
        (Learner.start().to_bytes()[:-8] + struct.pack("<d", -1.0), "not positive definite"),
        (_with_theta(3.001), "out of their bounds"),
        (_with_theta(0.3), "out of their bounds"),
    ],
)
def test_damaged_bytes_are_refused(data: bytes, complaint: str) -> None:
    """Documented ValueError."""
    with pytest.raises(ValueError, match=complaint):
        Learner.from_bytes(data)
