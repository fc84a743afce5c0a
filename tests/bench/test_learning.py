from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from slm.bench import app, learning
from slm.bench.candidates import Candidates
from slm.embed.onnx import Embedder
from slm.retrieval.weights import DEFAULT_WEIGHTS
from tests.bench import conversations

SHIPPED = np.array(list(DEFAULT_WEIGHTS.values()))
LAW = np.array([{**DEFAULT_WEIGHTS, "words": 4.0, "meaning": 0.4}[name] for name in DEFAULT_WEIGHTS])


@cache
def drawn(law: tuple[float, ...], count: int = 60) -> list[Candidates]:
    """Questions of twenty candidates, the best of which by ``law`` answers; no two are of one template."""
    draw = np.random.default_rng(0)
    made = []
    for _ in range(count):
        features = draw.normal(0, 0.3, (20, len(law))).astype(np.float32)
        best = int(np.argmax(features @ np.array(law)))
        made.append(candidates(features, frozenset({best})))
    return made


def candidates(features: np.ndarray, gold: frozenset[int], **more: object) -> Candidates:
    n = len(features)
    plain = {
        "units": range(n), "age": [(i, i) for i in range(n)], "cosines": np.eye(n),
        "stems": [frozenset()] * n, "asked": frozenset(),
    }  # fmt: skip
    return Candidates(features=features, gold=gold, **{**plain, **more})  # type: ignore[arg-type]


def test_true_reports_of_another_law_gain_while_they_are_learnt_from() -> None:
    """Simulation: the answers follow other weights than the shipped ones, and the learner finds the way there."""
    gains, learnt = learning.learnt_from(drawn(tuple(LAW)), learning.true_report, shown=10, events=400, seed=1)

    assert np.mean(gains[-100:]) > np.mean(gains[:100]) + 0.02
    assert learnt.weights["words"] > DEFAULT_WEIGHTS["words"]


def test_random_reports_cost_next_to_nothing() -> None:
    """Specification, design/retrieval.md: at most half a point; the sharpness falls to 0."""
    gains, learnt = learning.learnt_from(drawn(tuple(SHIPPED)), learning.random_report, shown=5, events=400, seed=1)

    assert 100 * np.mean(gains) >= -learning.MOST_LOST
    assert learnt.learner.sharpness < 0.5


def test_the_first_question_is_measured_before_anything_is_learnt() -> None:
    """Prequential (Dawid 1984): first asked, then told."""
    gains, _ = learning.learnt_from(drawn(tuple(LAW)), learning.true_report, shown=10, events=8, seed=1)

    assert gains == [0.0] * 8, "weights are published after eight uses"


def test_the_same_seed_gives_the_same_figures() -> None:
    """Reports and the order of questions are drawn by the seed."""
    asked = drawn(tuple(SHIPPED))
    one, again, other = (
        learning.learnt_from(asked, learning.random_report, shown=5, events=40, seed=seed)[1].record()
        for seed in (1, 1, 2)
    )

    assert one == again != other


def test_where_no_hit_answers_nothing_is_reported() -> None:
    """Nobody reports a hit that was of no use."""
    asked = [candidates(question.features, frozenset({99})) for question in drawn(tuple(SHIPPED), 5)]

    gains, learnt = learning.learnt_from(asked, learning.true_report, shown=5, events=20, seed=1)

    assert (gains, learnt.learner.n_uses) == ([0.0] * 20, 0)


def test_a_newer_statement_is_ranked_before_an_older_one_of_its_template() -> None:
    """The order that is measured is the one that recall shows; without the lift the older has more words."""
    features = np.zeros((3, len(SHIPPED)), np.float32)
    features[:, list(DEFAULT_WEIGHTS).index("words")] = [0.5, 0.4, 0.3]
    same = [frozenset("abcd") | {own} for own in "xyz"]
    question = candidates(features, frozenset({1}), stems=same, cosines=np.ones((3, 3)), age=[(1, 0), (2, 1), (0, 2)])

    assert question.order(SHIPPED) == [1, 0, 2]
    assert learning.ndcg(question, DEFAULT_WEIGHTS) == 1.0


def test_a_set_is_measured_from_its_files(tmp_path: Path, embedder: Embedder) -> None:
    """Made conversations through real ingestion: a row a kind of report and number of hits shown."""
    result = learning.run(conversations.write(tmp_path), seed=3, events=12, embedder=embedder)

    assert (result["set"], result["questions"], result["events"], result["seed"]) == ("LoCoMo", 4, 12, 3)
    assert [(row["reports"], row["shown"]) for row in result["rows"]] == [
        ("true", 5), ("true", 10), ("random", 5), ("random", 10),
    ]  # fmt: skip
    for row in result["rows"]:
        assert len(row["gained"]) == len(row["at_the_end"]) == learning.SEEDS
        assert row["worst"] == min(row["gained"])
    assert "sharpness in the end" in learning.table(result)


def test_a_row_beyond_the_bar_says_so() -> None:
    """The reader need not know the bar."""
    row = {"reports": "random", "shown": 5, "gained": [-0.9], "worst": -0.9, "at_the_end": [0.0], "sharpness": [0.1]}
    head = {
        "set": "made",
        "questions": 1,
        "events": 1,
        "seed": 1,
        "shipped": 50.0,
        "most_lost": 0.5,
        "sha256": "ab" * 32,
    }

    beyond, within = (learning.table({**head, "rows": [{**row, "within": one}]}) for one in (False, True))

    assert beyond.endswith("beyond the bar of -0.5")
    assert "bar" not in within


def test_the_command_takes_a_path_and_a_seed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """File or folder; the document is for machines."""
    asked = []
    monkeypatch.setattr(learning, "run", lambda *given, **options: asked.append((given, options)) or {"set": "x"})

    given = CliRunner().invoke(app.app, ["learning", str(tmp_path), "--seed", "3", "--json"], catch_exceptions=False)

    assert asked == [((tmp_path,), {"seed": 3})]
    assert json.loads(given.output)["set"] == "x"
