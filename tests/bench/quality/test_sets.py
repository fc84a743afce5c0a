"""Each set from its files to its document, on made data in its format."""

from __future__ import annotations

from pathlib import Path

import pytest

from slm.bench.collections.collection import sha256
from slm.bench.quality import sets
from slm.bench.quality.stores import NO_LIFTS, RECALL
from slm.bench.quality.table import table
from slm.embed.onnx import Embedder
from slm.errors import InvalidInput
from tests.bench import conversations
from tests.bench.json_lines import BEAM, CRANFIELD, FACTS, LONGMEMEVAL, write

FILES = {"longmemeval": LONGMEMEVAL, "beam": BEAM, "factconsolidation": FACTS, "cranfield": CRANFIELD}


@pytest.mark.parametrize(
    ("name", "stores", "memories", "questions"),
    [("longmemeval", 1, 7, 2), ("beam", 2, 4, 2), ("factconsolidation", 1, 3, 2), ("cranfield", 1, 2, 2)],
)
def test_a_set_is_measured_from_its_files(
    tmp_path: Path, embedder: Embedder, name: str, stores: int, memories: int, questions: int
) -> None:
    """By hand: what the made files hold. In stores so small all is found among the first twenty."""
    folder = write(tmp_path / name, FILES[name])

    result = sets.run(name, folder, quick=True, seed=1, embedder=embedder)

    assert (result["stores"], result["memories"], result["questions"]) == (stores, memories, questions)
    assert result["sha256"] == sha256(folder)
    assert result["headline"] == sets.SETS[name].headline
    assert result["rows"][RECALL]["metrics"]["R@20"]["mean"] == 100.0
    assert sets.SETS[name].title in table(result)


def test_the_newest_fact_comes_first(tmp_path: Path, embedder: Embedder) -> None:
    """FactConsolidation's point: winger overrides goalkeeper."""
    folder = write(tmp_path / "facts", FACTS)

    result = sets.run("factconsolidation", folder, quick=True, seed=1, embedder=embedder)

    assert result["rows"][RECALL]["categories"]["overridden"]["hit@1"] == 100.0


def test_locomo_is_measured_from_its_file(tmp_path: Path, embedder: Embedder) -> None:
    """Two conversations, four questions whose evidence is known, one without an answer."""
    path = conversations.write(tmp_path)

    result = sets.run_locomo(path, quick=True, embedder=embedder)

    assert (result["set"], result["stores"], result["memories"], result["questions"]) == ("LoCoMo", 2, 5, 4)
    assert result["abstention"]["abstained"]["unanswerable"]["questions"] == 1
    assert result["clean"] is None
    assert (result["sha256"], result["audit_sha256"]) == (sha256(path), None)


def test_one_conversation_may_be_chosen(tmp_path: Path, embedder: Embedder) -> None:
    """For a quick look; one that isn't there is an error with its name."""
    path = conversations.write(tmp_path)

    result = sets.run_locomo(path, conversation="conv-2", quick=True, embedder=embedder)
    assert (result["set"], result["questions"]) == ("LoCoMo, conv-2 alone", 1)
    with pytest.raises(InvalidInput, match="no conversation 'conv-9'"):
        sets.run_locomo(path, conversation="conv-9", embedder=embedder)


@pytest.mark.parametrize(("shuffle", "wrong"), [
    ("authors", ["without author"]), ("sessions", ["without session context"]),
    ("histories", ["without attention", "without the lifecycle"]),
])  # fmt: skip
def test_wrong_metadata_are_measured_with_and_without_the_terms_that_read_them(
    tmp_path: Path, embedder: Embedder, shuffle: str, wrong: list[str]
) -> None:
    """The bar: never worse than without that term by more than a point."""
    result = sets.run_locomo(conversations.write(tmp_path), shuffle=shuffle, embedder=embedder)

    assert list(result["rows"]) == [RECALL, NO_LIFTS, *wrong]
    assert result["set"] == f"LoCoMo with wrong {shuffle}"


def test_a_set_without_evidence_is_refused_before_anything_is_embedded(tmp_path: Path) -> None:
    """A mistake in a file is told in a line; there would be nothing to average."""
    path, folder = tmp_path / "none.json", write(tmp_path / "set", {**CRANFIELD, "qrels": []})
    path.write_text("[]", encoding="utf-8")

    for measure in (
        lambda: sets.run_locomo(path),
        lambda: sets.run("cranfield", folder, quick=True, seed=1),
        lambda: sets.recognised(path),
        lambda: sets.recognised(folder),
        lambda: sets.run_mixed(path, {}, seed=1),
    ):
        with pytest.raises(InvalidInput, match="no question whose evidence is known"):
            measure()


def test_wrong_metadata_have_no_quick_look(tmp_path: Path) -> None:
    """The comparison is what they are asked for."""
    with pytest.raises(InvalidInput, match="--quick"):
        sets.run_locomo(conversations.write(tmp_path), shuffle="authors", quick=True)


def test_all_sets_are_measured_in_one_store(tmp_path: Path, embedder: Embedder) -> None:
    """Their memories together: 5 turns of LoCoMo and 16 of the others."""
    folders = {name: write(tmp_path / name, files) for name, files in FILES.items()}
    path = conversations.write(tmp_path)

    result = sets.run_mixed(path, folders, seed=1, embedder=embedder)

    assert (result["memories"], result["questions"]) == (21, 4)
    assert result["sha256"] == sha256(path, *folders.values())


@pytest.mark.parametrize(
    ("files", "title"),
    [(LONGMEMEVAL, "LongMemEval"), (BEAM, "BEAM"), (FACTS, "FactConsolidation"), (CRANFIELD, "Cranfield")],
)
def test_a_folder_says_by_its_files_which_set_it_is(tmp_path: Path, files: dict, title: str) -> None:
    """Each set's reader refuses the files of the others."""
    found, collections = sets.recognised(write(tmp_path / "set", files))

    assert found == title
    assert collections


def test_a_file_is_locomo_and_another_folder_is_refused(tmp_path: Path) -> None:
    """What no reader knows is said, with the sets there are."""
    assert sets.recognised(conversations.write(tmp_path))[0] == "LoCoMo"
    (tmp_path / "empty").mkdir()
    with pytest.raises(InvalidInput, match="none of LongMemEval, BEAM, FactConsolidation, Cranfield"):
        sets.recognised(tmp_path / "empty")
