"""erase: what is gone, what stays. Expectations: trust.md and experience.md ("Moving, incidents, erasing")."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from slm.engine import erasing
from slm.errors import InvalidInput, NeedsUser, NotFound, StorageRefused
from slm.retrieval.semantic import Epoch
from tests.engine.desk import Desk
from tests.engine.stub_embedder import embedding
from tests.engine.traces import forms, left_in, words_of

SECRET = "Zwölfton xylophonist Anna Berg's vault opens with quetzalcoatl 7319"
LONG = SECRET + " " + " ".join(f"rhododendron{i}" for i in range(400))
OTHERS = [f"note {i} about ports and bread" for i in range(6)]


def lived_in(desk: Desk, text: str = SECRET) -> tuple[str, str]:
    """A store in which a secret was said, tagged, corrected, used and confirmed among others; its two ids."""
    for other in OTHERS[:3]:
        desk.remember(other)
    first = desk.remember(
        text, tag=["vaulttag"], speaker="Wolfgang Amadé", source="secret-file.md", idempotency_key="the-secret-key"
    )
    desk.call("tag", id=first, add=["lateradded"])
    desk.call("pin", id=[first])
    second = desk.call("correct", id=first, text=text + " or 7320", reason="mistyped-by-anna")["id"]
    desk.hits("ports and bread")
    desk.call("used", id=[second])
    for other in OTHERS[3:]:
        desk.remember(other)
    return first, second


def traces(desk: Desk, *ids: str) -> dict[str, bytes]:
    engine = desk.engine()
    found: dict[str, bytes] = {"reason": b"mistyped-by-anna", "later tag": b"lateradded"}
    with engine.store.read() as reader:
        for memory_id in ids:
            ordinal = reader.ordinal_of(memory_id)
            assert ordinal is not None
            named = {
                f"{memory_id} {name}": form for name, form in forms(reader, engine.index.store_id, ordinal).items()
            }
            found |= named | words_of(reader.memory(ordinal), set(" ".join(OTHERS).split()))
    return found


@pytest.mark.parametrize("text", [SECRET, LONG], ids=["short", "compressed, in several chunks"])
def test_no_byte_of_it_is_left_in_any_file(desk: Desk, text: str) -> None:
    """trust.md: after it, no byte of the text is left in the store's folder; the oracle looks through every file."""
    first, second = lived_in(desk, text)
    wanted = traces(desk, first, second)
    desk.reopen()  # postings and scan files are on the disk now
    assert (
        len({found.partition(" in ")[2] for found in left_in(desk.root, wanted)}) >= 3
    )  # the store, the postings, the vectors

    desk.call("erase", id=[first])

    assert left_in(desk.root, wanted) == []
    desk.reopen()
    assert left_in(desk.root, wanted) == []


def test_no_vector_of_it_is_left_with_the_real_model(real_desk: Desk) -> None:
    """Vectors and token codes tell of a text as well: the real model gives many tokens to a text."""
    first, second = lived_in(real_desk)
    wanted = traces(real_desk, first, second)
    assert any("codes" in name for name in wanted)
    real_desk.reopen()

    real_desk.call("erase", id=[second])

    assert left_in(real_desk.root, wanted) == []
    assert real_desk.found("bread")


def publish(desk: Desk) -> None:
    """Let the index rank by the variance of what is live now, as an erasing does."""
    index = desk.engine().index
    index.epoch = Epoch.publish(index.epoch.number + 1, index.moments, index._constant)
    index.semantic = index._channel(index.semantic.kernels)


def test_everything_else_is_as_if_it_had_been_forgotten(desk: Desk) -> None:
    """Oracle: the store in which it is only forgotten, its variance published: the same records, scores, phases."""
    first, second = lived_in(desk)
    desk.call("forget", id=[second])
    publish(desk)
    others = [record for record in desk.exported() if record.get("id") not in (first, second)]
    before = (others, desk.scores("ports and bread 4"), desk.texts(), desk.call("phases"), desk.call("weights"))

    desk.call("erase", id=[second])

    for _ in range(2):
        now = (
            desk.exported(),
            desk.scores("ports and bread 4"),
            desk.texts(),
            desk.call("phases"),
            desk.call("weights"),
        )
        assert now == before
        checked = desk.engine().store.check()
        assert checked.memories == len(OTHERS) + 2
        assert all(check["ok"] for check in desk.call("doctor")["checks"])
        assert desk.call("status")["notes"] == []
        desk.reopen()
    assert desk.remember("and life goes on with ports")
    assert "and life goes on with ports" in desk.found("life goes on")


