from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slm.engine.why_not import gap
from slm.retrieval import recall as ranking
from tests.engine.desk import Desk

QUESTION = "where does the api listen"
TERMS = st.dictionaries(
    st.sampled_from(["meaning", "words", "author", "supersedes"]), st.integers(-999, 999).map(float)
)


@pytest.fixture
def filled(desk: Desk) -> Desk:
    """Six memories of falling nearness to the question."""
    for count in range(5, -1, -1):
        desk.remember(f"{' '.join(QUESTION.split()[:count])} memory{count}")
    return desk


def _ids(desk: Desk, **fields: Any) -> list[str]:
    return [hit["memory"]["id"] for hit in desk.hits(QUESTION, **fields)]


def _why(desk: Desk, memory_id: str, **fields: Any) -> dict[str, Any]:
    return desk.call("why", id=memory_id, **{"for": QUESTION, "min_confidence": 0, **fields})


def _excluded(answer: dict[str, Any]) -> list[str]:
    return [each["by"] for each in answer["excluded"]]


def test_every_hit_has_the_place_score_and_terms_that_recall_gives_it(filled: Desk) -> None:
    """``why ID --for QUERY`` works for hits too; oracle: the recall itself."""
    for hit in filled.hits(QUESTION, why=True, limit=6):
        answer = _why(filled, hit["memory"]["id"], limit=6)

        shared = ("rank", "score", "why", "channels", "weights", "memory", "phase", "flags")
        assert {name: answer[name] for name in shared} == {name: hit[name] for name in shared}
        assert (answer["shown"], answer["excluded"]) == (True, [])


@pytest.mark.parametrize("limit", [1, 3])
def test_what_is_below_the_limit_says_its_rank_and_what_it_lacks(filled: Desk, limit: int) -> None:
    """experience.md: its rank and the term gap to the lowest hit shown."""
    ids = _ids(filled)
    answer = _why(filled, ids[4], limit=limit)

    assert (answer["rank"], answer["shown"], _excluded(answer)) == (5, False, ["limit"])
    assert answer["excluded"][0] == {
        "by": "limit", "detail": f"rank 5 of 6, at most {limit} are shown", "hint": "--limit 5",
    }  # fmt: skip
    assert (answer["lowest"]["id"], answer["lowest"]["rank"]) == (ids[limit - 1], limit)
    assert round(sum(answer["gap"].values()), 6) == round(answer["score"] - answer["lowest"]["score"], 6) < 0


def test_the_advice_of_the_limit_shows_it(filled: Desk) -> None:
    """The hint is a promise."""
    fifth = _ids(filled)[4]

    assert _why(filled, fifth, limit=5)["shown"]


@given(TERMS, TERMS)
def test_the_gaps_sum_to_the_difference_of_the_scores(own: dict[str, float], lowest: dict[str, float]) -> None:
    """A term that one of the two lacks counts as 0."""
    assert sum(gap(own, lowest).values()) == sum(own.values()) - sum(lowest.values())


