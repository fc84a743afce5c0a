from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from slm.bench import app, fit
from slm.bench.candidates import Choice
from slm.embed.onnx import Embedder
from slm.errors import InvalidInput
from slm.retrieval.weights import DEFAULT_WEIGHTS
from tests.bench.json_lines import BEAM, FACTS, write

TERMS = list(DEFAULT_WEIGHTS)
SHIPPED = np.array(list(DEFAULT_WEIGHTS.values()))
AUTHOR = TERMS.index("author")


def _drawn(law: np.ndarray, count: int, seed: int = 0) -> list[Choice]:
    """Choices of one answer among twelve, drawn by p ∝ exp law·x; the author is never asked for."""
    draw = np.random.default_rng(seed)
    made = []
    for _ in range(count):
        features = draw.normal(0, 0.4, (12, len(TERMS)))
        features[:, AUTHOR] = 0.0
        p = np.exp(features @ law)
        made.append(Choice(features, (int(draw.choice(12, p=p / p.sum())),)))
    return made


@cache
def _fitted_to_the_shipped_weights() -> dict:
    return fit.compared({"made": _drawn(2.0 * SHIPPED, 300)})


def test_the_shipped_weights_lie_within_the_errors_where_they_are_the_law() -> None:
    """Simulation: answers drawn by the shipped weights; at 95 % hardly more than one of twelve lies outside."""
    result = _fitted_to_the_shipped_weights()

    outside = [name for name, row in result["terms"].items() if not row["within"]]
    assert len(outside) <= 1
    assert result["degrees"] == len(TERMS) - 2  # not the author, and all weights together have a scale
    assert result["likelihood_ratio"] < 30
    assert result["sharpness"]["all"] == pytest.approx(2.0, rel=0.15)


def test_a_term_that_is_never_on_is_named_and_not_fitted() -> None:
    """Nothing can be said of the weight of a feature that is always 0."""
    result = _fitted_to_the_shipped_weights()

    assert result["not_in_the_data"] == ["author"]
    assert "author" not in result["terms"]


def test_a_weight_that_is_wrong_lies_outside_the_errors() -> None:
    """Simulation: answers drawn with twice the weight of the words."""
    law = np.array([{**DEFAULT_WEIGHTS, "words": 3.0}[name] for name in TERMS])

    result = fit.compared({"made": _drawn(2.0 * law, 300)})

    assert result["terms"]["words"]["fitted"] > 1.8
    assert not result["terms"]["words"]["within"]
    assert result["likelihood_ratio"] > 25


def test_the_maximum_is_a_maximum() -> None:
    """Oracle: no small step in any direction makes the answers more likely."""
    asked = [Choice(choice.features[:, :3], choice.answers) for choice in _drawn(2.0 * SHIPPED, 100)]
    found = fit.maximum(asked, np.zeros(3))

    for step in np.concatenate([np.eye(3), -np.eye(3)]) * 0.02:
        assert fit.maximum(asked, found.natural + step).log_likelihood == pytest.approx(found.log_likelihood)
        assert _log_likelihood(asked, found.natural + step) < found.log_likelihood


def _log_likelihood(asked: list[Choice], at: np.ndarray) -> float:
    scores = [(choice.features @ at, choice.answers[0]) for choice in asked]
    return float(np.mean([s[i] - np.log(np.exp(s).sum()) for s, i in scores]))


def test_standard_errors_shrink_with_the_root_of_the_questions() -> None:
    """Theorem: the information of independent questions adds up."""
    asked = _drawn(2.0 * SHIPPED, 60)

    once, four_times = (fit.compared({"made": asked * times})["terms"]["words"]["std_error"] for times in (1, 4))

    assert four_times == pytest.approx(once / 2, rel=0.02)


def test_the_average_information_is_the_variance_of_the_best_hits() -> None:
    """Oracle: numpy's weighted covariance of the first ten rows under softmax of the sharpened scores."""
    choice = _drawn(SHIPPED, 1)[0]
    rows = choice.features[: fit.HITS]
    p = np.exp(1.5 * rows @ SHIPPED)

    expected = np.cov(rows.T, aweights=p / p.sum(), ddof=0)

    assert fit.information([choice], 1.5) == pytest.approx(expected)


def test_several_answers_of_a_question_count_as_one_question() -> None:
    """As in learning from use: the average over the answers, each against what is no answer."""
    rows = np.array([[0.9], [0.9], [0.1], [0.3]])

    both = fit.maximum([Choice(rows, (0, 1)), Choice(rows, (2,))], np.zeros(1))
    one = fit.maximum([Choice(rows[1:], (0,)), Choice(rows, (2,))], np.zeros(1))

    assert both.natural == pytest.approx(one.natural)


def test_a_set_is_fitted_from_its_files(tmp_path: Path, embedder: Embedder) -> None:
    """Made files in the format of FactConsolidation: two questions."""
    folder = write(tmp_path / "facts", FACTS)

    result = fit.run({"factconsolidation": folder}, embedder)

    assert result["questions"] == {"FactConsolidation": 2}
    assert set(result["terms"]) | set(result["not_in_the_data"]) == set(TERMS)
    assert "sharpness of the shipped weights" in fit.table(result)


def test_sets_that_may_not_be_fitted_on_are_refused(tmp_path: Path) -> None:
    """LoCoMo's licence forbids it: there is no way to name it. Nor can nothing be fitted."""
    with pytest.raises(InvalidInput, match="locomo"):
        fit.run({"locomo": tmp_path})
    with pytest.raises(InvalidInput, match="no set"):
        fit.run({})


def test_the_command_takes_a_folder_a_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that are given arrive by their commands' names."""
    asked = []
    monkeypatch.setattr(fit, "run", lambda folders: asked.append(folders) or {"terms": {}})
    beam = write(tmp_path / "beam", BEAM)

    given = CliRunner().invoke(app.app, ["fit", "--beam", str(beam), "--json"], catch_exceptions=False)

    assert asked == [{"beam": beam}]
    assert json.loads(given.output)["terms"] == {}
