from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from slm.bench.audit_sets import read_sets, run, scores, table
from slm.errors import InvalidInput

SETS = [
    ("contradiction", ["The port is 81.", "The port is 82."]),
    ("contradiction", ["Tor works at the same company as Liv.", "Tor works at Aas.", "Liv works at Bo."]),
    ("consistent", ["The port is 81.", "The host is alfa."]),
    ("consistent", ["Tor works at the same company as Liv.", "Tor works at Aas.", "Liv works at Aas."]),
    ("supersession", ["The port is 81.", "The port is now 82."]),
]


def write(path, sets=SETS):
    with path.open("w", encoding="utf-8") as file:
        for n, (label, texts) in enumerate(sets):
            memories = [{"text": t, "time": f"2025-03-0{i + 1}T09:00", "source": "user"} for i, t in enumerate(texts)]
            file.write(json.dumps({"id": str(n), "label": label, "hard": None, "memories": memories}) + "\n")
    return path


def letters(texts):
    """A stub embedder: unit vectors of letter counts."""
    rows = np.array([[text.count(letter) + 0.1 for letter in "abcdefgh"] for text in texts])
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_the_sheaf_finds_chains_and_pairs_dont(tmp_path):
    """Five sets with answers by hand: two contradictions, one of them a chain of three."""
    result = run(write(tmp_path / "sets.jsonl"), letters)
    sheaf, pairs = (result["rows"][name] for name in ("claim sheaf", "pairwise (subject, attribute)"))

    assert (sheaf["precision"], sheaf["recall"], sheaf["superseded"]) == (1.0, 1.0, [1, 1])
    assert (sheaf["of three or more"]["found"], pairs["of three or more"]["found"]) == ([1, 1], [0, 1])
    assert pairs["recall"] == 0.5
    assert result["coverage"] == pytest.approx(10 / 12, abs=0.2)


def test_the_embedding_baseline_stands_in_the_same_run(tmp_path):
    """Style page: every figure beside its baseline."""
    result = run(write(tmp_path / "sets.jsonl"), letters)

    assert 0.0 <= result["rows"]["embedding difference"]["AUC"] <= 1.0
    assert "embedding difference" in table(result)
    assert "embedding difference" not in run(tmp_path / "sets.jsonl")["rows"]


def test_a_folder_is_read_as_all_its_files(tmp_path):
    """``slm bench audit DIR``."""
    write(tmp_path / "a.jsonl", SETS[:2])
    write(tmp_path / "b.jsonl", SETS[2:])

    assert len(read_sets(tmp_path)) == 5


@pytest.mark.parametrize("line", ["{}", "[]", "nonsense", '{"id": 1, "label": "odd", "memories": []}'])
def test_another_shape_is_an_error_that_names_the_line(tmp_path, line):
    """Errors say what and where (style)."""
    path = tmp_path / "sets.jsonl"
    path.write_text(line + "\n", encoding="utf-8")

    with pytest.raises(InvalidInput, match=r"sets\.jsonl:1"):
        read_sets(path)


def test_an_empty_folder_is_an_error(tmp_path):
    """Nothing measured is no result."""
    with pytest.raises(InvalidInput):
        read_sets(tmp_path)


@given(st.lists(st.tuples(st.sampled_from(["contradiction", "consistent"]), st.booleans()), max_size=30))
def test_scores_count_what_they_say(judged):
    """Oracle: counting by hand."""
    row = scores(judged)
    hits = judged.count(("contradiction", True))
    alarms = judged.count(("consistent", True))
    negatives = alarms + judged.count(("consistent", False))

    assert row["found"][0] == hits
    assert row["false positive rate"] == pytest.approx(alarms / negatives if negatives else 0.0, abs=1e-3)
    assert row["precision"] == pytest.approx(hits / (hits + alarms) if hits + alarms else 1.0, abs=1e-3)


def test_the_result_with_the_baseline_is_json(tmp_path):
    """``--json`` of every bench command."""
    assert json.loads(json.dumps(run(write(tmp_path / "sets.jsonl"), letters)))["sets"] == len(SETS)


@pytest.mark.parametrize(("source", "found"), [("notes.md", 1), ("claude-code", 1), ("user", 1), ("ana", 0)])
def test_a_person_speaks_of_themselves_and_a_file_for_the_user(tmp_path, source, found):
    """A labelled set's source: what Ana says of hers contradicts nothing of the user's, a file of notes does."""
    texts = [("My seat is 14C.", "user"), ("My seat is 22A.", source)]
    memories = [{"text": text, "time": "2025-03-01T09:00", "source": who} for text, who in texts]
    path = tmp_path / "sets.jsonl"
    path.write_text(json.dumps({"id": "s", "label": "contradiction", "hard": None, "memories": memories}))

    assert run(path)["rows"]["claim sheaf"]["found"] == [found, 1]
