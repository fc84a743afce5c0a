from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from slm.bench.corpus import notes
from slm.engine import index as index_module
from slm.engine.index import Index
from slm.errors import StorageRefused
from slm.geometry.backend import compiled
from slm.geometry.normal import PooledMoments
from slm.retrieval.semantic import GROWTH_OF_AN_EPOCH
from slm.store.column import HEADER_BYTES
from tests.engine.desk import Desk

QUERIES = ["which port does the billing service use", "who is allergic to olives", "backup bucket"]


def _fill(desk: Desk, count: int = 40, seed: int = 1) -> list[str]:
    ids = [desk.remember(text) for text in notes(count // 2, seed)]
    batch = [{"text": text} for text in notes(count - count // 2, seed + 1)]
    return ids + [result["id"] for result in desk.call("remember", batch=batch)["results"]]


def _answers(desk: Desk) -> list[Any]:
    """Every hit of every query with every term, to the last bit."""
    return [desk.hits(query, why=True) for query in QUERIES]


def _notes(desk: Desk) -> str:
    return "; ".join(desk.call("status")["notes"])


def _nothing(folder: Path) -> None: ...


def _no_scan(folder: Path) -> None:
    shutil.rmtree(folder / "scan")


def _no_postings(folder: Path) -> None:
    shutil.rmtree(folder / "postings")


def _one_scan_file_less(folder: Path) -> None:
    (folder / "scan" / "codes.i8").unlink()


def _flipped(folder: Path) -> None:
    for path in [folder / "scan" / "rows.f16", *(folder / "postings").iterdir()]:
        content = bytearray(path.read_bytes())
        content[HEADER_BYTES + 5 if path.suffix == ".f16" else len(content) // 2] ^= 0x10
        path.write_bytes(content)


def _cut(folder: Path) -> None:
    for path in [folder / "scan" / "tokens.u1", *(folder / "postings").iterdir()]:
        path.write_bytes(path.read_bytes()[:100])


def _strangers(folder: Path) -> None:
    (folder / "postings" / "notes.postings").write_bytes(b"not of slm")
    (folder / "postings" / "0000000000-0000000007.postings").write_bytes(b"not of slm")


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (_nothing, []),
        (_no_scan, ["scan files written again"]),
        (_no_postings, ["postings of 36 chunks were analysed anew"]),
        (_one_scan_file_less, ["codes.i8 is missing"]),
        (_flipped, ["scan files written again", "postings of 36 chunks"]),
        (_cut, ["scan files written again", "postings of 36 chunks"]),
        (_strangers, []),
    ],
)
def test_a_restart_gives_the_same_scores_whatever_became_of_derived_files(
    desk: Desk, damage: Callable[[Path], None], said: list[str]
) -> None:
    """trust.md: delete any derived file and the next start heals, saying so."""
    ids = _fill(desk, 36)
    desk.call("forget", id=ids[3:6])
    before = _answers(desk)
    desk.service.close()

    damage(desk.root / "default")
    desk.open()

    assert _answers(desk) == before
    told = _notes(desk)
    assert all(part in told for part in said)
    assert bool(told) == bool(said)
    assert desk.call("doctor")["checks"][4]["ok"] is True


def test_a_copy_of_a_running_store_gives_the_same_scores(desk: Desk, tmp_path: Path) -> None:
    """What a kill -9 leaves: nothing was closed, the postings of the tail were never written."""
    _fill(desk)
    before = _answers(desk)
    shutil.copytree(desk.root, tmp_path / "copy")

    crashed = Desk(tmp_path / "copy")
    after, told = _answers(crashed), _notes(crashed)
    crashed.service.close()

    assert after == before
    assert "postings of 40 chunks were analysed anew" in told


def test_forgetting_and_bringing_back_leaves_no_trace_in_the_scores(desk: Desk) -> None:
    """DESIGN.md, decision 6: same store, same answer."""
    ids = _fill(desk)
    before = _answers(desk)
    desk.call("forget", id=ids[::3])
    assert _answers(desk) != before

    desk.call("undo")

    assert _answers(desk) == before


def test_both_kernels_give_the_same_scores(desk: Desk) -> None:
    """The same bits from numpy and from compiled code."""
    _fill(desk)
    before = _answers(desk)

    desk.service.inspect(lambda engine: engine.use_kernels(compiled()))

    assert _answers(desk) == before


def test_the_screen_loses_nothing_that_exact_scores_would_find(real_desk: Desk) -> None:
    """Oracle: exact similarity of every row, no screen and no pool."""
    _fill(real_desk, 160)
    engine = real_desk.engine()
    query = "how long are the backups of the ledger kept"
    vector = real_desk.embedder.embed_query(query).mean

    meanings = real_desk.service.inspect(lambda e: e.index.semantic.exact(vector, e.index.semantic.vectors))
    hits = real_desk.hits(query, why=True, limit=10)

    with engine.store.read() as reader:
        exact = {reader.memory(i).id: meaning for i, meaning in enumerate(meanings)}
    mean = exact[hits[0]["memory"]["id"]] - hits[0]["why"]["meaning"]
    assert all(hit["why"]["meaning"] + mean == pytest.approx(exact[hit["memory"]["id"]], abs=2e-6) for hit in hits)
    assert max(exact, key=exact.__getitem__) in [hit["memory"]["id"] for hit in hits]


def test_an_epoch_is_published_when_the_store_has_grown_by_a_quarter_and_is_journalled(desk: Desk) -> None:
    """performance.md: the variance is an epoch quantity. Oracle: a loop over the counts."""
    expected, published = [], 0
    for count in range(1, 41):
        if count > GROWTH_OF_AN_EPOCH * published:
            published = count
            expected.append(count)

    for text in notes(40):
        desk.remember(text)

    with desk.engine().store.read() as reader:
        entries = [entry.payload for entry in reader.entries() if entry.op == "epoch"]
    assert [payload["memories"] for payload in entries] == expected
    assert [payload["number"] for payload in entries] == list(range(1, len(expected) + 1))
    assert desk.call("status")["epoch"] == len(expected)


def test_within_an_epoch_a_new_memory_moves_no_other_meaning(desk: Desk) -> None:
    """Meanings are centred on their mean; between two epochs nothing else of them drifts."""
    _fill(desk)
    epoch = desk.call("status")["epoch"]
    before = {hit["memory"]["id"]: hit["why"]["meaning"] for hit in desk.hits(QUERIES[0], why=True)}

    desk.remember("one more note about ports")

    after = {hit["memory"]["id"]: hit["why"]["meaning"] for hit in desk.hits(QUERIES[0], why=True)}
    kept = [i for i in before if i in after]
    assert desk.call("status")["epoch"] == epoch
    assert len(kept) > 1
    assert [after[i] - after[kept[0]] for i in kept] == pytest.approx(
        [before[i] - before[kept[0]] for i in kept], abs=3e-6
    )


def _require_exact_moments(index: Index, desk: Desk) -> None:
    """The sums are those of the live rows, added up from nothing."""
    expected = PooledMoments.zero(desk.embedder.dims)
    with desk.engine().store.read() as reader:
        for ordinal in range(reader.n_memories):
            if reader.memory(ordinal).live:
                for chunk in reader.chunks_of(ordinal):
                    expected = expected.add(chunk.mean[None, :])
        stored = reader.meta("moments")
    assert index.moments.to_bytes() == expected.to_bytes() == stored


@pytest.mark.parametrize("seed", range(3))
def test_the_pooled_sums_are_exact_after_any_changes(desk: Desk, seed: int) -> None:
    """normal.py: forgetting learns nothing wrong. Oracle: adding up all live rows."""
    draw = random.Random(seed)
    ids = _fill(desk, 12, seed)
    for _ in range(12):
        change = draw.choice(["forget", "undo", "correct", "reopen"])
        if change == "forget":
            desk.call("forget", id=[draw.choice(ids)])
        elif change == "correct" and (live := [m["id"] for m in desk.call("list", limit=1000)["memories"]]):
            ids.append(desk.call("correct", id=draw.choice(live), text=f"corrected {draw.random()}")["id"])
        elif change == "undo" and desk.call("list")["memories"]:
            desk.call("undo")
        else:
            desk.reopen()

    _require_exact_moments(desk.engine().index, desk)


def test_a_change_that_came_to_nothing_leaves_the_index_as_it_was(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Scan rows are written before the commit: those of a failed one must not be seen."""
    _fill(desk)
    before = _answers(desk)
    stage = Index.stage

    def fail_at_the_end(self: Index, *args: Any, **options: Any) -> None:
        stage(self, *args, **options)
        raise StorageRefused("no space left")

    with monkeypatch.context() as patched:
        patched.setattr(Index, "stage", fail_at_the_end)
        with pytest.raises(StorageRefused):
            desk.remember("which port does the billing service use, indeed")

    assert _answers(desk) == before
    desk.remember("which port does the billing service use, indeed")
    assert desk.found(QUERIES[0])[0] == "which port does the billing service use, indeed"
    _require_exact_moments(desk.engine().index, desk)


def test_a_full_tail_of_postings_is_written_at_once(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A crash then costs the analysis of the tail alone."""
    monkeypatch.setattr(index_module, "TAIL_CHUNKS", 10)
    for text in notes(25):
        desk.remember(text)
    before = _answers(desk)

    files = sorted(path.name for path in (desk.root / "default" / "postings").iterdir())
    shutil.copytree(desk.root, desk.root.with_name("copy"))
    crashed = Desk(desk.root.with_name("copy"))
    after, told = _answers(crashed), _notes(crashed)
    crashed.service.close()

    assert files == ["0000000000-0000000020.postings"]
    assert after == before
    assert told == "postings of 5 chunks were analysed anew"


def test_postings_that_can_not_be_written_cost_no_answer_and_no_close(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Recall works on a full disk: postings are derived, the next start makes them."""

    def refuse(*_: object) -> None:
        raise StorageRefused("no space left")

    monkeypatch.setattr(index_module, "save_postings", refuse)
    monkeypatch.setattr(index_module, "TAIL_CHUNKS", 10)
    _fill(desk)
    before = _answers(desk)

    desk.reopen()

    assert _answers(desk) == before
    assert "postings of 40 chunks were analysed anew" in _notes(desk)


def test_the_cosine_metric_puts_the_cosine_in_the_place_of_meaning(new_desk) -> None:
    """The configuration's ``recall.metric``, for comparison."""
    desk = new_desk(recall__metric="cosine")
    near, far = "olives are green", "the harbour was grey"
    for text in (near, far):
        desk.remember(text)

    first, second = (hit["why"]["meaning"] for hit in desk.hits(near, why=True))

    one, other = (desk.embedder.embed_query(text).mean.astype(float) for text in (near, far))
    assert first - second == pytest.approx(1.0 - one @ other, abs=1e-3)
