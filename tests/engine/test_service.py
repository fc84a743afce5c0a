from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import pytest

from slm.config import Config
from slm.engine import engine as engine_module
from slm.engine import service as service_module
from slm.engine.ops import OPS
from slm.engine.service import IDLE_S, Service
from slm.errors import InvalidInput, ModelUnavailable, NotFound, StorageRefused
from slm.model import Caller
from tests.engine.desk import Desk
from tests.engine.stub_embedder import SLICE, StubEmbedder


def test_an_unknown_operation_is_refused_with_the_way_to_the_list(desk: Desk) -> None:
    """client.md: ``{"op": "ops"}`` lists them."""
    with pytest.raises(InvalidInput, match="unknown operation 'remeber'") as caught:
        desk.call("remeber", text="x")

    assert "ops" in str(caught.value.hint)


def test_ops_lists_every_operation_with_its_fields(desk: Desk) -> None:
    """client.md: ops carry the commands' names and long option names."""
    ops = desk.call("ops")["ops"]

    assert set(ops) == {*OPS, "ops", "profiles", "profile_create", "profile_delete", "restore", "reembed"}
    assert ops["recall"]["query"] == "a string, required: what to look for"
    assert "by_actor" in ops["list"]
    assert all(isinstance(line, str) for fields in ops.values() for line in fields.values())


def test_profiles_are_separate_stores_made_on_first_use(desk: Desk) -> None:
    """DESIGN.md, Words: a profile is a separate store; client.md: created on first use."""
    desk.remember("at home")
    desk.remember("at work", profile="work")

    assert desk.texts() == ["at home"]
    assert desk.texts(profile="work") == ["at work"]
    listed = desk.call("profiles")["profiles"]
    assert [(entry["name"], entry["memories"]) for entry in listed] == [("default", 1), ("work", 1)]
    assert all(entry["disk_bytes"] > 0 for entry in listed)


def test_a_profile_is_created_and_deleted_by_name(desk: Desk) -> None:
    """client.md, ``profile list|create|delete``."""
    assert desk.call("profile_create", name="work") == {"name": "work"}
    with pytest.raises(InvalidInput, match="exists already"):
        desk.call("profile_create", name="work")
    desk.remember("at work", profile="work")

    assert desk.call("profile_delete", name="work") == {"name": "work"}

    assert desk.call("profiles")["profiles"] == []
    assert not (desk.root / "work").exists()
    with pytest.raises(NotFound, match="no profile 'work'"):
        desk.call("profile_delete", name="work")


@pytest.mark.parametrize("name", ["", "..", "a/b", "-x", "x" * 65, "a\n", "ü"])
def test_names_that_would_leave_the_data_root_are_refused(desk: Desk, name: str) -> None:
    """A profile is a folder of that name below the data root."""
    for op in ("profile_create", "profile_delete"):
        with pytest.raises(InvalidInput, match="can't name a profile"):
            desk.call(op, name=name)
    if name:
        with pytest.raises(InvalidInput, match="can't name a profile"):
            desk.remember("x", profile=name)


def test_a_profile_on_another_disk_is_deleted_there(desk: Desk, tmp_path: Path) -> None:
    """paths.py: data may lie on another disk, by a link. Nothing of it stays, neither the memories nor the link."""
    desk.remember("at work", profile="work")
    desk.reopen()
    (desk.root / "work").rename(tmp_path / "far")
    (desk.root / "work").symlink_to(tmp_path / "far")
    assert desk.texts(profile="work") == ["at work"]

    assert desk.call("profile_delete", name="work") == {"name": "work"}

    assert not (tmp_path / "far").exists()
    assert not (desk.root / "work").is_symlink()


def test_the_default_profile_is_the_configured_one(new_desk) -> None:
    """The configuration's ``profile``."""
    desk = new_desk(profile="mine")
    desk.remember("x")

    assert [entry["name"] for entry in desk.call("profiles")["profiles"]] == ["mine"]


def _long_ago(desk: Desk) -> None:
    """Let it be as if nobody had asked for any open profile for long."""
    desk.service._asked_s = dict.fromkeys(desk.service._engines, time.monotonic() - 2 * IDLE_S)


def test_an_idle_profile_is_closed_and_opened_again_when_asked(desk: Desk) -> None:
    """client.md: stores are opened on first use and closed when idle."""
    desk.remember("at home")
    _long_ago(desk)

    desk.remember("at work", profile="work")
    desk.settle()

    assert list(desk.service._engines) == ["work"]
    assert desk.texts() == ["at home"]


