"""Other settings of the same recall, to see what each part of the score is worth."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from slm.engine.engine import Engine
from slm.engine.service import Service
from slm.retrieval.semantic import Metric, SemanticChannel
from slm.retrieval.weights import DEFAULT_WEIGHTS, Weights

SESSION_TERMS = ("earlier turns", "reply", "words nearby", "session")


@dataclass(frozen=True, slots=True)
class Variation:
    """Weights of the terms, how meanings are compared, and whether memories fade."""

    weights: Weights = field(default_factory=lambda: DEFAULT_WEIGHTS)
    metric: Metric = "fisher_rao"
    lifecycle: bool = True


def without(*terms: str) -> Variation:
    """The default without those terms."""
    return Variation({**DEFAULT_WEIGHTS, **dict.fromkeys(terms, 0.0)})


UNIFORM: Weights = {name: 1.0 if weight > 0 else weight for name, weight in DEFAULT_WEIGHTS.items()}

VARIATIONS: Mapping[str, Variation] = {
    **{f"without {term}": without(term) for term in DEFAULT_WEIGHTS},
    "without session context": without(*SESSION_TERMS),
    "uniform weights": Variation(UNIFORM),
    "metric = cosine": Variation(metric="cosine"),
}
"""Each term off, those of the session off together, every positive weight 1, and the cosine as the metric."""


@contextmanager
def varied(service: Service, variation: Variation) -> Iterator[None]:
    """The store of ``service`` ranks by ``variation`` meanwhile."""

    def put(engine: Engine) -> tuple[Weights, SemanticChannel, bool]:
        index = engine.index
        before = index.weights, index.semantic, index.lifecycles.enabled
        index.weights, index.lifecycles.enabled = variation.weights, variation.lifecycle
        if variation.metric != index.semantic.metric:
            index.semantic = of_metric(index.semantic, variation.metric)
        return before

    before = service.inspect(put)
    try:
        yield
    finally:
        service.inspect(lambda engine: _restore(engine, *before))


def _restore(engine: Engine, weights: Weights, semantic: SemanticChannel, lifecycle: bool) -> None:
    index = engine.index
    index.weights, index.semantic, index.lifecycles.enabled = weights, semantic, lifecycle


def of_metric(channel: SemanticChannel, metric: Metric) -> SemanticChannel:
    """The channel over the same rows under another metric."""
    return SemanticChannel(
        channel.epoch, channel.kernels, channel.codes, channel.scales, channel.vectors, metric=metric
    )