def test_postings_are_as_if_they_were_analysed_anew(desk: Desk) -> None:
    """Oracle: the postings that the next start makes of the texts where their files are gone."""
    desk.remember("before it")
    first, _ = lived_in(desk, LONG)
    desk.call("erase", id=[first])
    desk.reopen()
    assert desk.engine().index.healed == []
    kept = desk.engine().index.lexical

    desk.service.close()
    shutil.rmtree(desk.root / "default" / "postings")
    desk.open()
    anew = desk.engine().index.lexical
    anew.flush()

    assert [segment.terms() for segment in kept.segments] == [segment.terms() for segment in anew.segments]
    for segment, other in zip(kept.segments, anew.segments, strict=True):
        assert all((segment.arrays()[name] == array).all() for name, array in other.arrays().items())


def test_exact_sums_lose_it(desk: Desk) -> None:
    """Oracle: a store that never knew it has the same exact moments."""
    first, _ = lived_in(desk)

    desk.call("erase", id=[first])

    moments = desk.engine().index.moments
    assert moments.count == len(OTHERS)
    plain = type(moments).zero(len(embedding("x").mean))
    for text in OTHERS:
        plain = plain.add(embedding(text).mean[None, :].astype("float16"))
    assert moments.to_bytes() == plain.to_bytes()


def test_the_whole_history_goes_whichever_version_is_named(desk: Desk, new_desk: Callable[..., Desk]) -> None:
    """experience.md: erase covers old versions; the text that a correction replaced is one."""
    for which in (0, 1):
        desk = new_desk()
        ids = lived_in(desk)
        assert desk.call("erase", id=[ids[which]])["erased"] == list(ids)
        assert sorted(desk.texts()) == sorted(OTHERS)


def test_a_correction_that_was_undone_goes_too(desk: Desk) -> None:
    """It is no successor any more, but it says nearly the same; so does what was forgotten."""
    first, second = lived_in(desk)
    desk.call("undo", entry=desk.entry_of("correct"))
    desk.call("forget", id=[first])

    assert set(desk.call("erase", id=[first])["erased"]) == {first, second}


def test_the_receipt_tells_what_went_and_the_head_of_the_journal(desk: Desk) -> None:
    """experience.md: a receipt with ids, counts and the head after it, which a user can keep."""
    first, second = lived_in(desk)

    receipt = desk.call("erase", id=[first])

    assert receipt["erased"] == [first, second]
    assert (receipt["chunks"], receipt["dry_run"]) == (2, False)
    assert receipt["entries"] == 4  # remember, tag, pin, correct
    assert receipt["names"] >= 4  # speaker, source, two sets of tags
    assert receipt["sources"] == ["secret-file.md"]
    assert receipt["pinned"] == [first, second]
    assert "exports" in receipt["out_of_reach"][0]
    verified = desk.call("log", verify=True, head=receipt["journal"]["head"])
    assert (verified["head"], verified["entries"]) == (receipt["journal"]["head"], receipt["journal"]["entries"])


def test_the_journal_keeps_its_chain_and_says_erased(desk: Desk) -> None:
    """trust.md: erasing deletes payload and salt, and the chain still verifies against a head from before."""
    first, _ = lived_in(desk)
    head = desk.call("log", verify=True)["head"]

    desk.call("erase", id=[first])

    assert desk.call("log", verify=True, head=head)["verified"]
    shown = {entry["op"]: entry["summary"] for entry in desk.call("log", limit=100)["entries"]}
    assert shown["correct"] == shown["tag"] == shown["pin"] == "(erased)"
    assert shown["erase"].startswith("2 memories: ")
    with desk.engine().store.read() as reader:
        gone = [entry for entry in reader.entries() if entry.payload is None]
    assert [entry.salt for entry in gone] == [b""] * 4


