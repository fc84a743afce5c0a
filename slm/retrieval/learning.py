"""Weights that learn from use: each reported use moves them by a Fisher scoring step, with no learning rate to tune.

Ranking is an exponential family p(i) ∝ exp β θ·x_i over the hits shown: θ are the weights of the terms, x_i the
features of a hit, β how sharply uses follow the scores. A hit that was used competes with those that weren't. With E
and Cov under p, a use adds β² Cov x to the precision Λ of θ and moves θ by Λ⁻¹ β (x_used − E x); β learns by the same
rule from the scores. Reports that have nothing to do with the scores drive β to 0, and a β of 0 moves no weight.

A state is a pure function of its events, to the bit on any machine: Fisher scoring (Rao 1948, Longford 1987), online.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from slm.geometry.exponential_family import covariance, expectation, linear, softmax
from slm.geometry.positive_definite import diagonal_of_inverse, solve
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

LARGEST_FEATURE = 1e3
"""Far beyond every feature; rows with more are damaged."""

HEADER = struct.Struct("<IQdd")

_SHIPPED = np.array([DEFAULT_WEIGHTS[name] for name in LEARNT])
_ALL_SHIPPED = np.array(list(DEFAULT_WEIGHTS.values()))
_PLACES = np.array([list(DEFAULT_WEIGHTS).index(name) for name in LEARNT])
_BOUNDS = np.sort(np.stack([_SHIPPED / MOST_CHANGE, _SHIPPED * MOST_CHANGE]), axis=0)
_PRIOR_INFORMATION = np.array(list(INFORMATION.values()))
_TERMS_CHECK = zlib.crc32("\n".join(LEARNT).encode())


@dataclass(frozen=True, slots=True, eq=False)
class Learner:
    """What was learnt: weights ``theta`` (k,) of the terms :data:`LEARNT` and their ``precision`` (k, k).

    ``sharpness`` β >= 0 has a precision of its own; ``n_uses`` counts the events that taught anything. Immutable.
    """

    theta: Floats
    precision: Floats
    sharpness: float
    sharpness_precision: float
    n_uses: int

    @classmethod
    def start(cls) -> Learner:
        """Before any use: the shipped weights, worth :data:`PRIOR_USES` uses."""
        of_uses = PRIOR_USES * SHARPNESS * SHARPNESS * _PRIOR_INFORMATION
        by_itself = 1.0 / (PRIOR_SPREAD * _SHIPPED * (PRIOR_SPREAD * _SHIPPED))
        of_scores = float(np.cumsum(_SHIPPED * _SHIPPED * _PRIOR_INFORMATION)[-1])
        return cls(_SHIPPED, np.diag(of_uses + by_itself), SHARPNESS, SHARPNESS_PRIOR_USES * of_scores, 0)

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
        weights = self._all_weights()
        slope, information = evidence(rows, chosen, self.sharpness * weights)
        return self._moved(weights, slope, information) if information.any() else self

    def to_bytes(self) -> bytes:
        """Check of the terms' names, uses, sharpness and its precision, weights and precision, little-endian."""
        header = HEADER.pack(_TERMS_CHECK, self.n_uses, self.sharpness, self.sharpness_precision)
        return header + self.theta.astype("<f8").tobytes() + self.precision.astype("<f8").tobytes()

    @classmethod
    def from_bytes(cls, data: bytes) -> Learner:
        """The state that :meth:`to_bytes` wrote. ValueError: another length, other terms, or damaged numbers."""
        k = len(LEARNT)
        if len(data) != HEADER.size + 8 * k * (k + 1):
            raise ValueError(f"{len(data)} bytes are not the learnt weights of {k} terms")
        check, uses, sharpness, sharpness_precision = HEADER.unpack_from(data)
        if check != _TERMS_CHECK:
            raise ValueError("these are learnt weights of other terms")
        numbers = np.frombuffer(data, "<f8", offset=HEADER.size).astype(np.float64)
        if not (np.isfinite(numbers).all() and sharpness >= 0.0 and sharpness_precision > 0.0):
            raise ValueError("learnt weights that are no numbers")
        return cls(numbers[:k], numbers[k:].reshape(k, k), sharpness, sharpness_precision, uses)

    def _all_weights(self) -> Floats:
        weights = _ALL_SHIPPED.copy()
        weights[_PLACES] = self.theta
        return weights

    def _moved(self, weights: Floats, slope: Floats, information: Floats) -> Learner:
        """One step of θ and of β along the ``slope`` (t,) with ``information`` (t, t), both at β ``weights`` (t,)."""
        precision = self.precision + self.sharpness * self.sharpness * information[np.ix_(_PLACES, _PLACES)]
        theta = self.theta + solve(precision, self.sharpness * slope[_PLACES])
        of_scores = linear(linear(information, weights)[None, :], weights)[0]
        sharpness_precision = self.sharpness_precision + float(of_scores)
        step = float(linear(slope[None, :], weights)[0]) / sharpness_precision
        return Learner(
            theta=np.clip(theta, *_BOUNDS),
            precision=precision,
            sharpness=max(0.0, self.sharpness + step),
            sharpness_precision=sharpness_precision,
            n_uses=self.n_uses + 1,
        )


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
