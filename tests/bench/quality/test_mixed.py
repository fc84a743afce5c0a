"""One store of all sets against a store a conversation."""

from __future__ import annotations

from slm.bench.quality.mixed import ALL, OWN, measure
from slm.embed.onnx import Embedder
from tests.bench.quality.stores import LINES, made


def test_the_same_questions_are_asked_in_both(embedder: Embedder) -> None:
    """Ten strangers beside five memories: recall among twenty loses nothing, the difference is paired."""
    result = measure([made("one")], [made("two"), made("three")], seed=1, embedder=embedder)

    assert list(result["rows"]) == [OWN, ALL]
    assert (result["questions"], result["memories"]) == (2, 3 * len(LINES))
    assert result["rows"][OWN]["metrics"]["R@20"]["mean"] == 100.0
    assert result["rows"][ALL]["metrics"]["R@20"]["mean"] == 100.0
    assert result["rows"][ALL]["difference"]["R@20"]["mean"] == 0.0


def test_hits_of_others_push_ones_own_down(embedder: Embedder) -> None:
    """Equal texts of three collections share the first places, and only one of them is a hit."""
    result = measure([made("one"), made("two")], [made("three")], seed=1, embedder=embedder)

    assert result["rows"][OWN]["metrics"]["MRR"]["mean"] == 100.0
    assert result["rows"][ALL]["metrics"]["MRR"]["mean"] < 100.0