def test_a_dry_run_tells_the_same_and_changes_nothing(desk: Desk) -> None:
    """A destructive verb has one; what was found with the memory that was named is marked."""
    first, second = lived_in(desk)
    before = (desk.exported(), desk.call("log", verify=True))

    found = desk.call("erase", id=[first], dry_run=True)

    assert [(each["id"], each["named"]) for each in found["memories"]] == [(first, True), (second, False)]
    assert found["dry_run"]
    assert (desk.exported(), desk.call("log", verify=True)) == before


@pytest.mark.parametrize(
    "selector", [{"tag": "vaulttag"}, {"source": "secret-file.md"}, {"mentions": "anna  BERG's"}, {"mentions": "7319"}]
)
def test_selectors_are_exact_and_reach_what_is_hidden(desk: Desk, selector: dict[str, str]) -> None:
    """experience.md: over all scopes and phases, the trash included."""
    first, second = lived_in(desk)
    desk.call("forget", id=[second])

    assert desk.call("erase", **selector)["erased"] == [first, second]
    assert desk.call("erase", **selector)["erased"] == []


@pytest.mark.parametrize("actor", ["mcp:claude-code", "hook", "llm", "watch:notes", "import:jsonl"])
@pytest.mark.parametrize("dry_run", [True, False])
def test_agents_are_refused(desk: Desk, actor: str, dry_run: bool) -> None:
    """experience.md: an injected agent must not be able to destroy."""
    first, _ = lived_in(desk)

    with pytest.raises(NeedsUser, match="agents can't erase"):
        desk.call("erase", as_actor=actor, id=[first], dry_run=dry_run)
    assert desk.memory(first)


def test_an_erased_id_says_so_and_takes_no_change(desk: Desk) -> None:
    """The id stays, so that nothing else gets it; it names nothing."""
    first, second = lived_in(desk)
    desk.call("erase", id=[first])

    for op, fields in (("show", {"id": [first]}), ("pin", {"id": [second]}), ("forget", {"id": [first]}),
                       ("erase", {"id": [first]}), ("why", {"id": first}), ("used", {"id": [first]}),
                       ("correct", {"id": first, "text": "x"}), ("tag", {"id": first, "add": ["x"]})):  # fmt: skip
        with pytest.raises(NotFound, match="was erased on"):
            desk.call(op, **fields)
    status = desk.call("status")["memories"]
    assert (status["total"], status["erased"], status["forgotten"]) == (len(OTHERS), 2, 0)


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


