from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from slm.engine import recalls
from slm.engine.hits import Hit
from slm.engine.recalls import Recalled, Recalls, feature_matrix, recalled
from slm.model import Memory
from slm.retrieval.abstention import Verdict
from slm.retrieval.ranking import Ranking
from slm.retrieval.standings import Standings
from slm.retrieval.weights import DEFAULT_WEIGHTS
from tests.engine.desk import Desk

ASKED = datetime(2026, 11, 24, 12, tzinfo=UTC)
NAMES = list(DEFAULT_WEIGHTS)


def _ranking(n: int) -> Ranking:
    """``n`` memories whose ordinals run backwards, with two of the features, one of them twice the other."""
    values = np.arange(n, 0, -1) / 7
    features = {"meaning": values, "words": 2 * values}
    return Ranking(
        np.arange(n)[::-1] + 10, features, DEFAULT_WEIGHTS, 4 * values, values, values, np.zeros((0, n), bool), values,
        values < 0, 0.0, n,
        Standings({"meaning": np.arange(n + 10.0)}, np.ones(n + 10, bool)),
    )  # fmt: skip


def _hit(ranking: Ranking, place: int, **more: float) -> Hit:
    terms = {name: float(values[place]) for name, values in ranking.terms.items()} | more
    return Hit(Memory(f"m{place}", ""), sum(terms.values()), terms, place)


def _recalled(ordinals: list[int] | int, query: str = "which port") -> Recalled:
    """A recall of a made ranking, its hits moved to the ``ordinals`` if a list."""
    count = ordinals if isinstance(ordinals, int) else len(ordinals)
    ranking = _ranking(count)
    found = [_hit(ranking, place) for place in range(count)]
    made = recalled("8f2a", query, ASKED, ["global"], Verdict(0.8, None), ranking, found, {})
    if not isinstance(ordinals, int):
        made.ordinals[:] = ordinals
    return made


MADE = [_recalled([ordinal]) for ordinal in range(4)]


def test_a_recall_keeps_what_was_shown() -> None:
    """The brief of learning: ids, features in the order of the weights, weights, scores; and the terms for why."""
    ranking = _ranking(3)
    found = [_hit(ranking, 2, supersedes=0.5), _hit(ranking, 0)]

    kept = recalled("8f2a", "which port", ASKED, ["acme/api", "global"], Verdict(0.8, None), ranking, found, {})

    assert (kept.recall_id, kept.query, kept.asked, kept.scopes) == (
        "8f2a",
        "which port",
        ASKED,
        ("acme/api", "global"),
    )
    assert (kept.ordinals.tolist(), kept.scores.tolist()) == ([10, 12], [hit.score for hit in found])
    assert [kept.terms_at(0), kept.terms_at(1)] == [hit.terms for hit in found]
    assert "supersedes" not in kept.terms_at(1)
    assert [kept.standings_at(place) for place in (0, 1)] == [{"meaning": 3}, {"meaning": 1}]


def test_features_stand_in_the_order_of_the_weights_and_are_0_where_switched_off() -> None:
    """An event of learning is a matrix whose columns mean the same for every question."""
    matrix = feature_matrix(_ranking(3), [1, 0])

    assert (matrix.dtype, matrix.shape) == (np.float32, (2, len(NAMES)))
    assert matrix[:, NAMES.index("meaning")] == pytest.approx([2 / 7, 3 / 7])
    assert matrix[:, NAMES.index("words")] == pytest.approx([4 / 7, 6 / 7])
    assert np.count_nonzero(matrix) == 4


@given(st.integers(0, 12))
def test_features_times_weights_are_the_scores(n: int) -> None:
    """What is learnt from is what the score was made of, to the digits that float32 holds."""
    kept = _recalled(n)

    assert kept.features @ list(DEFAULT_WEIGHTS.values()) == pytest.approx(kept.scores, rel=1e-5)
    assert [sum(kept.terms_at(place).values()) for place in range(n)] == pytest.approx(kept.scores.tolist())


