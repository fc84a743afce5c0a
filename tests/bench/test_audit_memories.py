"""The audit over whole collections, on small ones made here."""

from __future__ import annotations

import json

import numpy as np
import pytest

from slm.bench.audit_memories import Known, read, run, table
from slm.bench.audit_sets import area
from slm.errors import InvalidInput

FACTS = [
    "The capital of Norland is Aas.", "The author of Dunes is Tor Lie.", "The capital of Norland is Bo.",
    "The capital of Sudland is Aas.",
]  # fmt: skip


def letters(texts):
    """A stub embedder: unit vectors of letter counts."""
    rows = np.array([[text.count(letter) + 0.1 for letter in "abcdefgh"] for text in texts])
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@pytest.fixture
def facts(tmp_path):
    """A folder as FactConsolidation has it: fact 2 overrides fact 0."""

    def lines(name, rows):
        (tmp_path / name).write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")

    lines("facts.jsonl", [{"serial": 10 + i, "text": text} for i, text in enumerate(FACTS)])
    lines("questions.jsonl", [])
    lines("conflicts_derived.jsonl", [{"serials": [10, 12]}])
    return tmp_path


def test_facts_that_override_are_found_and_others_are_not(facts):
    """By hand: one pair, of one subject; the same wording about another subject is no contradiction."""
    known = read(facts)
    result = run(known, facts, letters)

    assert known.groups == [[0, 2]]
    for name in ("claim sheaf", "pairwise (subject, attribute)"):
        row = result["rows"][name]
        assert (row["flagged"], row["precision"], row["recall"]) == (1, 1.0, 1.0)
    assert 0.0 <= result["rows"]["embedding difference"]["AUC"] <= 1.0


def test_what_is_missed_lowers_the_recall_and_what_is_flagged_beside_it_the_precision(facts):
    """Oracle: the same facts under other labels."""
    known = read(facts)._replace(groups=[[0, 3], [1, 2]])
    row = run(known, facts)["rows"]["claim sheaf"]

    assert (row["precision"], row["recall"], row["found"]) == (0.0, 0.0, [0, 2])


def test_notes_count_alarms_a_thousand(tmp_path):
    """A folder of Markdown has no labels: what is flagged is counted and named, to be read by hand."""
    (tmp_path / "a.md").write_text("# One\n\nThe staging port is 81.\n\n# Two\n\nThe staging port is 82.\n")
    result = run(read(tmp_path), tmp_path)
    row = result["rows"]["claim sheaf"]

    assert result["set"] == "notes"
    assert row["flagged"] == 1
    assert row["per 1000"] == round(1000 / result["memories"], 2)
    assert row["memories"] == [[0, 1]]
    assert "precision" in table(result)


def test_a_conversation_is_read_with_its_speakers(tmp_path):
    """ "I" is whoever says it: two people who live in two towns don't contradict each other."""
    turns = [
        {"speaker": "Ann", "dia_id": "D1:1", "text": "I live in Oslo."},
        {"speaker": "Ben", "dia_id": "D1:2", "text": "I live in Bergen."},
    ]
    conversation = {"session_1": turns, "session_1_date_time": "1:56 pm on 8 May, 2023"}
    path = tmp_path / "talk.json"
    path.write_text(json.dumps([{"sample_id": "s", "conversation": conversation, "qa": []}]), encoding="utf-8")
    result = run(read(path), path)

    assert (result["claims"], result["rows"]["claim sheaf"]["flagged"]) == (2, 0)


def test_labelled_sets_are_left_to_their_own_benchmark(tmp_path):
    """One path, four kinds of data."""
    (tmp_path / "sets.jsonl").write_text("{}\n")

    assert read(tmp_path) is None
    assert read(tmp_path / "sets.jsonl") is None


def test_another_shape_is_an_error(facts):
    """Errors say which file."""
    (facts / "conflicts_derived.jsonl").write_text("{}\n")

    with pytest.raises(InvalidInput, match="FactConsolidation"):
        read(facts)


def test_chains_are_told_from_pairs_in_collections_too(tmp_path):
    """Theorem: pairs find no conflict of three."""
    texts = ["Tor works at the same company as Liv.", "Tor works at Aas.", "Liv works at Bo."]
    result = run(Known("made", [[{"text": text} for text in texts]]), _empty(tmp_path))

    assert result["rows"]["claim sheaf"]["memories"] == [[0, 1, 2]]
    assert result["rows"]["pairwise (subject, attribute)"]["flagged"] == 0


def _empty(folder):
    path = folder / "nothing.json"
    path.write_text("[]")
    return path


def test_the_area_is_the_part_of_pairs_in_order():
    """Oracle: every pair by itself, ties half."""
    rng = np.random.default_rng(7)
    distances, contradict = rng.integers(0, 6, 40).astype(float), list(rng.random(40) < 0.3)
    positive = [d for d, c in zip(distances, contradict, strict=True) if c]
    negative = [d for d, c in zip(distances, contradict, strict=True) if not c]
    counted = [(p > n) + 0.5 * (p == n) for p in positive for n in negative]

    assert area(contradict, distances) == pytest.approx(sum(counted) / len(counted))
    assert area([True] * 3, np.ones(3)) == 0.5


def test_a_file_without_memories_is_an_error(tmp_path):
    """Nothing a thousand is no rate."""
    path = tmp_path / "none.json"
    path.write_text("[]", encoding="utf-8")

    with pytest.raises(InvalidInput, match="holds no memories"):
        run(read(path), path)
