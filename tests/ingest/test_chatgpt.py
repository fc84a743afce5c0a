"""ChatGPT's export: what was on the screen, once, in order, with its conversation and times."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slm.errors import InvalidInput
from slm.ingest.chatgpt import read
from tests.ingest.exports import CHATGPT, message, tree, zipped


def found(*conversations: Any, warn: Any = pytest.fail) -> list[tuple[str, dict]]:
    return list(read("-", io.BytesIO(json.dumps(list(conversations)).encode()), warn))


def texts(*conversations: Any) -> list[str]:
    return [record["text"] for _, record in found(*conversations)]


def test_messages_become_turns_with_their_conversation():
    """Specification: sources and sessions are kept; what the user wrote is the owner's."""
    where, record = found(*CHATGPT)[0]

    assert where == "stdin[0].mapping.n2"
    assert record == {
        "text": "The API listens on 5433 now.",
        "kind": "turn",
        "session": "chatgpt/c1",
        "source": "chatgpt: Moving the API",
        "observed_at": "2024-11-03T09:00:00.250000Z",
        "idempotency_key": "chatgpt:c1:m2",
    }
    assert [r.get("speaker") for _, r in found(*CHATGPT)] == [None, "ChatGPT", None]
    assert found(*CHATGPT)[2][1]["source"] == "chatgpt: untitled"


def test_only_the_branch_on_the_screen_is_taken():
    """current_node is the end of the branch shown last; an edited question leaves its old branch in the tree."""
    conversation = tree(message("user", "first"), message("assistant", "answer"))
    old = {"id": "old", "parent": "n0", "children": [], "message": message("assistant", "regenerated away", at=9e9)}
    conversation["mapping"]["old"] = old

    assert texts(conversation) == ["first", "answer"]


@pytest.mark.parametrize("when", [10**400, -(10**400), 1e300, True, "soon", None])
def test_a_time_that_is_none_costs_no_message(when):
    """JSON bounds no number: such a message has the time of the one before."""
    conversation = tree(message("user", "a", at=when), current_node=None)

    assert texts(conversation) == ["a"]


@pytest.mark.parametrize("current", [None, "gone"])
def test_without_a_current_node_the_newest_end_is_taken(current):
    """Early exports have none."""
    conversation = tree(message("user", "a", at=1.0), message("assistant", "old", at=2.0), current_node=current)
    conversation["mapping"]["new"] = {"id": "new", "parent": "n0", "children": [],
                                      "message": message("assistant", "new", at=3.0)}  # fmt: skip

    assert texts(conversation) == ["a", "new"]


def test_a_tree_that_runs_in_a_circle_ends():
    """A damaged export must not hang the import."""
    conversation = tree(message("user", "a"), message("assistant", "b"))
    conversation["mapping"]["n0"]["parent"] = "n1"

    assert texts(conversation) == ["a", "b"]


@pytest.mark.parametrize(
    "passed_over",
    [
        message("system", "be brief"),
        message("tool", "42"),
        message("user", "hidden", metadata={"is_visually_hidden_from_conversation": True}),
        message("assistant", "print(1)", recipient="python"),
        message("assistant", content={"content_type": "thoughts", "thoughts": [{"content": "hm"}]}),
        message("assistant", content={"content_type": "code", "text": "x"}),
        message("user", content={"content_type": "user_editable_context", "user_profile": "x"}),
        message("user", {"content_type": "image_asset_pointer", "asset_pointer": "file://x"}),
        message("user", ""), message("user", None), message("user", content=None), message("user", author=None),
        {"id": "odd"}, None,
    ],
)  # fmt: skip
def test_what_is_no_message_to_a_reader_is_passed_over_silently(passed_over):
    """Specification."""
    assert texts(tree(message("user", "a"), passed_over, message("user", "b"))) == ["a", "b"]


def test_parts_are_joined_and_speech_is_its_transcription():
    """Format of multimodal messages."""
    spoken = {"content_type": "audio_transcription", "text": "and spoken", "direction": "in"}
    parts = ["typed", {"content_type": "image_asset_pointer"}, spoken]
    said = message("user", content={"content_type": "multimodal_text", "parts": parts})

    assert texts(tree(said)) == ["typed\n\nand spoken"]


def test_a_message_without_a_time_has_that_of_the_one_before():
    """So that the order within a session stays."""
    conversation = tree(message("user", "a"), message("assistant", "b", at=1_730_700_000.0), message("user", "c"))

    times = [record["observed_at"] for _, record in found(conversation)]
    assert times == ["2024-11-03T08:00:00Z", "2024-11-04T06:00:00Z", "2024-11-04T06:00:00Z"]


def test_halves_of_characters_do_not_stop_an_import():
    """JSON may carry a lone surrogate, which UTF-8 can't."""
    assert texts(tree(message("user", "broken \ud83d emoji\0"))) == ["broken ? emoji\ufffd"]


def test_a_message_that_is_too_long_is_passed_over_with_a_warning():
    """A text has at most 1 MiB."""
    warnings: list[str] = []

    got = found(tree(message("user", "x" * (1 << 20) + "x"), message("user", "b")), warn=warnings.append)

    assert [record["text"] for _, record in got] == ["b"]
    assert warnings[0].startswith("stdin[0].mapping.n0: field 'text'")
    assert warnings[0].endswith("passed over")


@pytest.mark.parametrize("other", [1, "x", {}, {"chat_messages": []}, {"mapping": None}])
def test_another_export_is_named_by_its_element(other):
    """Specification: the element's path, and where to look further."""
    with pytest.raises(InvalidInput, match=r"stdin\[1\]: no conversation of ChatGPT") as refusal:
        found(CHATGPT[0], other)
    assert "--from claude" in refusal.value.hint


def test_an_archive_with_numbered_files_is_read(tmp_path):
    """Large exports are split."""
    path = zipped(tmp_path / "export.zip", {
        "conversations-000.json": CHATGPT[:1], "conversations-001.json": CHATGPT[1:],
        "chat.html": "<html>", "user.json": {"id": "u"}, "shared_conversations.json": [{"id": "s"}],
    })  # fmt: skip

    assert [where for where, _ in read(path, io.BytesIO(), pytest.fail)] == [
        "conversations-000.json[0].mapping.n2", "conversations-000.json[0].mapping.n3",
        "conversations-001.json[0].mapping.n0",
    ]  # fmt: skip


ODD = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["message", "parent", "children", "author", "role", "content", "content_type", "parts", "id",
                         "create_time", "metadata", "mapping", "current_node", "a", "b"]),
        inner, max_size=5,
    ),
    max_leaves=15,
)  # fmt: skip


@given(st.dictionaries(st.sampled_from("abc"), ODD, max_size=3), ODD, ODD)
def test_no_shape_of_a_conversation_is_a_bug(mapping, current, title):
    """Fuzz: whatever stands in a conversation, it is read, passed over or refused."""
    found({"mapping": mapping, "current_node": current, "title": title, "id": title}, warn=lambda _: None)
