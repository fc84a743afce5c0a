from __future__ import annotations

import pytest

from slm.errors import InvalidInput, NotFound
from tests.engine.desk import Desk

# used


def test_a_use_is_counted_once_for_each_memory_named(desk: Desk) -> None:
    """experience.md: ``used`` says which memories helped."""
    first, second = desk.remember("alpha one"), desk.remember("beta two")

    answer = desk.call("used", id=[first, second[:8], first])

    assert answer == {"used": [first, second]}
    assert desk.memory(first)["uses"] == 1
    assert desk.memory(first)["last_used"].endswith("Z")


def test_uses_stand_outside_log_and_undo(desk: Desk) -> None:
    """experience.md: uses are coalesced and stand outside ``log`` and ``undo``."""
    first = desk.remember("alpha one")
    desk.call("used", id=[first])

    assert desk.ops() == ["remember"]
    assert desk.call("undo", dry_run=True)["op"] == "remember"


# correct


def test_a_correction_without_a_date_says_it_was_never_true(desk: Desk) -> None:
    """experience.md: ``correct ID TEXT`` says it was never true."""
    old = desk.remember("the audit is on 10 March")

    answer = desk.call("correct", id=old, text="the audit is on 14 March", reason="misread")

    assert answer == {"id": answer["id"], "replaced": old, "from": None, "redacted": []}
    assert desk.found("the audit") == ["the audit is on 14 March"]
    (before,) = desk.history(answer["id"])
    assert (before["never_true"], before["reason"], before["superseded_by"]) == (True, "misread", answer["id"])


def test_a_correction_with_a_date_says_it_was_true_until_then(desk: Desk) -> None:
    """experience.md: ``--from DATE`` says it was true until then."""
    old = desk.remember("Ana lives in Oslo")

    answer = desk.call("correct", id=old, text="Ana lives in Porto", from_="2024-05-01", zone="UTC")

    assert answer["from"] == "2024-05-01T00:00:00Z"
    new, (before,) = desk.memory(answer["id"]), desk.history(answer["id"])
    assert (new["valid_from"], before["valid_until"]) == ("2024-05-01T00:00:00Z", "2024-05-01T00:00:00Z")
    assert "never_true" not in before
    assert sorted(desk.found("Ana lives")) == ["Ana lives in Oslo", "Ana lives in Porto"]


def test_the_successor_inherits_tags_pin_scope_and_uses(desk: Desk) -> None:
    """experience.md: the successor inherits tags, pin, scope and uses."""
    old = desk.remember(
        "the api is on 5432", tag=["work", "api"], pin=True, in_scope="acme/api", kind="fact", private=True
    )
    desk.call("used", id=[old])

    new = desk.memory(desk.call("correct", id=old, text="the api is on 5433", in_scope="elsewhere")["id"])

    expected = {"tags": ["work", "api"], "pinned": True, "scope": "acme/api", "uses": 1, "kind": "fact"}
    assert {name: new[name] for name in expected} == expected
    assert new["private"] is True
    assert new["supersedes"] == [old]


def test_old_ids_resolve_to_the_last_successor(desk: Desk) -> None:
    """experience.md: old ids resolve to it."""
    first = desk.remember("version one")
    second = desk.call("correct", id=first, text="version two")["id"]
    third = desk.call("correct", id=first, text="version three", from_="yesterday")["id"]

    assert [desk.memory(written)["id"] for written in (first, second, third)] == [third] * 3
    assert desk.call("used", id=[first])["used"] == [third]
    assert [old["text"] for old in desk.history(first)] == ["version one", "version two"]
    assert [old["text"] for old in desk.history(third)] == ["version one", "version two"]


@pytest.mark.parametrize("when", ["9999-12-31", "0001-01-01"])
def test_a_date_that_no_memory_can_be_observed_at_is_refused(desk: Desk, when: str) -> None:
    """Times are kept as nanoseconds in 64 bits; it was an internal error, which an agent could cause."""
    known = desk.remember("API listens on 5432")

    with pytest.raises(InvalidInput, match="between the years 1678 and 2261"):
        desk.call("correct", id=known, text="API listens on 5433", from_=when)


def test_a_correction_redacts_like_any_text(desk: Desk) -> None:
    """trust.md: secrets are redacted before they are stored, whichever way they come."""
    old = desk.remember("the key is in the vault")

    answer = desk.call("correct", id=old, text="the key is AKIAABCDEFGHIJKLMNOP")

    assert answer["redacted"] == ["aws-key"]
    assert "AKIAABCD" not in desk.memory(old)["text"]


def test_a_correction_that_says_the_same_is_refused(desk: Desk) -> None:
    """Pinned behaviour: nothing to correct, nothing changed."""
    old = desk.remember("the api is on 5433")

    with pytest.raises(InvalidInput, match="says that already"):
        desk.call("correct", id=old, text="The API is on  5433")

    assert desk.history(old) == []


def test_a_forgotten_memory_can_not_be_corrected(desk: Desk) -> None:
    """Pinned behaviour: what is hidden is brought back first."""
    old = desk.remember("the api is on 5433")
    desk.call("forget", id=[old])

    with pytest.raises(NotFound, match="was forgotten") as caught:
        desk.call("correct", id=old, text="the api is on 5434")

    assert "slm undo" in str(caught.value.hint)


# forget


def test_forgetting_hides_from_recall_and_list_but_not_from_show(desk: Desk) -> None:
    """trust.md: ``forget`` hides and is undoable."""
    kept, gone = desk.remember("olives are green"), desk.remember("olives are salty")

    answer = desk.call("forget", id=[gone[:7]], reason="private matter")

    assert [record["id"] for record in answer["forgotten"]] == [gone]
    assert desk.texts() == ["olives are green"]
    assert [hit["memory"]["id"] for hit in desk.hits("olives")] == [kept]
    assert desk.memory(gone)["reason"] == "private matter"
    assert desk.memory(gone)["forgotten_at"].endswith("Z")


