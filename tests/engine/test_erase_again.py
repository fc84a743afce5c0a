"""What was erased comes again: said once more, imported, restored. Expectations: experience.md."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.engine.desk import Desk
from tests.engine.erasable import OTHERS, SECRET, lived_in, traces
from tests.engine.traces import left_in


def test_it_does_not_come_again_unless_forced(desk: Desk) -> None:
    """experience.md: watch and import don't take it in again; ``--force`` is explicit."""
    lived_in(desk)
    desk.call("erase", mentions="Anna Berg's")
    said = {"text": SECRET.upper(), "speaker": "Wolfgang Amadé"}
    for _ in range(2):
        answer = desk.call("remember", **said)
        assert (answer["status"], "erased" in answer["message"]) == ("known_wrong", True)
        by_key = {"text": "edited since", "idempotency_key": "the-secret-key"}
        results = desk.call("remember", as_actor="import:markdown", batch=[said, by_key, {"text": "fresh"}])["results"]
        assert [result["status"] for result in results] in (
            ["known_wrong", "known_wrong", "stored"],
            ["known_wrong", "known_wrong", "confirmed"],
        )
        desk.reopen()

    assert desk.call("remember", force=True, **said)["status"] == "stored"
    assert desk.call("remember", **said)["status"] == "confirmed"
    assert desk.call("remember", text=SECRET)["status"] == "stored"  # another speaker: another statement


@pytest.mark.parametrize("private", [False, True])
def test_an_agent_is_told_unless_it_was_private(desk: Desk, private: bool) -> None:
    """Agents repeat what they have read elsewhere; of what was private they don't learn that it was there."""
    desk.call("erase", id=[desk.remember(SECRET, private=private)])

    answer = desk.call("remember", as_actor="mcp:claude-code", text=SECRET)

    assert answer["status"] == ("stored" if private else "known_wrong")
    assert desk.call("remember", text=SECRET)["status"] == ("confirmed" if private else "known_wrong")


def test_an_export_from_before_does_not_bring_it_back(desk: Desk, new_desk: Callable[..., Desk]) -> None:
    """Neither by its id nor by its text; the rest merges as always. The export of what is left is importable."""
    lived_in(desk)
    records = [record for record in desk.exported() if "id" in record]
    desk.call("erase", mentions="Anna Berg's")

    results = desk.call("remember", as_actor="import:jsonl", batch=records)["results"]

    assert [result["status"] for result in results].count("known_wrong") == 2
    assert sorted(desk.texts()) == sorted(OTHERS)
    other = new_desk()
    left = [record for record in desk.exported() if "id" in record]
    other.call("remember", as_actor="import:jsonl", batch=left)
    assert other.exported() == left
    assert len(left) == len(OTHERS)


def test_nothing_in_the_folder_lets_a_short_secret_be_guessed(desk: Desk) -> None:
    """A PIN has ten thousand values: no digest of it under any key of the store may stay, nor under the plain one."""
    from slm.engine.text_digest import text_digest
    from slm.model import Memory

    pin = desk.remember("7319", idempotency_key="pin:7319")
    desk.remember("something else")
    engine = desk.engine()
    with engine.store.read() as reader:
        ordinal = reader.ordinal_of(pin)
        assert ordinal is not None
        entry = next(entry for entry in reader.entries() if entry.op == "remember")
    secrets = {"digest": text_digest(engine.index.store_id, Memory("", "7319")), "salt": entry.salt}

    desk.call("erase", id=[pin])

    assert left_in(desk.root, secrets) == []
    (guard,) = (desk.root / ".erased").iterdir()
    document = json.loads(guard.read_text())
    assert guard.stat().st_mode & 0o777 == 0o600
    assert guard.parent.stat().st_mode & 0o777 == 0o700
    held = left_in(desk.root / "default", {digest: bytes.fromhex(digest) for digest in document["digests"]})
    named = left_in(desk.root / "default", {digest: digest.encode() for digest in document["digests"]})
    assert (held, named) == ([], [])
    assert (
        left_in(desk.root / "default", {"key": document["key"].encode(), "raw": bytes.fromhex(document["key"])}) == []
    )


def test_a_restored_backup_is_erased_again(desk: Desk, new_desk: Callable[..., Desk], tmp_path: Path) -> None:
    """experience.md: a restore reapplies erasures, also into another profile; ids are kept beside the profiles."""
    first, second = lived_in(desk)
    wanted = traces(desk, first, second)
    file = tmp_path / "old.slm"
    desk.call("backup", path=str(file))
    receipt = desk.call("erase", id=[first])
    assert receipt["backups"] == [str(file)]

    desk.call("restore", path=str(file), name="second")

    assert left_in(desk.root, wanted) == []
    assert sorted(desk.texts(profile="second")) == sorted(OTHERS)
    entries = desk.call("log", profile="second", limit=1)["entries"]
    assert (entries[0]["op"], entries[0]["actor"]) == ("erase", "restore")
    assert desk.engine("second").store.check().memories == len(OTHERS) + 2
    elsewhere = new_desk()
    elsewhere.call("restore", path=str(file))
    assert elsewhere.memory(second)["text"] == SECRET + " or 7320"  # another data root knows of no erasing


def test_an_old_data_file_put_back_by_hand_is_erased_again(desk: Desk, tmp_path: Path) -> None:
    """What reads the store cannot tell how it came there."""
    first, second = lived_in(desk)
    wanted = traces(desk, first, second)
    desk.service.close()
    shutil.copytree(desk.root / "default", tmp_path / "old")
    desk.open()
    desk.call("erase", id=[first])
    desk.service.close()
    shutil.rmtree(desk.root / "default")
    shutil.copytree(tmp_path / "old", desk.root / "default")
    desk.open()

    assert sorted(desk.texts()) == sorted(OTHERS)
    assert left_in(desk.root, wanted) == []


def test_only_backups_that_hold_it_are_named(desk: Desk, tmp_path: Path) -> None:
    """experience.md: the receipt names slm's own backups that still hold the text."""
    desk.remember("first of all")
    before = desk.call("backup", path=str(tmp_path / "before.slm"))
    secret = desk.remember(SECRET)
    after = [desk.call("backup", path=str(tmp_path / "after.slm"))["path"], desk.call("backup")["path"]]
    gone = Path(desk.call("backup", path=str(tmp_path / "gone.slm"))["path"])
    gone.unlink()

    assert desk.call("erase", id=[secret], dry_run=True)["backups"] == sorted(after)
    assert before["path"] not in after
