"""Which tags are in use."""

from __future__ import annotations

import pytest

from slm.errors import NeedsUser


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
