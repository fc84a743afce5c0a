"""The baseline whose std comes from a text's own tokens, against the definition."""

from __future__ import annotations

import numpy as np
import pytest

from slm.bench.quality.asking import filled
from slm.bench.quality.token_variance import LEAST_STD, normals, squared_distances, token_variance
from slm.embed.onnx import Embedder
from slm.geometry.fisher_rao import squared_distance
from slm.geometry.normal import DiagonalNormal
from tests.bench.quality.stores import made

TEXTS = ["I adopted a grey cat.", "Mo", "The kiln broke, so I paint landscapes now."]


def ids(embedder: Embedder, text: str) -> list[int]:
    return embedder.tokenizer.encode(text, 256)


def test_mean_and_std_are_those_of_the_token_states(embedder: Embedder) -> None:
    """Oracle: numpy on the states of one text alone; the mean has length 1."""
    means, stds = normals(embedder, [ids(embedder, text) for text in TEXTS])

    for mean, std, text in zip(means, stds, TEXTS, strict=True):
        states = embedder.token_states([ids(embedder, text)])[0].astype(np.float64)
        length = np.linalg.norm(states.mean(axis=0))
        np.testing.assert_allclose(mean, states.mean(axis=0) / length, atol=1e-5)
        np.testing.assert_allclose(std, np.maximum(states.std(axis=0) / length, LEAST_STD), atol=1e-5)
        assert np.linalg.norm(mean) == pytest.approx(1.0)


def test_distances_are_fisher_rao_between_unequal_normals() -> None:
    """Oracle: the reference distance, pair by pair; more rows than a block."""
    draw = np.random.default_rng(3)
    means, stds = draw.normal(size=(300, 6)), draw.uniform(0.2, 2, size=(300, 6))
    mean, std = draw.normal(size=6), draw.uniform(0.2, 2, size=6)

    found = squared_distances(means, stds, mean, std)

    expected = [
        squared_distance(DiagonalNormal(m, s), DiagonalNormal(mean, std)) for m, s in zip(means, stds, strict=True)
    ]
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_a_text_is_nearest_to_itself(embedder: Embedder) -> None:
    """A distance is 0 to the same point alone; constant coordinates count for nothing."""
    with filled([made()], embedder) as service:
        for position in (2, 4):
            text = made().records[position]["text"]
            scores = service.inspect(lambda engine, text=text: token_variance(engine, embedder)(engine, text))
            assert scores.shape == (5,)
            assert int(np.argmax(scores)) == position
            assert scores[position] == pytest.approx(0.0, abs=1e-6)