@pytest.mark.parametrize("selector", [{"tag": "draft"}, {"source": "notes.md"}])
def test_a_selector_forgets_exactly_what_carries_it_in_every_scope(desk: Desk, selector: dict[str, str]) -> None:
    """experience.md: filters are exact, never ranked, wherever they delete."""
    wanted = [
        desk.remember("first draft", tag=["draft", "x"], source="notes.md"),
        desk.remember("second draft", tag="draft", source="notes.md", in_scope="acme/api"),
    ]
    desk.remember("a draft in name only", tag="drafts", source="notes.md.bak")

    answer = desk.call("forget", **selector)

    assert [record["id"] for record in answer["forgotten"]] == wanted
    assert desk.texts() == ["a draft in name only"]


def test_mentions_are_whole_words_in_any_case_over_all_scopes(desk: Desk) -> None:
    """experience.md, ``forget --mentions``: exact matches in text, speaker and tags over all scopes."""
    wanted = [
        desk.remember("lunch with ANNA  Berg on Friday"),
        desk.remember("I will be late", speaker="Anna Berg", in_scope="acme/api"),
        desk.remember("(Anna Berg)"),
    ]
    spared = [desk.remember("Anna Bergström called"), desk.remember("Joanna Berg called"), desk.remember("Anna called")]

    answer = desk.call("forget", mentions="anna berg")

    assert [record["id"] for record in answer["forgotten"]] == wanted
    assert all("forgotten_at" not in desk.memory(memory_id) for memory_id in spared)


def test_a_tag_counts_as_a_mention(desk: Desk) -> None:
    """experience.md: matches in tags too."""
    tagged = desk.remember("lunch on Friday", tag="anna")

    assert [record["id"] for record in desk.call("forget", mentions="Anna")["forgotten"]] == [tagged]


def test_a_dry_run_of_forget_changes_nothing(desk: Desk) -> None:
    """STYLE.md: destructive verbs take ``--dry-run``."""
    first = desk.remember("olives are green", tag="food")

    answer = desk.call("forget", tag="food", dry_run=True)

    assert ([record["id"] for record in answer["forgotten"]], answer["dry_run"]) == ([first], True)
    assert desk.texts() == ["olives are green"]
    assert desk.ops() == ["remember"]


def test_forgetting_twice_forgets_nothing_more(desk: Desk) -> None:
    """Pinned behaviour: what is hidden is not found again, and the journal stays quiet."""
    first = desk.remember("olives are green")
    desk.call("forget", id=[first])

    assert desk.call("forget", id=[first])["forgotten"] == []
    assert desk.ops() == ["forget", "remember"]


@pytest.mark.parametrize("fields", [{}, {"id": ["abc"], "tag": "x"}, {"tag": "x", "mentions": "y"}])
def test_forget_takes_exactly_one_selector(desk: Desk, fields: dict) -> None:
    """Nothing is deleted by a guess at which of two was meant."""
    with pytest.raises(InvalidInput, match="give ids, or one of tag, source, mentions"):
        desk.call("forget", **fields)


def test_one_unknown_id_among_several_forgets_none(desk: Desk) -> None:
    """All or nothing."""
    first = desk.remember("olives are green")

    with pytest.raises(NotFound, match="zzzzz"):
        desk.call("forget", id=[first, "zzzzz"])

    assert desk.texts() == ["olives are green"]


# tag, pin


def test_tags_are_added_and_removed_together(desk: Desk) -> None:
    """client.md: ``tag ID +a -b``."""
    first = desk.remember("olives are green", tag=["draft", "food"])

    answer = desk.call("tag", id=first[:6], add=["green", "food"], remove="draft")

    assert answer == {"id": first, "tags": ["food", "green"]}
    assert desk.memory(first)["tags"] == ["food", "green"]
    assert desk.found("olives", tag="green") == ["olives are green"]
    assert desk.found("olives", tag="draft") == []


@pytest.mark.parametrize(
    ("fields", "error", "message"),
    [
        ({}, InvalidInput, "nothing to add or remove"),
        ({"add": ["two words"]}, InvalidInput, "tag: field 'tags' must be a list of words"),
        ({"remove": ["absent"]}, NotFound, "has no tag 'absent'"),
    ],
)
def test_tags_that_can_not_be_changed_are_named(desk: Desk, fields: dict, error: type, message: str) -> None:
    """STYLE.md, an error."""
    first = desk.remember("olives are green", tag="food")

    with pytest.raises(error, match=message):
        desk.call("tag", id=first, **fields)


def test_a_tag_that_is_there_already_leaves_no_entry(desk: Desk) -> None:
    """The journal records changes, not wishes."""
    first = desk.remember("olives are green", tag="food")

    desk.call("tag", id=first, add="food")

    assert desk.ops() == ["remember"]


def test_pins_are_set_and_taken_back(desk: Desk) -> None:
    """client.md: ``pin``, ``unpin``; only what turns enters the journal."""
    first, second = desk.remember("alpha one", pin=True), desk.remember("beta two")

    assert desk.call("pin", id=[first, second]) == {"pinned": [first, second]}
    assert desk.call("unpin", id=first) == {"unpinned": [first]}
    assert [desk.memory(i)["pinned"] for i in (first, second)] == [False, True]
    desk.call("unpin", id=first)
    assert desk.ops() == ["unpin", "pin", "remember", "remember"]
