"""Weights that learn from use: what uses say is gathered by Fisher scoring, with no learning rate to tune.

Ranking is an exponential family p(i) ∝ exp η·x_i over the hits shown, η = β θ: θ are the weights of the terms, x_i the
features of a hit, β how sharply uses follow the scores. A hit that was used competes with those that weren't. With E
and Cov under p, a use says of η as much as a normal observation does: it adds A = Cov x to the information and
r = x_used − E x + A η to the pull. θ and β are the most probable ones by all that was gathered, r·η − η·A η / 2, and by
their priors around the shipped ones. Reports that have nothing to do with the scores drive β to 0, and then every
weight goes back to where it was: what first reports seemed to say while β was trusted doesn't last.

A state is a pure function of its events, to the bit on any machine: Fisher scoring (Rao 1948, Longford 1987), online.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from slm.geometry.exponential_family import covariance, expectation, linear, softmax
from slm.geometry.positive_definite import cholesky, diagonal_of_inverse, solve
from slm.retrieval.weights import DEFAULT_WEIGHTS, Weights

Floats = npt.NDArray[np.float64]
Features = npt.NDArray[np.floating]
Event = tuple[Features, Sequence[int]]
"""The features (n, t) of the hits shown, by :data:`DEFAULT_WEIGHTS`, and the places among them of those used."""

INFORMATION: Mapping[str, float] = MappingProxyType(
    {
        "meaning": 0.0065,
        "words": 0.0040,
        "phrases": 0.0036,
        "earlier turns": 0.0085,
        "reply": 0.0964,
        "author": 0.0096,
        "said by user": 0.0096,
        "when": 0.0028,
        "date": 0.0028,
        "is question": 0.0030,
        "session": 0.1045,
    }
)
"""Variance of each feature over the ten best hits of an average question, of every term that learns.

