from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from slm.engine import undo as undo_module
from slm.errors import InvalidInput, NotFound
from tests.engine.desk import Desk


def _state(desk: Desk) -> list[dict[str, Any]]:
    return desk.exported()


CHANGES: dict[str, Callable[[Desk, str], Any]] = {
    "confirm": lambda desk, i: desk.call("remember", text="olives are green", tag="said-twice"),
    "correct": lambda desk, i: desk.call("correct", id=i, text="olives are black"),
    "correct from": lambda desk, i: desk.call("correct", id=i, text="olives are black", from_="2024-01-01"),
    "forget": lambda desk, i: desk.call("forget", id=[i], reason="x"),
    "tag": lambda desk, i: desk.call("tag", id=i, add="new", remove="food"),
    "pin": lambda desk, i: desk.call("pin", id=[i]),
    "scope rename": lambda desk, i: desk.call("scope_rename", from_="global", to="acme/api"),
    "supersede": lambda desk, i: desk.call("remember", text="olives are black", supersedes=i),
}


@pytest.mark.parametrize("name", CHANGES)
def test_every_change_is_taken_back_wholly(desk: Desk, name: str) -> None:
    """experience.md: ``undo`` takes back your last change; the journal keeps every value that was replaced."""
    first = desk.remember("olives are green", tag="food")
    before = _state(desk)
    CHANGES[name](desk, first)
    assert _state(desk) != before

    answer = desk.call("undo")

    assert answer["undone"] is True
    assert _state(desk)[: len(before)] == before
    assert desk.texts() == ["olives are green"]
    assert desk.found("olives") == ["olives are green"]


def test_undoing_an_unpin_pins_again(desk: Desk) -> None:
    """The same for the one change whose start is another."""
    first = desk.remember("olives are green", pin=True)
    desk.call("unpin", id=[first])

    desk.call("undo")

    assert desk.memory(first)["pinned"] is True


def test_undoing_a_new_memory_hides_it(desk: Desk) -> None:
    """DESIGN.md: nothing is lost by anything automatic; the text stays and says that it was undone."""
    first = desk.remember("olives are green")

    answer = desk.call("undo")

    assert (answer["op"], answer["entry"]) == ("remember", 1)
    assert desk.texts() == []
    assert desk.found("olives") == []
    assert desk.memory(first)["reason"] == "undone"


def test_repeated_undo_goes_back_step_by_step_to_the_beginning(desk: Desk) -> None:
    """Each call takes back the newest change that still stands; then there is nothing left."""
    first = desk.remember("olives are green")
    desk.call("tag", id=first, add="food")
    desk.call("forget", id=[first])

    assert [desk.call("undo")["op"] for _ in range(3)] == ["forget", "tag", "remember"]
    with pytest.raises(NotFound, match="nothing of yours to undo"):
        desk.call("undo")


def test_an_undo_is_undone_by_its_number(desk: Desk) -> None:
    """The hint of the refusal says so: the undo is an entry like others."""
    first = desk.remember("olives are green")
    desk.call("tag", id=first, add="food")
    desk.call("undo")
    undo_entry = desk.call("log", limit=1)["entries"][0]["seq"]

    desk.call("undo", entry=undo_entry)

    assert desk.memory(first)["tags"] == ["food"]
    assert desk.call("undo", dry_run=True)["op"] == "tag"


def test_an_entry_that_was_undone_is_refused_with_the_way_back(desk: Desk) -> None:
    """STYLE.md, an error: the next step."""
    desk.remember("olives are green")
    desk.call("undo")

    with pytest.raises(InvalidInput, match="entry 1 was undone already") as caught:
        desk.call("undo", entry=1)

    assert "undo" in str(caught.value.hint)


def test_a_batch_is_undone_as_one(desk: Desk) -> None:
    """Pinned behaviour: records that came together go together."""
    desk.remember("before")
    known = desk.remember("olives are green")
    desk.call("remember", batch=[{"text": "one"}, {"text": "olives are green"}, {"text": "two"}])

    answer = desk.call("undo")

    assert answer["summary"].endswith("of 3 records at once")
    assert desk.texts() == ["olives are green", "before"]
    assert "confirmations" not in desk.memory(known)


def test_batches_of_one_group_are_undone_as_one_and_other_batches_not(desk: Desk) -> None:
    """An import sends many batches: its group makes them one change."""
    desk.call("remember", batch=[{"text": "zero"}])
    desk.call("remember", batch=[{"text": "one"}], group="g")
    desk.call("remember", batch=[{"text": "two"}], group="g")

    desk.call("undo")

    assert desk.texts() == ["zero"]


