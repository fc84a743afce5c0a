"""A store moves to another model: nothing but the vectors changes, and a crash at any moment loses nothing."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from collections import namedtuple
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from slm.embed.onnx import Embedding, QueryEmbedding
from slm.engine.engine import fingerprint
from slm.errors import InvalidInput, ModelUnavailable, NeedsUser, NotFound, StorageRefused
from slm.store import reembedding as module
from slm.store.store import Store
from tests.engine.desk import Desk
from tests.engine.stub_embedder import StubEmbedder

ROOT = Path(__file__).parents[2]
TEXTS = [f"olive {word} number {i}" for i, word in enumerate("green black ripe small round salty old".split())]


class OtherModel(StubEmbedder):
    """Half as many dimensions, other weights."""

    name, sha256, dims = "other", "1" * 64, 32

    def slices(self, texts: Any) -> Any:
        for positions, embeddings in super().slices(texts):
            yield positions, [_halved(each) for each in embeddings]

    def embed_query(self, text: str) -> QueryEmbedding:
        mean = super().embed_query(text).mean[:32]
        return QueryEmbedding(mean / np.linalg.norm(mean), np.zeros((0, 32), np.float32), np.zeros(0, np.uint16))


def _halved(one: Embedding) -> Embedding:
    mean = one.mean[:32] / np.linalg.norm(one.mean[:32])
    return Embedding(mean, np.packbits(mean[None, :] > 0, axis=1), one.pieces, one.n_tokens)


@pytest.fixture
def lived_in(desk: Desk) -> Desk:
    """A store with a past: corrected, forgotten, tagged, used, and one text of several chunks."""
    ids = [desk.remember(text, tag="food") for text in TEXTS]
    desk.call("correct", id=ids[0], text="olive green was wrong")
    desk.call("forget", id=[ids[1]])
    desk.call("tag", id=ids[2], add="ripe")
    desk.call("used", id=[ids[3]])
    desk.remember("long " + " ".join(f"word{i}" for i in range(400)))
    return desk


def _with(desk: Desk, embedder: StubEmbedder) -> Desk:
    """The same data root after a change of embed.model and a restart."""
    desk.service.close()
    desk.embedder = embedder
    desk.open()
    return desk


def _all(desk: Desk, **fields: Any) -> dict[str, Any]:
    while not (answer := desk.call("reembed", **fields))["finished"]:
        continue
    return answer


def _shown(desk: Desk) -> Any:
    return desk.exported(), [e for e in desk.ops() if e != "reembed"], desk.call("weights")


def test_another_model_is_refused_and_the_fix_named(lived_in: Desk) -> None:
    """trust.md: a different model is refused with ``slm reembed`` as the fix."""
    _with(lived_in, OtherModel())

    with pytest.raises(ModelUnavailable, match="64-dimensional memories, model 'other' gives 32") as caught:
        lived_in.call("list")
    assert (caught.value.hint or "").startswith("slm reembed, or restore embed.model")


def test_everything_but_the_vectors_stays(lived_in: Desk) -> None:
    """Records, history, claims, uses and the journal are those of before; the doctor finds nothing."""
    before = _shown(lived_in)
    _with(lived_in, OtherModel())

    answer = _all(lived_in)

    assert (answer["done"], answer["total"], answer["changed"]) == (9, 9, True)
    assert _shown(lived_in) == before
    assert lived_in.ops()[0] == "reembed"
    assert "stub → other" in lived_in.call("log")["entries"][0]["summary"]
    assert [check for check in lived_in.call("doctor")["checks"] if not check["ok"]] == []
    assert lived_in.call("log", verify=True)["verified"] is True
    assert lived_in.call("status")["model"]["dims"] == 32
    assert not (lived_in.root / "default" / module.FOLDER).exists()


def test_recall_finds_by_the_new_vectors_at_once_and_after_a_restart(lived_in: Desk) -> None:
    """The files made of the old vectors carry the same store's id, and must not be taken for right."""
    _all(_with(lived_in, OtherModel()))

    scores = lived_in.scores("olive ripe")
    assert lived_in.found("olive ripe")[0] == TEXTS[2]
    lived_in.reopen()
    assert lived_in.scores("olive ripe") == scores
    lived_in.remember("olive oil")
    assert "olive oil" in lived_in.found("olive oil")[:1]


def test_it_equals_a_store_that_had_the_model_from_the_start(lived_in: Desk, new_desk: Any) -> None:
    """Oracle: the export taken in by a new store with the other model; scores of equal states are equal."""
    lines = [line for line in lived_in.exported() if "text" in line]
    _all(_with(lived_in, OtherModel()))
    fresh = new_desk(embedder=OtherModel())
    fresh.call("remember", batch=lines, as_actor="import:jsonl")

    rows = [desk.engine().index.scan.rows for desk in (lived_in, fresh)]
    assert np.array_equal(*rows)


def test_with_the_same_model_there_is_nothing_to_do(lived_in: Desk) -> None:
    """Also when the store isn't open yet."""
    assert lived_in.call("reembed")["changed"] is False
    lived_in.reopen()
    assert lived_in.call("reembed") == {
        "name": "default", "done": 0, "total": 0, "changed": False, "finished": True,
    }  # fmt: skip


def test_it_goes_on_where_a_restart_has_stopped_it(lived_in: Desk) -> None:
    """trust.md: resumable. What is done is not done again."""
    model = OtherModel()
    _with(lived_in, model)
    assert lived_in.call("reembed", limit=4)["done"] == 4
    lived_in.reopen()
    embedded = model.embedded

    assert _all(lived_in, limit=4)["done"] == 9
    assert model.embedded - embedded < 14, "four of nine were done before; the long one has several chunks"