def test_no_more_hits_are_kept_than_a_reader_looks_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand hits, 64 times, of 32 peers, must not fill the memory."""
    monkeypatch.setattr(recalls, "HITS", 3)

    kept = _recalled(5)

    assert len(kept.ordinals) == len(kept.features) == len(kept.terms) == 3


def test_a_recall_holds_on_to_none_of_the_rankings_arrays() -> None:
    """They are as long as the store: 64 of them would be too."""
    ranking = _ranking(3)
    kept = recalled("8f2a", "", ASKED, [], Verdict(0.8, None), ranking, [_hit(ranking, 0)], {})

    assert not any(
        np.shares_memory(own, theirs)
        for own in (kept.ordinals, kept.scores, kept.features, *kept.standings.values())
        for theirs in (ranking.ordinals, ranking.scores, *ranking.features.values(), *ranking.standings.values.values())
    )


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 3)), max_size=30))
def test_each_of_the_last_peers_has_its_last_recalls(asked: list[tuple[int, int]]) -> None:
    """Bounded on both sides. Oracle: lists in a dict, the peer that asked longest ago taken out."""
    kept, oracle = Recalls(), dict[int, list[Recalled]]()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recalls, "PEERS", 3)
        patch.setattr(recalls, "RECALLS", 2)
        for peer, which in asked:
            kept.add(f"peer{peer}", MADE[which])
            oracle[peer] = [MADE[which], *oracle.pop(peer, [])]
            if len(oracle) > 3:
                del oracle[next(iter(oracle))]

    assert {peer: list(kept.of(f"peer{peer}")) for peer in range(5)} == {
        peer: oracle.get(peer, [])[:2] for peer in range(5)
    }


def test_the_peer_that_asked_longest_ago_makes_room() -> None:
    """Bounded whatever names peers call themselves by."""
    kept = Recalls()
    for number in range(recalls.PEERS + 1):
        kept.add(f"peer{number}", _recalled(1))
        kept.add("peer0", _recalled(1))

    assert list(kept.of("peer1")) == []
    assert len(list(kept.of("peer0"))) == recalls.PEERS + 2
    assert len(list(kept.of("peer2"))) == 1


def test_the_sixty_fifth_recall_pushes_the_first_one_out() -> None:
    """experience.md: the daemon keeps the last 64 a peer."""
    kept = Recalls()
    for number in range(65):
        kept.add("cli", _recalled(1, str(number)))

    assert [recall.query for recall in kept.of("cli")] == [str(number) for number in range(64, 0, -1)]


def test_a_memory_is_found_in_the_last_recall_that_showed_it() -> None:
    """``why ID``, and a use: the later recall is the one that is meant."""
    kept = Recalls()
    first, second, third = _recalled([1, 2]), _recalled([3, 1]), _recalled([4])
    for recall in (first, second, third):
        kept.add("cli", recall)

    assert kept.showing("cli", 1) == (second, 1)
    assert kept.showing("cli", 2) == (first, 1)
    assert kept.showing("cli", 9) is None
    assert kept.showing("mcp:claude", 1) is None


def test_every_recall_is_kept_with_what_it_showed(desk: Desk) -> None:
    """The integration: from ``recall`` into memory, a peer at a time."""
    texts = ["the api listens on 5433", "the backup runs at night"]
    ids = [desk.remember(text) for text in texts]

    answer = desk.call("recall", query="where does the api listen", min_confidence=0, as_actor="mcp:claude")
    kept = list(desk.engine().recalls.of("mcp:claude"))

    assert [recall.recall_id for recall in kept] == [answer["recall_id"]]
    assert [ids[ordinal] for ordinal in kept[0].ordinals] == [hit["memory"]["id"] for hit in answer["hits"]]
    assert kept[0].scores.tolist() == [hit["score"] for hit in answer["hits"]]
    assert list(desk.engine().recalls.of("cli")) == []


def test_what_the_budget_left_out_was_not_shown(desk: Desk) -> None:
    """A use can only speak of what was seen."""
    for text in ("the api listens on 5433", "the api has an olive branch"):
        desk.remember(text)

    answer = desk.call("recall", query="api", min_confidence=0, budget=1)

    assert len(answer["hits"]) == len(next(desk.engine().recalls.of("cli")).ordinals) == 1