def test_a_query_within_a_long_write_leaves_the_profile_that_is_written_open(desk: Desk) -> None:
    """A write of a quarter of an hour serves queries of other profiles: its own store must not close under it."""
    desk.remember("at work", profile="work")
    asked: list[threading.Thread] = []

    def ask_meanwhile() -> None:
        _long_ago(desk)
        asked.append(threading.Thread(target=desk.texts, kwargs={"profile": "work"}))
        asked[-1].start()
        while not desk.service._worker._queries:
            continue

    desk.embedder.between_slices = ask_meanwhile
    results = desk.call("remember", batch=[{"text": f"note {n}", "kind": "turn"} for n in range(2 * SLICE)])["results"]
    for thread in asked:
        thread.join()

    assert {result["status"] for result in results} == {"stored"}
    assert len(desk.texts()) == 2 * SLICE


def test_a_change_beside_the_operations_makes_no_profile(desk: Desk) -> None:
    """A watched folder's thread may come once more after its profile was deleted: nothing may rise again."""
    desk.remember("x", profile="work")
    desk.call("profile_delete", name="work")

    with pytest.raises(NotFound, match="no profile 'work'"):
        desk.service.change(Caller("watch", "work"), lambda request: None)

    assert [entry["name"] for entry in desk.call("profiles")["profiles"]] == []


def test_a_store_that_failed_to_open_is_free_for_the_next_try(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk at the start must not lock the daemon out of its own store."""

    def refuse(*_: object, **__: object) -> None:
        raise StorageRefused("no space")

    with monkeypatch.context() as patched:
        patched.setattr(engine_module, "Index", refuse)
        with pytest.raises(StorageRefused, match="no space"):
            desk.remember("x")

    assert desk.call("remember", text="x")["status"] == "stored"


def test_one_store_is_open_in_one_place_only(desk: Desk) -> None:
    """DESIGN.md: one writer."""
    desk.remember("x")
    second = Desk(desk.root)

    with pytest.raises(StorageRefused, match="in another process"):
        second.texts()

    second.service.close()
    assert desk.texts() == ["x"]


def test_a_store_of_another_model_is_refused_untouched(desk: Desk) -> None:
    """trust.md: the store records the embedder's fingerprint; a different model is refused."""
    desk.remember("x")
    before = desk.exported()
    desk.service.close()
    other = StubEmbedder()
    other.sha256 = "1" * 64  # type: ignore[misc]
    stranger = Desk(desk.root, embedder=other)

    with pytest.raises(ModelUnavailable):
        stranger.texts()

    stranger.service.close()
    desk.open()
    assert desk.exported() == before


def test_a_model_that_can_not_be_loaded_fails_every_call_that_needs_it(tmp_path: Path) -> None:
    """Exit code 7, each time; what needs no model is answered."""

    def load() -> Any:
        raise ModelUnavailable("model.onnx is missing")

    service = Service(tmp_path, Config.load(None), load=load, compile_kernels=False)
    for _ in range(2):
        with pytest.raises(ModelUnavailable, match="missing"):
            service.call("status", {}, Caller())
    assert "recall" in service.call("ops", {}, Caller())["ops"]
    service.close()


def test_an_unknown_time_zone_is_refused_where_a_time_is_read(desk: Desk) -> None:
    """STYLE.md, an error."""
    with pytest.raises(InvalidInput, match="unknown time zone 'Mars/Olympus'"):
        desk.remember("x", zone="Mars/Olympus")


def test_compiled_kernels_are_taken_up_in_the_background(tmp_path: Path) -> None:
    """client.md: ready at once; the kernels load meanwhile, and ``status`` says which are in use."""
    service = Service(tmp_path, Config.load(None), load=lambda: StubEmbedder())  # type: ignore[arg-type,return-value]
    service.call("remember", {"text": "olives are green"}, Caller())
    kinds = {service.call("status", {}, Caller())["kernels"]}
    while "compiled" not in kinds:
        kinds.add(service.call("status", {}, Caller())["kernels"])

    answer = service.call("recall", {"query": "olives", "min_confidence": 0}, Caller())
    service.close()

    assert kinds <= {"numpy", "compiled"}
    assert [hit["memory"]["text"] for hit in answer["hits"]] == ["olives are green"]


def test_kernels_that_arrive_after_the_end_are_dropped_quietly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A daemon stopped right after its start leaves without a trace of an error."""
    monkeypatch.setattr(service_module, "KERNELS_WAIT_S", 0.0, raising=False)
    service = Service(tmp_path, Config.load(None), load=lambda: StubEmbedder(), compile_kernels=False)  # type: ignore[arg-type,return-value]
    service.close()

    service._load_kernels()

    assert service.kernels.name == "numpy"
