"""What a person reads: every figure with its baseline and interval."""

from __future__ import annotations

from typing import Any

from slm.bench.quality.metrics import METRICS
from slm.bench.quality.table import table


def figure(mean: float, by_store: list[float] | None = None) -> dict[str, Any]:
    return {"mean": mean, "interval": [mean - 2, mean + 2], "by_store": by_store}


def row(mean: float, **more: Any) -> dict[str, Any]:
    metrics = {name: figure(mean, [mean - 5, mean + 5]) for name in METRICS}
    return {"metrics": metrics, "categories": {"a": {"questions": 3, **dict.fromkeys(METRICS, mean)}}, **more}


def document(**more: Any) -> dict[str, Any]:
    difference = {name: {"mean": -20.25, "interval": [-24.0, 1.5]} for name in METRICS}
    rows = {"slm recall": row(80.04), "words alone (BM25)": row(60.0, difference=difference)}
    return {
        "set": "Made", "headline": "R@10", "stores": 2, "memories": 2832, "questions": 682, "seed": 7,
        "sha256": "0123456789abcdef", "rows": rows, **more,
    }  # fmt: skip


def test_the_head_says_what_was_measured() -> None:
    """A claim carries sizes, seed and the data's sha256."""
    head = table(document()).splitlines()[0]

    assert head == (
        "Made: 2 stores, 2,832 memories, 682 questions with known evidence, data sha256 0123456789ab…, seed 7"
    )


def test_every_row_has_every_measure_and_the_intervals_of_the_headline() -> None:
    """The baseline stands under the figure, with its paired difference."""
    head, recall, words = table(document()).splitlines()[2:5]

    assert head.split()[:6] == list(METRICS)
    assert "R@10 95 %" in head
    assert recall.split() == ["slm", "recall", *["80.0"] * 6, "78.0–82.0", "75.0–85.0"]
    assert words.split()[-4:] == ["-20.2", "(-24.0", "to", "+1.5)"]


def test_columns_stand_under_their_names() -> None:
    """Read by eye."""
    head, recall, words = table(document()).splitlines()[2:5]

    ends = [head.index(name) + len(name) for name in METRICS]
    assert all(line[end - 4 : end] in ("80.0", "60.0") for line in (recall, words) for end in ends)


def test_categories_are_shown_where_there_are_several() -> None:
    """A single one would repeat the row."""
    two = row(70.0)
    two["categories"]["b"] = {**two["categories"]["a"], "questions": 9}

    assert "by category" not in table(document())
    shown = table(document(rows={"slm recall": two}))
    assert "slm recall, by category" in shown
    assert "b (9)" in shown


def test_one_store_shows_no_interval_over_stores() -> None:
    """Nothing is made up."""
    alone = row(50.0)
    alone["metrics"]["R@10"] = figure(50.0)

    assert table(document(rows={"slm recall": alone})).splitlines()[3].split()[-1] == "48.0–52.0"


def test_clean_questions_stand_beside_all() -> None:
    """With their own rows."""
    shown = table(document(clean={"questions": 600, "rows": {"slm recall": row(90.0)}}))

    assert "600 questions that an audit found fit" in shown
    assert "90.0" in shown


def test_abstention_answers_and_times_are_told() -> None:
    """Literals."""
    abstention = {
        "abstained": {
            "answerable": {"questions": 4, "share": 25.0}, "of another store": {"questions": 5, "share": 80.0},
        },
        "auc": {"of another store": {"mean": 91.25, "interval": [88.0, 94.0]}},
    }  # fmt: skip
    answers = {"questions": 9, "answered": 7, "F1": 27.46, "categories": {"multi-hop": 20.0, "temporal": 31.0}}

    lines = table(
        document(abstention=abstention, answers=answers, timings_ms={"embed": 5.91, "rest": 3.04})
    ).splitlines()[-8:]

    assert [" ".join(line.split()) for line in lines] == [
        "abstention",
        "answerable (4) 25.0 % abstained",
        "of another store (5) 80.0 % abstained, AUC against answerable 91.2 (88.0–94.0)",
        "",
        "answers: F1 27.5, 7 of 9 questions answered",
        "multi-hop 20.0, temporal 31.0",
        "",
        "medians: embedding 5.9 ms, the rest of a recall 3.0 ms",
    ]


def test_what_was_not_measured_is_not_shown() -> None:
    """No empty headings."""
    shown = table(document(clean=None, abstention={"abstained": {}, "auc": {}}, answers=None))

    assert not any(word in shown for word in ("audit", "abstention", "answers", "medians"))
