"""Which tags are in use."""

from __future__ import annotations

import pytest

from slm.errors import InvalidInput, NeedsUser
from slm.ingest.records import MAX_CLAIMS, MAX_TAGS


def test_tags_are_counted_the_commonest_first(desk):
    desk.remember("one", tag=["b", "work"])
    desk.remember("two", tag=["work", "a"])

    assert desk.call("tags")["tags"] == [
        {"name": "work", "memories": 2}, {"name": "a", "memories": 1}, {"name": "b", "memories": 1},
    ]  # fmt: skip


def test_a_tag_that_only_forgotten_memories_carry_is_gone(desk):
    memory = desk.remember("one", tag=["old"])
    desk.call("forget", id=[memory])

    assert desk.call("tags")["tags"] == []


def test_tags_are_not_for_agents(desk):
    """A tag may say what a private memory is about."""
    desk.remember("one", tag=["secret"], private=True)

    with pytest.raises(NeedsUser):
        desk.call("tags", as_actor="mcp:agent")
    assert desk.call("tags")["tags"] == [{"name": "secret", "memories": 1}]


def test_a_tag_has_one_form_however_it_is_typed(desk):
    """Unicode: an accent may be a sign of its own; ``remember`` composes tags, and so does ``tag``."""
    memory = desk.remember("one")
    desk.call("tag", id=memory, add=["cafe\u0301"])
    assert desk.memory(memory)["tags"] == ["caf\u00e9"]

    desk.call("tag", id=memory, remove=["cafe\u0301"])

    assert desk.memory(memory)["tags"] == []


def test_no_more_tags_and_claims_are_taken_one_by_one_than_at_once(desk):
    """A record with more could be exported and not be imported."""
    memory = desk.remember(
        "one", tag=[f"t{n}" for n in range(MAX_TAGS)], claim=[f"a.b{n}=1" for n in range(MAX_CLAIMS)]
    )

    with pytest.raises(InvalidInput, match="at most 100 tags"):
        desk.call("tag", id=memory, add=["more"])
    with pytest.raises(InvalidInput, match="at most 100 claims"):
        desk.call("claims_add", id=memory, claim=["a.more=1"])
