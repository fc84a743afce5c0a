"""Claude's export: messages, pasted documents, projects and what Claude keeps."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slm.errors import InvalidInput
from slm.ingest.claude import NO_PARENT, read
from tests.ingest.exports import (
    CLAUDE,
    CLAUDE_MEMORIES,
    CLAUDE_PROJECTS,
    claude_conversation,
    claude_message,
    zipped,
)


def found(*documents: Any, warn: Any = pytest.fail) -> list[tuple[str, dict]]:
    return list(read("-", io.BytesIO(json.dumps(list(documents)).encode()), warn))


def texts(*messages: dict, **more: Any) -> list[str]:
    return [record["text"] for _, record in found(claude_conversation(*messages, **more))]


def test_messages_become_turns_with_their_conversation():
    """Specification: sources and sessions are kept; what the user wrote is the owner's."""
    (where, record), (_, answer) = found(*CLAUDE)

    assert where == "stdin[0].chat_messages[0]"
    assert record == {
        "text": "The API listens on 5433 now.",
        "kind": "turn",
        "session": "claude/c1",
        "source": "claude: Moving the API",
        "observed_at": "2024-11-03T10:00:00Z",
        "idempotency_key": "claude:c1:The API",
    }
    assert answer["speaker"] == "Claude"


def test_blocks_of_text_are_joined_and_others_passed_over():
    """Format: thinking, tool calls and their results are blocks too."""
    blocks = [
        {"type": "thinking", "thinking": "hm"},
        {"type": "text", "text": "first"},
        {"type": "tool_use", "name": "search", "input": {}},
        {"type": "tool_result", "content": [{"type": "text", "text": "42"}]},
        {"type": "text", "text": " second "},
    ]

    assert texts(claude_message("assistant", "all in one", content=blocks)) == ["first\n\nsecond"]


def test_without_blocks_the_text_is_taken():
    """Exports before blocks have the text alone."""
    message = claude_message("human", "plain")
    del message["content"]

    assert texts(message, claude_message("human", "empty list", content=[])) == ["plain", "empty list"]


def test_pasted_documents_are_notes_of_their_conversation():
    """Specification: what was pasted is as much said as what was typed."""
    pasted = [{"file_name": "plan.md", "extracted_content": "Ship in May."}, {"file_name": "cat.png"}]

    (_, said), (where, note) = found(claude_conversation(claude_message("human", "see this", attachments=pasted)))

    assert said["text"] == "see this"
    assert where == "stdin[0].chat_messages[0].attachments"
    assert (note["text"], note["session"], note.get("kind")) == ("plan.md\n\nShip in May.", "claude/c1", None)
    assert note["idempotency_key"].startswith(said["idempotency_key"])


def linked(text: str, parent: str) -> dict[str, Any]:
    return claude_message("human", text, uuid=text, parent_message_uuid=parent)


def test_where_messages_name_their_parents_only_the_current_branch_is_taken():
    """An edited question leaves its old branch in the export."""
    messages = [linked("a", NO_PARENT), linked("old", "a"), linked("new", "a"), linked("end", "new")]

    assert texts(*messages, current_leaf_message_uuid="end") == ["a", "new", "end"]
    assert texts(*messages) == ["a", "new", "end"]
    assert texts(*messages, current_leaf_message_uuid="old") == ["a", "old"]


@pytest.mark.parametrize(
    "messages",
    [[linked("a", "gone"), linked("b", "a")], [linked("a", "b"), linked("b", "a")],
     [claude_message("human", "a"), linked("b", "a")], [linked("a", NO_PARENT) | {"uuid": 7}, linked("b", "a")]],
)  # fmt: skip
def test_where_the_parents_do_not_tell_the_branch_all_are_taken(messages):
    """Better twice than lost."""
    assert texts(*messages) == ["a", "b"]


def test_projects_are_notes():
    """Specification: description with instructions, and every document of its knowledge."""
    (_, told), (where, document) = found(*CLAUDE_PROJECTS)

    assert told["text"] == "Atlas\n\nThe move to Berlin\n\nAnswer briefly."
    assert (where, document["text"]) == ("stdin[0].docs[0]", "plan.md\n\nShip in May.")
    assert document["source"] == told["source"] == "claude project: Atlas"
    assert document["observed_at"] == "2024-10-02T08:00:00Z"


def test_what_claude_keeps_is_cut_at_its_headings():
    """Specification."""
    kept = [(record["source"], record["text"]) for _, record in found(*CLAUDE_MEMORIES)]

    assert kept == [
        ("claude memory", "Work\n\nAnna runs the team that moves the API, and she prefers short answers."),
        (
            "claude memory of project p1",
            "claude memory of project p1\n\nAtlas ships in May, after the audit is through and the books are closed.",
        ),
    ]


def test_an_archive_gives_all_three(tmp_path):
    """The export's ZIP."""
    members = {"conversations.json": CLAUDE, "projects.json": CLAUDE_PROJECTS, "memories.json": CLAUDE_MEMORIES}
    path = zipped(tmp_path / "data.zip", {**members, "users.json": [{"uuid": "u"}]})

    wheres = [where.partition("[")[0] for where, _ in read(path, io.BytesIO(), pytest.fail)]
    assert wheres[:2] == ["conversations.json"] * 2
    assert wheres[-2:] == ["projects.json"] * 2
    assert len(wheres) == 6


@pytest.mark.parametrize("other", [1, {}, {"mapping": {}}, {"chat_messages": None}, {"uuid": "u", "full_name": "x"}])
def test_another_export_is_named_by_its_element(other):
    """Specification: the element's path, and where to look further."""
    with pytest.raises(InvalidInput, match=r"stdin\[0\]: neither a conversation of Claude") as refusal:
        found(other)
    assert "--from chatgpt" in refusal.value.hint


def test_empty_conversations_and_unknown_senders_are_passed_over():
    """Exports hold both."""
    assert texts() == []
    assert texts(claude_message("system", "x"), claude_message("human", ""), claude_message("human", "b")) == ["b"]


ODD = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["uuid", "sender", "text", "content", "type", "attachments", "extracted_content", "file_name",
                         "created_at", "parent_message_uuid", "filename"]),
        inner | st.just("human"), max_size=5,
    ),
    max_leaves=15,
)  # fmt: skip


@given(st.sampled_from(["chat_messages", "docs", "project_memories", "conversations_memory"]), ODD, ODD, ODD)
def test_no_shape_of_a_document_is_a_bug(field, inside, name, leaf):
    """Fuzz: whatever stands in a document, it is read, passed over or refused."""
    inside = [inside] if field == "chat_messages" else inside
    document = {field: inside, "name": name, "uuid": name, "current_leaf_message_uuid": leaf, "description": leaf}

    found(document, warn=lambda _: None)
