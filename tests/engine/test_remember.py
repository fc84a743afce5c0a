from __future__ import annotations

import pytest

from slm.errors import InvalidInput, NotFound
from slm.model import MAX_TEXT_BYTES
from tests.engine.desk import Desk


def test_a_new_text_is_stored_and_found_at_once(desk: Desk) -> None:
    """DESIGN.md: durable and searchable on acknowledgement."""
    answer = desk.call("remember", text="the api listens on 5433")

    assert (answer["status"], len(answer["id"])) == ("stored", 12)
    assert desk.found("api listens") == ["the api listens on 5433"]


@pytest.mark.parametrize("again", ["The API  listens\ton 5433 ", "the api listens on 5433", "THE API LISTENS ON 5433"])
def test_the_same_text_but_for_case_and_space_becomes_a_confirmation(desk: Desk, again: str) -> None:
    """experience.md: equal after NFC, case and white-space folding."""
    first = desk.remember("the api listens on 5433")

    answer = desk.call("remember", text=again)

    assert (answer["id"], answer["status"]) == (first, "confirmed")
    assert desk.memory(first)["confirmations"] == 1
    assert desk.memory(first)["text"] == "the api listens on 5433"


def test_composed_and_decomposed_letters_are_the_same_text(desk: Desk) -> None:
    """experience.md: equal after NFC."""
    first = desk.remember("caf\u00e9 opens at nine")

    assert desk.call("remember", text="cafe\u0301 opens at nine")["id"] == first


@pytest.mark.parametrize("fields", [{"speaker": "Ana"}, {"in_scope": "acme/api"}])
def test_another_speaker_or_scope_makes_it_another_memory(desk: Desk, fields: dict[str, str]) -> None:
    """experience.md: a duplicate has the same scope and speaker."""
    first = desk.remember("my birthday is 3 May")

    answer = desk.call("remember", text="my birthday is 3 May", **fields)

    assert answer["status"] == "stored"
    assert answer["id"] != first


def test_a_confirmation_adds_tags_and_the_pin(desk: Desk) -> None:
    """Pinned behaviour: what is said again with more detail keeps the detail."""
    first = desk.remember("deploys need a green run", tag=["ci"])

    desk.call("remember", text="deploys need a green run", tag=["rule", "ci"], pin=True)

    assert desk.memory(first)["tags"] == ["ci", "rule"]
    assert desk.memory(first)["pinned"] is True


@pytest.mark.parametrize("fields", [{"kind": "turn"}, {"session": "s1"}])
def test_turns_and_session_memories_repeat_by_right(desk: Desk, fields: dict[str, str]) -> None:
    """experience.md: turns and session memories only by idempotency key."""
    desk.remember("yes", **fields)
    desk.remember("yes", **fields)

    assert desk.texts() == ["yes", "yes"]


def test_a_retry_with_the_same_key_stores_nothing_twice(desk: Desk) -> None:
    """client.md: ``idempotency_key``; the key decides, not the text."""
    first = desk.remember("yes", kind="turn", idempotency_key="s1/4")

    answer = desk.call("remember", text="yes, sure", kind="turn", idempotency_key="s1/4")

    assert (answer["id"], answer["status"]) == (first, "confirmed")
    assert desk.texts() == ["yes"]
    assert "confirmations" not in desk.memory(first)


def test_a_superseded_text_may_be_said_again(desk: Desk) -> None:
    """experience.md: a duplicate is one that was not superseded since."""
    first = desk.remember("the api listens on 5432")
    desk.call("correct", id=first, text="the api listens on 5433", from_="2024-01-01")

    assert desk.call("remember", text="the api listens on 5432")["status"] == "stored"


def test_a_corrected_text_is_refused_and_the_correction_named(desk: Desk) -> None:
    """experience.md, known wrong: stores nothing and says since when."""
    first = desk.remember("the audit is on 10 March")
    successor = desk.call("correct", id=first, text="the audit is on 14 March")["id"]

    answer = desk.call("remember", text="The audit is on 10 March")

    assert (answer["status"], answer["id"]) == ("known_wrong", first)
    assert answer["message"].startswith("you corrected this just now")
    assert successor in answer["message"]
    assert "--force" in answer["message"]
    assert desk.texts() == ["the audit is on 14 March"]


