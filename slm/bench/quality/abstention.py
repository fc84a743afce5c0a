"""Does recall know when it doesn't know? Its probability on questions with and without an answer in the store."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from slm.bench.collections.collection import Question
from slm.bench.quality.bootstrap import EDGES, RESAMPLES
from slm.bench.quality.metrics import Floats, auc
from slm.bench.quality.rows import percent
from slm.retrieval.words import STOP_WORDS

Kind = Literal["answerable", "as keywords", "unanswerable", "of another store", "unrelated"]
ANSWERED: tuple[Kind, ...] = ("answerable", "as keywords")


@dataclass(frozen=True, slots=True)
class Trial:
    """One question to one store: of which ``kind``, how probable an answer was, whether recall ``abstained``."""

    kind: Kind
    probability: float
    abstained: bool


def keywords(text: str) -> str:
    """A question as one types it into a search box: without stop words and punctuation; as it is if none is left."""
    kept = [word for word in re.findall(r"[\w'’-]+", text) if word.lower() not in STOP_WORDS]
    return " ".join(kept) or text


def as_keywords(question: Question) -> Question:
    """The same question in keywords."""
    return Question(keywords(question.text), question.gold, question.category, asked_at=question.asked_at)


def abstention(trials: Sequence[Trial], seed: int) -> dict[str, Any]:
    """AUC of the probability against each kind without an answer, and how many of each kind abstained, in per cent."""
    probabilities = {kind: _of(kind, trials) for kind in sorted({trial.kind for trial in trials})}
    answerable = probabilities.get("answerable", np.zeros(0))
    found: dict[str, Any] = {"auc": {}, "abstained": {}}
    for kind, values in probabilities.items():
        said_nothing = [trial.abstained for trial in trials if trial.kind == kind]
        found["abstained"][kind] = {"questions": len(values), "share": percent(float(np.mean(said_nothing)))}
        if kind not in ANSWERED and len(answerable):
            found["auc"][kind] = {
                "mean": percent(auc(answerable, values)),
                "interval": _interval(answerable, values, seed),
            }
    return found


def _of(kind: str, trials: Sequence[Trial]) -> Floats:
    return np.array([trial.probability for trial in trials if trial.kind == kind])


def _interval(positives: Floats, negatives: Floats, seed: int) -> list[float]:
    """95 % bootstrap interval of the AUC; both sides are drawn anew."""
    draw = np.random.default_rng(seed)
    drawn = [
        auc(draw.choice(positives, len(positives)), draw.choice(negatives, len(negatives))) for _ in range(RESAMPLES)
    ]
    return [percent(float(edge)) for edge in np.quantile(drawn, EDGES)]