def test_a_memory_outside_the_pool_has_terms_and_a_place_in_the_first_pass(
    filled: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """experience.md: outside the pool. Oracle: a pool that holds everything."""
    within = _why(filled, _ids(filled)[5])
    monkeypatch.setattr(ranking, "POOL", 2)

    outside = _why(filled, within["memory"]["id"], limit=1)

    assert (outside["rank"], _excluded(outside)) == (None, ["pool"])
    assert outside["excluded"][0]["detail"] == "outside the best 2 of 6, which are ranked exactly"
    assert outside["why"] == within["why"]
    assert outside["first_pass"] == within["first_pass"] == 6
    assert set(outside["gap"]) == set(within["why"])


def test_a_memory_in_another_scope_was_not_searched(desk: Desk) -> None:
    """experience.md: scope. Its terms aren't guessed."""
    memory_id = desk.remember("the api listens on 5433", in_scope="acme/web")
    desk.remember("the api listens on 5432", in_scope="acme/api")

    answer = _why(desk, memory_id, in_scope="acme/api")

    assert (_excluded(answer), answer["rank"], answer["why"], answer["gap"]) == (["scope"], None, {}, {})
    assert answer["excluded"][0]["detail"] == "it is in acme/web, searched is acme/api"
    assert (answer["searched"], answer["scope"]) == (1, ["acme/api"])
    assert _why(desk, memory_id, in_scope="acme/api", all_scopes=True)["shown"]


def test_forgotten_and_corrected_memories_say_so(desk: Desk) -> None:
    """experience.md: superseded, forgotten."""
    gone, wrong = desk.remember("the api listens on 5433"), desk.remember("the api is in the attic")
    desk.call("forget", id=gone, reason="moved")
    new = desk.call("correct", id=wrong, text="the api is in the cellar", reason="misheard")["id"]

    forgotten, corrected = _why(desk, gone)["excluded"], _why(desk, wrong)["excluded"]

    assert [each["by"] for each in (*forgotten, *corrected)] == ["forgotten", "corrected"]
    assert forgotten[0]["detail"].endswith(": moved")
    assert corrected[0] == {"by": "corrected", "detail": "it was never true: misheard", "hint": f"slm why {new}"}


def test_a_superseded_memory_is_ranked_and_the_term_says_what_put_it_there(desk: Desk) -> None:
    """Stale facts come below what replaced them: not excluded, but behind."""
    old = desk.remember("where does the api listen: 5432")
    new = desk.call("remember", text="since the move it is 5433", supersedes=old)["id"]

    answer = _why(desk, old, limit=1)

    assert (answer["flags"], answer["rank"], _excluded(answer)) == (["superseded"], 2, ["limit"])
    assert (answer["lowest"]["id"], answer["gap"]["supersedes"] < 0) == (new, True)


@pytest.mark.parametrize(
    ("filters", "by", "detail"),
    [
        ({"since": "2024-03-15"}, "since", "observed 2024-03-14T12:00:00Z, before 2024-03-15"),
        ({"until": "2024-03-13"}, "until", "observed 2024-03-14T12:00:00Z, after 2024-03-13"),
        ({"tag": ["net", "db"]}, "tag", "its tags: net"),
        ({"as_of": "2024-03-13"}, "as_of", "it was not true at 2024-03-13"),
    ],
)
def test_a_filter_that_excludes_it_is_named(filled: Desk, filters: dict[str, Any], by: str, detail: str) -> None:
    """experience.md: filter (since, until, tag), as of."""
    memory_id = filled.remember("the api listens on 5433", at="2024-03-14T12:00:00Z", tag="net")

    answer = _why(filled, memory_id, zone="UTC", **filters)

    assert (_excluded(answer), answer["excluded"][0]["detail"]) == ([by], detail)
    assert _why(filled, memory_id)["shown"], "without the filter it is shown"


def test_everything_that_excludes_it_is_named(desk: Desk) -> None:
    """One reason mended must not leave a second one to be found."""
    memory_id = desk.remember("the api listens on 5433", in_scope="acme/web")
    desk.call("forget", id=memory_id)

    assert _excluded(_why(desk, memory_id, tag="absent")) == ["forgotten", "scope", "tag"]


def test_what_no_longer_fits_into_the_budget_says_so(filled: Desk) -> None:
    """experience.md: budget."""
    ids = _ids(filled)

    answer = _why(filled, ids[1], budget=1)

    assert (answer["rank"], _excluded(answer)) == (2, ["budget"])
    assert answer["excluded"][0]["detail"] == "the hits before it spend the 1 tokens"
    assert answer["lowest"]["id"] == ids[0]


def test_an_answer_that_abstains_shows_nothing_and_says_why(desk: Desk) -> None:
    """experience.md: abstained; its place is told all the same."""
    ids = [desk.remember(f"note number{number} about the garden") for number in range(60)]

    answer = _why(desk, ids[0], min_confidence=1)

    assert (answer["abstained"], answer["lowest"], answer["gap"]) == (True, None, {})
    assert _excluded(answer)[0] == "abstained"
    assert answer["excluded"][0]["detail"] == answer["reason"]
    assert answer["rank"] is not None


def test_asking_why_is_no_recall(filled: Desk) -> None:
    """``why --last`` goes on speaking of what one asked before."""
    filled.call("recall", query="memory3")
    _why(filled, _ids(filled)[0])

    assert filled.call("why", last=True)["query"] == QUESTION, "of the recall in _ids"
    assert len(list(filled.engine().recalls.of("cli"))) == 2