def test_a_forgotten_text_is_refused_until_forced(desk: Desk) -> None:
    """experience.md, known wrong: ``--force`` overrides."""
    desk.call("forget", id=[desk.remember("Ana likes olives")])

    refused = desk.call("remember", text="Ana likes olives")
    forced = desk.call("remember", text="Ana likes olives", force=True)

    assert refused["status"] == "known_wrong"
    assert refused["message"].startswith("you forgot this just now")
    assert forced["status"] == "stored"
    assert desk.texts() == ["Ana likes olives"]


def test_a_forgotten_text_with_a_key_is_refused_until_forced(desk: Desk) -> None:
    """The same rule where the key and not the text tells that it is known."""
    desk.call("forget", id=[desk.remember("yes", kind="turn", idempotency_key="k")])

    assert desk.call("remember", text="yes", kind="turn", idempotency_key="k")["status"] == "known_wrong"
    assert desk.call("remember", text="yes", kind="turn", idempotency_key="k", force=True)["status"] == "stored"


@pytest.mark.parametrize("fields", [{}, {"kind": "turn", "idempotency_key": "k"}])
def test_what_was_undone_may_come_again(desk: Desk, fields: dict[str, str]) -> None:
    """experience.md: undo takes back a change; it doesn't say that the text was wrong."""
    desk.remember("lunch at noon", **fields)
    desk.call("undo")

    assert desk.call("remember", text="lunch at noon", **fields)["status"] == "stored"
    assert desk.texts() == ["lunch at noon"]


def test_a_memory_carries_what_was_said_about_it(desk: Desk) -> None:
    """client.md, Records."""
    memory_id = desk.remember(
        "the release is on Friday", tag="work", kind="event", speaker="Ana", session="standup", source="notes.md",
        importance=0.75, private=True, at="2024-03-14T10:30:00+01:00", valid_from="2024-03-15", zone="+02:00",
    )  # fmt: skip

    memory = desk.memory(memory_id)

    expected = {
        "text": "the release is on Friday", "tags": ["work"], "kind": "event", "speaker": "Ana", "session": "standup",
        "source": "notes.md", "importance": 0.75, "private": True, "pinned": False, "scope": "global", "actor": "cli",
        "observed_at": "2024-03-14T10:30:00+01:00", "valid_from": "2024-03-15T00:00:00+02:00", "valid_until": None,
        "uses": 0, "trust": 0.9, "claims": [], "supersedes": [], "superseded_by": None,
    }  # fmt: skip
    assert {name: memory[name] for name in expected} == expected
    assert memory["recorded_at"].endswith("Z")


@pytest.mark.parametrize(
    ("actor", "trust"), [("cli", 0.9), ("mcp:x", 0.6), ("watch:notes", 0.7), ("import:jsonl", 0.5), ("script", 0.9)]
)
def test_a_memory_is_trusted_as_its_source_is(new_desk, actor: str, trust: float) -> None:
    """The configuration's [trust] section."""
    desk = new_desk(trust__import=0.5)

    assert desk.memory(desk.remember("x y z", as_actor=actor))["trust"] == trust


def test_superseding_ends_the_older_memory_when_the_newer_begins(desk: Desk) -> None:
    """client.md, ``--supersedes``: the old text was true until the new one."""
    old = desk.remember("Ana lives in Oslo")

    answer = desk.call("remember", text="Ana lives in Porto", supersedes=old[:6], valid_from="2024-05-01", zone="UTC")

    told = {"id": old, "text": "Ana lives in Oslo", "by": "you", "at": "2024-05-01T00:00:00Z"}
    assert answer["supersedes"] == [told]
    ended = desk.history(answer["id"])[0]
    assert (ended["superseded_by"], ended["valid_until"]) == (answer["id"], "2024-05-01T00:00:00Z")
    assert ended.get("never_true") is None