def test_in_the_middle_the_old_model_still_works(lived_in: Desk) -> None:
    """The store is as it was until the last memory is done; what it learns meanwhile is not lost by going on."""
    before = _shown(lived_in)
    _with(lived_in, OtherModel()).call("reembed", limit=4)
    _with(lived_in, StubEmbedder())
    assert _shown(lived_in) == before
    lived_in.remember("added in between")

    answer = _all(_with(lived_in, OtherModel()), limit=4)

    assert answer["total"] == 10
    assert "added in between" in lived_in.texts()


def test_a_third_model_begins_anew(lived_in: Desk) -> None:
    class Third(OtherModel):
        name, sha256 = "third", "2" * 64

    _with(lived_in, OtherModel()).call("reembed", limit=4)

    assert _with(lived_in, Third()).call("reembed", limit=1)["done"] == 1


def test_a_damaged_copy_is_thrown_away(lived_in: Desk) -> None:
    """Nothing hangs on it: the store is beside it."""
    _with(lived_in, OtherModel()).call("reembed", limit=4)
    copy = lived_in.root / "default" / module.FOLDER / "store.mdb"
    copy.write_bytes(copy.read_bytes()[:5000])

    assert _all(lived_in)["done"] == 9


@pytest.mark.parametrize("step", ["copy", "rename", "derived"])
def test_a_failure_on_the_way_leaves_the_store(lived_in: Desk, step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever breaks off, the old model opens the store, and the next run ends well."""
    before = _shown(lived_in)
    _with(lived_in, OtherModel())

    def fail(*_: Any, **__: Any) -> Any:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as broken:
        if step == "copy":
            broken.setattr(Store, "copy_to", fail)
        elif step == "rename":
            broken.setattr(module, "sync_folder", fail)
        else:
            broken.setattr(module.Path, "rename", fail)
        with pytest.raises(StorageRefused):
            _all(lived_in)

    if step != "rename":
        assert _shown(_with(lived_in, StubEmbedder())) == before
    assert _all(_with(lived_in, OtherModel()))["finished"] is True
    assert _shown(lived_in)[0] == before[0]


def test_a_copy_needs_room(lived_in: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Said before anything is written."""
    _with(lived_in, OtherModel())
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(1, 1, 1000))

    with pytest.raises(StorageRefused, match=r"needs up to \d+ MiB, 0 are free"):
        lived_in.call("reembed")
    assert not (lived_in.root / "default" / module.FOLDER / "store.mdb").exists()


def test_where_there_is_no_store_nothing_is_made(desk: Desk) -> None:
    with pytest.raises(NotFound, match="no store to embed anew"):
        desk.call("reembed", name="work")
    assert not (desk.root / "work").exists()


@pytest.mark.parametrize("limit", [0, 1001])
def test_a_call_takes_no_more_than_others_can_wait_for(lived_in: Desk, limit: int) -> None:
    _with(lived_in, OtherModel())
    with pytest.raises(InvalidInput, match="1 to 1000"):
        lived_in.call("reembed", limit=limit)


def test_agents_do_not_reembed(desk: Desk) -> None:
    with pytest.raises(NeedsUser):
        desk.call("reembed", as_actor="mcp:x")


PROGRAM = """
import sys
from pathlib import Path
from tests.engine.desk import Desk
from tests.engine.test_reembed import OtherModel
desk = Desk(Path(sys.argv[1]), embedder=OtherModel())
while True:
    answer = desk.call("reembed", limit=1)
    print(answer["done"], flush=True)
    if answer["finished"]:
        print("finished", flush=True)
"""


def test_killed_in_the_middle_again_and_again_it_loses_nothing(lived_in: Desk) -> None:
    """trust.md, faults to survive: kill -9 during reembed. Each process is killed a little further on."""
    before = _shown(lived_in)
    lived_in.service.close()
    seen = []
    for lines in (1, 2, 1, 3):
        seen += _killed_after(lines, lived_in.root)

    lived_in.embedder = StubEmbedder()
    lived_in.open()
    unfinished = seen[-1] != "finished"
    if unfinished:
        assert _shown(lived_in) == before, "the old model has all of it"
    _all(_with(lived_in, OtherModel()))
    assert _shown(lived_in)[0] == before[0]
    counts = [int(line) for line in seen if line != "finished"]
    assert counts == sorted(counts), "no process did again what an earlier one had done"


def _killed_after(count: int, root: Path) -> list[str]:
    """What a process said that was killed as soon as it had said ``count`` lines, at whatever it did by then."""
    command = [sys.executable, "-c", PROGRAM, str(root)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = [process.stdout.readline().strip() for _ in range(count)]
        process.send_signal(signal.SIGKILL)
    return said


def test_a_backup_of_another_model_can_only_be_restored_with_that(lived_in: Desk) -> None:
    """A backup is never changed, so ``slm reembed`` is no fix for it."""
    path = lived_in.call("backup")["path"]
    _with(lived_in, OtherModel())

    with pytest.raises(ModelUnavailable) as caught:
        lived_in.call("restore", path=path, name="old")
    assert (caught.value.hint or "").startswith("restore embed.model")


def test_the_fingerprints_really_differ() -> None:
    """What these tests rest on."""
    assert fingerprint(OtherModel())[1:3] != fingerprint(StubEmbedder())[1:3]
