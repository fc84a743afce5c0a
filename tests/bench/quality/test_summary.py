from __future__ import annotations

import json
from pathlib import Path

import pytest

from slm.bench.quality.summary import BEGIN, END, quality, results_in, written_into
from slm.errors import InvalidInput


def _figure(mean: float) -> dict[str, object]:
    return {"mean": mean, "interval": [mean - 2, mean + 2], "by_store": None}


def _result(name: str, **more: object) -> dict[str, object]:
    rows = {
        "slm recall": {"metrics": {"R@10": _figure(84.0), "nDCG@10": _figure(68.0)}, "difference": {}},
        "without date": {
            "metrics": {"R@10": _figure(82.0), "nDCG@10": _figure(66.0)},
            "difference": {"R@10": {"mean": -2.0, "interval": [-3.0, -1.0]}},
        },
    }
    return {
        "set": name, "headline": "R@10", "stores": 1, "memories": 1234, "questions": 56, "seed": 7, "rows": rows,
        "commit": "abc1234", "sha256": "0123456789abcdef", **more,
    }  # fmt: skip


def test_every_ranking_is_a_row_and_every_set_a_column() -> None:
    """STYLE.md, a claim: value with interval, the others with their difference to it."""
    other = _result("BEAM")
    del other["rows"]["without date"]

    lines = quality([_result("LoCoMo"), other]).splitlines()

    assert lines[:4] == [
        "| | LoCoMo R@10 | BEAM R@10 |",
        "|---|---|---|",
        "| slm recall | **84.0** (82.0 to 86.0) | **84.0** (82.0 to 86.0) |",
        "| without date | 82.0 (-2.0) |  |",
    ]


def test_below_the_table_stands_what_was_measured_and_on_what() -> None:
    """Commit, seed and the data's sha256; the audited half, abstention and answers where a set has them."""
    audited = _result("LoCoMo")["rows"]
    said = quality(
        [
            _result(
                "LoCoMo",
                clean={"questions": 50, "rows": audited},
                abstention={
                    "abstained": {"answerable": {"share": 1.2}, "of another store": {"share": 80.0}},
                    "auc": {"of another store": {"mean": 95.5}},
                },
                answers={"F1": 27.5},
            )
        ]
    ).splitlines()[-1]

    assert said == (
        "- **LoCoMo**: 1,234 memories in 1 store, 56 questions; R@10 84.0, nDCG@10 68.0; on the 50 that an audit found "
        "fit R@10 84.0, nDCG@10 68.0; abstained on 1.2 % of the questions answerable; abstained on 80.0 % of the "
        "questions of another store (AUC 95.5); answers F1 27.5; commit abc1234, seed 7, data sha256 0123456789ab…"
    )


def test_a_readme_keeps_everything_outside_its_marks(tmp_path: Path) -> None:
    """``make regenerate`` writes the block, ``make generated`` finds no difference then."""
    (tmp_path / "b.json").write_text(json.dumps(_result("B")))
    (tmp_path / "a.json").write_text(json.dumps(_result("A")))
    results = results_in(tmp_path)
    readme = f"# slm\n\n{BEGIN}\nold\n{END}\nmore\n"

    written = written_into(readme, results)

    assert [result["set"] for result in results] == ["A", "B"]
    assert written == f"# slm\n\n{BEGIN}\n{quality(results)}\n{END}\nmore\n"
    assert written_into(written, results) == written


def test_a_readme_without_marks_is_refused() -> None:
    """Nothing is written to a place that wasn't meant."""
    with pytest.raises(InvalidInput, match="lacks"):
        written_into("# slm", [])