def test_superseding_an_unknown_memory_stores_nothing(desk: Desk) -> None:
    """All or nothing: the error comes out of the open transaction."""
    with pytest.raises(NotFound, match="no memory with the id zzz"):
        desk.call("remember", text="Ana lives in Porto", supersedes=["zzz"])

    assert desk.texts() == []
    assert desk.ops() == []


def test_near_duplicates_are_stored_and_shown_as_similar(real_desk: Desk) -> None:
    """experience.md: "port 5432" / "port 5433": no threshold separates a duplicate from a correction."""
    first = real_desk.remember("the api listens on port 5432")

    answer = real_desk.call("remember", text="the api listens on port 5433")

    assert answer["status"] == "stored"
    assert [(near["id"], near["text"]) for near in answer["similar"]] == [(first, "the api listens on port 5432")]
    assert 0.8 <= answer["similar"][0]["similarity"] < 1.0


def test_similar_memories_come_nearest_first_and_at_most_three(desk: Desk) -> None:
    """More shared words are nearer under the stub; other scopes, hidden ones and far ones stay out."""
    words = "one two three four five six seven eight nine ten"
    for number in range(4):
        desk.remember(f"{words} eleven{number}")
    desk.remember("nothing of this kind")
    desk.call("forget", id=[desk.remember(f"{words} eleven")])
    desk.remember(words, in_scope="elsewhere")

    similar = desk.call("remember", text=words)["similar"]

    assert len(similar) == 3
    assert all(near["text"].startswith(f"{words} eleven") and near["text"] != f"{words} eleven" for near in similar)
    assert [near["similarity"] for near in similar] == sorted((n["similarity"] for n in similar), reverse=True)


def test_similar_memories_that_are_private_stay_hidden_from_agents(desk: Desk) -> None:
    """experience.md: private memories never go through MCP."""
    desk.remember("the door code is forty two", private=True)

    to_agent = desk.call("remember", text="the door code is forty three", as_actor="mcp:x")
    to_owner = desk.call("remember", text="the door code is forty four")

    assert to_agent["similar"] == []
    assert len(to_owner["similar"]) == 2


def test_secrets_are_taken_out_before_they_are_stored(desk: Desk) -> None:
    """trust.md: redacted before stored, and reported by kind."""
    answer = desk.call("remember", text="the key is AKIAABCDEFGHIJKLMNOP for now")

    assert answer["redacted"] == ["aws-key"]
    assert "AKIA" not in desk.memory(answer["id"])["text"]
    assert not any("AKIAABCD" in str(entry) for entry in desk.call("log")["entries"])


def test_secrets_stay_where_the_owner_wants_them(desk: Desk, new_desk) -> None:
    """trust.md: ``--no-redact`` is explicit; the configuration may turn it off."""
    text = "the key is AKIAABCDEFGHIJKLMNOP for now"
    careless = new_desk(remember__redact=False)

    assert desk.memory(desk.remember(text, no_redact=True))["text"] == text
    assert careless.memory(careless.remember(text))["text"] == text


def test_a_batch_is_one_result_a_record(desk: Desk) -> None:
    """client.md, ``remember --batch``."""
    known = desk.remember("old news")

    results = desk.call("remember", batch=[{"text": "new"}, {"text": "OLD news"}, {"text": "newer"}])["results"]

    assert [result["status"] for result in results] == ["stored", "confirmed", "stored"]
    assert results[1]["id"] == known
    assert desk.texts() == ["newer", "new", "old news"]


def test_a_repeat_within_a_batch_confirms_the_first(desk: Desk) -> None:
    """A batch is as if its records came one after the other; each text is embedded once."""
    results = desk.call("remember", batch=[{"text": "same"}, {"text": "other"}, {"text": "SAME"}])["results"]

    assert [result["status"] for result in results] == ["stored", "stored", "confirmed"]
    assert results[0]["id"] == results[2]["id"]
    assert desk.embedder.embedded == 2