def test_a_batch_named_by_one_of_its_entries_is_undone_as_one(desk: Desk) -> None:
    """The log shows an entry a record; any of them stands for the batch."""
    desk.remember("before")
    desk.call("remember", batch=[{"text": "one"}, {"text": "two"}])

    desk.call("undo", entry=desk.call("log")["entries"][1]["seq"])

    assert desk.texts() == ["before"]


def test_an_import_is_undone_by_the_person_who_made_it(desk: Desk) -> None:
    """What a person imports is theirs as much as what they type."""
    desk.remember("before")
    desk.call("remember", batch=[{"text": "one"}, {"text": "two"}], group="g", as_actor="import:jsonl")

    desk.call("undo")

    assert desk.texts() == ["before"]


def test_a_dry_run_says_what_would_be_undone(desk: Desk) -> None:
    """experience.md: ``undo`` shows it, then asks."""
    desk.remember("olives are green")

    answer = desk.call("undo", dry_run=True)

    assert (answer["undone"], answer["op"], answer["entry"]) == (False, "remember", 1)
    assert "olives are green" in answer["summary"]
    assert desk.texts() == ["olives are green"]
    assert desk.ops() == ["remember"]


def test_undo_passes_over_what_others_did(desk: Desk) -> None:
    """experience.md: *your* last change (actor)."""
    desk.remember("mine")
    desk.remember("theirs", as_actor="mcp:x")

    desk.call("undo")

    assert desk.texts() == ["theirs"]


def test_undo_knows_what_another_actor_has_undone(desk: Desk) -> None:
    """A change that somebody else took back by its number doesn't stand any more."""
    first = desk.remember("olives are green")
    desk.call("tag", id=first, add="food")
    desk.call("undo", entry=desk.entry_of("tag"), as_actor="script")

    assert desk.call("undo")["op"] == "remember"


def test_an_entry_whose_memory_changed_since_is_refused(desk: Desk) -> None:
    """Undoing must not overwrite what came later."""
    first = desk.remember("olives are green")
    desk.call("tag", id=first, add="food")
    desk.call("tag", id=first, add="oil")

    with pytest.raises(InvalidInput, match=r"entry \d+ can't be undone: .* was changed since \(tags\)"):
        desk.call("undo", entry=desk.entry_of("tag"))

    assert desk.memory(first)["tags"] == ["food", "oil"]


@pytest.mark.parametrize("later", ["correct", "forget"])
def test_a_memory_that_was_corrected_or_forgotten_since_is_not_undone_alone(desk: Desk, later: str) -> None:
    """The later change comes first: else its own undo would find another memory than it left."""
    first = desk.remember("olives are green", tag="food")
    CHANGES[later](desk, first)

    with pytest.raises(InvalidInput, match="entry 1 can't be undone"):
        desk.call("undo", entry=1)

    assert [desk.call("undo")["op"] for _ in range(2)] == [later, "remember"]


@pytest.mark.parametrize("entry", [0, -1, 99])
def test_an_entry_that_does_not_exist_is_named(desk: Desk, entry: int) -> None:
    """Exit code 4: no such entry."""
    desk.remember("olives are green")

    with pytest.raises(NotFound, match=f"no entry {entry}"):
        desk.call("undo", entry=entry)


def test_uses_and_epochs_are_no_changes_to_undo(desk: Desk) -> None:
    """experience.md: uses stand outside ``undo``."""
    first = desk.remember("olives are green")
    desk.call("used", id=[first])

    for op in ("use", "epoch"):
        with pytest.raises(InvalidInput, match=f"{op}.* can't be undone"):
            desk.call("undo", entry=desk.entry_of(op))


def test_a_batch_is_undone_wholly_though_others_wrote_in_between(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """experience.md: an import is undone as one, however old and however long it is."""
    monkeypatch.setattr(undo_module, "FARTHEST_APART", 3)
    for number in range(3):
        desk.call("remember", batch=[{"text": f"turn {number} {i}", "kind": "turn"} for i in range(3)], group="g")
        desk.remember(f"between {number}")
        desk.remember(f"and {number}")

    desk.call("undo", entry=1)

    assert sorted(desk.texts()) == sorted(f"{word} {number}" for word in ("between", "and") for number in range(3))
    with pytest.raises(InvalidInput, match="was undone already"):
        desk.call("undo", entry=1)