The mean of LongMemEval, BEAM, FactConsolidation and Cranfield, printed by ``slm bench fit``. None of their questions
names an author or a date: those two are taken to vary like ``said by user`` and ``when``. The length is not learnt: it
corrects for how texts were split. Nor is attention: it is made of the uses that would teach it; nor what is nearby.
"""
LEARNT = tuple(INFORMATION)

PRIOR_USES = 300.0
"""Uses of average information that the shipped weights count for."""
PRIOR_SPREAD = 0.2
"""Relative standard deviation of a shipped weight by itself, for stores whose features vary more than on average."""
MOST_CHANGE = 3.0
"""No reports whatever bring a weight beyond this multiple or fraction of the shipped one, so none changes its sign."""

SHARPNESS = 1.86
"""β to begin with: that of the four sets together, by ``slm bench fit``; one by one 1.52 (Cranfield) to 2.50."""
SHARPNESS_PRIOR_USES = 5.0
"""Few, so that β falls before random reports move the weights."""

ROUNDS = 2
"""Turns in which β and θ are found, each given the other, after a use: they go on from where they were."""

LARGEST_FEATURE = 1e3
"""Far beyond every feature; rows with more are damaged."""

LARGEST_NUMBER = 1e15
"""More than any number of uses gathers."""
LEAST_PIVOT = 1e-6
"""Added to information that is checked: what only rounding makes negative passes."""

HEADER = struct.Struct("<IQd")

_SHIPPED = np.array([DEFAULT_WEIGHTS[name] for name in LEARNT])
_ALL_SHIPPED = np.array(list(DEFAULT_WEIGHTS.values()))
_PLACES = np.array([list(DEFAULT_WEIGHTS).index(name) for name in LEARNT])
_BOUNDS = np.sort(np.stack([_SHIPPED / MOST_CHANGE, _SHIPPED * MOST_CHANGE]), axis=0)
_PRIOR_INFORMATION = np.array(list(INFORMATION.values()))
_PRIOR_PRECISION = PRIOR_USES * SHARPNESS * SHARPNESS * _PRIOR_INFORMATION + 1.0 / (
    PRIOR_SPREAD * _SHIPPED * (PRIOR_SPREAD * _SHIPPED)
)
_PRIOR_OF_SHARPNESS = SHARPNESS_PRIOR_USES * float(np.cumsum(_SHIPPED * _SHIPPED * _PRIOR_INFORMATION)[-1])
_TERMS_CHECK = zlib.crc32("\n".join(LEARNT).encode())


class OtherTerms(ValueError):
    """What was learnt is of other terms than there are now."""


@dataclass(frozen=True, slots=True, eq=False)
class Learner:
    """What was learnt: weights ``theta`` (k,) of the terms :data:`LEARNT`, and ``sharpness`` β >= 0.

    Both follow from the ``pull`` (t,) and the ``information`` (t, t) that uses gave of η, by all terms. ``n_uses``
    counts the events that taught anything. Immutable.
    """

    theta: Floats
    sharpness: float
    pull: Floats
    information: Floats
    n_uses: int

    @classmethod
    def start(cls) -> Learner:
        """Before any use: the shipped weights, worth :data:`PRIOR_USES` uses."""
        t = len(_ALL_SHIPPED)
        return cls(_SHIPPED, SHARPNESS, np.zeros(t), np.zeros((t, t)), 0)

    @property
    def precision(self) -> Floats:
        """How sure the weights are (k, k), given β: that of the prior and that of the uses."""
        gained: Floats = self.sharpness * self.sharpness * self.information[np.ix_(_PLACES, _PLACES)]
        return gained + np.diag(_PRIOR_PRECISION)

    def weights(self) -> Weights:
        """All weights by term, in the order of :data:`DEFAULT_WEIGHTS`; those that don't learn as shipped."""
        return {**DEFAULT_WEIGHTS, **dict(zip(LEARNT, self.theta.tolist(), strict=True))}

    def std_errors(self) -> dict[str, float]:
        """Standard errors of the learnt weights by term."""
        return dict(zip(LEARNT, np.sqrt(diagonal_of_inverse(self.precision)).tolist(), strict=True))

    def updated(self, features: Features, used: Sequence[int]) -> Learner:
        """The state after one event: of the hits with ``features`` (n, t) those at the places ``used`` were of use.

        An event counts once, however many were used. It teaches nothing, and the same state comes back, when none or
        all of the hits were used, when they don't differ, and when a feature is damaged; places that no hit has are
        passed over. ValueError: another number of terms.
        """
        if features.ndim != 2 or features.shape[1] != len(DEFAULT_WEIGHTS):
            raise ValueError(f"features have shape {features.shape}, there are {len(DEFAULT_WEIGHTS)} terms")
        rows = features.astype(np.float64)
        chosen = sorted({place for place in used if 0 <= place < len(rows)})
        if not chosen or len(chosen) == len(rows) or not np.all(np.abs(rows) <= LARGEST_FEATURE):
            return self
        natural = self.sharpness * self._all_weights()
        slope, information = evidence(rows, chosen, natural)
        if not information.any():
            return self
        gathered = replace(
            self,
            pull=self.pull + (slope + linear(information, natural)),
            information=self.information + information,
            n_uses=self.n_uses + 1,
        )
        for _ in range(ROUNDS):
            gathered = gathered._sharpened()._weighed()
        return gathered

    def to_bytes(self) -> bytes:
        """Check of the terms' names, uses, sharpness, weights, pull and information, little-endian."""
        header = HEADER.pack(_TERMS_CHECK, self.n_uses, self.sharpness)
        return header + b"".join(part.astype("<f8").tobytes() for part in (self.theta, self.pull, self.information))

    @classmethod
    def from_bytes(cls, data: bytes) -> Learner:
        """The state that :meth:`to_bytes` wrote.

        ValueError: another length, :class:`OtherTerms`, or numbers that no uses lead to.
        """
        k, t = len(LEARNT), len(_ALL_SHIPPED)
        if len(data) != HEADER.size + 8 * (k + t + t * t):
            raise ValueError(f"{len(data)} bytes are not the learnt weights of {k} terms")
        check, uses, sharpness = HEADER.unpack_from(data)
        if check != _TERMS_CHECK:
            raise OtherTerms("these are learnt weights of other terms")
        numbers = np.frombuffer(data, "<f8", offset=HEADER.size).astype(np.float64)
        if not (np.all(np.abs(numbers) <= LARGEST_NUMBER) and 0.0 <= sharpness <= LARGEST_FEATURE):
            raise ValueError("learnt weights that are no numbers")
        learner = cls(numbers[:k], sharpness, numbers[k : k + t], numbers[k + t :].reshape(t, t), uses)
        cholesky(learner.information + np.diag(np.full(t, LEAST_PIVOT)))
        if not can_be_learnt(learner.weights()):
            raise ValueError("learnt weights out of their bounds")
        return learner

    def _all_weights(self) -> Floats:
        weights = _ALL_SHIPPED.copy()
        weights[_PLACES] = self.theta
        return weights

    def _sharpened(self) -> Learner:
        """With the most probable β, given the weights."""
        weights = self._all_weights()
        of_scores = float(linear(linear(self.information, weights)[None, :], weights)[0])
        pull = _PRIOR_OF_SHARPNESS * SHARPNESS + float(linear(self.pull[None, :], weights)[0])
        return replace(self, sharpness=max(0.0, pull / (_PRIOR_OF_SHARPNESS + of_scores)))

    def _weighed(self) -> Learner:
        """With the most probable weights within their bounds, given β; those that don't learn stay."""
        beta, fixed = self.sharpness, _ALL_SHIPPED.copy()
        fixed[_PLACES] = 0.0
        left = self.pull - beta * linear(self.information, fixed)
        theta = solve(self.precision, _PRIOR_PRECISION * _SHIPPED + beta * left[_PLACES])
        return replace(self, theta=np.clip(theta, *_BOUNDS))


def can_be_learnt(weights: Weights) -> bool:
    """Whether uses can lead to ``weights``: all terms are there, and none is beyond its bounds or a fixed one moved."""
    if list(weights) != list(DEFAULT_WEIGHTS):
        return False
    values = np.array(list(weights.values()))
    fixed = np.delete(values - _ALL_SHIPPED, _PLACES)
    return bool(np.all((values[_PLACES] >= _BOUNDS[0]) & (values[_PLACES] <= _BOUNDS[1])) and not fixed.any())


def replayed(events: Iterable[Event], learner: Learner | None = None) -> Learner:
    """The state after ``events``, from ``learner`` on or from the shipped weights."""
    state = learner or Learner.start()
    for features, used in events:
        state = state.updated(features, used)
    return state


def evidence(rows: Floats, chosen: Sequence[int], natural: Floats) -> tuple[Floats, Floats]:
    """What a choice says of parameters ``natural`` (t,): x − E x (t,) and Cov x (t, t), averages over the ``chosen``.

    Each of the chosen among the ``rows`` (n, t) competes with those not chosen alone: that two were of use says nothing
    of their order.
    """
    others = np.delete(rows, chosen, axis=0)
    slope, information = np.zeros(rows.shape[1]), np.zeros((rows.shape[1], rows.shape[1]))
    for place in chosen:
        field = np.concatenate([rows[place : place + 1], others])
        p = softmax(linear(field, natural))
        slope -= expectation(p, field - field[0])
        information += covariance(p, field)
    return slope / len(chosen), information / len(chosen)