def test_a_restored_backup_is_served_even_without_room_to_write_it_anew(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What was erased must not be shown, and the rest must: the bytes go as soon as there is room."""
    first, second = lived_in(desk)
    wanted = traces(desk, first, second)
    desk.call("backup", path=str(tmp_path / "old.slm"))
    desk.call("erase", id=[first])

    def full(*_: Any) -> None:
        raise StorageRefused("no space left")

    with monkeypatch.context() as patched:
        patched.setattr("slm.store.store.Store.rewrite", full)
        desk.call("restore", path=str(tmp_path / "old.slm"), name="second")
        assert sorted(desk.texts(profile="second")) == sorted(OTHERS)
        notes = desk.call("status", profile="second")["notes"]
    assert any("erased again" in note for note in notes)
    assert any("still in the files" in note for note in notes)

    desk.reopen()
    assert sorted(desk.texts(profile="second")) == sorted(OTHERS)
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


def test_the_same_text_elsewhere_is_named_and_stays(desk: Desk) -> None:
    """Another scope's memory was not asked for; whoever erases a text must hear of it."""
    here = desk.remember(SECRET)
    there = desk.remember(SECRET, in_scope="acme/api")

    assert desk.call("erase", id=[here])["same_text"] == [there]
    assert desk.memory(there)["text"] == SECRET


def test_names_that_others_carry_stay(desk: Desk) -> None:
    """Facets go where nothing else carries them: a tag of another memory is that one's."""
    secret = desk.remember(SECRET, tag=["shared"], speaker="Anna")
    desk.remember("harmless", tag=["shared"], speaker="Anna")

    desk.call("erase", id=[secret])

    assert desk.call("tags")["tags"]
    assert desk.call("forget", tag="shared", dry_run=True)["forgotten"][0]["text"] == "harmless"
    again = desk.remember("a new one", tag=["shared", "vaulttag"], speaker="Wolfgang")
    desk.reopen()
    assert desk.memory(again)["tags"] == ["shared", "vaulttag"]
    assert desk.engine().store.check()


def test_undo_goes_on_around_it(desk: Desk) -> None:
    """What an erased undo took back stays undone; what was done to others can still be taken back."""
    desk.call("remember", batch=[{"text": SECRET}, {"text": "with it"}])
    desk.call("undo")
    kept = desk.remember("kept")
    desk.call("forget", id=[kept])

    desk.call("erase", mentions="7319")

    assert desk.call("undo", entry=desk.entry_of("forget"))["op"] == "forget"
    assert desk.texts() == ["kept"]


def test_an_erasing_cannot_be_undone_and_says_so(desk: Desk) -> None:
    """Whoever types ``undo`` after it means it: the change before must not be taken back in its place."""
    secret = desk.remember(SECRET)
    desk.remember("kept")
    desk.call("erase", id=[secret])

    with pytest.raises(InvalidInput, match=r"your last change was to erase \(entry \d+\): that can't be undone"):
        desk.call("undo")
    for op in ("erase", "remember"):
        with pytest.raises(InvalidInput, match="can't be undone: what was erased is gone"):
            desk.call("undo", entry=desk.entry_of(op))
    assert desk.texts() == ["kept"]
    desk.remember("and then")
    assert desk.call("undo")["summary"].endswith("and then")


def test_a_full_disk_is_met_before_anything_is_changed(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Compaction checks its space first: exit 8, nothing lost, and the profile goes on."""
    first, second = lived_in(desk)
    before = desk.exported()
    free = shutil.disk_usage(desk.root)._replace(free=1 << 20)
    with monkeypatch.context() as patched:
        patched.setattr(erasing.shutil, "disk_usage", lambda _: free)
        with pytest.raises(StorageRefused, match="1 MiB are free") as refusal:
            desk.call("erase", id=[first])

    assert (refusal.value.exit_code, "nothing was erased" in str(refusal.value.hint)) == (8, True)
    assert desk.exported() == before
    assert desk.call("erase", id=[first])["erased"] == [first, second]


@pytest.mark.parametrize("stage", ["rewrite", "rmtree"])
def test_what_a_full_disk_broke_off_is_finished_by_the_next_start(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, stage: str
) -> None:
    """The room went after the check: the memory is gone, its bytes go as soon as there is room; status says so."""
    first, second = lived_in(desk)
    wanted = traces(desk, first, second)

    def full(*_: Any, **__: Any) -> None:
        raise StorageRefused("no space left")

    def full_folder(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        if stage == "rewrite":
            patched.setattr("slm.store.store.Store.rewrite", full)
        else:
            patched.setattr(erasing.shutil, "rmtree", full_folder)
        with pytest.raises(StorageRefused):
            desk.call("erase", id=[first])
        assert sorted(desk.texts()) == sorted(OTHERS)
        assert any("still in the files" in note for note in desk.call("status")["notes"])
        desk.remember("written meanwhile")
        desk.reopen()
        assert sorted(desk.texts()) == sorted([*OTHERS, "written meanwhile"])

    desk.reopen()

    assert sorted(desk.texts()) == sorted([*OTHERS, "written meanwhile"])
    assert left_in(desk.root, wanted) == []
    assert not any("still in the files" in note for note in desk.call("status")["notes"])


def test_two_erasings_after_each_other(desk: Desk) -> None:
    """Stubs of the first are in the way of nothing."""
    first, _ = lived_in(desk)
    wanted = traces(desk, first)
    desk.call("erase", id=[first])
    third = desk.remember("quite another xylophone secret")

    assert desk.call("erase", mentions="xylophone")["erased"] == [third]
    desk.reopen()
    assert sorted(desk.texts()) == sorted(OTHERS)
    assert left_in(desk.root, wanted) == []
    assert desk.engine().store.check().memories == len(OTHERS) + 3


def test_a_store_of_nothing_else_can_be_erased(desk: Desk) -> None:
    """The last memory of a store goes like any other."""
    only = desk.remember(SECRET)

    desk.call("erase", id=[only])

    assert desk.texts() == []
    assert desk.exported() == []
    assert desk.hits("anything at all") == []
    desk.remember("a new beginning")
    desk.reopen()
    assert desk.found("beginning") == ["a new beginning"]