def test_a_batch_may_replace_a_memory_and_then_repeat_it(desk: Desk) -> None:
    """As if its records came one after the other: the repeat comes after the replacement, so it is new."""
    old = desk.remember("Ana lives in Oslo")

    results = desk.call(
        "remember", batch=[{"text": "Ana lives in Porto", "supersedes": [old]}, {"text": "Ana lives in Oslo"}]
    )["results"]

    assert [result["status"] for result in results] == ["stored", "stored"]
    assert desk.found("Ana lives Oslo")[0] == "Ana lives in Oslo"


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ({"txt": "x"}, "record 2: unknown field 'txt'; did you mean 'text'?"),
        ({"text": ""}, "record 2: field 'text' must be a text that isn't empty, not ''"),
        ({"text": "x", "importance": 7}, "record 2: field 'importance' must be a number from 0 to 1, not 7"),
        ("x", "record 2: a record is an object with at least a text, not 'x'"),
    ],
)
def test_one_bad_record_refuses_the_whole_batch_and_is_named(desk: Desk, record: object, message: str) -> None:
    """client.md: unknown fields are refused with their number; a batch is one commit."""
    with pytest.raises(InvalidInput) as caught:
        desk.call("remember", batch=[{"text": "good"}, record, {"text": "also good"}])

    assert caught.value.message == message
    assert desk.texts() == []
    assert desk.ops() == []


def test_a_batch_takes_its_fields_from_its_records_alone(desk: Desk) -> None:
    """Fields that would silently count for nothing are refused."""
    with pytest.raises(InvalidInput, match="'tag' can't stand beside 'batch'"):
        desk.call("remember", batch=[{"text": "x"}], tag=["work"])


def test_a_batch_beyond_the_limit_is_refused(desk: Desk) -> None:
    """Pinned behaviour: at most 1024 records a commit."""
    with pytest.raises(InvalidInput, match="1025 records in one batch, at most 1024"):
        desk.call("remember", batch=[{"text": f"n {i}"} for i in range(1025)])


def test_records_can_not_set_what_only_a_store_knows(desk: Desk) -> None:
    """Only importers restore uses and endings; others would forge them."""
    (result,) = desk.call("remember", batch=[{"text": "x", "uses": 9, "trust": 1.0, "actor": "you"}])["results"]

    memory = desk.memory(result["id"])
    assert (memory["uses"], memory["trust"], memory["actor"]) == (0, 0.9, "cli")


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({}, "nothing to remember"),
        ({"text": "  \n"}, "field 'text' must be a text that isn't empty"),
        ({"text": "x" * (MAX_TEXT_BYTES + 1)}, "at most 1,048,576 bytes"),
        ({"text": "a\0b"}, "free of NUL"),
        ({"text": "\ud800"}, "lone surrogates"),
        ({"text": "x", "kind": "poem"}, "one of note, fact"),
        ({"text": "x", "importance": 1.5}, "a number from 0 to 1"),
        ({"text": "x", "at": "some day"}, "can't read 'some day' as a time"),
        ({"text": "x", "tag": ["a b"]}, "words without white space"),
        ({"text": 5}, "the field 'text' takes a string, not 5"),
        ({"text": "x", "pin": "yes"}, "the field 'pin' takes true or false"),
    ],
)
def test_what_can_not_be_taken_is_named_and_nothing_is_stored(desk: Desk, fields: dict, message: str) -> None:
    """STYLE.md, an error: what and where; the store is untouched."""
    with pytest.raises(InvalidInput) as caught:
        desk.call("remember", **fields)

    assert message in caught.value.message
    assert desk.ops() == []


def test_a_long_text_is_found_by_any_of_its_parts(desk: Desk) -> None:
    """DESIGN.md, Words: long texts are split into chunks that share the memory."""
    parts = [f"Paragraph {i} speaks of topic{i} " + "and so on " * 60 for i in range(6)]
    desk.remember("\n\n".join(parts))
    desk.remember("a short note on something else")

    assert all("topic4" in text for text in desk.found("topic4")[:1])
    assert desk.call("stats")["chunks"] > 6
